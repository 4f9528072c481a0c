# SPDX-License-Identifier: AGPL-3.0-or-later
"""Money over the wire: balances, statements, prices, the billing provider, one credit for many."""
import base64
import concurrent.futures
import hashlib
import hmac
import json
import time

import pytest

from harness import expect_error, make_pdf

PAGES = ["one", "two", "three"]


@pytest.fixture(scope="module")
def team(server):
    """(client, prefix of the team's paths, prefix of the organization's)."""
    client, organization, team = server.other_team(credits=100)
    return client, f"/organizations/{organization}/teams/{team}", f"/organizations/{organization}"


def test_statement_of_a_job(team):
    client, prefix, organization = team
    document = make_pdf(PAGES)
    jobs = [client.upload(document, model=model, file_name="a.pdf")
            for model in ("standard-v2", "pro-v2")]
    assert [client.wait(j)["status"] for j in jobs] == ["completed"] * 2
    balance = client.call("GET", f"{organization}/credits/balance").json()
    assert (balance["credits_granted"], balance["credits_consumed"]) == (100, 12)
    assert (balance["credits_remaining"], balance["credits_reserved"]) == (88, 0)
    page = client.call("GET", f"{prefix}/credits/transactions").json()
    assert [t["transaction_type"] for t in page["data"]] == ["consumed", "consumed", "credit"]
    assert sum(t["amount"] for t in page["data"]) == page["data"][0]["balance_after"] == 88
    assert {t["job_id"] for t in page["data"]} == {*jobs, None}
    assert {t["idempotency_key"] for t in page["data"] if t["job_id"]} == {
        f"job_{j}_consumed" for j in jobs}
    same = client.call("GET", f"{organization}/credits/transactions").json()
    assert [t["id"] for t in same["data"]] == [t["id"] for t in page["data"]]


def test_filters(team):
    client, prefix, _ = team
    path = f"{prefix}/credits/transactions"

    def ask(query):
        page = client.call("GET", f"{path}?{query}").json()
        assert page["total_count"] == len(page["data"])
        return page["data"]

    assert [t["amount"] for t in ask("model=pro-v2")] == [-9]
    assert ask("model=nothing") == []
    job = ask("model=pro-v2")[0]["job_id"]
    assert len(ask(f"search={job}")) == 1
    assert len(ask("search=CONSUM")) == 2
    assert ask("search=%25") == [] and ask("search=_") == []
    assert len(ask("created_from=2020-01-01&created_to=2100-01-01T00:00:00Z")) == 3
    assert ask("created_to=2020-01-01") == []
    for query in ("created_from=yesterday", "limit=0", "limit=101", "cursor=00", "cursor=zz",
                  "search=%ff", "search=" + "a" * 201):
        expect_error(client.call("GET", f"{path}?{query}"), 400, "VALIDATION_ERROR")


def test_cursors(team, other):
    client, prefix, _ = team
    path = f"{prefix}/credits/transactions"
    seen, cursor = [], ""
    while True:
        page = client.call("GET", f"{path}?limit=1{cursor}").json()
        seen += [t["id"] for t in page["data"]]
        assert page["total_count"] == page["total_pages"] == 3
        if not page["has_more"]:
            assert page["next_cursor"] is None
            break
        cursor = "&cursor=" + page["next_cursor"]
    assert seen == [t["id"] for t in client.call("GET", path).json()["data"]]
    token = client.call("GET", f"{path}?limit=1").json()["next_cursor"]
    assert client.call("GET", f"{path}?limit=2&cursor={token}").status_code == 200
    flipped = token[:-1] + ("0" if token[-1] != "0" else "1")
    stranger, organization, foreign = other
    for where, caller, query in (
            (path, client, f"cursor={flipped}"), (path, client, f"search=x&cursor={token}"),
            (f"{prefix[:prefix.index('/teams')]}/credits/transactions", client, f"cursor={token}"),
            (f"/organizations/{organization}/teams/{foreign}/credits/transactions", stranger,
             f"cursor={token}")):
        expect_error(caller.call("GET", f"{where}?{query}"), 400, "VALIDATION_ERROR", "cursor")


def test_credit_for_one(server):
    """200 submits at once, and credit for one of them."""
    client, organization, _ = server.other_team(credits=1)

    def submit(_):
        return client.as_agent("t").call("POST", "/ocr/uploads/direct", json={
            "file_name": "a.pdf", "file_size": 10})

    with concurrent.futures.ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(submit, range(200)))
    assert sorted(a.status_code for a in answers) == [200] + [402] * 199
    expect_error(next(a for a in answers if a.status_code == 402), 402, "LESS_CREDITS",
                 "1 needed, 0 available")
    balance = client.call("GET", f"/organizations/{organization}/credits/balance").json()
    assert (balance["credits_remaining"], balance["credits_reserved"]) == (0, 1)


CATALOG = {
    "plan": "Laboratory",
    "models": [{"name": "house", "display_name": "House", "credits_per_page": 7,
                "surcharge_per_page": 2, "priority": 9}, {"name": "cheap", "credits_per_page": 0}],
    "subscriptions": [{"id": "sub-1", "name": "Monthly", "type": "subscription",
                       "billing_interval": "month",
                       "price": {"amount": 900, "currency": "eur", "formatted": "9 EUR"}}],
    "credit_packs": [{"id": "pack-1", "name": "Pack", "type": "one_time",
                      "benefits": [{"description": "500 pages", "units": 500}]}],
}


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    import harness
    folder = tmp_path_factory.mktemp("shop")
    (folder / "catalog.json").write_text(json.dumps(CATALOG))
    (folder / "polar").write_text("polar-secret\n")
    (folder / "r2").write_text("r2-secret\n")
    server = harness.Server("--catalog", str(folder / "catalog.json"), "--polar-secret-file",
                            str(folder / "polar"), "--r2-secret-file", str(folder / "r2"),
                            "--unlimited-credits", "yes", "--initial-credits", "0")
    yield server
    server.close()


def test_prices_of_the_operator(shop):
    client = shop.client
    models = client.call("GET", "/ocr/models").json()["models"]
    assert [(m["name"], m["credits_per_page"], m["surcharge_per_page"]) for m in models] == [
        ("house", 7, 2), ("cheap", 0, 0)]
    document = make_pdf(PAGES)
    jobs = {name: client.upload(document, model=name, format="markdown")
            for name in ("house", "cheap", "unknown")}
    assert all(client.wait(j)["status"] == "completed" for j in jobs.values())
    used = {name: client.result(job)["credits_used"] for name, job in jobs.items()}
    assert used == {"house": 21, "cheap": 0, "unknown": 21}


def test_a_team_without_limit(shop):
    organization, _ = shop.own_team()
    balance = shop.client.call("GET", f"/organizations/{organization}/credits/balance").json()
    assert balance["unlimited"] and balance["plan_name"] == "Laboratory"
    assert balance["credits_remaining"] > 0 and balance["credits_consumed"] == 42


def test_products(shop, api):
    catalog = shop.client.call("GET", "/credits/polar/products/catalog").json()
    assert catalog["subscriptions"][0]["price"] == CATALOG["subscriptions"][0]["price"]
    assert catalog["credit_packs"][0]["benefits"][0]["units"] == 500
    assert api.call("GET", "/credits/polar/products/catalog").json() == {
        "subscriptions": [], "credit_packs": []}


def polar(client, event, secret=b"polar-secret", when=None, sign=True, message="msg_1"):
    body = json.dumps(event).encode()
    stamp = str(int(when if when is not None else time.time()))
    mac = hmac.new(secret, f"{message}.{stamp}.".encode() + body, hashlib.sha256).digest()
    headers = {"webhook-id": message, "webhook-timestamp": stamp, "webhook-signature":
               "v1,AAAA v1," + base64.b64encode(mac).decode()} if sign else {}
    return client.call("POST", "/webhooks/polar", key=False, data=body,
                       headers={"Content-Type": "application/json", **headers})


def order(team, product="pack-1", number="order-1"):
    return {"type": "order.paid", "data": {"id": number, "product_id": product,
                                           "metadata": {"team_id": team}}}


def test_paid_orders(shop):
    client, organization, team = shop.other_team(credits=5)

    def granted():
        return client.call("GET", f"/organizations/{organization}/credits/balance").json()[
            "credits_granted"]

    assert polar(client, order(team)).json() == "ok" and granted() == 505
    assert polar(client, order(team)).json() == "ok" and granted() == 505, "the same order again"
    assert polar(client, {"type": "customer.created", "data": {}}).json() == "ignored"
    for event in (order(team, product="pack-2"), order("nobody"), order(None),
                  {"type": "order.paid"}):
        expect_error(polar(client, event), 400, "VALIDATION_ERROR")
    for how in ({"secret": b"wrong"}, {"when": time.time() - 600}, {"when": time.time() + 600},
                {"sign": False}):
        expect_error(polar(client, order(team, number="o2"), **how), 401, "AUTHENTICATION_ERROR")
    assert granted() == 505


def test_nobody_can_sign_without_a_secret(api):
    expect_error(polar(api, order("x"), secret=b""), 401, "AUTHENTICATION_ERROR")
    expect_error(notice(api, {"object_key": "k", "size": 1, "timestamp": "2026-01-01"}, b""), 401,
                 "AUTHENTICATION_ERROR")


def notice(client, body, secret=b"r2-secret"):
    text = json.dumps(body).encode()
    return client.call("POST", "/webhooks/r2-upload-notification", key=False, data=text, headers={
        "Content-Type": "application/json",
        "X-R2-Signature": hmac.new(secret, text, hashlib.sha256).hexdigest()})


def test_notices_of_uploads(shop):
    good = {"object_key": "k", "size": 1, "timestamp": "2026-01-01T00:00:00Z"}
    answer = notice(shop.client, good)
    assert answer.status_code == 200 and answer.json()["object_key"] == "k"
    for change in ({"object_key": ""}, {"object_key": "k" * 256}, {"size": 0}, {"size": "1"},
                   {"timestamp": "now"}, {"timestamp": None}):
        expect_error(notice(shop.client, {**good, **change}), 400, "VALIDATION_ERROR")
    expect_error(notice(shop.client, good, b"wrong"), 401, "AUTHENTICATION_ERROR")
