# SPDX-License-Identifier: AGPL-3.0-or-later
"""Time, memory and numbers: what slow, greedy and absent clients may cost, and the way to stop."""
import resource
import select
import socket
import threading
import time

import pytest

from client import HOST, Server, until

TE = b"Transfer-Encoding: chunked\r\n"


# Here the server's patience is short and the clients' is long: that it runs out is seen by what the server does before a
# client is done. How long it took is only held to be no less than the limit, counted from before the server can count:
# a busy machine may take any time more.


def drip(client, data, interval):
    """Sends a byte at a time until the server has something to say, which has to be before the end; the seconds it took."""
    begin = time.monotonic()
    for i in range(len(data)):
        if not client.is_quiet(interval):
            break
        try:
            client.send(data[i:i + 1])
        except (BrokenPipeError, ConnectionResetError):
            break
    else:
        raise AssertionError("the server let it go on to its end")
    return time.monotonic() - begin


def test_slow_head():
    with Server(head_ms=500) as server, server.connect() as client:
        spent = drip(client, b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"y" * 1000, 0.05)
        assert spent > 0.4
        assert client.reply().status == 408
        drip(client, b"y" * 1000, 0.05)  # does not keep it open


def test_slow_body():
    with Server(body_grace_ms=600, body_rate_min=1000) as server:
        with server.connect() as client:
            client.send(b"PUT /x HTTP/1.1\r\n" + HOST + b"Content-Length: 100000\r\n\r\n")
            spent = drip(client, b"y" * 1000, 0.05)
            assert spent > 0.5
            assert client.reply().status == 408
        # A quick start buys no stall.
        with server.connect() as client:
            client.send(b"PUT /x HTTP/1.1\r\n" + HOST + b"Content-Length: 2000000\r\n\r\n"
                        + b"y" * 1_000_000)
            assert client.reply().status == 408
        assert server.counts()["abandoned"] == 2
    # Fast enough is left alone, with room for a client that is held up.
    with Server(body_grace_ms=2500, body_rate_min=1000) as server:
        with server.connect() as client:
            client.send(b"PUT /count HTTP/1.1\r\n" + HOST + b"Content-Length: 80000\r\n\r\n")
            for _ in range(40):
                time.sleep(0.08)
                client.send(b"y" * 2000)
            assert client.reply().json()["bytes"] == 80000
        assert server.counts()["abandoned"] == 0


def test_time_while_paused_does_not_count():
    with Server(body_grace_ms=300, body_rate_min=100000) as server, server.connect() as client:
        client.send(b"PUT /slow?ms=1500 HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\n"
                    + b"helloworld")
        assert client.reply().json()["bytes"] == 10


def test_slow_skipping_of_a_rest():
    with Server(body_grace_ms=400, body_rate_min=1000) as server, server.connect() as client:
        client.send(b"PUT /early HTTP/1.1\r\n" + HOST + b"Content-Length: 60000\r\n\r\n")
        assert client.reply().status == 403
        assert client.at_end()


def test_slow_reader():
    with Server(send_ms=500) as server, server.connect(receive_buffer=4096) as client:
        begin = time.monotonic()
        client.send(b"GET /big?n=50000000 HTTP/1.1\r\n" + HOST + b"\r\n")
        end = select.poll()
        end.register(client.socket, 0)  # errors only: not a byte is read
        assert end.poll(30000)
        assert time.monotonic() - begin > 0.4
        counts = server.counts()
        assert counts["replied"] == 1 and 0 < counts["reply_bytes"] < 50_000_000


def test_reader_that_makes_progress_is_served():
    with Server(send_ms=2000) as server, server.connect(receive_buffer=4096) as client:
        client.send(b"GET /big?n=12000000 HTTP/1.1\r\n" + HOST + b"\r\n")
        begin = time.monotonic()
        while time.monotonic() - begin < 3:
            client._more()
            time.sleep(0.01)
        assert len(client.reply().body) == 12_000_000


def test_replies_that_nobody_takes_have_a_bound_together():
    ask = b"GET /big?n=20000000 HTTP/1.1\r\n" + HOST + b"\r\n"
    with Server(unsent_bytes=50_000_000) as server:
        slow = [server.connect(receive_buffer=4096) for _ in range(12)]
        for client in slow:
            client.send(ask)
        with server.connect() as healthy:  # as large, but taken
            healthy.send(ask)
            assert len(healthy.reply().body) == 20_000_000
        ends = select.poll()
        for client in slow:
            ends.register(client.socket, 0)  # errors only: not a byte is read
        until(lambda: len(ends.poll(0)) >= 9)  # the others are within the bound, with what sockets took
        assert server.memory_kib() < 120_000 * memory_factor(server)
        for client in slow:
            client.socket.close()


def test_idle_connections_are_closed():
    with Server(idle_ms=2000) as server:
        with server.connect() as silent, server.connect() as client:
            assert client.get("/hello").status == 200
            time.sleep(0.5)
            begin = time.monotonic()
            assert client.get("/hello").status == 200
            assert client.at_end()
            assert time.monotonic() - begin > 1.9
            assert silent.at_end()


def test_connections_past_the_limit_wait():
    with Server(connections=3) as server:
        busy = [server.connect() for _ in range(3)]
        for client in busy:
            assert client.get("/hello").status == 200  # it has been accepted
            client.send(b"GET /never HTTP/1.1\r\n" + HOST + b"\r\n")
        time.sleep(0.2)
        with server.connect() as waiting:
            waiting.send(b"GET /hello HTTP/1.1\r\n" + HOST + b"\r\n")
            assert waiting.is_quiet(0.5)
            busy[0].reset()
            assert waiting.reply().status == 200
        for client in busy:
            client.socket.close()


def test_the_longest_idle_connection_gives_way_at_the_limit():
    with Server(connections=3) as server:
        idle = [server.connect() for _ in range(3)]
        for client in idle:
            assert client.get("/hello").status == 200
            time.sleep(0.05)
        with server.connect() as newcomer:
            assert newcomer.get("/hello").status == 200
            assert idle[0].at_end()
            assert idle[2].get("/hello").status == 200


def test_running_out_of_descriptors():
    def few():
        resource.setrlimit(resource.RLIMIT_NOFILE, (24, 24))
    with Server(preexec=few) as server:
        clients = [server.connect() for _ in range(40)]
        first = clients[0]
        assert first.get("/hello").status == 200
        time.sleep(0.5)
        cpu = cpu_ticks(server)
        time.sleep(0.5)
        assert cpu_ticks(server) - cpu < 20  # it waits rather than spins
        for client in clients:
            client.socket.close()
        until(lambda: first_works(server))


def cpu_ticks(server):
    with open(f"/proc/{server.process.pid}/stat") as stat:
        parts = stat.read().rsplit(")", 1)[1].split()
    return int(parts[11]) + int(parts[12])


def first_works(server):
    try:
        with server.connect(timeout=1) as client:
            reply = client.get("/hello")
            return reply is not None and reply.status == 200
    except OSError:
        return False


@pytest.mark.parametrize("framing", ["length", "chunked"])
@pytest.mark.parametrize("path,size", [(b"/count", 200_000_000), (b"/slow?ms=1", 50_000_000)])
def test_memory_is_constant_over_a_large_body(framing, path, size):
    piece = b"z" * 1_000_000
    with Server() as server, server.connect(timeout=60) as client:
        assert client.get("/hello").status == 200
        before = server.memory_kib()
        if framing == "length":
            client.send(b"PUT %s HTTP/1.1\r\n" % path + HOST + b"Content-Length: %d\r\n\r\n" % size)
            for _ in range(size // len(piece)):
                client.send(piece)
        else:
            client.send(b"PUT %s HTTP/1.1\r\n" % path + HOST + TE + b"\r\n")
            for _ in range(size // len(piece)):
                client.send(b"%x\r\n" % len(piece) + piece + b"\r\n")
            client.send(b"0\r\n\r\n")
        assert client.reply().json()["bytes"] == size
        assert server.memory_kib("VmHWM") - before < 4096 * memory_factor(server)


def memory_factor(server):
    """Sanitizers keep freed memory for a while."""
    return 40 if server.memory_kib("VmSize") > 10_000_000_000 else 1


def test_pause_holds_the_sender_back():
    with Server() as server, server.connect() as client:
        client.send(b"PUT /slow?ms=60000 HTTP/1.1\r\n" + HOST
                    + b"Content-Length: 100000000\r\n\r\n")
        client.socket.settimeout(1)
        with pytest.raises(TimeoutError):
            for _ in range(100):
                client.send(b"x" * 1_000_000)
        client.reset()
        until(lambda: server.counts()["abandoned"] == 1)


def test_stop_lets_requests_finish():
    with Server(grace_ms=60000) as server:
        idle = server.connect()
        assert idle.get("/hello").status == 200
        busy = server.connect()
        busy.send(b"GET /later?ms=400 HTTP/1.1\r\n" + HOST + b"\r\n")
        upload = server.connect()
        upload.send(b"PUT /count HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nhello")
        server.until_seen(3)
        server.stop()
        assert idle.at_end()
        with pytest.raises(OSError):
            server.connect(timeout=1)
        upload.send(b"world")
        reply = upload.reply()
        assert reply.json()["bytes"] == 10 and reply.fields["connection"] == "close"
        reply = busy.reply()
        assert reply.json() == {"later": True} and reply.fields["connection"] == "close"
        assert busy.at_end() and upload.at_end()
        assert "abandoned 0" in server.wait(30)  # half of its grace


def test_stop_abandons_what_outlasts_the_grace():
    with Server(grace_ms=500) as server:
        clients = [server.connect() for _ in range(2)]
        clients[0].send(b"GET /never HTTP/1.1\r\n" + HOST + b"\r\n")
        clients[1].send(b"PUT /count HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nhello")
        server.until_seen(2)
        begin = time.monotonic()
        server.stop()
        assert "abandoned 2" in server.wait(60)
        assert time.monotonic() - begin > 0.3
        assert all(client.at_end() for client in clients)


def test_a_second_stop_ends_the_grace():
    with Server(grace_ms=60000) as server, server.connect() as client:
        client.send(b"GET /never HTTP/1.1\r\n" + HOST + b"\r\n")
        server.until_seen(1)
        server.stop()
        until(lambda: is_refused(server))  # two signals that come together are one
        assert server.process.poll() is None
        server.stop()
        assert "abandoned 1" in server.wait(30)


def is_refused(server):
    try:
        server.connect(timeout=1).socket.close()
    except OSError:
        return True
    return False


def test_a_healthy_client_is_served_among_hostile_ones():
    with Server(head_ms=600000, body_grace_ms=600000) as server:
        crowd = [server.connect() for _ in range(300)]
        for i, client in enumerate(crowd):
            if i % 3 == 0:
                client.send(b"GET / HT")
            elif i % 3 == 1:
                client.send(b"PUT /x HTTP/1.1\r\n" + HOST + b"Content-Length: 1000\r\n\r\nx")
        stop = threading.Event()

        def pester():
            while not stop.wait(0.05):
                for client in crowd:
                    try:
                        client.socket.send(b"x", socket.MSG_DONTWAIT)
                    except OSError:
                        pass
        thread = threading.Thread(target=pester)
        thread.start()
        try:
            with server.connect(timeout=30) as client:
                for _ in range(50):  # none waits for one of the crowd, whose time is not up meanwhile
                    assert client.get("/hello").status == 200
                    time.sleep(0.01)
            assert all(client.is_quiet(0) for client in crowd)
        finally:
            stop.set()
            thread.join()
        for client in crowd:
            client.socket.close()
