# SPDX-License-Identifier: AGPL-3.0-or-later
"""HTTP/1.1 as the server speaks it, byte by byte: framing, reuse of connections, early replies."""
import socket
import time

import pytest

from client import HOST, Server, until


@pytest.fixture(scope="module")
def server():
    with Server() as running:
        yield running


@pytest.fixture
def client(server):
    with server.connect() as connection:
        yield connection


G = b"GET /hello HTTP/1.1\r\n" + HOST
P = b"POST /x HTTP/1.1\r\n" + HOST
NEXT = b"GET /next HTTP/1.1\r\n" + HOST + b"\r\n"
TE = b"Transfer-Encoding: chunked\r\n"

# Each is followed by a whole request, which must never be answered: that would be the second
# answer that request smuggling lives on.
REFUSED = {
    "te+cl": (400, P + TE + b"Content-Length: 4\r\n\r\n0\r\n\r\n"),
    "cl+te": (400, P + b"Content-Length: 4\r\n" + TE + b"\r\n0\r\n\r\n"),
    "cl twice": (400, P + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello"),
    "cl twice alike": (400, P + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"),
    "cl list": (400, P + b"Content-Length: 5, 5\r\n\r\nhello"),
    "cl plus": (400, P + b"Content-Length: +5\r\n\r\nhello"),
    "cl minus": (400, P + b"Content-Length: -5\r\n\r\nhello"),
    "cl hex": (400, P + b"Content-Length: 0x5\r\n\r\nhello"),
    "cl underscore": (400, P + b"Content-Length: 1_0\r\n\r\nhello"),
    "cl overflow": (400, P + b"Content-Length: 18446744073709551621\r\n\r\nhello"),
    "cl empty": (400, P + b"Content-Length: \r\n\r\nhello"),
    "cl space before colon": (400, P + b"Content-Length : 5\r\n\r\nhello"),
    "cl folded": (400, P + b"Content-Length:\r\n 5\r\n\r\nhello"),
    "te twice": (400, P + TE + TE + b"\r\n0\r\n\r\n"),
    "te space before colon": (400, P + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n"),
    "te tab before colon": (400, P + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n"),
    "te vertical tab": (400, P + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n"),
    "te quoted": (400, P + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n'),
    "te xchunked": (400, P + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    "te identity": (400, P + b"Transfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
    "te chunked twice": (400, P + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"),
    "te chunked first": (400, P + b"Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n"),
    "te gzip": (501, P + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    "te folded": (400, P + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n"),
    "te in 1.0": (400, b"POST /x HTTP/1.0\r\n" + HOST + TE + b"\r\n0\r\n\r\n"),
    "te with bare cr": (400, P + b"X: a\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "te with bare lf": (400, P + b"X: a\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "bare lf lines": (400, b"GET /hello HTTP/1.1\nHost: a\n\n"),
    "bare lf at the end": (400, G + b"\n"),
    "bare cr lines": (400, b"GET /hello HTTP/1.1\rHost: a\r\r"),
    "cr cr lf": (400, G + b"X: a\r\r\n\r\n"),
    "obs-fold": (400, G + b"X: a\r\n b\r\n\r\n"),
    "first field folded": (400, b"GET /hello HTTP/1.1\r\n Host: a\r\nHost: b\r\n\r\n"),
    "nul in value": (400, G + b"X: a\0b\r\n\r\n"),
    "nul in name": (400, G + b"X\0: a\r\n\r\n"),
    "no colon": (400, G + b"X\r\n\r\n"),
    "no name": (400, G + b": a\r\n\r\n"),
    "no host": (400, b"GET /hello HTTP/1.1\r\n\r\n"),
    "host twice": (400, G + HOST + b"\r\n"),
    "host twice, other case": (400, G + b"hOST: b\r\n\r\n"),
    "host list": (400, b"GET /hello HTTP/1.1\r\nHost: a, b\r\n\r\n"),
    "host with user": (400, b"GET /hello HTTP/1.1\r\nHost: u@a\r\n\r\n"),
    "host unlike target": (400, b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    "0.9": (400, b"GET /hello\r\n\r\n"),
    "1.2": (505, b"GET /hello HTTP/1.2\r\n" + HOST + b"\r\n"),
    "2.0": (505, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    "tls": (400, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
    "fragment": (400, b"GET /hello#a HTTP/1.1\r\n" + HOST + b"\r\n"),
    "space in target": (400, b"GET /a b HTTP/1.1\r\n" + HOST + b"\r\n"),
    "two spaces": (400, b"GET  /hello HTTP/1.1\r\n" + HOST + b"\r\n"),
    "tab as space": (400, b"GET\t/hello\tHTTP/1.1\r\n" + HOST + b"\r\n"),
    "star": (400, b"GET * HTTP/1.1\r\n" + HOST + b"\r\n"),
    "connect": (501, b"CONNECT a:443 HTTP/1.1\r\n" + HOST + b"\r\n"),
    "expect": (417, P + b"Content-Length: 1\r\nExpect: the-spanish-inquisition\r\n\r\na"),
    "chunk size bad": (400, P + TE + b"\r\nG\r\na\r\n0\r\n\r\n"),
    "chunk size empty": (400, P + TE + b"\r\n\r\na\r\n0\r\n\r\n"),
    "chunk size minus": (400, P + TE + b"\r\n-1\r\na\r\n0\r\n\r\n"),
    "chunk size 0x": (400, P + TE + b"\r\n0x1\r\na\r\n0\r\n\r\n"),
    "chunk size blank": (400, P + TE + b"\r\n1 \r\na\r\n0\r\n\r\n"),
    "chunk size overflow": (400, P + TE + b"\r\n10000000000000001\r\na\r\n0\r\n\r\n"),
    "chunk size negative": (400, P + TE + b"\r\nffffffffffffffff\r\na\r\n0\r\n\r\n"),
    "chunk bare lf": (400, P + TE + b"\r\n1\na\r\n0\r\n\r\n"),
    "chunk longer than said": (400, P + TE + b"\r\n1\r\nab\r\n0\r\n\r\n"),
    "chunk data bare lf": (400, P + TE + b"\r\n1\r\na\n0\r\n\r\n"),
    "chunk extension bare lf": (400, P + TE + b"\r\n1;x\na\r\n0\r\n\r\n"),
    "chunk extension too long": (431, P + TE + b"\r\n1;" + b"x" * 5000 + b"\r\na\r\n0\r\n\r\n"),
    "trailer bare lf": (400, P + TE + b"\r\n0\r\nX: a\n\r\n"),
    "trailer too long": (431, P + TE + b"\r\n0\r\nX: " + b"x" * 9000 + b"\r\n\r\n"),
    "line too long": (414, b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n"),
    "field too long": (431, G + b"X: " + b"a" * 9000 + b"\r\n\r\n"),
    "too many fields": (431, G + b"X: a\r\n" * 100 + b"\r\n"),
    "head too large": (431, G + (b"X: " + b"a" * 7000 + b"\r\n") * 10 + b"\r\n"),
}


@pytest.mark.parametrize("name", REFUSED)
@pytest.mark.parametrize("step", [1 << 20, 7])
def test_malformed_request_gets_one_answer_and_the_end(client, name, step):
    status, request = REFUSED[name]
    data = request + NEXT
    if step < 100 and len(data) > 1000:
        step = 997
    try:
        for at in range(0, len(data), step):
            client.send(data[at:at + step])
    except (BrokenPipeError, ConnectionResetError):
        pass  # the server need not wait for the rest
    reply = client.reply()
    assert reply.status == status, reply.body
    assert reply.fields["connection"] == "close"
    assert reply.json()["message"]
    client.socket.shutdown(socket.SHUT_WR)
    assert client.at_end()


def test_the_request_is_understood(client):
    client.send(b"PATCH /a/%2e%2e//b?c=d&e?f HTTP/1.1\r\nHost: x:80\r\nX-One:  two\t\r\n"
                b"Content-Length: 5\r\n\r\nhello")
    seen = client.reply().json()
    assert seen == {
        "method": "PATCH", "path": "/a/%2e%2e//b", "query": "c=d&e?f", "body": "hello",
        "peer": "127.0.0.1", "length": 5,
        "fields": {"Host": "x:80", "X-One": "two", "Content-Length": "5"}}


def test_absolute_target_and_star(client):
    client.send(b"GET http://localhost/a?b HTTP/1.1\r\n" + HOST + b"\r\n")
    assert client.reply().json()["path"] == "/a"
    client.send(b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n")
    assert client.reply().json()["path"] == "*"


def test_head_gets_the_length_without_the_body(client):
    whole = client.get("/hello")
    client.send(b"HEAD /hello HTTP/1.1\r\n" + HOST + b"\r\n")
    reply = client.reply(head_only=True)
    assert reply.fields["content-length"] == str(len(whole.body)) != "0"
    assert client.get("/hello").body == whole.body


def test_no_content_has_no_length(client):
    reply = client.get("/empty")
    assert reply.status == 204 and "content-length" not in reply.fields
    assert client.get("/hello").status == 200


def test_http_1_0_closes_unless_asked(server):
    with server.connect() as client:
        client.send(b"GET /hello HTTP/1.0\r\n\r\n")
        reply = client.reply()
        assert reply.status == 200 and reply.fields["connection"] == "close" and client.at_end()
    with server.connect() as client:
        for _ in range(3):
            client.send(b"GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
            assert client.reply().fields["connection"] == "keep-alive"


@pytest.mark.parametrize("how", ["asked", "told"])
def test_connection_close(client, how):
    reply = client.get("/hello", "Connection: close") if how == "asked" else client.get("/leave")
    assert reply.status == 200 and reply.fields["connection"] == "close" and client.at_end()


def test_forged_header_is_not_sent(client):
    data = client.get("/forged")
    assert data.status == 500 and data.body == b"" and "set-cookie" not in data.fields


def test_pipelined_requests_are_answered_in_order(client):
    wanted = []
    data = b""
    for i in range(300):
        wanted.append(f"/n{i}")
        body = b"x" * (i % 50)
        if i % 3 == 0:
            data += b"GET /n%d HTTP/1.1\r\n" % i + HOST + b"\r\n"
        elif i % 3 == 1:
            data += (b"POST /n%d HTTP/1.1\r\n" % i + HOST
                     + b"Content-Length: %d\r\n\r\n" % len(body) + body)
        else:
            data += (b"POST /n%d HTTP/1.1\r\n" % i + HOST + TE
                     + b"\r\n3;x\r\nabc\r\n0\r\nX-T: 1\r\n\r\n")
    client.send(data)
    assert [client.reply().json()["path"] for _ in wanted] == wanted


def test_pipelining_behind_a_deferred_reply(client):
    client.send(b"GET /later?ms=300 HTTP/1.1\r\n" + HOST + b"\r\n" + NEXT)
    assert client.is_quiet(0.15)
    assert client.reply().json() == {"later": True}
    assert client.reply().json()["path"] == "/next"


def test_many_deferred_replies_from_other_threads(server):
    clients = [server.connect() for _ in range(100)]
    for i, client in enumerate(clients):
        client.send(b"GET /later?ms=%d HTTP/1.1\r\n" % (i % 20) + HOST + b"\r\n")
    for client in clients:
        assert client.reply().json() == {"later": True}
        assert client.get("/hello").status == 200
        client.socket.close()


def test_half_closed_client_gets_its_reply(client):
    client.send(b"GET /later?ms=100 HTTP/1.1\r\n" + HOST + b"\r\n")
    client.socket.shutdown(socket.SHUT_WR)
    assert client.reply().json() == {"later": True}
    assert client.at_end()


@pytest.mark.parametrize("path,status", [("/x", 200), ("/count", 200)])
def test_continue_is_sent_when_the_body_is_wanted(client, path, status):
    client.send(b"PUT %s HTTP/1.1\r\n" % path.encode() + HOST
                + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    assert client.reply().status == 100
    assert client.is_quiet(0.1)
    client.send(b"hello")
    assert client.reply().status == status
    assert client.get("/hello").status == 200


def test_no_continue_when_the_answer_is_there(client):
    client.send(b"PUT /early HTTP/1.1\r\n" + HOST
                + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    reply = client.reply()
    assert reply.status == 403 and reply.fields["connection"] == "close"
    client.socket.shutdown(socket.SHUT_WR)
    assert client.at_end()


def test_no_continue_when_the_body_is_too_large(client):
    client.send(b"PUT /small HTTP/1.1\r\n" + HOST
                + b"Content-Length: 101\r\nExpect: 100-continue\r\n\r\n")
    assert client.reply().status == 413


def test_no_continue_to_who_did_not_wait(client):
    client.send(b"PUT /x HTTP/1.1\r\n" + HOST
                + b"Content-Length: 5\r\nExpect: 100-continue\r\n\r\nhello")
    assert client.reply().json()["body"] == "hello"


def test_small_rest_is_skipped_after_an_early_reply(client):
    client.send(b"PUT /early HTTP/1.1\r\n" + HOST + b"Content-Length: 60000\r\n\r\n")
    reply = client.reply()
    assert reply.status == 403 and "connection" not in reply.fields
    client.send(b"x" * 59999)
    assert client.is_quiet(0.1)
    client.send(b"x" + NEXT)
    assert client.reply().json()["path"] == "/next"


def test_skipped_body_is_never_a_request(client):
    body = NEXT * 2000
    body = body[:50000]
    client.send(b"PUT /early HTTP/1.1\r\n" + HOST + b"Content-Length: 50000\r\n\r\n" + body
                + b"GET /after HTTP/1.1\r\n" + HOST + b"\r\n")
    assert client.reply().status == 403
    assert client.reply().json()["path"] == "/after"


def test_early_reply_reaches_a_client_in_the_midst_of_a_large_body(server):
    with server.connect(timeout=20) as client:
        size = 50_000_000
        client.send(b"PUT /early HTTP/1.1\r\n" + HOST + b"Content-Length: %d\r\n\r\n" % size)
        piece = b"x" * 1_000_000
        for _ in range(size // len(piece)):
            client.send(piece)
        reply = client.reply()
        assert reply.status == 403 and reply.fields["connection"] == "close"
        assert client.at_end()


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_body_past_its_limit(server, framing):
    before = server.counts()
    with server.connect() as client:
        if framing == "length":
            client.send(b"PUT /small HTTP/1.1\r\n" + HOST + b"Content-Length: 101\r\n\r\n")
        else:
            client.send(b"PUT /small HTTP/1.1\r\n" + HOST + TE + b"\r\n64\r\n" + b"x" * 100
                        + b"\r\n1\r\nx\r\n")
        reply = client.reply()
        assert reply.status == 413 and "100 bytes" in reply.json()["message"]
        client.socket.shutdown(socket.SHUT_WR)
        assert client.at_end()
    after = server.counts()
    assert after["refused"] == before["refused"] + 1
    assert after["abandoned"] == before["abandoned"] + 1


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_body_at_its_limit(client, framing):
    body = b"x" * 100
    if framing == "length":
        client.send(b"PUT /small HTTP/1.1\r\n" + HOST + b"Content-Length: 100\r\n\r\n" + body)
    else:
        client.send(b"PUT /small HTTP/1.1\r\n" + HOST + TE + b"\r\n64\r\n" + body
                    + b"\r\n0\r\n\r\n")
    assert client.reply().json()["body"] == body.decode()


def checksum(data):
    total = 0
    for byte in data:
        total = (total * 31 + byte) & 0xFFFFFFFF
    return total


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_streamed_body_arrives_whole(client, framing):
    body = bytes(i * 7 % 251 for i in range(300_000))
    if framing == "length":
        client.send(b"PUT /count HTTP/1.1\r\n" + HOST
                    + b"Content-Length: %d\r\n\r\n" % len(body) + body)
    else:
        data = b"".join(b"%x\r\n" % len(body[at:at + 9999]) + body[at:at + 9999] + b"\r\n"
                        for at in range(0, len(body), 9999))
        client.send(b"PUT /count HTTP/1.1\r\n" + HOST + TE + b"\r\n" + data + b"0\r\n\r\n")
    assert client.reply().json() == {"bytes": len(body), "sum": checksum(body)}
    assert client.get("/hello").status == 200


@pytest.mark.parametrize("framing", ["length", "chunked"])
def test_paused_body_arrives_whole(client, server, framing):
    body = bytes(i * 11 % 241 for i in range(400_000))
    if framing == "length":
        client.send(b"PUT /slow?ms=5 HTTP/1.1\r\n" + HOST
                    + b"Content-Length: %d\r\n\r\n" % len(body) + body + NEXT)
    else:
        data = b"".join(b"%x\r\n" % len(body[at:at + 9999]) + body[at:at + 9999] + b"\r\n"
                        for at in range(0, len(body), 9999))
        client.send(b"PUT /slow?ms=5 HTTP/1.1\r\n" + HOST + TE + b"\r\n" + data + b"0\r\n\r\n"
                    + NEXT)
    assert client.reply().json() == {"bytes": len(body), "sum": checksum(body)}
    assert client.reply().json()["path"] == "/next"
    assert server.counts()["paused"] > 5


def test_large_reply_arrives_whole(client):
    reply = client.get("/big?n=30000000")
    assert len(reply.body) == 30_000_000 and reply.body.count(b"x") == 30_000_000
    assert client.get("/hello").status == 200


def test_abandoned_requests_are_reported(server):
    counts = server.counts()
    before, heads = counts["abandoned"], counts["heads"]
    for path in ["/never", "/later?ms=2000"]:
        client = server.connect()
        client.send(b"GET %s HTTP/1.1\r\n" % path.encode() + HOST + b"\r\n")
        heads += 1
        server.until_seen(heads)
        client.reset()
    half = server.connect()
    half.send(b"PUT /count HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nhello")
    server.until_seen(heads + 1)
    half.socket.close()
    paused = server.connect()
    paused.send(b"PUT /slow?ms=2000 HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nhello")
    server.until_seen(heads + 2)
    paused.reset()
    until(lambda: server.counts()["abandoned"] == before + 4)
    time.sleep(2.1)  # the threads hand their late results over
    assert server.counts()["abandoned"] == before + 4


def test_undecided_body_is_not_read(client):
    client.send(b"PUT /undecided HTTP/1.1\r\n" + HOST + b"Content-Length: 100000000\r\n\r\n")
    client.socket.settimeout(1)
    with pytest.raises(TimeoutError):
        for _ in range(100):
            client.send(b"x" * 1_000_000)
