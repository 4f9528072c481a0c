/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The chunked coding: first byte chooses how the rest is cut into pieces. Data, outcome and end
 * must be the same as in one piece. */
#include "http/chunked.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static enum err_code
decode_by(const uint8_t *data, size_t size, size_t step, struct buf *out, size_t *ret_used)
{
    struct chunked chunked;
    enum err_code rc = ERR_OK;
    struct err err;
    size_t used = 0;

    chunked_init(&chunked);
    while (rc == ERR_OK && used < size && !chunked.done) {
        size_t n = size - used < step ? size - used : step;
        struct span input = {data + used, n}, piece;
        while (rc == ERR_OK && input.len > 0 && !chunked.done) {
            size_t before = input.len;
            rc = chunked_next(&chunked, &input, &piece, &err);
            if (rc == ERR_OK && input.len == before)
                abort(); /* no progress */
            if (rc == ERR_OK)
                buf_append(out, piece.data, piece.len);
        }
        used += n - input.len;
    }
    *ret_used = chunked.done ? used : 0;
    return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, pieces;
    size_t whole_used, pieces_used;

    if (size < 1)
        return 0;
    buf_init(&whole, size);
    buf_init(&pieces, size);
    enum err_code rc = decode_by(data + 1, size - 1, SIZE_MAX, &whole, &whole_used);
    enum err_code again = decode_by(data + 1, size - 1, data[0] % 16 + 1, &pieces, &pieces_used);
    if (rc != again || whole_used != pieces_used || whole.spoilt ||
        !span_equal(buf_span(&whole), buf_span(&pieces)))
        abort();
    buf_fini(&whole);
    buf_fini(&pieces);
    return 0;
}
