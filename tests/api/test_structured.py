# SPDX-License-Identifier: AGPL-3.0-or-later
"""Structured data: formats, schemas, templates, what each client library reads, again with another
schema, and that nothing stands in a result that is not in the document."""
import json
import time

import pytest

from harness import expect_error, make_pdf

INVOICE = ["Invoice number: 2024-0117", "Invoice date: 2024-03-05", "Total amount: 1,234.50 EUR"]
SCHEMA = {"type": "object", "required": ["invoice_number"], "properties": {
    "invoice_number": {"type": "string", "title": "Invoice number"},
    "invoice_date": {"type": "string", "format": "date"},
    "total_amount": {"type": "number"},
    "fax": {"type": "string", "title": "Fax number"}}}


def lines_pdf(pages):
    """A PDF whose pages have several lines each."""
    return make_pdf([") Tj 0 -24 Td (".join(lines) for lines in pages])


@pytest.fixture(scope="module")
def invoice():
    return lines_pdf([INVOICE, ["Terms of delivery", "Page two of the invoice"]])


@pytest.fixture(scope="module")
def job(api, invoice):
    job_id = api.upload(invoice, format="structured", schema=SCHEMA)
    assert api.wait(job_id)["status"] == "completed"
    return job_id


def check_evidence(page):
    """Each leaf has words, and nothing else is in the evidence."""
    def leaves(value, pointer=""):
        if isinstance(value, dict):
            for name, item in value.items():
                yield from leaves(item, f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}")
        elif isinstance(value, list):
            for i, item in enumerate(value):
                yield from leaves(item, f"{pointer}/{i}")
        else:
            yield pointer, value
    for pointer, value in leaves(page["result"]):
        evidence = page["evidence"][pointer]
        if value is None:
            assert evidence["reason"]
        else:
            assert evidence["words"] and evidence["boxes"] and evidence["page"] >= 1, pointer


def test_one_object_for_the_document(api, job):
    result = api.result(job)
    assert result["result_format"] == "structured"
    first, second = result["pages"]
    assert first["result"]["invoice_number"] == "2024-0117"
    assert first["result"]["total_amount"] == 1234.5
    assert first["result"]["invoice_date"] == "2024-03-05"
    assert first["result"].get("fax") is None
    check_evidence(first)
    # Merged with later pages winning, read from the first page, or from each: the same.
    assert second["result"] == {}
    assert {**first["result"], **second["result"]} == first["result"]
    assert [r["first_page"] for r in result["records"]] == [1]
    assert result["extraction_id"] == job and isinstance(result["warnings"], list)


def test_two_invoices_in_one_file(api):
    """A bundle: each invoice is a record of its own, on its own first page."""
    other = ["Invoice number: 2024-0299", "Invoice date: 2024-04-09", "Total amount: 88.00 EUR"]
    pdf = lines_pdf([["Invoice", *INVOICE], ["Terms of delivery", "Goods remain ours until paid"],
                     ["Invoice", *other]])
    job_id = api.upload(pdf, format="structured", schema=SCHEMA)
    assert api.wait(job_id)["status"] == "completed"
    result = api.result(job_id)
    assert [(r["first_page"], r["last_page"]) for r in result["records"]] == [(1, 2), (3, 3)]
    first, between, second = result["pages"]
    assert first["result"] == {"invoice_number": "2024-0117", "invoice_date": "2024-03-05",
                               "total_amount": 1234.5}
    assert between["result"] == {}
    assert second["result"] == {"invoice_number": "2024-0299", "invoice_date": "2024-04-09",
                                "total_amount": 88}
    for page, number in (first, 1), (second, 3):
        check_evidence(page)
        assert page["evidence"]["/invoice_number"]["page"] == number


def test_pages_one_by_one(api, job):
    assert api.result(job, "?page=1&limit=1")["pages"][0]["result"]["invoice_number"]
    assert api.result(job, "?page=2&limit=1")["pages"][0]["result"] == {}


def test_charged_once_with_the_surcharge(api, job):
    assert api.result(job)["credits_used"] == 4  # two pages at 1 + 1


def test_an_object_for_each_page(api):
    pdf = lines_pdf([["Invoice number: A-1"], ["Invoice number: B-2"]])
    job_id = api.upload(pdf, format="per_page_structured", schema={"invoice_number": "string"})
    api.wait(job_id)
    result = api.result(job_id)
    assert result["result_format"] == "per_page_structured"
    assert [p["result"]["invoice_number"] for p in result["pages"]] == ["A-1", "B-2"]
    assert [p["record"]["first_page"] for p in result["pages"]] == [1, 2]


@pytest.mark.parametrize("fields", [
    {"format": "structured"},
    {"instructions": "Only the invoice number, please"},
    {"format": "structured", "schema": {}},
    {"format": "structured", "schema": []},
    {"format": "per_page_structured"},
], ids=str)
def test_without_a_schema_there_is_an_object(api, invoice, fields):
    job_id = api.upload(invoice, **fields)
    assert api.wait(job_id)["status"] == "completed"
    for page in api.result(job_id)["pages"]:
        assert isinstance(page["result"], dict)


@pytest.mark.parametrize("schema", [
    {"invoice_number": "string", "total_amount": "number"},
    json.dumps({"invoice_number": "string", "total_amount": "number"}),
    {"type": "object", "properties": {"invoice_number": {"type": ["string", "null"]},
                                      "total_amount": {"$ref": "#/$defs/money"}},
     "$defs": {"money": {"type": "number"}}},
    {"$schema": "http://json-schema.org/draft-07/schema#", "definitions": {"n": {"type": "number"}},
     "properties": {"invoice_number": {"type": "string"},
                    "total_amount": {"allOf": [{"$ref": "#/definitions/n"}, {"minimum": 0}]}}},
], ids=lambda s: str(s)[:40])
def test_spellings_of_a_schema(api, invoice, schema):
    job_id = api.upload(invoice, schema=schema)
    api.wait(job_id)
    result = api.result(job_id)
    assert result["result_format"] == "structured"
    assert result["pages"][0]["result"] == {"invoice_number": "2024-0117", "total_amount": 1234.5}


@pytest.mark.parametrize("schema,place", [
    ({"total": "numbr"}, '"/total"'),
    ({"properties": {"a": {"type": "strng"}}}, '"/properties/a/type"'),
    ({"properties": {"a": {"enum": []}}}, '"/properties/a"'),
    ({"properties": {"a": {"type": "number", "minimum": 2, "maximum": 1}}}, '"/properties/a"'),
    ({"properties": {"a": {"$ref": "https://example.com/schema"}}}, '"/properties/a/$ref"'),
    ({"properties": {"a": {"pattern": "(?=x)"}}}, '"/properties/a/pattern"'),
    ({"type": "array", "items": {"type": "object"}}, '""'),
], ids=str)
def test_a_schema_that_cannot_be_met_is_refused(api, schema, place):
    answer = api.call("POST", "/api/v1/ocr/uploads/direct",
                      json={"file_name": "a.pdf", "file_size": 9, "schema": schema})
    expect_error(answer, 400, "VALIDATION_ERROR", place)


@pytest.mark.parametrize("slug", ["invoice-template", "invoice-extraction"])
def test_a_template_wins(api, invoice, slug):
    job_id = api.upload(invoice, template_slug=slug, format="markdown")
    status = api.wait(job_id)
    assert status["status"] == "completed" and status["template_name"].startswith("Invoice")
    assert status["template_internal"] is True
    result = api.result(job_id)
    assert result["result_format"] == "structured"
    assert result["pages"][0]["result"]["invoice_number"] == "2024-0117"


def test_what_a_template_takes_the_place_of_is_said(api, invoice, tmp_path):
    """A schema and instructions beside a template are not used, and the result says so: by upload, again, and in convert."""
    said = "'schema' and 'instructions' were not used: the template \"invoice-template\""
    job_id = api.upload(invoice, template_slug="invoice-template", schema={"fruit": "string"}, instructions="Only the fruit.")
    api.wait(job_id)
    result = api.result(job_id)
    assert "fruit" not in result["pages"][0]["result"]
    assert [w for w in result["warnings"] if w.startswith(said)]
    answer = again(api, job_id, template_slug="invoice-template", schema={"fruit": "string"}).json()
    assert [w for w in answer["warnings"] if w.startswith("'schema' was not used")]
    answer = again(api, job_id, template_slug="invoice-template").json()
    assert not [w for w in answer["warnings"] if "not used" in w]
    (tmp_path / "fruit.json").write_text('{"fruit": "string"}')
    done = json.loads(convert(tmp_path, invoice, "--template", "invoice-template", "--schema", str(tmp_path / "fruit.json")).stdout)
    assert done["pages"][0]["result"]["invoice_number"] == "2024-0117"
    assert [w for w in done["warnings"] if w.startswith("'schema' was not used")]


@pytest.mark.parametrize("slug", [
    "receipt-template", "purchase-order-template", "bank-statement-template",
    "identity-document-template", "packing-slip-template", "contract-template",
    "medical-form-template", "cv-template"])
def test_presets_are_there(api, slug):
    assert api.begin(10, template_slug=slug)["job_id"]


def test_unknown_template(api):
    answer = api.call("POST", "/api/v1/ocr/uploads/direct",
                      json={"file_name": "a.pdf", "template_slug": "nothing-of-the-kind"})
    expect_error(answer, 400, "VALIDATION_ERROR", "there is no template")


def test_a_form_can_ask_for_it(api, invoice):
    answer = api.call("POST", "/api/v1/ocr/uploads/direct", files={"file": ("a.pdf", invoice)},
                      data={"format": "structured", "schema": json.dumps(SCHEMA)})
    assert answer.status_code == 200
    job_id = answer.json()["job_id"]
    api.wait(job_id)
    assert api.result(job_id)["pages"][0]["result"]["total_amount"] == 1234.5


@pytest.mark.parametrize("agent", ["leapocr-php/2.0.1", "leapocr-go/2.0.0", "leapocr-python/0.0.4",
                                   "leapocr-sdk-js/2.0.1"])
def test_client_libraries(api, job, agent):
    result = api.as_agent(agent).result(job)
    assert result["pages"][0]["result"]["invoice_number"] == "2024-0117"
    if "php" in agent:
        assert result["pages"][0]["bounding_boxes"] == []


def test_old_clients_find_it_in_metadata(api, job):
    page = api.as_agent("leapocr-go/0.0.4").result(job)["pages"][0]
    assert page["metadata"]["extra"] == page["result"]
    assert "2024-0117" in page["text"]


# --- again ---

def again(api, job_id, **fields):
    return api.call("POST", f"/api/v1/ocr/jobs/{job_id}/extract", json=fields)


def test_another_schema_from_the_same_reading(server, api, done_job):
    before = api.status(done_job)
    begun = time.monotonic()
    answer = again(api, done_job, schema={"fruit": "string"})
    took = time.monotonic() - begun
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert body["result_format"] == "structured" and body["job_id"] == done_job
    assert all(isinstance(p["result"], dict) for p in body["pages"])
    print(f"extracted again in {took * 1000:.0f} ms")
    # It is kept, free, and the job is as it was.
    kept = api.result(done_job, f"?extraction_id={body['extraction_id']}")
    assert kept == body
    assert api.status(done_job)["updated_at"] == before["updated_at"]
    assert isinstance(api.result(done_job)["pages"][0]["result"], str)
    assert api.result(done_job)["credits_used"] == 3


def test_again_by_page_and_by_template(api, job):
    body = again(api, job, format="per_page_structured", schema={"invoice_number": "string"}).json()
    assert body["pages"][0]["result"]["invoice_number"] == "2024-0117"
    assert len(body["records"]) == 2
    body = again(api, job, template_slug="invoice-template").json()
    assert body["pages"][0]["result"]["total_amount"] == 1234.5
    assert api.result(job)["extraction_id"] == job


@pytest.mark.parametrize("fields,text", [
    ({"format": "markdown"}, "'format'"), ({"schema": {"a": "x"}}, '"/a"'),
    ({"template_slug": "no"}, "no"), ({"min_confidence": 7}, "'min_confidence'")], ids=str)
def test_again_refused(api, job, fields, text):
    expect_error(again(api, job, **fields), 400, "VALIDATION_ERROR", text)


def test_again_is_for_the_team_that_has_the_job(api, other, job):
    expect_error(again(other[0], job, schema={"a": "string"}), 404, "NOT_FOUND")
    expect_error(again(api, "no-such-job", schema={"a": "string"}), 404, "NOT_FOUND")
    answer = api.call("GET", f"/api/v1/ocr/result/{job}?extraction_id=nothing")
    expect_error(answer, 404, "NOT_FOUND")


def test_again_before_the_end_is_a_conflict(api):
    upload = api.begin(100)
    expect_error(again(api, upload["job_id"], schema={"a": "string"}), 409, "CONFLICT")


def test_deleted_with_the_job(server, api, invoice):
    job_id = api.upload(invoice, schema={"invoice_number": "string"})
    api.wait(job_id)
    extra = again(api, job_id, schema={"total": "number"}).json()["extraction_id"]
    with server.database() as db:
        objects = [row[0] for row in db.execute(
            "SELECT object_id FROM extraction WHERE job_id = ?", (job_id,))]
    db.close()
    assert len(objects) == 2 and extra != job_id
    assert api.call("DELETE", f"/api/v1/ocr/delete/{job_id}").status_code == 200
    with server.database() as db:
        assert db.execute("SELECT count(*) FROM extraction WHERE job_id = ?",
                          (job_id,)).fetchone()[0] == 0
    db.close()
    left = {p.name for p in server.objects()}
    assert not left & set(objects) and not any(o[4:] in name for o in objects for name in left)


def test_a_page_that_cannot_be_read_leaves_the_rest(api):
    """The object of the document stands on page 1 whatever became of that page."""
    pdf = lines_pdf([["Nothing here"], INVOICE])
    job_id = api.upload(pdf, schema=SCHEMA)
    api.wait(job_id)
    pages = api.result(job_id)["pages"]
    assert pages[0]["result"]["invoice_number"] == "2024-0117"
    assert pages[1]["result"] == {}
    assert pages[0]["evidence"]["/invoice_number"]["page"] == 2


# --- templates of the team ---

def test_save_as_template_keeps_one(api, server, invoice):
    organization, team = server.own_team()
    listed = f"/api/v1/organizations/{organization}/teams/{team}/templates?search=Kept%20invoice"
    schema = {**SCHEMA, "title": "Kept invoice"}
    slugs = set()
    for _ in range(2):
        job_id = api.upload(invoice, format="structured", schema=schema, save_as_template=True)
        status = api.wait(job_id)
        assert status["template_name"] == "Kept invoice" and not status["template_internal"]
        slugs |= {t["slug"] for t in api.call("GET", listed).json()["data"]}
    assert slugs == {"kept-invoice"}
    # By its slug it does the same.
    job_id = api.upload(invoice, template_slug="kept-invoice")
    api.wait(job_id)
    assert api.result(job_id)["pages"][0]["result"]["invoice_number"] == "2024-0117"
    kept = api.call("GET", listed).json()["data"][0]
    assert kept["usage_count"] == 3 and kept["format"] == "structured"


def test_a_template_that_is_off(api, server):
    organization, team = server.own_team()
    made = api.call("POST", f"/api/v1/organizations/{organization}/teams/{team}/templates", json={
        "name": "Switched off", "format": "structured", "model": "standard-v2", "enabled": False,
        "schema": {"a": "string"}}).json()
    answer = api.call("POST", "/api/v1/ocr/uploads/direct",
                      json={"file_name": "a.pdf", "template_slug": made["slug"]})
    expect_error(answer, 400, "VALIDATION_ERROR", "switched off")


# --- without a server ---

def convert(tmp_path, invoice, *options):
    import os
    import subprocess
    document = tmp_path / "invoice.pdf"
    document.write_bytes(invoice)
    done = subprocess.run([os.environ["LEAPOCR_BIN"], "convert", *options, str(document)],
                          capture_output=True, text=True, timeout=60)
    return done


def test_convert_gives_what_the_api_gives(api, job, invoice, tmp_path):
    (tmp_path / "schema.json").write_text(json.dumps(SCHEMA))
    done = convert(tmp_path, invoice, "--format", "structured", "--json", "--overlay",
                   str(tmp_path), "--schema", str(tmp_path / "schema.json"))
    assert done.returncode == 0, done.stderr
    mine, theirs = json.loads(done.stdout), api.result(job)
    for own, other in zip(mine["pages"], theirs["pages"], strict=True):
        for member in ("result", "evidence", "review", "record", "dimensions", "confidence"):
            assert own[member] == other[member], member
    assert mine["records"] == theirs["records"] and mine["warnings"] == theirs["warnings"]
    drawing = (tmp_path / "invoice-1.svg").read_text()
    assert "/invoice_number" in drawing and "invoice-1.png" in drawing
    assert (tmp_path / "invoice-1.png").read_bytes()[:4] == b"\x89PNG"


def test_convert_with_a_template_by_page(invoice, tmp_path):
    done = convert(tmp_path, invoice, "--template", "invoice-template")
    assert json.loads(done.stdout)["pages"][0]["result"]["invoice_number"] == "2024-0117"
    done = convert(tmp_path, invoice, "--template", "invoice-template", "--min-confidence", "1")
    assert any(r["reason"] == "low_confidence" for r in json.loads(done.stdout)["pages"][0]["review"])
    done = convert(tmp_path, invoice, "--format", "per_page_structured")
    assert len(json.loads(done.stdout)["records"]) == 2


@pytest.mark.parametrize("options,says", [
    (["--template", "nope"], "there is no template \"nope\""), (["--schema", "/nonexistent.json"], "--schema"),
    (["--template", "invoice-template", "--to", "html"], "--to"), (["--min-confidence", "2"], "--min-confidence"),
    (["--format", "xml"], "--format")], ids=str)
def test_convert_refuses(invoice, tmp_path, options, says):
    done = convert(tmp_path, invoice, *options)
    assert done.returncode == 1 and says in done.stderr
