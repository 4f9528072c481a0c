# SPDX-License-Identifier: AGPL-3.0-or-later
"""Routes that need no job, and what all routes have in common."""
import concurrent.futures

import pytest

import harness
from harness import OPENAPI, expect_error


@pytest.mark.parametrize("path", ["/health", "/api/v1/health", "//api/v1//health"])
def test_health(api, path):
    answer = api.call("GET", path, key=False)
    body = answer.json()
    assert answer.status_code == 200 and body["status"] in ("healthy", "degraded")
    assert body["license"] == "AGPL-3.0-or-later"
    assert body["version"] == OPENAPI["info"]["version"]
    assert body["summary"]["total"] == len(body["checks"])


def test_models(api):
    body = api.call("GET", "/ocr/models").json()
    assert body["count"] == len(body["models"])
    prices = {m["name"]: m["credits_per_page"] for m in body["models"]}
    assert prices == {"standard-v2": 1, "pro-v2": 3, "standard-v1": 1, "english-pro-v1": 2,
                      "pro-v1": 3}


def test_openapi(api):
    answer = api.call("GET", "/api/v1/docs/openapi.json", key=False)
    assert answer.json() == OPENAPI


@pytest.mark.parametrize("path", ["/", "/api/v1", "/api/v1/", "//"])
def test_root(api, path):
    answer = api.call("GET", path, key=False)
    assert answer.status_code == 200
    assert "AGPL-3.0-or-later" in answer.text and "openapi.json" in answer.text and "uploads/direct" in answer.text
    assert answer.text.count("<meta") == 3 and "width=device-width" in answer.text  # telephones
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"


def test_source(own_server):
    url = 'https://example.org/src?a=1&b="<x>'
    server = own_server("--source-url", url)
    assert server.client.call("GET", "/health", key=False).json()["source"] == url
    page = server.client.call("GET", "/", key=False).text
    assert 'href="https://example.org/src?a=1&amp;b=&quot;&lt;x&gt;"' in page


@pytest.mark.parametrize("path", [
    "/nothing", "/api", "/api/v2/health", "/ocr", "/ocr/status", "/ocr/status/", "/ocr/uploads/urls",
    "/health/x", "/HEALTH", "/ocr/models/", "/../etc/passwd", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n"])
def test_unknown_paths(api, path):
    if path == "/ocr/models/":
        assert api.call("GET", path).status_code == 200  # a slash at the end is no segment
        return
    expect_error(api.call("GET", path), 404, "NOT_FOUND")


@pytest.mark.parametrize("method,path,allow", [
    ("GET", "/ocr/uploads/direct", "POST, OPTIONS"),
    ("PUT", "/ocr/uploads/x/complete", "POST, OPTIONS"),
    ("POST", "/ocr/status/x", "GET, HEAD, OPTIONS"),
    ("DELETE", "/ocr/result/x", "GET, HEAD, OPTIONS"),
    ("GET", "/ocr/delete/x", "DELETE, OPTIONS"),
    ("PATCH", "/health", "GET, HEAD, OPTIONS"),
    ("XYZZY", "/", "GET, HEAD, OPTIONS")])
def test_other_methods(api, method, path, allow):
    answer = api.call(method, "/api/v1" + path)
    expect_error(answer, 405, "BAD_REQUEST", allow)
    assert answer.headers["Allow"] == allow


@pytest.mark.parametrize("path", ["/health", "/", "/ocr/models", "/docs/openapi.json"])
def test_head(api, path):
    head, get = api.call("HEAD", path), api.call("GET", path)
    assert head.status_code == 200 and head.content == b""
    if path != "/health":
        assert head.headers["Content-Length"] == get.headers["Content-Length"]


def test_request_ids_differ(api):
    ids = {api.call("GET", "/health").headers["X-Request-Id"] for _ in range(50)}
    assert len(ids) == 50


@pytest.mark.parametrize("path,allow", [
    ("/api/v1/ocr/uploads/direct", "POST, OPTIONS"), ("/ocr/delete/x", "DELETE, OPTIONS"),
    ("/ocr/status/x", "GET, HEAD, OPTIONS"), ("/store/uploads/x", "PUT, OPTIONS")])
def test_preflight(api, path, allow):
    answer = api.call("OPTIONS", path, key=False, headers={
        "Origin": "https://app.example", "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-api-key, content-type"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == answer.headers["Allow"] == allow
    allowed = answer.headers["Access-Control-Allow-Headers"].lower()
    for name in ("x-api-key", "authorization", "content-type"):
        assert name in allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_cross_origin_replies(api, pdf):
    origin = {"Origin": "https://app.example"}
    exposed = ("ETag, Retry-After, X-Request-Id, RateLimit-Limit, RateLimit-Remaining, "
               "RateLimit-Reset")
    upload = api.begin(len(pdf))
    answers = [api.call("GET", "/ocr/models", headers=origin),
               api.call("GET", "/ocr/models", key=False, headers=origin),
               api.call("GET", "/nothing", headers=origin)]
    if not harness.ON_S3:
        answers.append(api.put(upload["parts"][0]["upload_url"], pdf, headers=origin))
    for answer in answers:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Expose-Headers"] == exposed
    assert "Access-Control-Allow-Origin" not in api.call("GET", "/ocr/models").headers


def test_dialects_side_by_side(api, done_job):
    """Clients with bare hosts and with /api/v1, at the same time."""
    paths = [f"/ocr/status/{done_job}", f"/api/v1/ocr/status/{done_job}",
             f"//ocr/status/{done_job}", f"/api/v1//ocr/status/{done_job}"] * 8
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda p: api.as_agent("t").call("GET", p), paths))
    assert len({a.text for a in answers}) == 1
