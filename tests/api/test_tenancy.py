# SPDX-License-Identifier: AGPL-3.0-or-later
"""Nobody sees, changes, or learns of anything of another tenant, on any route that openapi.json has."""
import itertools
import re
import uuid

import pytest

from harness import OPENAPI, expect_error
from tenants import TENANT, Tenant, body_of, own_params, two_tenants

METHODS = ("get", "put", "post", "delete", "patch")
OPERATIONS = [(method, path) for path, methods in sorted(OPENAPI["paths"].items())
              for method in METHODS
              if method in methods and any("ApiKeyAuth" in s for s in methods[method]["security"])]
UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
MALFORMED = ["x", "null", "%2e%2e", "%00", "0", "a" * 300, "1' OR '1'='1", "%ff",
             "00000000-0000-0000-0000-00000000000g"]


@pytest.fixture(scope="module")
def tenants(own_servers):
    return two_tenants(own_servers())


@pytest.fixture(scope="module")
def own_servers():
    import harness
    servers = []

    def start(*flags):
        servers.append(harness.Server(*flags))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


def ask(tenant, method, path, ids, query=""):
    operation = OPENAPI["paths"][path][method]
    body = body_of(operation, tenant.tag)
    how = {"json": body} if body is not None else {}
    return tenant.client.call(method.upper(), Tenant.fill(path, ids) + query, **how)


def seen(answer):
    """All of an answer that its reader could tell answers apart by."""
    headers = {k: v for k, v in answer.headers.items() if k not in ("X-Request-Id", "Date")}
    return answer.status_code, answer.content, headers


def same_refusal(theirs, nobodys):
    assert 400 <= theirs.status_code < 500, theirs.text
    assert seen(theirs) == seen(nobodys)


def own_ids(tenant, path):
    ids = dict(tenant.ids)
    for name in own_params(path):
        ids[name] = tenant.make(path) or str(uuid.uuid4())
    return ids


def test_there_is_something_to_try():
    assert len(OPERATIONS) >= 20
    assert sum(bool(TENANT & set(p.strip("{}") for p in path.split("/")))
               for _, path in OPERATIONS) >= 5


@pytest.mark.parametrize("method,path", OPERATIONS)
def test_own(tenants, method, path):
    """What a tenant is told has nothing of the other. Reading only: the rest is done elsewhere."""
    if method != "get":
        return
    for tenant, other in itertools.permutations(tenants):
        answer = ask(tenant, method, path, own_ids(tenant, path))
        assert answer.status_code < 500, answer.text
        assert other.tag not in answer.text
        for secret in other.everything():
            assert secret not in answer.text


@pytest.mark.parametrize("method,path", [o for o in OPERATIONS if "{organization_id}" in o[1]])
def test_path_of_another_tenant(tenants, method, path):
    for tenant, other in itertools.permutations(tenants):
        mine = own_ids(tenant, path)
        random = {name: str(uuid.uuid4()) for name in TENANT}
        nobodys = ask(tenant, method, path, {**mine, **random})
        expect_error(nobodys, 404, "NOT_FOUND")
        for wrong in ({**other.ids}, {"organization_id": other.ids["organization_id"]},
                      {"team_id": other.ids["team_id"]}):
            if "{team_id}" not in path and "organization_id" not in wrong:
                continue
            same_refusal(ask(tenant, method, path, {**mine, **wrong}), nobodys)
        # His own things, through his own path: the key decides.
        theirs = ask(tenant, method, path, {**own_ids(other, path), **other.ids})
        same_refusal(theirs, nobodys)
        for text in MALFORMED:
            for name in TENANT:
                if "{" + name + "}" in path:
                    answer = ask(tenant, method, path, {**mine, name: text})
                    assert answer.status_code in (400, 404, 414), answer.text


@pytest.mark.parametrize("method,path", [o for o in OPERATIONS if own_params(o[1])])
def test_id_of_another_tenant(tenants, method, path):
    name = own_params(path)[-1]
    for tenant, other in itertools.permutations(tenants):
        theirs = other.make(path)
        nobodys = ask(tenant, method, path, {**own_ids(tenant, path), name: str(uuid.uuid4())})
        if nobodys.status_code < 400:
            # A name of the tenant's own choosing, that the call makes.
            assert theirs is None
            continue
        assert theirs is not None, f"nothing was made for {path}: tests/api/tenants.py has to learn how"
        same_refusal(ask(tenant, method, path, {**own_ids(tenant, path), name: theirs}), nobodys)
        for text in MALFORMED:
            answer = ask(tenant, method, path, {**own_ids(tenant, path), name: text})
            assert 400 <= answer.status_code < 500, answer.text
            assert other.tag not in answer.text


@pytest.mark.parametrize("method,path", OPERATIONS)
def test_ids_in_queries(tenants, method, path):
    """Filters by id: another tenant's finds what a random one finds."""
    names = [p["name"] for p in OPENAPI["paths"][path][method].get("parameters", ())
             if p["in"] == "query" and p["name"].endswith("_id")]
    for (tenant, other), query in itertools.product(itertools.permutations(tenants), names):
        for theirs in filter(UUID.fullmatch, other.everything()):
            answers = [ask(tenant, method, path, own_ids(tenant, path), f"?{query}={value}")
                       for value in (theirs, str(uuid.uuid4()))]
            assert seen(answers[0]) == seen(answers[1])


def test_names_in_bodies(tenants):
    """A template of another tenant is one that is not there, whatever the text says of the name."""
    for tenant, other in itertools.permutations(tenants):
        for field in ("template_slug", "template_id", "category_id"):
            values = [str(made[key]) for made in other.made.values() for key in ("slug", "id")
                      if made.get(key)] or [str(uuid.uuid4())]
            for value in values:
                nobodys = value[:-8] + uuid.uuid4().hex[:8]
                answers = [tenant.client.call("POST", "/ocr/uploads/direct", json={
                    "file_name": "a.pdf", "file_size": 10, field: name})
                    for name in (value, nobodys)]
                assert 400 <= answers[0].status_code < 500, answers[0].text
                status, content, headers = seen(answers[1])
                content = content.replace(nobodys.encode(), value.encode())
                assert seen(answers[0]) == (status, content, headers)


def test_nothing_was_changed(tenants):
    """After all of the above, each still has what it had."""
    for tenant in tenants:
        assert tenant.client.status(tenant.jobs["done"])["status"] == "completed"
        assert tenant.client.status(tenant.jobs["open"])["status"] == "pending"
        for path in [p for p in OPENAPI["paths"] if own_params(p) and "get" in OPENAPI["paths"][p]]:
            if tenant.collection(path) in tenant.made:
                assert ask(tenant, "get", path, own_ids(tenant, path)).status_code < 400, path
