/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "wire/frame.h"

#include "base/utf8.h"

#include <string.h>

/* "LOCR" as little-endian bytes. */
static const uint32_t magic = 0x52434f4c;

/* Payload lengths by type. A page adds its fixed fields to what the bytes of a page may take. */
static const struct {
    uint32_t least, most;
} lengths[WIRE_TYPE_END] = {
    [WIRE_RUN] = {16, 256},
    [WIRE_KILL] = {8, 8},
    [WIRE_READY] = {8, 1024},
    [WIRE_ENDED] = {8, 64},
    [WIRE_PROBE] = {9, 512},
    [WIRE_HINT] = {1, 1},
    [WIRE_PAGE] = {24, WIRE_PAGE_BYTES_MAX + 64},
    [WIRE_PAGE_FAILED] = {10, 512},
    [WIRE_FAILED] = {6, 512},
    [WIRE_DONE] = {0, 0},
    [WIRE_RECORD] = {28, WIRE_PAGE_BYTES_MAX + 64},
    [WIRE_WARNINGS] = {4, (1 << 20) + 4},
    [WIRE_DATA] = {1, 1 << 16},
    [WIRE_ERRAND] = {40, 3072},
    [WIRE_CANCEL] = {8, 8},
    [WIRE_HELLO] = {12, 12},
    [WIRE_OUTCOME] = {24, 512},
};

static uint64_t
load(const uint8_t *at, size_t size)
{
    uint64_t v = 0;

    for (size_t i = 0; i < size; i++)
        v |= (uint64_t)at[i] << (8 * i);
    return v;
}

static void
save(uint8_t *at, uint64_t v, size_t size)
{
    for (size_t i = 0; i < size; i++)
        at[i] = (uint8_t)(v >> (8 * i));
}

enum err_code
wire_read_header(const uint8_t bytes[WIRE_HEADER_SIZE], struct wire_header *ret, struct err *err)
{
    uint32_t type = (uint32_t)load(bytes + 6, 2);
    uint32_t length = (uint32_t)load(bytes + 8, 4);

    if (load(bytes, 4) != magic)
        return err_set(err, ERR_PROTOCOL, "a frame begins with the wrong bytes");
    if (load(bytes + 4, 2) != WIRE_VERSION)
        return err_set(err, ERR_PROTOCOL, "a frame has version %u, this side speaks %d",
                       (unsigned)load(bytes + 4, 2), WIRE_VERSION);
    if (type == 0 || type >= WIRE_TYPE_END)
        return err_set(err, ERR_PROTOCOL, "a frame has the unknown type %u", type);
    if (length < lengths[type].least || length > lengths[type].most)
        return err_set(err, ERR_PROTOCOL, "a frame of type %u says %u bytes, it may have %u to %u",
                       type, length, lengths[type].least, lengths[type].most);
    *ret = (struct wire_header){(enum wire_type)type, length};
    return ERR_OK;
}

size_t
wire_begin(struct buf *out, enum wire_type type)
{
    size_t begun = out->len;

    wire_put_u32(out, magic);
    wire_put_u16(out, WIRE_VERSION);
    wire_put_u16(out, (uint16_t)type);
    wire_put_u32(out, 0);
    return begun;
}

void
wire_end(struct buf *out, size_t begun)
{
    if (!out->spoilt)
        save(out->data + begun + 8, out->len - begun - WIRE_HEADER_SIZE, 4);
}

static void
put(struct buf *out, uint64_t v, size_t size)
{
    uint8_t *at = buf_extend(out, size);

    if (at != NULL)
        save(at, v, size);
}

void
wire_put_u8(struct buf *out, uint8_t v)
{
    put(out, v, 1);
}

void
wire_put_u16(struct buf *out, uint16_t v)
{
    put(out, v, 2);
}

void
wire_put_u32(struct buf *out, uint32_t v)
{
    put(out, v, 4);
}

void
wire_put_u64(struct buf *out, uint64_t v)
{
    put(out, v, 8);
}

void
wire_put_bytes(struct buf *out, struct span bytes)
{
    wire_put_u32(out, (uint32_t)bytes.len);
    buf_append(out, bytes.data, bytes.len);
}

struct wire_fields
wire_fields_of(struct span payload)
{
    return (struct wire_fields){payload.data, payload.len, false};
}

static uint64_t
take(struct wire_fields *fields, size_t size)
{
    if (fields->bad || fields->left < size) {
        fields->bad = true;
        return 0;
    }
    uint64_t v = load(fields->at, size);
    fields->at += size;
    fields->left -= size;
    return v;
}

uint8_t
wire_take_u8(struct wire_fields *fields)
{
    return (uint8_t)take(fields, 1);
}

uint16_t
wire_take_u16(struct wire_fields *fields)
{
    return (uint16_t)take(fields, 2);
}

uint32_t
wire_take_u32(struct wire_fields *fields)
{
    return (uint32_t)take(fields, 4);
}

uint64_t
wire_take_u64(struct wire_fields *fields)
{
    return take(fields, 8);
}

bool
wire_take_bool(struct wire_fields *fields)
{
    uint64_t v = take(fields, 1);

    if (v > 1)
        fields->bad = true;
    return v == 1;
}

struct span
wire_take_bytes(struct wire_fields *fields, size_t max_len)
{
    size_t len = (size_t)take(fields, 4);

    if (fields->bad || len > fields->left || len > max_len) {
        fields->bad = true;
        return (struct span){(const uint8_t *)"", 0};
    }
    struct span bytes = {fields->at, len};
    if (len == 0)
        bytes.data = (const uint8_t *)"";
    else
        fields->at += len;
    fields->left -= len;
    return bytes;
}

void
wire_take_text(struct wire_fields *fields, char *out, size_t cap)
{
    struct span text = wire_take_bytes(fields, cap - 1);

    if (memchr(text.data, 0, text.len) != NULL || !utf8_valid(text.data, text.len)) {
        fields->bad = true;
        text.len = 0;
    }
    memcpy(out, text.data, text.len);
    out[text.len] = '\0';
}

enum err_code
wire_fields_end(const struct wire_fields *fields, const char *message, struct err *err)
{
    if (fields->bad)
        return err_set(err, ERR_PROTOCOL, "%s: a field is missing or out of range", message);
    if (fields->left > 0)
        return err_set(err, ERR_PROTOCOL, "%s: %zu bytes left over", message, fields->left);
    return ERR_OK;
}
