# SPDX-License-Identifier: AGPL-3.0-or-later
"""A full disk: writes are refused with 507, reads and deletes go on, and space that comes free is used at once."""
import os
import subprocess
import time

import pytest

import harness
from receiver import until

DIRECT = "/api/v1/ocr/uploads/direct"
MIB = 1 << 20

on_its_disk = pytest.mark.skipif(harness.ON_S3, reason="uploads do not lie on this disk")


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 64 MiB."""
    place = tmp_path / "disk"
    place.mkdir()
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small file system")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(place)], capture_output=True, text=True)
    if mounted.returncode != 0:
        pytest.skip("cannot mount a tmpfs here: " + mounted.stderr)
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.fixture
def server(small_disk):
    server = harness.Server(data=small_disk)
    yield server
    server.close()


def fill(place, leave):
    """A file of another program's that takes all but this many bytes."""
    stats = os.statvfs(place)
    size = stats.f_bavail * stats.f_frsize - leave
    with open(place / "ballast", "wb") as file:
        try:
            for _ in range(size // MIB):
                file.write(bytes(MIB))
            file.write(bytes(size % MIB))
        except OSError:
            pass
    return place / "ballast"


def refused(api, upload, pdf):
    """All three ways to write are refused in their own shape."""
    answer = api.call("POST", DIRECT, json={"file_name": "a.pdf", "file_size": 10})
    harness.expect_error(answer, 507, "SYSTEM_ERROR", "storage is full")
    assert int(answer.headers["Retry-After"]) > 0
    answer = api.call("POST", DIRECT, files={"file": ("a.pdf", pdf)})
    harness.expect_error(answer, 507, "SYSTEM_ERROR", "storage is full")
    answer = api.put(upload["parts"][0]["upload_url"], pdf)
    assert answer.status_code == 507
    assert harness.s3_code(answer) == "ServiceUnavailable"


@on_its_disk
def test_uploads_fill_the_disk(server, pdf):
    api = server.client
    done = api.upload(pdf)
    assert api.wait(done)["status"] == "completed"
    open_upload = api.begin(len(pdf))
    large = harness.make_pdf(["large"], padding=4 * MIB)
    jobs = []
    for _ in range(20):
        answer = api.call("POST", DIRECT, files={"file": ("large.pdf", large)})
        if answer.status_code == 507:
            break
        jobs.append(answer.json()["job_id"])
    assert 5 < len(jobs) < 16
    until(lambda: not any((server.data / "tmp").iterdir()))  # what was refused is gone, and makes no room any more
    fill(server.data.parent, 15 * MIB)
    refused(api, open_upload, pdf)
    names = {p.name for p in server.objects()}
    refused(api, open_upload, pdf)
    assert {p.name for p in server.objects()} <= names
    assert api.status(done)["status"] == "completed"
    assert len(api.result(done)["pages"]) == 3
    assert api.call("GET", "/health").status_code == 200
    # What was taken in is deleted while the disk is full, and makes room for more without a restart.
    os.unlink(server.data.parent / "ballast")
    for job in jobs:
        assert api.call("DELETE", f"/api/v1/ocr/jobs/{job}").status_code == 200
        assert api.call("GET", f"/api/v1/ocr/status/{job}").status_code == 404
    assert api.wait(api.upload(pdf))["status"] == "completed"
    assert api.put(open_upload["parts"][0]["upload_url"], pdf).status_code == 200


@on_its_disk
def test_deletes_go_on_when_it_is_full(server, pdf):
    api = server.client
    done = [api.upload(pdf) for _ in range(3)]
    for job in done:
        assert api.wait(job)["status"] == "completed"
    open_upload = api.begin(len(pdf))
    fill(server.data.parent, 4 * MIB)
    refused(api, open_upload, pdf)
    for job in done:
        assert len(api.result(job)["pages"]) == 3
        assert api.call("DELETE", f"/api/v1/ocr/jobs/{job}").status_code == 200
        assert api.call("GET", f"/api/v1/ocr/status/{job}").status_code == 404


@on_its_disk
def test_not_a_byte_left(server, pdf):
    """Filled up by others: what needs a byte is refused, the rest is answered, nobody dies of it."""
    api = server.client
    done = api.upload(pdf)
    assert api.wait(done)["status"] == "completed"
    open_upload = api.begin(len(pdf))
    ballast = fill(server.data.parent, 0)
    for _ in range(3):
        refused(api, open_upload, pdf)
        assert api.status(done)["status"] == "completed"
        assert len(api.result(done)["pages"]) == 3
        assert api.call("DELETE", f"/api/v1/ocr/jobs/{done}").status_code in (200, 507)
        if api.call("GET", f"/api/v1/ocr/status/{done}").status_code == 404:
            break
    os.unlink(ballast)
    assert api.wait(api.upload(pdf))["status"] == "completed"
    assert not any("role ended unasked" in line for line in server.output)


def test_jobs_wait_for_space(server, pdf):
    """A job whose pages cannot be filed is read once there is room; it does not fail meanwhile."""
    api = server.client
    upload = api.begin(len(pdf))
    parts = api.send_parts(upload, pdf)
    ballast = fill(server.data.parent, 8 * MIB)
    assert api.complete(upload["job_id"], parts).status_code == 200
    time.sleep(5)
    assert api.status(upload["job_id"])["status"] in ("pending", "processing")
    os.unlink(ballast)
    assert api.wait(upload["job_id"])["status"] == "completed"
