/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/extract.h"

#include "base/utf8.h"

#include <string.h>

/* "LXT1" as little-endian bytes. */
static const uint32_t ask_magic = 0x3154584c;

/* Shares go as millionths. */
static const double share_scale = 1e6;

static void
put_share(struct buf *out, double share)
{
    wire_put_u32(out, share > 0 && share <= 1 ? (uint32_t)(share * share_scale + 0.5) : 0);
}

static double
take_share(struct wire_fields *fields)
{
    uint32_t share = wire_take_u32(fields);
    if (share > (uint32_t)share_scale)
        fields->bad = true;
    return fields->bad ? 0 : share / share_scale;
}

/* Text that may not hold what JSON and people's text never have. */
static struct span
take_utf8(struct wire_fields *fields, size_t max_len)
{
    struct span text = wire_take_bytes(fields, max_len);
    if (text.len > 0 &&
        (memchr(text.data, 0, text.len) != NULL || !utf8_valid(text.data, text.len)))
        fields->bad = true;
    return text;
}

void
wire_put_ask(struct buf *out, const struct wire_ask *ask)
{
    wire_put_u32(out, ask_magic);
    wire_put_u8(out, ask->per_page);
    put_share(out, ask->min_confidence);
    wire_put_bytes(out, ask->schema);
    wire_put_bytes(out, ask->instructions);
    wire_put_bytes(out, ask->proposal);
    wire_put_u32(out, ask->page_count);
}

enum err_code
wire_take_ask(struct wire_fields *fields, struct wire_ask *ret, struct err *err)
{
    uint32_t magic = wire_take_u32(fields);
    struct wire_ask ask = {.per_page = wire_take_bool(fields)};

    ask.min_confidence = take_share(fields);
    ask.schema = take_utf8(fields, WIRE_SCHEMA_BYTES_MAX);
    ask.instructions = take_utf8(fields, WIRE_ASK_BYTES_MAX);
    ask.proposal = take_utf8(fields, WIRE_ASK_BYTES_MAX);
    ask.page_count = wire_take_u32(fields);
    if (fields->bad || magic != ask_magic)
        return err_set(err, ERR_PROTOCOL, "the request for an extraction is broken");
    *ret = ask;
    return ERR_OK;
}

void
wire_put_record(struct buf *out, const struct wire_record *record)
{
    size_t begun = wire_begin(out, WIRE_RECORD);

    wire_put_u32(out, record->page_from);
    wire_put_u32(out, record->page_to);
    put_share(out, record->confidence);
    wire_put_bytes(out, record->kind);
    wire_put_bytes(out, record->result);
    wire_put_bytes(out, record->evidence);
    wire_put_bytes(out, record->review);
    wire_end(out, begun);
}

enum err_code
wire_take_record(struct span payload, struct wire_record *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct wire_record record = {.page_from = wire_take_u32(&fields)};

    record.page_to = wire_take_u32(&fields);
    record.confidence = take_share(&fields);
    record.kind = take_utf8(&fields, WIRE_TEXT_SIZE);
    record.result = take_utf8(&fields, WIRE_PAGE_BYTES_MAX);
    record.evidence = take_utf8(&fields, WIRE_PAGE_BYTES_MAX);
    record.review = take_utf8(&fields, WIRE_PAGE_BYTES_MAX);
    if (record.page_from >= record.page_to)
        fields.bad = true;
    enum err_code rc = wire_fields_end(&fields, "RECORD", err);
    if (rc == ERR_OK)
        *ret = record;
    return rc;
}

void
wire_put_warnings(struct buf *out, struct span warnings)
{
    size_t begun = wire_begin(out, WIRE_WARNINGS);

    wire_put_bytes(out, warnings);
    wire_end(out, begun);
}

enum err_code
wire_take_warnings(struct span payload, struct span *ret, struct err *err)
{
    struct wire_fields fields = wire_fields_of(payload);
    struct span warnings = take_utf8(&fields, WIRE_ASK_BYTES_MAX);
    enum err_code rc = wire_fields_end(&fields, "WARNINGS", err);

    if (rc == ERR_OK)
        *ret = warnings;
    return rc;
}
