# SPDX-License-Identifier: AGPL-3.0-or-later
"""What published client libraries cannot cope with is left out for them, told by User-Agent."""
import pytest

PHP = "leapocr-php/2.0.1"
OTHERS = ["leapocr-sdk-js/2.0.1", "leapocr-python/0.0.4", "leapocr-go/2.0.0", "curl/7.88.1"]


@pytest.mark.parametrize("agent", [PHP, *OTHERS])
def test_created_at_of_complete(api, pdf, agent):
    client = api.as_agent(agent)
    upload = client.begin(len(pdf))
    answer = client.complete(upload["job_id"], client.send_parts(upload, pdf)).json()
    assert ("created_at" in answer) == (agent != PHP)
    assert answer["status"] == "pending"


@pytest.mark.parametrize("agent", [PHP, *OTHERS])
def test_boxes(api, done_job, agent):
    for page in api.as_agent(agent).result(done_job)["pages"]:
        assert (page["bounding_boxes"] == []) == (agent == PHP)
        assert page["has_bounding_boxes"] == (agent != PHP)


@pytest.fixture(scope="module")
def partial_job(server, api, pdf):
    """A job whose second page could not be read: so much a document cannot do on demand, so the
    rows say it."""
    job_id = api.upload(pdf)
    api.wait(job_id)
    with server.database() as db:
        db.execute("UPDATE job SET status = 4, failed_pages = 1 WHERE id = ?", (job_id,))
        db.execute("UPDATE job_page SET reason = 'time_limit', message = 'took too long',"
                   " markdown_bytes = 0, tree_bytes = 0 WHERE job_id = ? AND number = 2", (job_id,))
    db.close()
    return job_id


@pytest.mark.parametrize("agent,status", [
    (PHP, "partially_done"), ("curl/7.88.1", "partially_done"),
    ("leapocr-sdk-js/2.0.1", "completed"), ("leapocr-python/0.0.4", "completed"),
    ("leapocr-go/2.0.0", "completed"), ("leapocr-go-sdk-test/1.0.0", "completed")])
def test_partially_done(api, partial_job, agent, status):
    client = api.as_agent(agent)
    assert client.status(partial_job)["status"] == status
    result = client.result(partial_job)
    assert result["status"] == status
    pages = result["pages"]
    assert [p["result"] is None for p in pages] == [False, True, False]
    assert pages[1]["error_message"] == "took too long" and pages[1]["confidence"] is None


@pytest.mark.parametrize("agent,old", [
    ("leapocr-python/0.0.3", True), ("leapocr-go/0.0.4", True), ("leapocr-python/0.0.4", False),
    ("leapocr-go/2.0.0", False)])
def test_text_of_pages(api, partial_job, agent, old):
    for page in api.as_agent(agent).result(partial_job)["pages"]:
        assert ("text" in page) == ("metadata" in page) == ("processed_at" in page) == old
        if old:
            assert page["text"] == (page["result"] or "")
