# SPDX-License-Identifier: AGPL-3.0-or-later
"""Status, result and deletion of jobs."""
import time

import pytest

import harness
from harness import expect_error, make_pdf


def test_status_of_a_done_job(api, done_job):
    status = api.status(done_job)
    assert status["id"] == status["job_id"] == done_job
    assert (status["processed_pages"], status["total_pages"]) == (3, 3)
    assert status["result_format"] == "markdown" and status["error_message"] is None
    assert status["progress"] == status["progress_percentage"] == 100
    assert isinstance(status["processing_time"], int)
    assert status["created_at"] <= status["completed_at"]


def test_result(api, done_job):
    result = api.result(done_job)
    assert result["job_id"] == done_job
    assert [p["page_number"] for p in result["pages"]] == [1, 2, 3]
    for page, word in zip(result["pages"], ("apples", "pears", "plums")):
        assert word in page["result"]
        assert page["dimensions"] == {"width": 1700, "height": 2200}
        assert page["has_bounding_boxes"] and page["bounding_boxes"]
        assert any(word in box["text"] for box in page["bounding_boxes"])
    assert len({p["id"] for p in result["pages"]}) == 3
    assert result["pagination"] == {"page": 1, "limit": 100, "total": 3, "total_pages": 1}
    assert [p["id"] for p in api.result(done_job)["pages"]] == [p["id"] for p in result["pages"]]


@pytest.mark.parametrize("query,numbers,pages", [
    ("?page=1&limit=1", [1], 3), ("?page=3&limit=1", [3], 3), ("?page=2&limit=2", [3], 2),
    ("?limit=2", [1, 2], 2), ("?page=4&limit=1", [], 3), ("?page=1000000000&limit=1000", [], 1),
    ("?limit=1000", [1, 2, 3], 1), ("?other=x&limit=3", [1, 2, 3], 1)])
def test_paging(api, done_job, query, numbers, pages):
    result = api.result(done_job, query)
    assert [p["page_number"] for p in result["pages"]] == numbers
    assert result["pagination"]["total"] == 3
    assert result["pagination"]["total_pages"] == pages


@pytest.mark.parametrize("query", [
    "page=0", "page=-1", "page=x", "page=1.5", "page=", "page", "page=1&page=2", "limit=0",
    "limit=1001", "limit=99999999999999999999", "limit='", "limit=1%00"])
def test_wrong_paging(api, done_job, query):
    answer = api.call("GET", f"/ocr/result/{done_job}?{query}")
    expect_error(answer, 400, "VALIDATION_ERROR", query.split("=")[0])


def test_without_boxes(api, pdf):
    job_id = api.upload(pdf)
    api.wait(job_id)
    for page in api.result(job_id)["pages"]:
        assert not page["has_bounding_boxes"] and page["bounding_boxes"] == []


def test_result_before_the_end(api, pdf, open_upload):
    upload, parts = open_upload
    path = f"/api/v1/ocr/result/{upload['job_id']}"
    answer = api.call("GET", path)
    assert (answer.status_code, answer.json()["status"]) == (202, "pending")
    api.complete(upload["job_id"], parts)
    while (answer := api.call("GET", path)).status_code == 202:
        assert answer.json()["status"] in ("pending", "processing")
        time.sleep(0.02)
    assert answer.json()["status"] == "completed"


def test_many_pages(api):
    job_id = api.upload(make_pdf([f"Number {i}" for i in range(150)]))
    assert api.wait(job_id)["status"] == "completed"
    result = api.result(job_id)
    assert len(result["pages"]) == 100
    assert result["pagination"] == {"page": 1, "limit": 100, "total": 150, "total_pages": 2}
    result = api.result(job_id, "?page=2")
    assert [p["page_number"] for p in result["pages"]] == list(range(101, 151))
    assert "Number 149" in result["pages"][-1]["result"]


def test_not_a_document(api):
    job_id = api.upload(b"This is not a document. " * 10)
    status = api.wait(job_id)
    assert status["status"] == "failed" and status["error_message"]
    assert status["error"]["message"] == status["error_message"]
    result = api.result(job_id)
    assert (result["status"], result["pages"], result["credits_used"]) == ("failed", [], 0)
    assert result["error_message"] == status["error_message"]


IDS = ["non-existent-job-id-12345", "00000000-0000-7000-8000-000000000000", "'", "%00", "%zz",
       "..%2f..", "x" * 2000, "%F0%9F%92%A9", "{job_id}"]


@pytest.mark.parametrize("job_id", IDS)
@pytest.mark.parametrize("method,path", [
    ("GET", "/ocr/status/%s"), ("GET", "/ocr/result/%s"), ("DELETE", "/ocr/delete/%s")])
def test_unknown_ids(api, method, path, job_id):
    expect_error(api.call(method, "/api/v1" + path % job_id), 404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/ocr/delete/{job}", "/api/v1/ocr/jobs/{job}", "/jobs/{job}",
                                  "//api//v1//ocr//delete//{job}",
                                  "/api/v1/organizations/{organization}/teams/{team}/jobs/{job}"])
@pytest.mark.parametrize("done", [False, True], ids=["open", "done"])
def test_delete(server, api, pdf, path, done):
    if done:
        job_id = api.upload(pdf)
        api.wait(job_id)
    else:
        job_id = api.begin(10)["job_id"]
    organization, team = server.own_team()
    path = path.format(job=job_id, organization=organization, team=team)
    answer = api.call("DELETE", path)
    assert answer.json() == {"job_id": job_id, "id": job_id, "message": "Job deleted successfully"}
    expect_error(api.call("DELETE", path), 404, "NOT_FOUND")
    expect_error(api.call("GET", f"/ocr/status/{job_id}"), 404, "NOT_FOUND")
    expect_error(api.call("GET", f"/ocr/result/{job_id}"), 404, "NOT_FOUND")


def test_delete_takes_the_bytes(own_server):
    """Nothing of a deleted document is left in the data folder's files."""
    server = own_server()
    canary = "CanaryXyzzy20391"
    job_id = server.client.upload(make_pdf([canary]), file_name=canary + ".pdf")
    server.client.wait(job_id)
    assert canary in server.client.result(job_id)["pages"][0]["result"]
    server.client.call("DELETE", f"/ocr/delete/{job_id}")
    assert server.objects() == []
    assert server.stop() == 0
    for path in server.data.rglob("*"):
        if path.is_file():
            assert canary.encode() not in path.read_bytes(), path


def test_delete_while_it_is_read(api):
    job_id = api.upload(make_pdf(["busy"] * 40))
    assert api.call("DELETE", f"/ocr/delete/{job_id}").status_code == 200
    expect_error(api.call("GET", f"/ocr/status/{job_id}"), 404, "NOT_FOUND")


@pytest.mark.parametrize("how", [
    {"headers": {"Content-Type": "application/json"}}, {"json": {}}, {"data": b"x" * 1000}],
    ids=["type-only", "empty-object", "anything"])
def test_bodies_where_none_is_needed(api, how):
    """Client libraries set the Content-Type always, one sends {} with DELETE."""
    job_id = api.begin(10)["job_id"]
    assert api.call("GET", f"/ocr/status/{job_id}", **how).status_code == 200
    assert api.call("DELETE", f"/ocr/delete/{job_id}", **how).status_code == 200


def test_jobs_survive_a_restart(own_server, pdf):
    server = own_server()
    job_id = server.client.upload(pdf)
    server.client.wait(job_id)
    waiting = server.client.begin(len(pdf))
    before = server.client.result(job_id)
    assert server.stop() == 0
    server.start()
    assert server.client.result(job_id) == before
    # URLs name host and port; only the port is new. (Those of an S3 service stay as they are.)
    for part in waiting["parts"] if not harness.ON_S3 else []:
        split = part["upload_url"].split("/", 3)
        answer = server.client.put(f"{server.url}/{split[3]}", pdf, headers={"Host": split[2]})
        assert answer.status_code == 200
