/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/gif.h"

enum { HEADER_BYTES = 13, DESCRIPTOR_BYTES = 10, EXTENSION = 0x21, IMAGE = 0x2c };

/* Bytes of the colour table that a flags byte announces. */
static size_t
table_bytes(uint8_t flags)
{
    return (flags & 0x80) != 0 ? (size_t)3 << ((flags & 7) + 1) : 0;
}

/* Position after the chain of data blocks at `at`; 0 if it does not end. */
static size_t
skip_blocks(struct span bytes, size_t at)
{
    while (at < bytes.len) {
        size_t len = bytes.data[at++];
        if (len == 0)
            return at;
        at += len;
    }
    return 0;
}

size_t
gif_first_frame(struct span bytes)
{
    size_t at = HEADER_BYTES;

    if (bytes.len < HEADER_BYTES)
        return 0;
    at += table_bytes(bytes.data[10]);
    while (at < bytes.len) {
        if (bytes.data[at] == EXTENSION) {
            at = skip_blocks(bytes, at + 2);
            if (at == 0)
                return 0;
            continue;
        }
        if (bytes.data[at] != IMAGE || bytes.len - at < DESCRIPTOR_BYTES)
            return 0;
        size_t data = at + DESCRIPTOR_BYTES + table_bytes(bytes.data[at + 9]) + 1; /* code size */
        return skip_blocks(bytes, data);
    }
    return 0;
}
