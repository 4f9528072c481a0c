# SPDX-License-Identifier: AGPL-3.0-or-later
"""The list of parts that `complete` takes: exactly the one there is. Whatever else is sent changes
nothing: the right list works afterwards."""
import concurrent.futures
import hashlib

import pytest

from harness import expect_error

GOOD = object()  # stands for the part's ETag


def part(number=1, etag=GOOD, **more):
    return {"part_number": number, "etag": etag, **more}


WRONG_BODIES = [
    None, [], "x", 5, True, {}, {"part": []}, {"parts": None}, {"parts": []}, {"parts": {}},
    {"parts": "x"}, {"parts": 1}, {"parts": [None]}, {"parts": [1]}, {"parts": ["x"]},
    {"parts": [[]]}, {"parts": [{}]},
    {"parts": [{"part_number": 1}]}, {"parts": [{"etag": GOOD}]},
    {"parts": [{"PartNumber": 1, "ETag": GOOD}]},
    *({"parts": [part(number)]} for number in (
        0, -1, 2, 3, 10000, 10001, 2 ** 31, 2 ** 32 + 1, 2 ** 63 - 1, -2 ** 63, 1.0, 1.5, "1", "",
        None, True, [], {})),
    *({"parts": [part(etag=etag)]} for etag in (
        "", '""', '"', "x", None, 5, True, [], {}, "0" * 32, '"' + "0" * 32 + '"', "0" * 31,
        "0" * 33, "g" * 32, " ", "\x00", "é" * 16, "a" * 1000000, '"abc', "*")),
    {"parts": [part(), part()]},
    {"parts": [part(), part(2)]},
    {"parts": [part(2), part(1)]},
    {"parts": [part(), part(2, "0" * 32)]},
    {"parts": [part()] * 10001},
]


def fill(value, etag):
    if value is GOOD:
        return etag
    if isinstance(value, dict):
        return {k: fill(v, etag) for k, v in value.items()}
    if isinstance(value, list):
        return [fill(v, etag) for v in value]
    return value


def test_wrong_lists(api, open_upload):
    upload, parts = open_upload
    path = f"/api/v1/ocr/uploads/{upload['job_id']}/complete"
    assert len(WRONG_BODIES) >= 60
    for body in WRONG_BODIES:
        answer = api.call("POST", path, json=fill(body, parts[0]["etag"]))
        assert answer.status_code == 400, (str(body)[:200], answer.text)
        assert answer.json()["code"] in ("VALIDATION_ERROR", "BAD_REQUEST")
        assert api.status(upload["job_id"])["status"] == "pending"
    assert api.complete(upload["job_id"], parts).status_code == 200
    assert api.wait(upload["job_id"])["status"] == "completed"


@pytest.mark.parametrize("body", [b"", b"{", b"parts", b'{"parts":[}', b"\xff",
                                  b'{"parts":[{"part_number":99999999999999999999,"etag":"x"}]}'])
def test_broken_json(api, open_upload, body):
    answer = api.call("POST", f"/api/v1/ocr/uploads/{open_upload[0]['job_id']}/complete",
                      data=body, headers={"Content-Type": "application/json"})
    expect_error(answer, 400, "BAD_REQUEST")


def test_variants_of_the_etag(server, api, pdf):
    md5 = hashlib.md5(pdf).hexdigest()
    for etag in (md5, f'"{md5}"'):
        upload = api.begin(len(pdf))
        api.send_parts(upload, pdf)
        assert api.complete(upload["job_id"],
                            [{"part_number": 1, "etag": etag}]).status_code == 200
        api.wait(upload["job_id"])


@pytest.mark.parametrize("decorate", ['W/"%s"', " %s", "%s ", "'%s'", '"%s', '%s"', '""%s""'])
def test_decorated_etags(api, open_upload, decorate):
    upload, parts = open_upload
    etag = decorate % parts[0]["etag"].strip('"')
    answer = api.complete(upload["job_id"], [{"part_number": 1, "etag": etag}])
    expect_error(answer, 400, "VALIDATION_ERROR")


def test_a_part_is_missing(api, pdf):
    upload = api.begin(len(pdf))
    answer = api.complete(upload["job_id"], [{"part_number": 1, "etag": "0" * 32}])
    expect_error(answer, 400, "VALIDATION_ERROR", "1")


def test_sizes_must_add_up(api, pdf):
    upload = api.begin(len(pdf))
    etag = api.put(upload["parts"][0]["upload_url"], pdf[:-1]).headers["ETag"]
    answer = api.complete(upload["job_id"], [{"part_number": 1, "etag": etag}])
    expect_error(answer, 400, "VALIDATION_ERROR", str(len(pdf)))
    done = api.send_parts(upload, pdf)
    assert api.complete(upload["job_id"], done).status_code == 200
    api.wait(upload["job_id"])


def test_again(api, open_upload):
    upload, parts = open_upload
    first = api.complete(upload["job_id"], parts)
    assert first.status_code == 200
    assert api.complete(upload["job_id"], parts).json() == first.json()
    api.wait(upload["job_id"])
    again = api.complete(upload["job_id"], parts)
    assert (again.status_code, again.json()) == (200, first.json())
    other = api.complete(upload["job_id"], [{"part_number": 1, "etag": "0" * 32}])
    expect_error(other, 409, "CONFLICT")


def test_many_at_once(server, api, open_upload):
    upload, parts = open_upload
    with concurrent.futures.ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(
            lambda _: api.as_agent("t").complete(upload["job_id"], parts), range(16)))
    assert {a.status_code for a in answers} == {200}
    assert len({a.text for a in answers}) == 1
    assert api.wait(upload["job_id"])["status"] == "completed"
    with server.database() as db:
        rows = db.execute("SELECT count(*) FROM credit_entry WHERE job_id = ? AND"
                          " target = 'consumed'", (upload["job_id"],)).fetchone()
    db.close()
    assert rows[0] == 1


@pytest.mark.parametrize("job_id", ["non-existent-job-id-12345", "x" * 300, "%2e%2e",
                                    "00000000-0000-7000-8000-000000000000"])
def test_unknown_job(api, job_id):
    answer = api.complete(job_id, [{"part_number": 1, "etag": "0" * 32}])
    expect_error(answer, 404, "NOT_FOUND")


def test_deleted_job(api, open_upload):
    upload, parts = open_upload
    api.call("DELETE", f"/ocr/delete/{upload['job_id']}")
    expect_error(api.complete(upload["job_id"], parts), 404, "NOT_FOUND")
