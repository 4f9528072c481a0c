# SPDX-License-Identifier: AGPL-3.0-or-later
"""Presigned URLs held against botocore, an implementation that shares no code with ours.

Genuine URLs of either side are known to the other; mutants of genuine ones are refused. The tool
under test is given by SIGV4_TOOL; without botocore the tests are skipped.
"""

import datetime
import os
import random
import subprocess
import types
from unittest import mock
from urllib.parse import urlsplit

import pytest

botocore_session = pytest.importorskip("botocore.session")
import botocore.auth  # noqa: E402
from botocore.auth import S3SigV4QueryAuth  # noqa: E402
from botocore.awsrequest import AWSRequest  # noqa: E402
from botocore.config import Config  # noqa: E402
from botocore.credentials import Credentials  # noqa: E402

ACCESS_ID = "LEAPOCRTESTKEY0001"
SECRET = "a secret/with+odd=characters, and some length"
REGION = "local"
HOSTS = ["127.0.0.1:8080", "files.example.com", "files.example.com:9000", "[::1]:8080"]
ID_CHARACTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~ +/=%&?#ä€'()*!"


def ask(questions):
    tool = os.environ["SIGV4_TOOL"]
    lines = "".join("\t".join(map(str, q)) + "\n" for q in questions)
    answers = subprocess.run([tool, ACCESS_ID, SECRET, REGION], input=lines.encode(),
                             stdout=subprocess.PIPE, check=True).stdout.decode().splitlines()
    assert len(answers) == len(questions)
    return answers


def boto_urls(count, seed):
    """Presigned upload_part URLs of botocore, with what they were made for."""
    rng = random.Random(seed)
    session = botocore_session.get_session()
    session.set_credentials(ACCESS_ID, SECRET)
    clients = {}
    for _ in range(count):
        host = rng.choice(HOSTS)
        scheme = rng.choice(["http", "https"])
        if (scheme, host) not in clients:
            clients[scheme, host] = session.create_client(
                "s3", region_name=REGION, endpoint_url=f"{scheme}://{host}",
                config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        upload_id = "".join(rng.choices(ID_CHARACTERS, k=rng.randint(1, 40)))
        key = "".join(rng.choices(ID_CHARACTERS.replace("/", ""), k=rng.randint(3, 30)))
        part = rng.randint(1, 10000)
        params = [("Bucket", "uploads"), ("Key", key), ("UploadId", upload_id),
                  ("PartNumber", part)]
        rng.shuffle(params)
        url = clients[scheme, host].generate_presigned_url(
            "upload_part", Params=dict(params), ExpiresIn=rng.randint(300, 604800))
        yield url, upload_id, part


def now_ms():
    return int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000)


def split(url):
    parts = urlsplit(url)
    return ["PUT", parts.netloc, parts.path, parts.query]


def test_genuine_urls_of_botocore_are_accepted():
    urls = list(boto_urls(200, seed=1))
    answers = ask([["judge", *split(url), now_ms()] for url, _, _ in urls])
    assert answers == [f"genuine {part} {upload_id}" for _, upload_id, part in urls]


def test_urls_of_ours_carry_the_signature_of_botocore():
    rng = random.Random(2)
    questions, expected = [], []
    for _ in range(200):
        base = rng.choice(["http", "https"]) + "://" + rng.choice(HOSTS)
        path = "/uploads/" + "".join(rng.choices("0123456789abcdef", k=32))
        params = f"partNumber={rng.randint(1, 10000)}&uploadId=" + "".join(
            rng.choices("0123456789abcdef", k=32))
        expires = rng.randint(1, 604800)
        now = rng.randint(0, 4_000_000_000)
        questions.append(["sign", "PUT", base, path, params, now * 1000, expires])
        expected.append(botocore_signature(f"{base}{path}?{params}", now, expires))
    for url, signed in zip(ask(questions), expected):
        assert url == signed


def botocore_signature(url, now, expires):
    """The URL that botocore makes of it at a given second."""

    class FixedClock(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return cls.utcfromtimestamp(now)

    request = AWSRequest(method="PUT", url=url)
    signer = S3SigV4QueryAuth(Credentials(ACCESS_ID, SECRET), "s3", REGION, expires)
    with mock.patch.multiple(botocore.auth, create=True,
                             datetime=types.SimpleNamespace(datetime=FixedClock),
                             get_current_datetime=FixedClock.utcnow):
        signer.add_auth(request)
    return request.url


# --- mutants ---


def swap_case_of_one(text, rng):
    places = [i for i, c in enumerate(text) if c.isalpha() and c.isascii()]
    if not places:
        return text
    i = rng.choice(places)
    return text[:i] + text[i].swapcase() + text[i + 1:]


def change_one(text, rng):
    i = rng.randrange(len(text))
    return text[:i] + rng.choice("0123456789abcdefXYZ%+&=/.~") + text[i + 1:]


def escape_one(text, rng):
    places = [i for i, c in enumerate(text) if c.isalnum()]
    i = rng.choice(places)
    return text[:i] + rng.choice(["%%%02X", "%%%02x", "%%25%02X"]) % ord(text[i]) + text[i + 1:]


def in_parameter(rng, query, how):
    params = query.split("&")
    i = rng.randrange(len(params))
    name, value = params[i].split("=", 1)
    params[i] = how(name, value)
    return "&".join(params)


def other_value(name, value, rng):
    return {
        "partNumber": str(int(value) % 10000 + 1) if value.isdigit() else "1",
        "X-Amz-Expires": rng.choice(["0", "-1", "604801", "9223372036854775808", "1e3", "",
                                     str(int(value) % 604800 + 1) if value.isdigit() else "1"]),
        "X-Amz-Date": rng.choice(["20200101T000000Z", "20990101T000000Z", value[:-1], value + "Z"]),
        "X-Amz-SignedHeaders": rng.choice(["", "host%3Bx-amz-date", "Host", "content-type%3Bhost"]),
        "X-Amz-Algorithm": rng.choice(["AWS4-HMAC-SHA1", "AWS4-ECDSA-P256-SHA256", "", "none"]),
        "X-Amz-Signature": rng.choice(["", value.upper(), value[:-1], value + "0", "0" * 64]),
        "X-Amz-Credential": rng.choice([value.replace("local", "us-east-1"), value.lower(),
                                        value.replace("%2F", "/"), value.replace("s3", "sts"),
                                        value.replace("%2F", "%2f")]),
        "uploadId": value + "x",
    }[name]


EXTRAS = ["x-id=UploadPart", "X-Amz-Security-Token=abc", "X-Amz-Content-Sha256=UNSIGNED-PAYLOAD",
          "X-Amz-Content-Sha256=STREAMING-UNSIGNED-PAYLOAD-TRAILER", "a=b", "acl", "", "=",
          "x-amz-checksum-crc32=AAAAAA%3D%3D", "AWSAccessKeyId=" + ACCESS_ID, "Signature=x",
          "versionId=1", "response-content-type=text%2Fhtml", "X-Amz-Meta-A=1"]


def insert(query, extra, rng):
    params = query.split("&")
    params.insert(rng.randrange(len(params) + 1), extra)
    return "&".join(params)


MUTATIONS = {
    "method": lambda m, h, p, q, r: (
        r.choice(["GET", "POST", "DELETE", "HEAD", "put", "PUTT", ""]), h, p, q),
    "host": lambda m, h, p, q, r: (
        m, r.choice(["evil.example", h + ".", h + ":80", "x" + h, h[:-1], ""]), p, q),
    "path": lambda m, h, p, q, r: (m, h, change_one(p, r), q),
    "path more": lambda m, h, p, q, r: (
        m, h, r.choice([p + "/", "/" + p, p + "/..", "/./" + p[1:], p + "%00", p + "/%2e%2e/a",
                        p.replace("/", "%2F"), p[:-1], ""]), q),
    "path case": lambda m, h, p, q, r: (m, h, swap_case_of_one(p, r), q),
    "path escape": lambda m, h, p, q, r: (m, h, escape_one(p, r), q),
    "byte": lambda m, h, p, q, r: (m, h, p, change_one(q, r)),
    "case": lambda m, h, p, q, r: (m, h, p, swap_case_of_one(q, r)),
    "escape": lambda m, h, p, q, r: (m, h, p, escape_one(q, r)),
    "space": lambda m, h, p, q, r: (
        m, h, p, r.choice([q.replace("%20", "+"), q.replace("%2B", "+"), q + "%20", q + "+"])),
    "left out": lambda m, h, p, q, r: (
        m, h, p, "&".join(x for i, x in enumerate(q.split("&")) if i != r.choice(range(8)))),
    "twice": lambda m, h, p, q, r: (m, h, p, insert(q, r.choice(q.split("&")), r)),
    "twice, other": lambda m, h, p, q, r: (
        m, h, p, insert(q, r.choice(q.split("&")).split("=")[0] + "=1", r)),
    "extra": lambda m, h, p, q, r: (m, h, p, insert(q, r.choice(EXTRAS), r)),
    "value": lambda m, h, p, q, r: (
        m, h, p, in_parameter(r, q, lambda n, v: n + "=" + other_value(n, v, r))),
    "name": lambda m, h, p, q, r: (
        m, h, p, in_parameter(r, q, lambda n, v: swap_case_of_one(n, r) + "=" + v)),
    "no value": lambda m, h, p, q, r: (
        m, h, p, in_parameter(r, q, lambda n, v: r.choice([n, n + "=", v, "=" + v]))),
    "order": lambda m, h, p, q, r: (m, h, p, "&".join(reversed(q.split("&")))),
    "cut": lambda m, h, p, q, r: (m, h, p, q[:r.randrange(len(q))]),
    "other key": lambda m, h, p, q, r: (m, h, p, q.replace(ACCESS_ID, "LEAPOCRTESTKEY0002")),
}


def test_mutants_are_refused():
    rng = random.Random(3)
    questions, names = [], []
    urls = [split(url) for url, _, _ in boto_urls(100, seed=4)]
    while len(questions) < 2000:
        name = rng.choice(sorted(MUTATIONS))
        genuine = tuple(rng.choice(urls))
        mutant = MUTATIONS[name](*genuine, rng)
        if mutant == genuine:
            continue
        questions.append(["judge", *mutant, now_ms()])
        names.append(name)
    accepted = [(name, question) for name, question, answer
                in zip(names, questions, ask(questions)) if answer.startswith("genuine")]
    assert accepted == []
    assert len(set(names)) == len(MUTATIONS)


def test_urls_of_another_key_or_secret_are_refused():
    session = botocore_session.get_session()
    urls = []
    for access_id, secret in [(ACCESS_ID, SECRET + "x"), ("LEAPOCRTESTKEY0002", SECRET)]:
        session.set_credentials(access_id, secret)
        client = session.create_client(
            "s3", region_name=REGION, endpoint_url="http://127.0.0.1:8080",
            config=Config(signature_version="s3v4", s3={"addressing_style": "path"}))
        urls.append(client.generate_presigned_url("upload_part", Params={
            "Bucket": "b", "Key": "k", "UploadId": "u", "PartNumber": 1}))
    answers = ask([["judge", *split(url), now_ms()] for url in urls])
    assert answers == ["403 SignatureDoesNotMatch", "403 InvalidAccessKeyId"]


def test_an_expired_url_is_told_so():
    url = next(boto_urls(1, seed=5))[0]
    answer, = ask([["judge", *split(url), now_ms() + 604801 * 1000]])
    assert answer == "403 AccessDenied"
