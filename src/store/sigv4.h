/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/sigv4.h - presigned URLs: AWS Signature Version 4 in the query, host signed,
 * UNSIGNED-PAYLOAD. Both ways: making them, and judging those that come in.
 * Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", Amazon S3 API.
 * One way to authenticate, no other: whatever is not exactly this form is refused. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

struct sigv4_key {
    const char *access_id; /* [A-Z0-9]{16,32} */
    struct span secret;
    const char *region; /* "local" */
};

/* https?://host + path + query. path: percent-encoded already. params: "partNumber=1&uploadId=x",
 * percent-encoded and sorted, may be "". expires_s: 1 .. 604800. */
MUST_CHECK enum err_code sigv4_presign(struct arena *arena, const struct sigv4_key *key,
                                       const char *method, const char *base_url, const char *path,
                                       const char *params, int64_t now_ms, int64_t expires_s,
                                       const char **ret_url, struct err *err);

struct sigv4_request {
    struct span method;
    struct span path;  /* as sent */
    struct span query; /* as sent */
    struct span host;  /* Host field as sent */
};

/* What a genuine URL says besides its signature. Borrowed from the arena. */
struct sigv4_claims {
    const char *path;
    const char *upload_id;
    int64_t part_number;
    int64_t expires_ms; /* UTC */
};

/* The S3 error code to answer with ("AccessDenied", "SignatureDoesNotMatch", ...), its text and
 * status; code NULL: genuine and in time. */
struct sigv4_refusal {
    const char *code;
    int http_status;
    char message[160];
    bool expired;
    int64_t expires_ms;
    int64_t expires_s;
};

/* Order of checks: form (exact parameter set, canonical escapes, no repeats), dates (15 min future
 * tolerance, X-Amz-Expires 1..604800), signature in constant time, then expiry. */
void sigv4_verify(struct arena *arena, const struct sigv4_key *key,
                  const struct sigv4_request *request, int64_t now_ms,
                  struct sigv4_claims *ret_claims, struct sigv4_refusal *ret_refusal);

/* Percent-encodes all but the unreserved characters (and '/' when keep_slash). */
MUST_CHECK const char *sigv4_encode(struct arena *arena, const char *text, bool keep_slash);
