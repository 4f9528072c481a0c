# SPDX-License-Identifier: AGPL-3.0-or-later
"""What is wrong with a new upload is said with the field's name; nothing is made of it."""
import pytest

from harness import expect_error

DIRECT = "/api/v1/ocr/uploads/direct"


def jobs(server):
    with server.database() as db:
        count = db.execute("SELECT count(*) FROM job").fetchone()[0]
    db.close()
    return count


@pytest.mark.parametrize("fields,status,text", [
    ({"file_name": None}, 400, "'file_name'"),
    ({"file_name": ""}, 400, "'file_name'"),
    ({"file_name": "x" * 256}, 400, "limit 255"),
    ({"file_name": ["a"]}, 400, "'file_name'"),
    ({"file_size": 0}, 400, "'file_size'"),
    ({"file_size": -5}, 400, "'file_size'"),
    ({"file_size": 1.5}, 400, "'file_size'"),
    ({"file_size": "10"}, 400, "'file_size'"),
    ({"file_size": True}, 400, "'file_size'"),
    ({"file_size": 1073741825}, 413, "limit 1073741824"),
    ({"file_size": 2 ** 62}, 413, "limit 1073741824"),
    ({"content_type": 5}, 400, "'content_type'"),
    ({"content_type": "x" * 256}, 400, "limit 255"),
    ({"model": "m" * 101}, 400, "limit 100"),
    ({"model": {}}, 400, "'model'"),
    ({"tier": "best"}, 400, "'tier'"),
    ({"format": "xml"}, 400, "'format'"),
    ({"format": "markdown", "output_type": "structured"}, 400, "differ"),
    ({"instructions": "x" * 10001, "format": "markdown"}, 400, "limit 10000"),
    ({"instruction": "a", "instructions": "b"}, 400, "differ"),
    ({"instruction": "a", "schema": {}}, 400, "only one of"),
    ({"instruction": "a", "template_slug": "t"}, 400, "only one of"),
    ({"schema": 7}, 400, "'schema'"),
    ({"schema": "{"}, 400, "'schema'"),
    ({"schema": {"a": "x" * 65536}}, 400, "65536"),
    ({"template_slug": "no spaces"}, 400, "'template_slug'"),
    ({"template_slug": "t" * 101}, 400, "limit 100"),
    ({"extract_bounding_boxes": "yes"}, 400, "'extract_bounding_boxes'"),
    ({"save_as_template": 1}, 400, "'save_as_template'"),
    ({"min_confidence": -0.1}, 400, "'min_confidence'"),
    ({"template_slug": "none-of-that-name", "format": "structured"}, 400, "no template"),
], ids=str)
def test_field(server, api, fields, status, text):
    before = jobs(server)
    answer = api.call("POST", DIRECT, json={"file_name": "a.pdf", "file_size": 10, **fields})
    expect_error(answer, status, "VALIDATION_ERROR", text)
    assert jobs(server) == before


@pytest.mark.parametrize("body", [
    b"", b"{", b"nonsense", b"{}{}", b'{"a":1,"a":2}', b'{"file_name":"\xff"}',
    b'{"file_name":"a\\u0000b"}', b'{"file_name":"\\ud800"}', b"[" * 1000,
    b'{"file_size":1e999,"file_name":"a"}', b'{"file_size":99999999999999999999,"file_name":"a"}',
])
def test_broken_json(api, body):
    answer = api.call("POST", DIRECT, data=body, headers={"Content-Type": "application/json"})
    expect_error(answer, 400, "BAD_REQUEST")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"', b"5"])
def test_json_that_is_no_object(api, body):
    answer = api.call("POST", DIRECT, data=body, headers={"Content-Type": "application/json"})
    expect_error(answer, 400, "VALIDATION_ERROR", "object")


@pytest.mark.parametrize("media", ["text/plain", "application/x-www-form-urlencoded",
                                   "application/pdf", "application/jsonx"])
def test_other_media(api, media):
    answer = api.call("POST", DIRECT, data=b"{}", headers={"Content-Type": media})
    expect_error(answer, 415, "VALIDATION_ERROR", "application/json")


@pytest.mark.parametrize("media", ["application/json; charset=utf-8", "Application/JSON",
                                   "application/vnd.api+json"])
def test_same_media(api, media):
    answer = api.call("POST", DIRECT, data=b'{"file_name":"a"}', headers={"Content-Type": media})
    assert answer.status_code == 200


def test_body_too_large(api):
    answer = api.call("POST", DIRECT, data=b'{"file_name":"' + b"a" * 600000 + b'"}',
                      headers={"Content-Type": "application/json"})
    expect_error(answer, 413, "VALIDATION_ERROR")


@pytest.mark.parametrize("sent,kept", [
    ("/home/me/a.pdf", "a.pdf"), ("C:\\scans\\b.pdf", "b.pdf"), (7, "7"),
    ("../../etc/passwd", "passwd"), ("a\u202eb\u0007.pdf", "a\u202eb\u0007.pdf"),
    ("文書.pdf", "文書.pdf"), ("<script>alert(1)</script>", "script>"),
    ("'; DROP TABLE job; --", "'; DROP TABLE job; --"), ("x" * 255, "x" * 255)])
def test_file_names_are_data(server, api, sent, kept):
    upload = api.begin(10, file_name=sent)
    assert api.status(upload["job_id"])["file_name"] == kept


@pytest.mark.parametrize("fields,price", [
    ({}, 1), ({"model": "pro-v2"}, 3), ({"model": "english-pro-v1"}, 2), ({"model": "pro-v1"}, 3),
    ({"model": "my-own"}, 1), ({"format": "markdown", "instructions": "In French"}, 2),
    ({"format": "structured"}, 2), ({"template_slug": "invoice-template", "model": "pro-v1"}, 5)])
def test_price_is_reserved(server, api, fields, price):
    upload = api.begin(10, **fields)
    with server.database() as db:
        row = db.execute("SELECT sum(amount) FROM credit_entry WHERE job_id = ? AND"
                         " target = 'reserved'", (upload["job_id"],)).fetchone()
    db.close()
    assert row[0] == price


def test_columns_of_the_database_are_not_fields(server, api):
    upload = api.begin(10, team_id="x", status=3, credits_used=-5, total_pages=9, id="mine",
                       credits_per_page=0, reason="x", deleted_ms=1)
    status = api.status(upload["job_id"])
    assert (status["status"], status["total_pages"]) == ("pending", 0)
    assert status["id"] != "mine"


def test_credits_run_out(own_server, pdf):
    server = own_server("--initial-credits", "2")
    api = server.client
    api.begin(10, model="standard-v2")
    answer = api.call("POST", DIRECT, json={"file_name": "a", "model": "pro-v2"})
    expect_error(answer, 402, "LESS_CREDITS")
    api.begin(10)
    answer = api.call("POST", DIRECT, json={"file_name": "a"})
    expect_error(answer, 402, "LESS_CREDITS")
    answer = api.call("POST", DIRECT, files={"file": ("a.pdf", pdf)})
    expect_error(answer, 402, "LESS_CREDITS")
    assert server.objects() == []


def test_pages_cost_more_than_there_is(own_server, pdf):
    server = own_server("--initial-credits", "2")
    status = server.client.wait(server.client.upload(pdf))
    assert status["status"] == "failed"
    assert status["error"]["code"] == "LESS_CREDITS"
    result = server.client.result(status["id"])
    assert (result["status"], result["pages"], result["credits_used"]) == ("failed", [], 0)


def test_too_many_open_uploads(own_server):
    server = own_server("--uploads-open-max", "3")
    for _ in range(3):
        server.client.begin(10)
    answer = server.client.call("POST", DIRECT, json={"file_name": "a"})
    expect_error(answer, 429, "TOO_MANY_REQUESTS")
    assert int(answer.headers["Retry-After"]) >= 1
