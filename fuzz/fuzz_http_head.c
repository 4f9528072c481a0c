/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The head of a request: first byte chooses how the rest is cut into pieces. The outcome must be
 * the same as in one piece, and what is returned must lie inside the head. */
#include "http/head.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct http_limits limits = {
    .line_bytes = 256, .head_bytes = 1024, .header_count = 8, .arena_bytes = 1 << 20};

static enum err_code
scan_by(const uint8_t *data, size_t size, size_t step, struct head_scan *scan, size_t *ret_end)
{
    enum err_code rc = ERR_OK;
    struct err err;

    *scan = (struct head_scan){0};
    *ret_end = 0;
    for (size_t have = 0; rc == ERR_OK && *ret_end == 0 && have < size;) {
        have = size - have < step ? size : have + step;
        rc = head_scan(scan, (struct span){data, have}, &limits, ret_end, &err);
        if (rc == ERR_OK && *ret_end > have)
            abort();
    }
    return rc;
}

static void
check_inside(struct span part, const uint8_t *text, size_t len)
{
    bool is_inside = part.data >= text && part.data + part.len <= text + len;

    /* The path of a URL that has none is a constant. */
    if (part.len > 0 && !is_inside && !span_equal(part, span_of("/")))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct head_scan whole, pieces;
    struct head head;
    struct err err;
    size_t whole_end, pieces_end;

    if (size < 1)
        return 0;
    size_t step = data[0] % 32 + 1;
    data++;
    size--;
    enum err_code rc = scan_by(data, size, SIZE_MAX, &whole, &whole_end);
    enum err_code again = scan_by(data, size, step, &pieces, &pieces_end);
    if (rc != again || whole_end != pieces_end)
        abort();
    if (rc != ERR_OK || whole_end == 0)
        return 0;
    if (whole.start != pieces.start || whole.lines != pieces.lines)
        abort();
    size_t len = whole_end - whole.start;
    uint8_t *text = malloc(len);
    struct arena *arena = arena_new(limits.arena_bytes);
    memcpy(text, data + whole.start, len);
    if (head_parse(arena, (struct span){text, len}, whole.lines, &head, &err) == ERR_OK) {
        check_inside(head.method, text, len);
        check_inside(head.path, text, len);
        check_inside(head.query, text, len);
        for (size_t i = 0; i < head.field_count; i++) {
            check_inside(head.fields[i].name, text, len);
            check_inside(head.fields[i].value, text, len);
        }
        if (head.path.len == 0 || (head.chunked && head.length >= 0) ||
            (head.minor == 1 && head_find(&head, "host") == NULL))
            abort();
    }
    arena_drop(&arena);
    free(text);
    return 0;
}
