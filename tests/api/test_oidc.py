# SPDX-License-Identifier: AGPL-3.0-or-later
"""Tokens of an identity provider beside keys, and settings out of a file."""
import base64
import json
import os
import subprocess
import time

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa, utils

from harness import Client, expect_error
from test_admin import Admin

ISSUER, AUDIENCE = "https://id.example", "leapocr"


def text(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(n, size=None):
    return text(n.to_bytes(size or (n.bit_length() + 7) // 8, "big"))


class Provider:
    def __init__(self, name):
        self.name = name
        self.rsa = rsa.generate_private_key(65537, 2048)
        self.ec = ec.generate_private_key(ec.SECP256R1())
        self.ed = ed25519.Ed25519PrivateKey.generate()

    def jwks(self):
        r, e = self.rsa.public_key().public_numbers(), self.ec.public_key().public_numbers()
        raw = self.ed.public_key().public_bytes(serialization.Encoding.Raw,
                                                serialization.PublicFormat.Raw)
        return json.dumps({"keys": [
            {"kty": "RSA", "kid": f"{self.name}-r", "use": "sig", "n": number(r.n),
             "e": number(r.e)},
            {"kty": "EC", "kid": f"{self.name}-e", "crv": "P-256", "x": number(e.x, 32),
             "y": number(e.y, 32)},
            {"kty": "OKP", "kid": f"{self.name}-d", "crv": "Ed25519", "x": text(raw)}]})

    def sign(self, algorithm, message):
        if algorithm == "RS256":
            return self.rsa.sign(message, padding.PKCS1v15(), hashes.SHA256())
        if algorithm == "ES256":
            r, s = utils.decode_dss_signature(self.ec.sign(message, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        return self.ed.sign(message)

    def token(self, algorithm="EdDSA", **claims):
        kid = {"RS256": "r", "ES256": "e", "EdDSA": "d"}[algorithm]
        head = {"alg": algorithm, "typ": "JWT", "kid": f"{self.name}-{kid}"}
        whole = {"iss": ISSUER, "aud": AUDIENCE, "sub": "ann", "exp": time.time() + 300, **claims}
        message = f"{text(json.dumps(head).encode())}.{text(json.dumps(whole).encode())}"
        return f"{message}.{text(self.sign(algorithm, message.encode()))}"


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """(server, admin, provider, file of its keys): settings come from a file."""
    import harness
    folder = tmp_path_factory.mktemp("oidc")
    provider, keys = Provider("a"), folder / "jwks.json"
    keys.write_text(provider.jwks())
    (folder / "leapocr.conf").write_text(
        f"# who may come in\noidc-issuer = {ISSUER}\noidc-audience={AUDIENCE}\n\n"
        f"  oidc-jwks = {keys}  \noidc-team-claim = team\noidc-role-claim = role\n"
        "team-requests = 100000\n")
    server = harness.Server("--config", str(folder / "leapocr.conf"))
    admin = Admin(server)
    admin("user", "new", "ann@example.org", "--issuer", ISSUER, "--subject", "ann")
    admin("member", "set", "ann@example.org", "--role", "member")
    yield server, admin, provider, keys
    server.close()


def bearer(server, token):
    return Client(server.url, token)


def verify(server, token):
    return server.client.call("GET", "/auth/verify", key=False,
                              headers={"Authorization": f"Bearer {token}"})


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_a_member_comes_in(place, algorithm):
    server, _, provider, _ = place
    answer = verify(server, provider.token(algorithm))
    user = answer.json()["user"]
    assert user["email"] == "ann@example.org" and user["scopes"] == ["read", "write"]
    assert user["api_key_id"] is None and "RateLimit-Limit" in answer.headers
    client = bearer(server, provider.token(algorithm))
    job = client.begin(10)["job_id"]
    assert server.client.status(job)["id"] == job, "the same team as the first key's"
    organization, team = server.own_team()
    path = f"/organizations/{organization}/teams/{team}"
    assert client.call("GET", f"{path}/settings").status_code == 200
    expect_error(client.call("PUT", f"{path}/settings", json={}), 403, "FORBIDDEN")
    entries = server.client.call("GET", f"{path}/audit").json()["data"]
    assert any(e["actor"] == f"person:{user['id']}" for e in entries)


def test_several_teams(place):
    """The path says which; one of somebody else is not there."""
    server, admin, provider, _ = place
    second = admin("team", "new", "second")
    third = admin("team", "new", "third")
    admin("member", "set", "ann@example.org", "--team", "second", "--role", "owner")
    client = bearer(server, provider.token())

    def settings(team, method="GET", **how):
        return client.call(method, f"/organizations/{team['organization_id']}/teams/{team['id']}"
                                   "/settings", **how)

    assert settings(second).json()["team_id"] == second["id"]
    assert settings(second, "PUT", json={"retention_period_days": 3}).status_code == 200
    nobodys = {"organization_id": third["organization_id"],
               "id": "00000000-0000-7000-8000-000000000000"}
    expect_error(settings(third), 404, "NOT_FOUND")
    assert settings(third).text == settings(nobodys).text
    named = bearer(server, provider.token(team="second"))
    assert named.call("GET", "/auth/verify").json()["user"]["team_id"] == second["id"]
    expect_error(verify(server, provider.token(team="third", role="owner")), 401,
                 "AUTHENTICATION_ERROR")


def test_guests_of_the_provider(place):
    server, _, provider, _ = place
    guest = verify(server, provider.token(sub="stranger", team="default", role="viewer"))
    assert guest.json()["user"]["scopes"] == ["read"] and guest.json()["user"]["id"] is None or (
        guest.json()["user"]["email"] is None)
    for claims in ({}, {"team": "default"}, {"role": "owner"}, {"team": "x", "role": "owner"},
                   {"team": "default", "role": "king"}):
        expect_error(verify(server, provider.token(sub="stranger", **claims)), 401,
                     "AUTHENTICATION_ERROR")


def test_wrong_tokens(own_server, place, tmp_path):
    _, _, provider, keys = place
    server = own_server("--oidc-issuer", ISSUER, "--oidc-audience", AUDIENCE, "--oidc-jwks",
                        str(keys))
    other = Provider("a")
    wrong = [provider.token(iss="https://evil"), provider.token(aud="other"),
             provider.token(exp=time.time() - 120), provider.token(nbf=time.time() + 120),
             other.token(), other.token("RS256"), provider.token(sub=None), "a.b.c", "..",
             provider.token()[:-4], provider.token().replace(".", "..", 1)]
    texts = set()
    for token in wrong:
        answer = verify(server, token)
        expect_error(answer, 401, "AUTHENTICATION_ERROR")
        texts.add(answer.text)
    assert len(texts) <= 2, "a wrong token learns nothing about what is wrong with it"


def test_keys_are_changed_while_it_runs(own_server, tmp_path):
    old, new, keys = Provider("a"), Provider("b"), tmp_path / "jwks.json"
    keys.write_text(old.jwks())
    server = own_server("--oidc-issuer", ISSUER, "--oidc-audience", AUDIENCE, "--oidc-jwks",
                        str(keys), "--oidc-team-claim", "team", "--oidc-role-claim", "role")
    claims = {"team": "default", "role": "viewer"}
    assert verify(server, old.token(**claims)).status_code == 200
    keys.write_text("no keys at all")
    until = time.monotonic() + 60
    time.sleep(2.5)
    assert verify(server, old.token(**claims)).status_code == 200, "what was read stays in force"
    keys.write_text(new.jwks())
    while verify(server, new.token(**claims)).status_code != 200:
        assert time.monotonic() < until
        time.sleep(1)
    expect_error(verify(server, old.token(**claims)), 401, "AUTHENTICATION_ERROR")


def start(*flags, env=None):
    return subprocess.run([os.environ["LEAPOCR_BIN"], "serve", *flags], text=True, timeout=120,
                          capture_output=True, env={**os.environ, **(env or {})})


@pytest.mark.parametrize("content,message", [
    ("listen 1", ":1: 'listen 1' is no `name = value`"), ("\n\nx = 1", ":3: there is no setting"),
    ("readers = many", ":1: 'many' is not a whole number"), ("config = x", "there is no setting"),
    ("log-level = loud", ":1: 'loud' is none of")])
def test_mistakes_in_the_file(tmp_path, content, message):
    (tmp_path / "c").write_text(content)
    for how in ({"flags": ["--config", str(tmp_path / "c")]},
                {"flags": [], "env": {"LEAPOCR_CONFIG": str(tmp_path / "c")}}):
        done = start(*how["flags"], env=how.get("env"))
        assert done.returncode == 1 and message in done.stderr, done.stderr


def test_the_order_of_settings(tmp_path):
    """A flag goes before the environment, that before the file."""
    (tmp_path / "c").write_text("upload-ttl = 11\nlog-level = error\n")
    for env, flags, want in (({}, [], "11"), ({"LEAPOCR_UPLOAD_TTL": "0"}, [], "LEAPOCR_UPLOAD_TTL"),
                             ({"LEAPOCR_UPLOAD_TTL": "12"}, ["--upload-ttl", "0"], "--upload-ttl")):
        done = start("--config", str(tmp_path / "c"), "--data", "/dev/null/x", *flags, env=env)
        assert done.returncode != 0
        if want != "11":
            assert f"{want}: '0' is not" in done.stderr
