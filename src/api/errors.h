/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/errors.h - errors as replies: the API's JSON shape, and S3's XML for the upload URLs.
 * Status and code follow from the error's row in base/err.h. What is the server's fault is logged
 * under the request id, and the client reads a fixed text instead. */
#pragma once

#include "base/buf.h"
#include "base/err.h"
#include "store/s3_error.h"

struct call;

/* {"code", "details", "error": {"message"}}; ends the call. */
void reply_error(struct call *call, const struct err *err);

/* As reply_error with a Retry-After of so many seconds. */
void reply_error_later(struct call *call, const struct err *err, int seconds);

/* The XML body, status by itself; ends the call. */
void reply_s3_error(struct call *call, int status, const struct s3_error *error);

/* The XML body for an error of ours. */
void reply_s3_err(struct call *call, const struct err *err);

/* The JSON body alone, for requests that never became a call. */
void error_body(const struct err *err, struct buf *out);
