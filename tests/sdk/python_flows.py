# SPDX-License-Identifier: AGPL-3.0-or-later
"""What people do with the official Python client. Run by its own interpreter (see test_python_sdk.py):

    python python_flows.py FOLDER     one line of JSON a flow: {"flow": name, "error": null or text}
FOLDER has short.pdf (3 pages), scan.png, big.pdf (two parts), other.pdf (one page). LEAPOCR_BASE_URL and LEAPOCR_API_KEY say where;
POOR_API_KEY is the key of a team with one credit; DOCUMENT_URL the address of short.pdf; DELIVERIES a file of webhooks that were sent.
"""
import asyncio
import io
import json
import os
import sys
import traceback
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import leapocr
from leapocr import (APIError, ClientConfig, FileError, Format, JobError, JobFailedError, JobTimeoutError, LeapOCR, LeapOCRError,
                     PollOptions, ProcessOptions)

FOLDER = Path(sys.argv[1])
KEY = os.environ["LEAPOCR_API_KEY"]
QUICK = PollOptions(poll_interval=0.05, max_wait=120)
MARKDOWN = ProcessOptions(format=Format.MARKDOWN)
SCHEMA = {"type": "object", "properties": {"invoice_number": {"type": "string"}}}
OLD = leapocr.__version__.startswith("0.")


def client(key=KEY, **settings):
    config = ClientConfig.from_env()
    for name, value in settings.items():
        setattr(config, name, value)
    return LeapOCR(key, config)


def recent(when):
    now = datetime.now(when.tzinfo or timezone.utc)
    return abs(now - when if when.tzinfo else now.replace(tzinfo=None) - when) < timedelta(minutes=10)


async def raises(kind, coroutine, status=None):
    try:
        await coroutine
    except kind as e:
        assert status is None or e.status_code == status, (e.status_code, str(e))
        return e
    raise AssertionError(f"{kind.__name__} was expected")


async def flow_health():
    async with client() as c:
        assert await c.health()


async def flow_file():
    async with client() as c:
        job = await c.ocr.process_file(FOLDER / "short.pdf", MARKDOWN)
        assert job.status.value in ("pending", "processing") and recent(job.created_at)
        status = await c.ocr.get_job_status(job.job_id)
        assert status.job_id == job.job_id and 0 <= status.progress <= 100 and recent(status.created_at)
        result = await c.ocr.wait_until_done(job.job_id, QUICK)
        assert result.status.value == "completed" and result.result_format == "markdown"
        assert [p.page_number for p in result.pages] == [1, 2, 3]
        assert "apples" in result.pages[0].result and "plums" in result.pages[2].result
        assert result.file_name == "short.pdf" and result.credits_used == 3 and result.model == "standard-v2"
        assert result.total_pages == result.processed_pages == 3 and recent(result.completed_at)


async def flow_file_by_name():
    async with client() as c:
        job = await c.ocr.process_file(str(FOLDER / "scan.png"), MARKDOWN)
        result = await c.ocr.wait_until_done(job.job_id, QUICK)
        assert result.total_pages == 1 and isinstance(result.pages[0].result, str)


async def flow_file_object():
    """Its name is the whole path."""
    async with client() as c:
        with open(FOLDER / "short.pdf", "rb") as f:
            job = await c.ocr.process_file(f, MARKDOWN)
        result = await c.ocr.wait_until_done(job.job_id, QUICK)
        assert result.file_name == "short.pdf" and result.total_pages == 3


async def flow_buffer():
    async with client() as c:
        job = await c.ocr.process_file(io.BytesIO((FOLDER / "short.pdf").read_bytes()), MARKDOWN)
        result = await c.ocr.wait_until_done(job.job_id, QUICK)
        assert result.file_name == "document.pdf" and "pears" in result.pages[1].result


async def flow_several_parts():
    async with client() as c:
        job = await c.ocr.process_file(FOLDER / "big.pdf", MARKDOWN)
        result = await c.ocr.wait_until_done(job.job_id, QUICK)
        assert "padded" in result.pages[0].result


async def flow_models():
    async with client() as c:
        for model in [m.value for m in leapocr.Model] + ["a-model-of-our-own"]:
            job = await c.ocr.process_file(FOLDER / "other.pdf", ProcessOptions(format=Format.MARKDOWN, model=model))
            result = await c.ocr.wait_until_done(job.job_id, QUICK)
            assert result.model == model and result.credits_used > 0


async def flow_progress():
    seen = []
    async with client() as c:
        job = await c.ocr.process_file(FOLDER / "short.pdf", MARKDOWN)
        await c.ocr.wait_until_done(job.job_id, PollOptions(poll_interval=0.02, max_wait=120, on_progress=seen.append))
    percents = [s.progress for s in seen]
    assert percents == sorted(percents) and percents[-1] == 100 and seen[-1].status.value == "completed"


async def flow_paging():
    async with client() as c:
        job = await c.ocr.process_file(FOLDER / "short.pdf", MARKDOWN)
        await c.ocr.wait_until_done(job.job_id, QUICK)
        for page in (1, 2, 3):
            result = await c.ocr.get_results(job.job_id, page=page, limit=1)
            assert [p.page_number for p in result.pages] == [page]
            p = result.pagination
            assert (p.page, p.limit, p.total, p.total_pages) == (page, 1, 3, 3)
        assert (await c.ocr.get_results(job.job_id, page=4, limit=1)).pages == []


async def flow_parallel():
    async with client() as c:
        jobs = await asyncio.gather(*(c.ocr.process_file(FOLDER / "other.pdf", MARKDOWN) for _ in range(3)))
        assert len({j.job_id for j in jobs}) == 3
        results = await asyncio.gather(*(c.ocr.wait_until_done(j.job_id, QUICK) for j in jobs))
        assert all(r.status.value == "completed" for r in results)


async def flow_delete():
    async with client() as c:
        job = await c.ocr.process_file(FOLDER / "short.pdf", MARKDOWN)
        gone = await c.ocr.delete_job(job.job_id)
        assert isinstance(gone, dict) and gone["message"]
        await raises(APIError, c.ocr.get_job_status(job.job_id), 404)
        await raises(APIError, c.ocr.delete_job(job.job_id), 404)
        job = await c.ocr.process_file(FOLDER / "other.pdf", MARKDOWN)
        await c.ocr.wait_until_done(job.job_id, QUICK)
        await c.ocr.delete_job(job.job_id)
        await raises(APIError, c.ocr.get_results(job.job_id), 404)


async def flow_not_done_yet():
    async with httpx.AsyncClient(headers={"X-API-Key": KEY}) as plain, client() as c:
        made = await plain.post(os.environ["LEAPOCR_BASE_URL"] + "/ocr/uploads/direct", json={"file_name": "a.pdf", "file_size": 10})
        job_id = made.json()["job_id"]
        await raises(JobError, c.ocr.get_results(job_id))
        await raises(JobTimeoutError, c.ocr.wait_until_done(job_id, PollOptions(poll_interval=0.05, max_wait=0.3)))


async def flow_failed_job():
    async with client() as c:
        job = await c.ocr.process_file(io.BytesIO(b"this is no document"), MARKDOWN)
        error = await raises(JobFailedError, c.ocr.wait_until_done(job.job_id, QUICK))
        assert "PDF" in str(error), str(error)


async def flow_errors():
    async with client("lo_nobody00_" + "0" * 43) as c:
        error = await raises(APIError, c.ocr.process_file(FOLDER / "other.pdf", MARKDOWN), 401)
        assert "key" in str(error)
    async with client(os.environ["POOR_API_KEY"]) as c:
        dear = ProcessOptions(format=Format.MARKDOWN, model="pro-v2")
        error = await raises(APIError, c.ocr.process_file(FOLDER / "other.pdf", dear), 402)
        assert "credits" in str(error)
    async with client() as c:
        for unknown in ("non-existent-job-id-12345", "00000000-0000-0000-0000-000000000000"):
            await raises(APIError, c.ocr.get_job_status(unknown), 404)
            await raises(LeapOCRError, c.ocr.wait_until_done(unknown, QUICK))
            await raises(APIError, c.ocr.delete_job(unknown), 404)
        long = ProcessOptions(format=Format.MARKDOWN, model="m" * 101)
        await raises(APIError, c.ocr.process_file(FOLDER / "other.pdf", long), 400)
        await raises(FileError, c.ocr.process_file(FOLDER / "missing.pdf", MARKDOWN))
    async with client(base_url="http://127.0.0.1:9", max_retries=1, retry_delay=0.01) as c:
        await raises(Exception, c.ocr.get_job_status("x"))
        assert not await c.health()


async def flow_structured():
    async with client() as c:
        options = ProcessOptions(format=Format.STRUCTURED, schema=SCHEMA, instructions="Take the number")
        job = await c.ocr.process_file(FOLDER / "other.pdf", options)
        result = await c.ocr.wait_until_done(job.job_id, QUICK)
        assert result.result_format == "structured" and isinstance(result.pages[0].result, dict)
        assert result.pages[0].result == {"invoice_number": "A-17"}


async def flow_old_defaults():
    """0.0.4 asks for structured where nothing is said, without a schema; and for per_page_structured."""
    if not OLD:
        await raises(leapocr.ValidationError, client().ocr.process_file(FOLDER / "other.pdf"))
        return
    async with client() as c:
        for options in (None, ProcessOptions(format=Format.PER_PAGE_STRUCTURED, schema=SCHEMA)):
            job = await c.ocr.process_file(FOLDER / "short.pdf", options)
            result = await c.ocr.wait_until_done(job.job_id, QUICK)
            assert result.pages and all(isinstance(p.result, (dict, type(None))) for p in result.pages)
            assert result.result_format == (options.format.value if options else "structured")


async def flow_template():
    async with client() as c:
        job = await c.ocr.process_file(FOLDER / "other.pdf", ProcessOptions(template_slug="invoice-extraction"))
        result = await c.ocr.wait_until_done(job.job_id, QUICK)
        assert result.result_format == "structured" and isinstance(result.pages[0].result, dict)
        await raises(APIError, c.ocr.process_file(FOLDER / "other.pdf", ProcessOptions(template_slug="no-such-template")))


async def flow_url():
    async with client() as c:
        job = await c.ocr.process_url(os.environ["DOCUMENT_URL"], MARKDOWN)
        assert job.status.value == "pending" and recent(job.created_at)
        result = await c.ocr.wait_until_done(job.job_id, QUICK)
        assert result.status.value == "completed" and "apples" in result.pages[0].result and result.file_name == "short.pdf"
        await raises(APIError, c.ocr.process_url("not-a-url", MARKDOWN), 400)


async def flow_webhook_signature():
    """The vector of the documentation, and what this server has delivered."""
    import hashlib
    import hmac
    if OLD:
        return
    body = b'{"event_type":"webhook.test","event_id":"evt_123","timestamp":"2024-01-01T00:00:00Z","message":"This is a test webhook event"}'
    mac = hmac.new(b"my-secret-key", b"1704067200." + body, hashlib.sha256).hexdigest()
    assert mac == "51033b9251a1db2003caf73152dc990d20c3efd8c97d176603de1dc034aa1bc1"
    assert leapocr.verify_webhook_signature(body, mac, "1704067200", "my-secret-key")
    assert not leapocr.verify_webhook_signature(body + b" ", mac, "1704067200", "my-secret-key")
    sent = [json.loads(line) for line in open(os.environ["DELIVERIES"])]
    assert len(sent) == 100
    assert all(leapocr.verify_webhook_signature(d["body"], d["signature"], d["timestamp"], d["secret"]) for d in sent)


async def main():
    wanted = set(sys.argv[2:])
    for name, flow in list(globals().items()):
        if not name.startswith("flow_") or (wanted and name[5:] not in wanted):
            continue
        try:
            await flow()
            error = None
        except BaseException:
            error = traceback.format_exc()
        print(json.dumps({"flow": name[5:], "error": error}), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
