/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/gif.h"

enum { HEADER_BYTES = 13, DESCRIPTOR_BYTES = 10, EXTENSION = 0x21, IMAGE = 0x2c };

/* Bytes of the colour table that a flags byte announces. */
static size_t
table_bytes(uint8_t flags)
{
    return (flags & 0x80) != 0 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Position after the chain of data blocks at `at`; 0 if it does not end, and *ret_whole the end of
 * its last whole block, or `at`. */
static size_t
skip_blocks(struct span bytes, size_t at, size_t *ret_whole)
{
    *ret_whole = at;
    while (at < bytes.len) {
        size_t len = bytes.data[at++];
        if (len == 0)
            return at;
        at += len;
        if (at <= bytes.len)
            *ret_whole = at;
    }
    return 0;
}

size_t
gif_first_frame(struct span bytes, bool *ret_cut)
{
    size_t at = HEADER_BYTES, whole = 0;

    *ret_cut = false;
    if (bytes.len < HEADER_BYTES)
        return 0;
    at += table_bytes(bytes.data[10]);
    while (at < bytes.len) {
        if (bytes.data[at] == EXTENSION) {
            at = skip_blocks(bytes, at + 2, &whole);
            if (at == 0)
                return 0;
            continue;
        }
        if (bytes.data[at] != IMAGE || bytes.len - at < DESCRIPTOR_BYTES)
            return 0;
        size_t data = at + DESCRIPTOR_BYTES + table_bytes(bytes.data[at + 9]) + 1; /* code size */
        size_t end = skip_blocks(bytes, data, &whole);
        *ret_cut = end == 0 && whole > data;
        return *ret_cut ? whole : end;
    }
    return 0;
}
