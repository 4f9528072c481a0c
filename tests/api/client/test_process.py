# SPDX-License-Identifier: AGPL-3.0-or-later
"""`leapocr process` against a fake server: what it sends, prints, writes and returns."""

import fcntl
import hashlib
import json
import os
import pty
import re
import resource
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time

import pytest

sys.path.insert(0, os.path.dirname(__file__))
from fake_server import KEY, FakeServer  # noqa: E402

PROGRAM = os.environ["PROCESS_PROGRAM"]


@pytest.fixture
def server():
    fake = FakeServer()
    yield fake
    fake.shutdown()
    fake.server_close()


@pytest.fixture
def files(tmp_path):
    def make(name, data=b"%PDF-1.7 some bytes"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return str(path)
    return make


def environment(server, **more):
    env = {k: v for k, v in os.environ.items() if not k.startswith("LEAPOCR") and
           not k.lower().endswith("_proxy")}
    env.update(LEAPOCR_API_KEY=KEY, LEAPOCR_BASE_URL=server.url, LC_ALL="C.UTF-8", **more)
    return env


def process(server, *args, env=None, **kwargs):
    return subprocess.run([PROGRAM, *args], env=env or environment(server), capture_output=True,
                          timeout=60, text=True, **kwargs)


# --- the main way ---


def test_one_file_prints_its_markdown(server, files):
    done = process(server, files("invoice.pdf"))
    assert done.returncode == 0, done.stderr
    assert done.stdout == "# invoice.pdf\n\nPage 1: ä€\n"
    assert re.search(r"^invoice.pdf: done, 1 page, ", done.stderr, re.M)
    assert re.search(r"^invoice.pdf: uploading 19 B$|^invoice.pdf: uploaded, job ", done.stderr, re.M)
    assert "\033" not in done.stderr and "\r" not in done.stderr
    body = server.job_of("invoice.pdf").body
    assert body == {"file_name": "invoice.pdf", "content_type": "application/pdf", "file_size": 19}


def test_pages_are_put_together_however_many_requests_it_takes(server, files):
    done = process(server, files("pages250.pdf"))
    assert done.returncode == 0, done.stderr
    assert re.findall(r"Page (\d+)", done.stdout) == [str(n) for n in range(1, 251)]
    assert "\n\n\n" not in done.stdout
    as_json = json.loads(process(server, "--json", files("pages250.pdf")).stdout)
    assert [page["page_number"] for page in as_json["pages"]] == list(range(1, 251))
    assert as_json["pages"][249]["confidence"] == 0.97
    assert as_json["pagination"] == {"page": 1, "limit": 250, "total": 250, "total_pages": 1}


def test_several_files_come_in_order_with_headings(server, files):
    names = [f"d{i}.pdf" for i in range(9)]
    done = process(server, *[files(name) for name in names])
    assert done.returncode == 0, done.stderr
    assert re.findall("^==> (.*) <==$", done.stdout, re.M) == names
    assert re.findall("^# (.*)$", done.stdout, re.M) == names


def test_json_is_one_line_a_file(server, files):
    done = process(server, "--json", files("a.pdf"), files("b.pdf"))
    assert [json.loads(line)["file_name"] for line in done.stdout.splitlines()] == ["a.pdf", "b.pdf"]


def test_uploads_run_side_by_side(server, files):
    server.barrier = threading.Barrier(4)
    done = process(server, *[files(f"d{i}.pdf") for i in range(8)])
    assert done.returncode == 0, done.stderr
    assert server.uploads_most == 4


def test_parts_are_the_ranges_asked_for(server, files):
    data = os.urandom(3_333_333)
    server.part_bytes = 1_000_000
    assert process(server, files("big.pdf", data)).returncode == 0
    expected = {i + 1: hashlib.md5(data[i * 1_000_000:(i + 1) * 1_000_000]).hexdigest()
                for i in range(4)}
    assert server.job_of("big.pdf").parts == expected


def test_options_arrive(server, files, tmp_path):
    schema = tmp_path / "schema.json"
    schema.write_text('{"type": "object", "properties": {"number": {"type": "integer"}}}')
    done = process(server, "--format", "structured", "--model", "pro-v2", "--instructions", "Löse",
                   "--schema", str(schema), "--template", "invoice", "--boxes", files("a.PNG"))
    assert done.returncode == 0, done.stderr
    body = server.job_of("a.PNG").body
    assert body == {"file_name": "a.PNG", "content_type": "image/png", "file_size": 19,
                    "format": "structured", "model": "pro-v2", "instructions": "Löse",
                    "template_slug": "invoice", "schema": json.loads(schema.read_text()),
                    "extract_bounding_boxes": True}
    assert json.loads(done.stdout) == {"number": 1, "amount": 0.97}


def test_values_of_several_pages_are_an_array(server, files):
    done = process(server, "--format", "per_page_structured", files("pages2.pdf"))
    assert json.loads(done.stdout) == [{"number": 1, "amount": 0.97}, {"number": 2, "amount": 0.97}]


# --- the output folder ---


def test_results_of_one_name_do_not_overwrite_one_another(server, files, tmp_path):
    out = tmp_path / "out"
    inputs = [files("a.pdf"), files("x/a.png"), files("y/A.pdf"), files("a-2.pdf"), files(".hid.pdf")]
    done = process(server, "--output", str(out), *inputs)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert sorted(p.name for p in out.iterdir()) == [
        "A-3.md", "_hid.md", "a-2-2.md", "a-2.md", "a.md"]
    assert (out / "a-2.md").read_text().startswith("# a.png\n")
    assert (out / "a-2-2.md").read_text().startswith("# a-2.pdf\n")


def test_json_and_values_end_in_json(server, files, tmp_path):
    out = tmp_path / "out"
    assert process(server, "--output", str(out), "--json", files("a.pdf")).returncode == 0
    assert json.loads((out / "a.json").read_text())["file_name"] == "a.pdf"
    assert process(server, "--output", str(out), "--format", "structured",
                   files("b.pdf")).returncode == 0
    assert json.loads((out / "b.json").read_text())["number"] == 1


def test_names_that_are_no_utf8_are_carried(server, tmp_path):
    path = os.path.join(os.fsencode(tmp_path), b"caf\xe9\n.pdf")
    with open(path, "wb") as file:
        file.write(b"%PDF")
    out = tmp_path / "out"
    done = subprocess.run([PROGRAM, "--output", str(out), path], env=environment(server),
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert [p.name for p in out.iterdir()] == ["caf_?.md"]


def test_an_output_that_cannot_be_written_is_a_failure(server, files, tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("x")
    done = process(server, "--output", str(blocked), files("a.pdf"))
    assert done.returncode == 1 and "Not a directory" in done.stderr
    full = subprocess.run([PROGRAM, files("a.pdf")], env=environment(server), timeout=60,
                          stdout=open("/dev/full", "w"), stderr=subprocess.PIPE, text=True)
    assert full.returncode == 2 and "standard output: No space left" in full.stderr


# --- URLs ---


def test_a_url_is_downloaded_and_handed_over(server, files):
    base = server.url.removesuffix("/api/v1")
    server.files["/docs/re%20port.pdf"] = ("application/pdf; x=y", b"%PDF-1.7 remote")
    server.files["/moved"] = ("redirect", "/docs/re%20port.pdf")
    done = process(server, base + "/docs/re%20port.pdf?x=1", base + "/moved")
    assert done.returncode == 0, done.stderr
    job = server.job_of("re port.pdf")
    assert job.body["content_type"] == "application/pdf"
    assert job.parts == {1: hashlib.md5(b"%PDF-1.7 remote").hexdigest()}
    assert server.job_of("moved").body["file_size"] == 15
    requests = [path for method, path in server.requests if path.startswith("/docs")]
    assert len(requests) == 2


def test_a_url_that_gives_nothing_fails_alone(server, files):
    base = server.url.removesuffix("/api/v1")
    server.files["/to_file"] = ("redirect", "file:///etc/passwd")
    done = process(server, base + "/to_file", base + "/api/v1/none.pdf", files("a.pdf"))
    assert done.returncode == 2
    assert "to_file: download: " in done.stderr and "none.pdf: download: " in done.stderr
    assert "# a.pdf" in done.stdout


# --- failures ---


@pytest.mark.parametrize("name, code, text", [
    ("failed.pdf", 2, "failed.pdf: the document is encrypted?[31m (job "),
    ("partial-pages3.pdf", 6, "read in part, of 3 pages"),
    ("credits.pdf", 5, "credits.pdf: 1 credit is needed, 0 are left"),
])
def test_exit_codes_of_documents(server, files, name, code, text):
    done = process(server, files(name))
    assert done.returncode == code
    assert text in done.stderr
    assert "\033" not in done.stderr


def test_lost_pages_are_marked(server, files):
    done = process(server, files("partial-pages3.pdf"))
    assert done.stdout.endswith("Page 2: ä€\n\n<!-- page 3 could not be read -->\n")


def test_one_failure_leaves_the_others_alone(server, files):
    done = process(server, files("a.pdf"), files("failed.pdf"), "/nonexistent.pdf", files("b.pdf"),
                   files("empty.pdf", b""))
    assert done.returncode == 2
    assert re.findall("^# (.*)$", done.stdout, re.M) == ["a.pdf", "b.pdf"]
    assert "nonexistent.pdf: No such file or directory" in done.stderr
    assert "empty.pdf: is empty" in done.stderr


def test_a_wrong_key_ends_at_once(server, files):
    env = environment(server)
    env["LEAPOCR_API_KEY"] = "wrong"
    done = process(server, *[files(f"d{i}.pdf") for i in range(20)], env=env)
    assert done.returncode == 4
    assert done.stderr.count("no valid API key") == 20
    assert len(server.requests) <= 4
    del env["LEAPOCR_API_KEY"]
    done = process(server, files("a.pdf"), env=env)
    assert done.returncode == 4 and "LEAPOCR_API_KEY" in done.stderr


def test_options_win_over_the_environment(server, files):
    env = environment(server, LEAPOCR_UNUSED="")
    env.update(LEAPOCR_API_KEY="wrong", LEAPOCR_BASE_URL="http://127.0.0.1:1")
    done = process(server, "--server", server.url + "/", "--api-key", KEY, files("a.pdf"), env=env)
    assert done.returncode == 0, done.stderr


def test_an_absent_server_is_told_soon(server, files):
    child = subprocess.Popen([PROGRAM, "--server", "http://127.0.0.1:1/api/v1", files("a.pdf"), files("b.pdf")],
                             env=environment(server), stderr=subprocess.PIPE, text=True)
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    assert child.returncode == 3 and "http://127.0.0.1:1/api/v1" in said
    assert used.ru_nvcsw < 30, "it waits in ticks of 50 ms, 75 and more before a last try"


def test_something_else_than_the_api_is_told(server, files):
    server.files["/other/ocr/uploads/direct"] = ("text/html", b"<html>hello</html>")
    done = process(server, "--server", server.url.replace("/api/v1", "/other"), files("a.pdf"))
    assert done.returncode == 2
    assert "is the server's address right?" in done.stderr


def test_time_is_limited(server, files):
    done = process(server, "--timeout", "5", files("slow.pdf"), files("a.pdf"))
    assert done.returncode == 7
    assert "not done after 5.0 s" in done.stderr and server.job_of("slow.pdf").id in done.stderr
    assert "# a.pdf" in done.stdout


# --- repetition ---


def test_what_can_be_repeated_is_repeated(server, files):
    server.part_bytes = 100_000
    server.failures = [
        ("PUT", "/put/.*/2", 503), ("PUT", "/put/.*/3", "reset"), ("POST", "/complete", "reset"),
        ("GET", "/ocr/status/", 500), ("GET", "/ocr/status/", "reset"), ("GET", "/ocr/result/", 502)]
    done = process(server, files("a.pdf", os.urandom(350_000)))
    assert done.returncode == 0, done.stderr
    assert server.failures == []
    assert len(server.jobs) == 1


def test_a_job_is_never_begun_twice(server, files):
    for what in [500, 503, "reset"]:
        server.failures = [("POST", "/ocr/uploads/direct", what)]
        server.requests.clear()
        done = process(server, files("a.pdf"))
        assert done.returncode == (3 if what == "reset" else 2)
        assert [path for _, path in server.requests] == ["/api/v1/ocr/uploads/direct"]


def test_retry_after_is_waited_for(server, files):
    server.failures = [("POST", "/ocr/uploads/direct", (429, [("Retry-After", "1")]))]
    begun = time.monotonic()
    done = process(server, files("a.pdf"))
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun >= 1


def test_repetition_ends(server, files):
    server.failures = [("GET", "/ocr/status/", (503, [("Retry-After", "0")]))] * 5
    done = process(server, files("a.pdf"))
    assert done.returncode == 2 and "on demand" in done.stderr
    assert server.failures == []


def test_an_expired_url_is_not_tried_again(server, files):
    server.failures = [("PUT", "/put/", 403)]
    done = process(server, files("a.pdf"))
    assert done.returncode == 2, done.stderr
    assert sum(method == "PUT" for method, _ in server.requests) == 1


def test_a_part_without_etag_is_a_failure(server, files):
    server.no_etag = True
    done = process(server, files("a.pdf"))
    assert done.returncode == 2 and "without an ETag" in done.stderr


# --- the rest ---


def test_jobs_are_kept_unless_told_otherwise(server, files):
    assert process(server, files("a.pdf")).returncode == 0
    assert len(server.jobs) == 1
    server.jobs.clear()
    assert process(server, "--delete", files("a.pdf"), files("failed.pdf")).returncode == 2
    assert len(server.jobs) == 0


def test_quiet_is_quiet_but_for_errors(server, files):
    done = process(server, "--quiet", files("a.pdf"), files("failed.pdf"))
    assert done.stderr.startswith("failed.pdf: ") and done.stderr.count("\n") == 1


@pytest.mark.parametrize("args", [
    [], ["--format", "html", "a"], ["--bogus", "a"], ["--timeout", "x", "a"], ["--timeout", "0", "a"],
    ["--timeout", "nan", "a"], ["--schema", "/nonexistent", "a"], ["--model"],
    ["--server", "ftp://x", "a"], ["--schema", "/dev/zero", "a"]])
def test_wrong_command_lines(server, args):
    done = process(server, *args)
    assert done.returncode == 1
    assert done.stderr.startswith("leapocr process: ") and done.stdout == ""
    assert server.requests == []


def test_help_lists_options_and_exit_codes(server):
    done = process(server, "--help")
    assert done.returncode == 0
    for word in ["--format", "--schema", "--timeout", "LEAPOCR_API_KEY", "exit codes", "  7  "]:
        assert word in done.stdout


def test_memory_does_not_grow_with_the_file(server, files, tmp_path):
    path = tmp_path / "huge.pdf"
    with open(path, "wb") as file:
        file.truncate(200 << 20)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    server.part_bytes = 50 << 20
    done = process(server, str(path))
    assert done.returncode == 0, done.stderr
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss < max(before + 1, 64 << 10)
    assert len(server.job_of("huge.pdf").parts) == 4


def test_an_interrupt_leaves_cleanly(server, files):
    child = subprocess.Popen([PROGRAM, files("slow.pdf"), files("slow2.pdf")],
                             env=environment(server), stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
    while sum(job.polls > 0 for job in list(server.jobs.values())) < 2:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    for job in server.jobs.values():
        assert f"goes on on the server as job {job.id}" in err


def test_an_interrupt_while_asking_names_the_job(server, files):
    server.status_seconds = 3
    child = subprocess.Popen([PROGRAM, files("slow.pdf")], env=environment(server),
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    while sum(job.polls > 0 for job in list(server.jobs.values())) < 1:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    _, err = child.communicate(timeout=60)
    assert child.returncode == 130
    assert f"goes on on the server as job {server.job_of('slow.pdf').id}" in err


def test_an_interrupt_ends_an_upload(server, files):
    server.barrier = threading.Barrier(2)  # which nobody else reaches
    child = subprocess.Popen([PROGRAM, files("a.pdf")], env=environment(server),
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while server.uploads_now == 0:
        time.sleep(0.02)
    child.send_signal(signal.SIGINT)
    assert child.wait(timeout=60) == 130


# --- on a terminal ---


def on_terminal(server, *args, width=80, **more):
    primary, secondary = pty.openpty()
    fcntl.ioctl(secondary, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    env = environment(server, **{"TERM": "xterm", **more})
    child = subprocess.Popen([PROGRAM, *args], env=env, stdout=subprocess.DEVNULL, stderr=secondary)
    os.close(secondary)
    seen = b""
    while True:
        ready, _, _ = select.select([primary], [], [], 60)
        try:
            piece = os.read(primary, 4096) if ready else b""
        except OSError:
            piece = b""
        if not piece:
            break
        seen += piece
    os.close(primary)
    assert child.wait(timeout=60) == 0
    return seen.decode()


def test_a_terminal_gets_a_bar_in_place(server, files):
    server.polls_needed = 8
    seen = on_terminal(server, files("pages40.pdf"))
    assert "\r" in seen and "\033[K" in seen and ("━" in seen or "─" in seen)
    assert "0/40 pages" in seen
    assert "\033[32m" in seen
    assert re.search(r"pages40.pdf: done, 40 pages, \d+\.\d s\r\n$", seen)
    assert seen.count("\n") == 1


@pytest.mark.parametrize("width", [20, 40, 80, 200])
def test_the_bar_fits_its_window(server, files, width):
    server.polls_needed = 6
    seen = on_terminal(server, files("a-rather-long-name-ä-pages40.pdf"), width=width)
    plain = re.sub(r"\033\[[0-9;]*[mK]", "", seen)
    drawn = [line for line in plain.split("\r") if line.strip() and ": done" not in line]
    assert drawn
    for line in drawn:
        assert len(line.replace("\n", "")) < width


def test_no_color_and_dumb_terminals_are_honoured(server, files):
    server.polls_needed = 6
    seen = on_terminal(server, files("a.pdf"), NO_COLOR="1")
    assert "\033[K" in seen and not re.search(r"\033\[[0-9;]*m", seen)
    seen = on_terminal(server, files("a.pdf"), TERM="dumb")
    assert "\033" not in seen and "uploaded, job " in seen
