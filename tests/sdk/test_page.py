# SPDX-License-Identifier: AGPL-3.0-or-later
"""The examples of the hosted service's documentation page for uploads (page/), run as printed but for the base URL, the key and what
stands for earlier answers ("job_abc123", "https://s3.amazonaws.com/...")."""
import json
import re
import subprocess
from pathlib import Path

import pytest

import harness

PAGE = Path(__file__).parent / "page"
SIZE = 1048576  # of the page's document


@pytest.fixture
def folder(tmp_path):
    """document.pdf of exactly the size that the page says."""
    rest = SIZE - len(harness.make_pdf(["Invoice number: A-17"], padding=100000))
    data = harness.make_pdf(["Invoice number: A-17"], padding=100000 + rest)
    data += b"\n" * (SIZE - len(data)) if len(data) <= SIZE else b""
    data = data[:SIZE]
    for name in ("document.pdf", "document-part1.pdf"):
        (tmp_path / name).write_bytes(data)
    return tmp_path


@pytest.fixture
def shell(folder, server):
    def run(name, **stands_for):
        text = (PAGE / name).read_text().replace("https://api.leapocr.com", server.url).replace("your-api-key", server.key)
        for printed, real in stands_for.items():
            text = text.replace({"url": "https://s3.amazonaws.com/...", "job": "job_abc123", "etag": "abc123def456..."}[printed], real)
        done = subprocess.run(["sh", "-c", text], cwd=folder, capture_output=True, text=True, timeout=180)
        assert done.returncode == 0, text + done.stdout + done.stderr
        return done.stdout
    return run


@pytest.mark.parametrize("name", ["1.sh", "2.sh", "3.sh"])
def test_initiate(shell, name):
    made = json.loads(shell(name))
    assert made["job_id"] and made["upload_type"] == "multipart" and len(made["parts"]) == 1


def test_by_hand(shell, server):
    made = json.loads(shell("4.sh"))
    header = shell("5.sh", url=made["parts"][0]["upload_url"])
    etag = re.fullmatch(r'etag: "([0-9a-f]{32})"\s*', header, re.I).group(1)
    done = json.loads(shell("6.sh", job=made["job_id"], etag=etag))
    assert done["job_id"] == made["job_id"] and done["status"] == "pending"
    assert server.client.wait(made["job_id"])["status"] == "completed"
    assert isinstance(server.client.result(made["job_id"])["pages"][0]["result"], dict)


WHOLE = '''import asyncio, os
from pathlib import Path
from leapocr import ClientConfig, LeapOCR

async def main():
    async with LeapOCR(os.getenv("LEAPOCR_API_KEY"), ClientConfig.from_env()) as client:
{lines}
        result = await client.ocr.wait_until_done(job.job_id)
        print(result.result_format, result.pages[0].result)

asyncio.run(main())
'''


@pytest.mark.parametrize("name", ["upload.py", "template.py", "schema.py"])
def test_python(name, folder, install, environment):
    """With the client of the time when the page was written."""
    text = (PAGE / name).read_text()
    if "asyncio.run" in text:
        text = text.replace('LeapOCR(os.getenv("LEAPOCR_API_KEY"))', 'LeapOCR(os.getenv("LEAPOCR_API_KEY"), ClientConfig.from_env())')
        text = text.replace("import LeapOCR", "import ClientConfig, LeapOCR")
    else:
        text = WHOLE.format(lines="\n".join("        " + line for line in text.splitlines()))
    (folder / name).write_text(text)
    done = subprocess.run([str(install("sdk-python-0", "requirements-0.txt")), name], cwd=folder, env=environment, capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert ("Processing complete!" if name == "upload.py" else "structured {") in done.stdout
