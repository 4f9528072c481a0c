/* SPDX-License-Identifier: AGPL-3.0-or-later
 * multipart/form-data: the first byte seeds how the rest is cut into pieces; then, up to a line
 * feed, comes the Content-Type, then the body. Calls and outcome must be the same as in one piece.
 */
#include "http/multipart.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
write_text(struct buf *out, const char *text)
{
    buf_string(out, text == NULL ? "(none)" : text);
    buf_char(out, '|');
}

static enum err_code
write_part(void *ctx, const struct multipart_part *part, struct err *err)
{
    (void)err;
    buf_string(ctx, "<part|");
    write_text(ctx, part->name);
    write_text(ctx, part->file_name);
    write_text(ctx, part->content_type);
    return ERR_OK;
}

static enum err_code
write_data(void *ctx, struct span piece, struct err *err)
{
    (void)err;
    if (piece.len == 0)
        abort();
    buf_append(ctx, piece.data, piece.len);
    return ERR_OK;
}

static enum err_code
write_end(void *ctx, struct err *err)
{
    (void)err;
    buf_string(ctx, "|end>");
    return ERR_OK;
}

static const struct multipart_calls calls = {write_part, write_data, write_end};

/* seed 0: in one piece. */
static enum err_code
read_form(struct span type, struct span body, uint32_t seed, struct buf *out)
{
    struct multipart *mp = NULL;
    struct err err;
    enum err_code rc = multipart_new(type, 8, &calls, out, &mp, &err);

    while (rc == ERR_OK && body.len > 0) {
        size_t n = body.len;
        if (seed != 0) {
            seed = seed * 1103515245 + 12345;
            n = (seed >> 16) % 24 + 1;
        }
        n = n < body.len ? n : body.len;
        rc = multipart_feed(mp, (struct span){body.data, n}, &err);
        body.data += n;
        body.len -= n;
    }
    if (rc == ERR_OK)
        rc = multipart_end(mp, &err);
    multipart_drop(&mp);
    return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buf whole, pieces;
    const uint8_t *lf = size < 2 ? NULL : memchr(data + 1, '\n', size - 1);

    if (lf == NULL)
        return 0;
    struct span type = {data + 1, (size_t)(lf - data) - 1};
    struct span body = {lf + 1, size - type.len - 2};
    buf_init(&whole, 1 << 20);
    buf_init(&pieces, 1 << 20);
    enum err_code rc = read_form(type, body, 0, &whole);
    enum err_code again = read_form(type, body, data[0] + 1U, &pieces);
    if (rc != again || !span_equal(buf_span(&whole), buf_span(&pieces)))
        abort();
    buf_fini(&whole);
    buf_fini(&pieces);
    return 0;
}
