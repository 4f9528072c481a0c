/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/records.h"

#include "base/json.h"

#include <string.h>

enum { TAG_RECORD = 'R', TAG_END = 'E' };

static const double share_scale = 1e9;

static enum err_code
check_json(struct span text, bool array, const char *what, struct err *err)
{
    json_t *value = NULL;
    struct err why;
    enum err_code rc = json_read(text, &value, &why);
    bool good = rc == ERR_OK && (array ? json_is_array(value) : json_is_object(value));

    json_decref(value);
    return good ? ERR_OK
                : err_set(err, ERR_PROTOCOL, "the %s of an extraction is no JSON %s", what,
                          array ? "array" : "object");
}

enum err_code
record_check(const struct record *record, struct err *err)
{
    enum err_code rc = check_json(record->result, false, "result", err);

    if (rc == ERR_OK)
        rc = check_json(record->evidence, false, "evidence", err);
    return rc != ERR_OK ? rc : check_json(record->review, true, "review list", err);
}

enum err_code
record_check_warnings(struct span warnings, struct err *err)
{
    return check_json(warnings, true, "list of warnings", err);
}

static void
put_u32(struct buf *out, uint32_t v)
{
    const uint8_t bytes[] = {(uint8_t)v, (uint8_t)(v >> 8), (uint8_t)(v >> 16), (uint8_t)(v >> 24)};
    buf_append(out, bytes, sizeof(bytes));
}

static void
put_text(struct buf *out, struct span text)
{
    put_u32(out, (uint32_t)text.len);
    buf_append(out, text.data, text.len);
}

void
record_put(struct buf *out, const struct record *record)
{
    buf_char(out, TAG_RECORD);
    put_u32(out, record->page_from);
    put_u32(out, record->page_to);
    put_u32(out, (uint32_t)(record->confidence * share_scale + 0.5));
    put_text(out, record->kind);
    put_text(out, record->result);
    put_text(out, record->evidence);
    put_text(out, record->review);
}

void
record_put_end(struct buf *out, struct span warnings)
{
    buf_char(out, TAG_END);
    put_text(out, warnings);
}

static bool
take_u32(struct span *left, uint32_t *ret)
{
    const uint8_t *b = left->data;
    if (left->len < 4)
        return false;
    *ret = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
    *left = (struct span){b + 4, left->len - 4};
    return true;
}

static bool
take_text(struct span *left, struct span *ret)
{
    uint32_t len = 0;
    if (!take_u32(left, &len) || len > left->len)
        return false;
    *ret = (struct span){left->data, len};
    *left = (struct span){left->data + len, left->len - len};
    return true;
}

enum err_code
record_next(struct record_reader *reader, struct record *ret, bool *ret_found, struct err *err)
{
    struct span left = reader->left;
    struct record r = {.page_from = 0};
    uint32_t share = 0;
    bool good = left.len > 0;
    uint8_t tag = good ? left.data[0] : 0;

    if (good)
        left = (struct span){left.data + 1, left.len - 1};
    *ret_found = tag == TAG_RECORD;
    if (tag == TAG_RECORD)
        good = take_u32(&left, &r.page_from) && take_u32(&left, &r.page_to) &&
               take_u32(&left, &share) && take_text(&left, &r.kind) &&
               take_text(&left, &r.result) && take_text(&left, &r.evidence) &&
               take_text(&left, &r.review) && r.page_from < r.page_to && share <= share_scale;
    else
        good = tag == TAG_END && take_text(&left, &reader->warnings) && left.len == 0;
    if (!good)
        return err_set(err, ERR_PROTOCOL, "a stored extraction is broken");
    r.confidence = share / share_scale;
    reader->left = left;
    if (*ret_found)
        *ret = r;
    return ERR_OK;
}
