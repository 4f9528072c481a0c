# SPDX-License-Identifier: AGPL-3.0-or-later
"""Lists of jobs, one job, retry and cancel."""
import time

import pytest

import nodes
import receiver
from harness import expect_error, make_pdf


@pytest.fixture(scope="module")
def team(own_module_server):
    """A server of its own with a few jobs, newest first: (client, path of the team, ids)."""
    server = own_module_server
    organization, team = server.own_team()
    client = server.client
    ids = []
    for i in range(5):
        options = {"model": "pro-v2"} if i == 1 else {}
        ids.append(client.upload(make_pdf([f"Job {i}"] * (i + 1)), file_name=f"Number {i}.PDF", **options))
        client.wait(ids[-1])
    ids.append(client.upload(b"this is no document"))
    client.wait(ids[-1])
    ids.append(client.begin(10)["job_id"])
    return client, f"/organizations/{organization}/teams/{team}", ids[::-1]


def ids_of(answer):
    assert answer.status_code == 200, answer.text
    return [job["id"] for job in answer.json()["data"]]


def test_list(team):
    client, path, ids = team
    for where in (path + "/jobs", "/jobs", "/api/v1/jobs", "/jobs/list"):
        answer = client.call("GET", where)
        assert ids_of(answer) == ids
        body = answer.json()
        assert (body["has_more"], body["next_cursor"], body["total_count"], body["total_pages"]) == \
            (False, None, len(ids), 1)
    uploading, failed, last = body["data"][:3]
    assert (uploading["status"], uploading["stage"]) == ("pending", "uploading")
    assert "confidence" not in uploading and "completed_at" not in uploading
    assert failed["status"] == "failed" and failed["credits_used"] == 0 and failed["error_message"]
    assert (last["status"], last["total_pages"], last["processed_pages"], last["progress"]) == \
        ("completed", 5, 5, 100)
    assert last["credits_used"] == last["base_credits"] == 5 and last["surcharge_credits"] == 0
    assert 0 < last["confidence"] <= 1 and last["file_name"] == "Number 4.PDF"
    assert last["duration_seconds"] >= last["processing_time"] >= 0


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_a_list(team, limit):
    client, path, ids = team
    seen, cursor = [], None
    while True:
        answer = client.call("GET", f"{path}/jobs?limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
        seen += ids_of(answer)
        body = answer.json()
        assert body["total_count"] == len(ids) and body["total_pages"] == -(-len(ids) // limit)
        cursor = body["next_cursor"]
        if not body["has_more"]:
            break
    assert seen == ids and cursor is None


@pytest.mark.parametrize("query,which", [
    ("status=completed", [2, 3, 4, 5, 6]), ("status=failed", [1]), ("status=pending", [0]),
    ("status=processing", []), ("status=partially_done", []), ("model=pro-v2", [5]),
    ("model=none", []), ("result_format=markdown", [0, 1, 2, 3, 4, 5, 6]),
    ("result_format=structured", []), ("model=pro-v2&status=completed", [5]),
    ("status=failed&include_deleted=true", [1]), ("template_id=00000000-0000-7000-8000-000000000000", [])])
def test_filters(team, query, which):
    client, path, ids = team
    answer = client.call("GET", f"{path}/jobs?{query}")
    assert ids_of(answer) == [ids[i] for i in which]
    assert answer.json()["total_count"] == len(which)


@pytest.mark.parametrize("query", ["status=done", "status=queued", "result_format=pdf", "limit=0", "limit=101",
                                   "include_deleted=maybe", "cursor=abc", "cursor=" + "0" * 80])
def test_wrong_filters(team, query):
    client, path, _ = team
    expect_error(client.call("GET", f"{path}/jobs?{query}"), 400, "VALIDATION_ERROR", query.split("=")[0])


def test_deleted_jobs_are_listed_on_demand(own_server, pdf):
    client = own_server().client
    job_id = client.upload(pdf, file_name="secret.pdf")
    client.wait(job_id)
    client.call("DELETE", f"/ocr/delete/{job_id}")
    assert ids_of(client.call("GET", "/jobs")) == []
    answer = client.call("GET", "/jobs?include_deleted=true")
    assert ids_of(answer) == [job_id]
    job = answer.json()["data"][0]
    assert job["is_deleted"] and job["deleted_at"] and job["file_name"] == "[REDACTED]"
    assert answer.json()["total_count"] == 1


def test_one_job(team):
    client, path, ids = team
    for where in (path + "/jobs/", "/jobs/", "/ocr/jobs/"):
        assert client.call("GET", where + ids[2]).json()["id"] == ids[2]
        expect_error(client.call("GET", where + "none"), 404, "NOT_FOUND")
    for where in (path + "/jobs/", "/jobs/"):
        body = client.call("GET", f"{where}{ids[1]}/status?include_workflow=true").json()
        assert body["is_retryable"] and not body["estimated_stuck"]
        assert body["workflow_status"]["status"] == "FAILED" and body["job"]["id"] == ids[1]
        body = client.call("GET", f"{where}{ids[2]}/status").json()
        assert not body["is_retryable"] and "workflow_status" not in body
        assert body["last_activity"] == body["job"]["completed_at"]
        expect_error(client.call("GET", f"{where}{ids[2]}/status?include_workflow=2"), 400, "VALIDATION_ERROR")
        expect_error(client.call("GET", where + "none/status"), 404, "NOT_FOUND")


def test_of_another_team(api, other, done_job):
    client, organization, team_id = other
    mine = f"/organizations/{organization}/teams/{team_id}"
    assert done_job not in ids_of(client.call("GET", mine + "/jobs?limit=100"))
    for method, path in (("GET", ""), ("GET", "/status"), ("POST", "/retry"), ("POST", "/cancel")):
        for where in (mine + "/jobs/", "/jobs/"):
            expect_error(client.call(method, f"{where}{done_job}{path}"), 404, "NOT_FOUND")
    expect_error(client.call("GET", f"/ocr/jobs/{done_job}/events"), 404, "NOT_FOUND")


# --- retry ---

def test_retry(own_server):
    server = own_server()
    client = server.client
    organization, team_id = server.own_team()
    job_id = client.upload(b"no document at all")
    assert client.wait(job_id)["status"] == "failed"
    for path in (f"/organizations/{organization}/teams/{team_id}/jobs/{job_id}/retry", f"/jobs/{job_id}/retry",
                 f"/jobs/{job_id}/restart"):
        answer = client.call("POST", path)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        assert (body["success"], body["action"], body["job"]["id"]) == (True, "retry", job_id)
        assert body["job"]["status"] in ("pending", "processing") and "error_message" not in body["job"]
        status = client.wait(job_id)
        assert status["status"] == "failed" and status["error"]["reason"] == "unsupported_type"
    with server.database() as db:
        held = db.execute("SELECT reserved, consumed FROM credit_account").fetchone()
        kinds = [row[0] for row in db.execute("SELECT id FROM credit_entry WHERE job_id = ? ORDER BY id", (job_id,))]
    db.close()
    assert held == (0, 0)
    assert kinds == sorted(f"job_{job_id}_{step}{n}" for step in ("reserved", "released") for n in ("", "_1", "_2", "_3"))


def test_retry_of_what_has_not_failed(api, done_job, pdf):
    expect_error(api.call("POST", f"/jobs/{done_job}/retry"), 409, "CONFLICT", "completed")
    waiting = api.begin(len(pdf))["job_id"]
    expect_error(api.call("POST", f"/jobs/{waiting}/retry"), 409, "CONFLICT", "pending")
    assert api.call("POST", f"/jobs/{waiting}/cancel").status_code == 200
    expect_error(api.call("POST", f"/jobs/{waiting}/retry"), 409, "CONFLICT", "no file")
    expect_error(api.call("POST", "/jobs/none/retry"), 404, "NOT_FOUND")


def test_retry_after_cancel_reads_it_all(api):
    for _ in range(20):  # it may be done before it can be cancelled
        job_id = api.upload(make_pdf([f"Word{i}" for i in range(60)]))
        if api.call("POST", f"/ocr/jobs/{job_id}/cancel").status_code == 200:
            break
    assert api.status(job_id)["status"] == "failed"
    assert api.call("POST", f"/jobs/{job_id}/retry").status_code == 200
    status = api.wait(job_id)
    assert status["status"] == "completed" and status["processed_pages"] == 60
    result = api.result(job_id)
    assert result["credits_used"] == 60
    assert all(f"Word{i}" in page["result"] for i, page in enumerate(result["pages"]))


# --- cancel ---

def test_cancel_of_a_running_job(slow_reader):
    """Its reader lets go within a second, and no money is held."""
    server = slow_reader
    organization, team_id = server.own_team()
    client = server.client
    job_id = client.upload(nodes.fake_document(4, 60000))
    until = time.monotonic() + 60
    while client.status(job_id)["status"] != "processing":
        assert time.monotonic() < until
        time.sleep(0.02)
    answer = client.call("POST", f"/organizations/{organization}/teams/{team_id}/jobs/{job_id}/cancel")
    assert answer.status_code == 200, answer.text
    assert answer.json()["action"] == "cancel" and answer.json()["job"]["status"] == "failed"
    status = client.status(job_id)
    assert status["status"] == "failed" and status["error"]["reason"] == "cancelled"
    # The only reader is free again: another job is read while the first would last for long.
    other = client.upload(nodes.fake_document(1, 1))
    assert client.wait(other, 55)["status"] == "completed"
    with server.database() as db:
        assert db.execute("SELECT reserved, consumed FROM credit_account").fetchone() == (0, 1)
    db.close()
    expect_error(client.call("POST", f"/jobs/{job_id}/cancel"), 409, "CONFLICT", "failed")
    assert receiver.until(lambda: any("not ours any more" in line for line in list(server.output)))
