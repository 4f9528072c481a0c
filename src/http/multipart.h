/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/multipart.h - multipart/form-data (RFC 7578) read in pieces, in constant memory. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

struct multipart;

struct multipart_part {
    const char *name;         /* of the form field; UTF-8, never NULL */
    const char *file_name;    /* as sent, a path perhaps; NULL for a plain field */
    const char *content_type; /* NULL if not given */
};

struct multipart_calls {
    /* Each returns OK or an error that ends the reading. The part's texts are valid until
     * on_part_end. */
    enum err_code (*on_part)(void *ctx, const struct multipart_part *part, struct err *err);
    enum err_code (*on_data)(void *ctx, struct span piece, struct err *err);
    enum err_code (*on_part_end)(void *ctx, struct err *err);
};

/* content_type: value of the request's Content-Type; ERR_MEDIA if it is not multipart/form-data
 * with a boundary of 1..70 characters. part_limit: parts at most; headers of a part <= 8 KiB. */
MUST_CHECK
enum err_code multipart_new(struct span content_type, size_t part_limit,
                            const struct multipart_calls *calls, void *ctx, struct multipart **ret,
                            struct err *err);
void multipart_drop(struct multipart **mp);
/* Calls back before it returns. ERR_SYNTAX, ERR_LIMIT, or what a call returned; after an error each
 * further feed fails too. Whatever follows the closing boundary is ignored. */
MUST_CHECK
enum err_code multipart_feed(struct multipart *mp, struct span piece, struct err *err);
/* ERR_SYNTAX if the closing boundary has not been seen. */
MUST_CHECK
enum err_code multipart_end(struct multipart *mp, struct err *err);
