/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/s3_error.h - the error bodies that S3 clients expect: a small XML document.
 * Source: "Error responses", Amazon S3 API Reference. */
#pragma once

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

#define S3_ERROR_CONTENT_TYPE "application/xml"

/* What a body says. Texts may hold anything: what XML 1.0 cannot carry becomes U+FFFD. NULL is
 * written as an empty element. */
struct s3_error {
    const char *code;     /* "AccessDenied" */
    const char *message;  /* for people */
    struct span resource; /* the path as sent */
    const char *request_id;
    /* Set for an expired URL only: adds X-Amz-Expires, Expires and ServerTime. */
    bool expired;
    int64_t expires_s;
    int64_t expires_ms;
    int64_t server_ms;
};

void s3_error_put(struct buf *out, const struct s3_error *error);

/* S3's code for an error of ours that stops a PUT ("NoSuchUpload" for NOT_FOUND, "EntityTooLarge"
 * for LIMIT, ...); "InternalError" for all that is no client's fault. Never NULL. The HTTP status
 * is that of the error's row. */
const char *s3_error_code(enum err_code code);
