# SPDX-License-Identifier: AGPL-3.0-or-later
"""`leapocr admin` beside a running server: what it says, and what the server makes of it."""
import json
import os
import subprocess
import time

import pytest

from harness import Client, expect_error, make_pdf


class Admin:
    def __init__(self, server):
        self.server = server

    def run(self, *args):
        return subprocess.run([os.environ["LEAPOCR_BIN"], "admin", *args, "--data",
                               str(self.server.data)], capture_output=True, text=True, timeout=120)

    def __call__(self, *args):
        done = self.run(*args, "--json")
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def refused(self, status, text, *args):
        done = self.run(*args)
        assert done.returncode == status and text in done.stderr, (done.returncode, done.stderr)
        assert done.stdout == "" and done.stderr.startswith("leapocr admin: ")
        assert done.stderr.count("\n") == 1


@pytest.fixture(scope="module")
def place():
    import harness
    server = harness.Server()
    yield server, Admin(server)
    server.close()


def test_a_tenant_from_nothing(place):
    server, admin = place
    organization = admin("org", "new", "Acme")
    team = admin("team", "new", "acme-scans", "--organization", organization["id"])
    assert team["organization"] == "Acme"
    admin("credits", "grant", "50", "--team", "acme-scans", "--reason", "welcome")
    user = admin("user", "new", "Ann@Acme.example", "--name", "Ann")
    assert user["email"] == "ann@acme.example"
    assert admin("member", "set", "ann@acme.example", "--team", "acme-scans", "--role", "viewer")[
        "role"] == "viewer"
    key = admin("key", "new", "hers", "--team", "acme-scans", "--user", "ann@acme.example")["key"]
    client = Client(server.url, key)
    verified = client.call("GET", "/auth/verify").json()["user"]
    assert verified["scopes"] == ["read"] and verified["email"] == "ann@acme.example"
    balance = client.call("GET", f"/organizations/{organization['id']}/credits/balance").json()
    assert balance["credits_remaining"] == 50
    upload = ("POST", "/ocr/uploads/direct")
    body = {"file_name": "a.pdf", "file_size": 10}
    expect_error(client.call(*upload, json=body), 403, "FORBIDDEN")
    admin("member", "set", "ann@acme.example", "--team", "acme-scans", "--role", "member")
    time.sleep(1.1)
    assert client.call(*upload, json=body).status_code == 200
    assert [m["email"] for m in admin("member", "list", "--team", "acme-scans")] == [
        "ann@acme.example"]
    for change, undo in ((("team", "disable", "acme-scans"), ("team", "enable", "acme-scans")),
                         (("user", "disable", "ann@acme.example"),
                          ("user", "enable", "ann@acme.example")),
                         (("key", "revoke", key), None)):
        admin(*change)
        time.sleep(1.1)
        expect_error(client.call("GET", "/ocr/models"), 401, "AUTHENTICATION_ERROR")
        if undo:
            admin(*undo)
            time.sleep(1.1)
            assert client.call("GET", "/ocr/models").status_code == 200
    admin("member", "remove", "ann@acme.example", "--team", "acme-scans")
    actions = [e["action"] for e in admin("audit", "export", "--team", "acme-scans")]
    assert actions[0] == "admin member remove" and actions[-1] == "admin team new"
    assert {e["actor"].split(":")[0] for e in admin("audit", "export", "--team", "acme-scans")} == {
        "operator", "key"}


def test_a_name_names_one(place):
    _, admin = place
    organization = admin("org", "new", "twice")["id"]
    first = admin("team", "new", "one", "--organization", organization)["id"]
    admin("team", "new", "two", "--organization", organization)
    admin.refused(2, first, "team", "new", "one", "--organization", organization)
    admin.refused(2, "has the name 'one' already", "team", "rename", "two", "one")
    admin.refused(2, "has the name 'twice' already", "org", "new", "twice")
    admin("team", "rename", "one", "one")


def test_keys_are_listed_with_their_team(place):
    server, admin = place
    admin("team", "new", "listed")
    made = admin("key", "new", "its key", "--team", "listed")
    seen = [k for k in admin("key", "list") if k["id"] == made["id"]]
    assert [k["team"] for k in seen] == ["listed"]
    told = subprocess.run([server.program, "key", "list", "--data", str(server.data)], capture_output=True, text=True, check=True).stdout
    assert any(made["id"] in line and "listed" in line for line in told.splitlines())


def test_a_key_that_ends(place):
    server, admin = place
    made = admin("key", "new", "short", "--scopes", "read,write", "--expires", "30d")
    assert made["scopes"] == "read,write" and made["expires_at"]
    with server.database() as db:
        db.execute("UPDATE api_key SET expires_ms = 1 WHERE id = ?", (made["id"],))
    db.close()
    expect_error(Client(server.url, made["key"]).call("GET", "/ocr/models"), 401,
                 "AUTHENTICATION_ERROR")
    assert [k["name"] for k in admin("key", "list") if k["id"] == made["id"]] == ["short"]


def test_money(place):
    _, admin = place
    before = admin("credits", "show")
    once = ("credits", "grant", "100", "--idempotency-key", "k1", "--expires", "2100-01-01")
    assert admin(*once)["granted"] == before["granted"] + 100
    assert admin(*once)["granted"] == before["granted"] + 100
    admin.refused(2, "another transaction", "credits", "grant", "101", "--idempotency-key", "k1")
    assert admin("credits", "adjust", "-30")["available"] == before["available"] + 70
    admin.refused(2, "does not have", "credits", "adjust", "-9999999999")
    admin.refused(2, "has cost 0", "credits", "refund", "nothing", "1")
    lines = admin("credits", "list")
    assert [line["amount"] for line in lines[:2]] == [-30, 100]
    assert sum(line["amount"] for line in lines) == lines[0]["balance_after"]
    assert admin("credits", "check")["ledger"] == "adds up"
    assert admin("team", "unlimited", "yes")["unlimited"] is True
    assert admin("credits", "show")["unlimited"] is True
    admin("team", "unlimited", "no")


def test_a_refund(place, pdf):
    server, admin = place
    job = server.client.upload(pdf, format="markdown")
    assert server.client.wait(job)["status"] == "completed"
    before = admin("credits", "show")["consumed"]
    assert admin("credits", "refund", job, "2")["consumed"] == before - 2
    admin.refused(2, "has cost 1 credits, 2 are", "credits", "refund", job, "2")


def test_limits_and_settings(place):
    _, admin = place
    assert admin("team", "limits")["jobs_max"] is None
    changed = admin("team", "limits", "jobs=5", "requests=600", "pages=0")
    assert (changed["jobs_max"], changed["requests_per_minute"], changed["pages_max"],
            changed["bytes_max"]) == (5, 600, 0, None)
    admin("team", "limits", "jobs=default", "requests=default")
    assert admin("settings", "show")["retention_period_days"] == 7
    assert admin("settings", "set", "days=30", "auto-delete=no")["auto_delete_enabled"] is False
    admin("settings", "set", "auto-delete=yes")
    assert admin("settings", "show")["retention_period_days"] == 30


@pytest.mark.parametrize("status,text,args", [
    (1, "say what to do", ()), (1, "say what to do", ("team",)), (1, "say what", ("team", "fly")),
    (1, "team new takes: NAME", ("team", "new")), (1, "takes: nothing", ("org", "list", "x")),
    (1, "unknown option --nonsense", ("team", "list", "--nonsense", "1")),
    (2, "there is no team 'x'", ("credits", "show", "--team", "x")),
    (2, "there is no organization 'x'", ("team", "list", "--organization", "x")),
    (2, "no list of read, write, admin", ("key", "new", "n", "--scopes", "read,fly")),
    (2, "neither a date", ("key", "new", "n", "--expires", "soon")),
    (2, "in the past", ("key", "new", "n", "--expires", "2020-01-01")),
    (2, "no mail address", ("user", "new", "ann")),
    (2, "there is no user", ("member", "set", "nobody@x.example")),
    (2, "no role", ("member", "set", "admin@localhost", "--role", "king")),
    (2, "there is no key", ("key", "revoke", "x")),
    (2, "not a whole number from 1", ("credits", "grant", "0")),
    (2, "days: '366'", ("settings", "set", "days=366")),
    (2, "neither days=N", ("settings", "set", "hours=3")),
    (2, "none of requests=N", ("team", "limits", "x=3"))])
def test_mistakes(place, status, text, args):
    place[1].refused(status, text, *args)


def test_tables_for_people(place):
    done = place[1].run("team", "list")
    head, first = done.stdout.splitlines()[:2]
    assert done.returncode == 0 and head.split()[:2] == ["id", "organization_id"]
    assert first.index(first.split()[1]) == head.index("organization_id")


@pytest.mark.embedded
def test_no_data_folder(tmp_path):
    done = subprocess.run([os.environ["LEAPOCR_BIN"], "admin", "team", "list", "--data",
                           str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 2 and "is no data folder" in done.stderr


def test_retention(own_server):
    """Old jobs go as DELETE makes them go; too many at once only when the operator says so."""
    server = own_server("--retention-days", "30")
    admin = Admin(server)
    client = server.client
    jobs = [client.upload(make_pdf([f"text {i}"]), format="markdown") for i in range(6)]
    assert {client.wait(j)["status"] for j in jobs} == {"completed"}

    def age(job_ids, days):
        with server.database() as db:
            db.executemany("UPDATE job SET completed_ms = ? WHERE id = ?",
                           [((time.time() - days * 86400) * 1000 // 1, j) for j in job_ids])
        db.close()

    def wait_for(what, seconds=60):
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if what():
                return
            time.sleep(0.2)
        raise AssertionError("it did not come to that")

    def gone(job):
        return client.call("GET", f"/ocr/status/{job}").status_code == 404

    files = len(server.objects())
    age(jobs[:1], 31)
    wait_for(lambda: gone(jobs[0]))
    wait_for(lambda: len(server.objects()) < files)
    with server.database() as db:
        row = db.execute("SELECT file_name, deleted_ms > 0 FROM job WHERE id = ?", jobs[:1]).fetchone()
    db.close()
    assert row[1] == 1 and "a.pdf" not in row[0]
    age(jobs[1:], 31)
    wait_for(lambda: admin("retention", "show")["state"] == "stands still")
    assert admin("retention", "show")["why"] == "5 of 5 jobs are due at once"
    assert not any(gone(j) for j in jobs[1:])
    admin("retention", "confirm")
    wait_for(lambda: all(gone(j) for j in jobs))
    assert admin("retention", "show")["state"] == "runs"
    targets = [e["target"] for e in admin("audit", "export") if e["action"] == "retention"]
    assert sorted(targets) == sorted(jobs)
    assert server.objects() == []
