/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/sigv4.h - presigned URLs: AWS Signature Version 4 in the query, host signed,
 * UNSIGNED-PAYLOAD. Both ways: making them, and judging those that come in.
 * Source: "Authenticating Requests: Using Query Parameters (AWS Signature Version 4)", Amazon S3
 * API.
 *
 * One way to authenticate, no other: whatever is not exactly this form is refused. A query is
 *   {partNumber, uploadId in either order}, X-Amz-Algorithm, X-Amz-Credential, X-Amz-Date,
 *   X-Amz-Expires, X-Amz-SignedHeaders=host, X-Amz-Signature
 * which is what botocore writes and what sigv4_presign writes. S3 itself takes any order; nobody
 * who was given a URL has a reason to shuffle it. Only unreserved characters stand for themselves
 * (and
 * '/' in a path), all others are %XX in upper case. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum {
    SIGV4_EXPIRES_MAX_S = 604800,
    SIGV4_SECRET_MAX = 128, /* bytes */
    SIGV4_PART_MAX = 10000,
    SIGV4_UPLOAD_ID_MAX = 256, /* bytes, decoded */
    SIGV4_ACCESS_MAX = 128,
};

struct sigv4_key {
    const char *access_id; /* unreserved characters; in URLs to this server [A-Z0-9]{16,32} */
    struct span secret;    /* 1 .. SIGV4_SECRET_MAX */
    const char *region;    /* "local"; unreserved characters */
    const char *token;     /* of credentials that are for a time only; NULL: none */
};

/* base_url: http(s)://host[:port] without a path; the host is written in lower case and a default
 * port left out, as clients send them. path: from '/', percent-encoded already. params:
 * "partNumber=1&uploadId=x", percent-encoded and sorted, names beginning with a lower-case letter;
 * may be "". expires_s: 1 .. 604800. ERR_INPUT for anything else; ERR_LIMIT if the arena is full.
 */
MUST_CHECK
enum err_code sigv4_presign(struct arena *arena, const struct sigv4_key *key, const char *method,
                            const char *base_url, const char *path, const char *params,
                            int64_t now_ms, int64_t expires_s, const char **ret_url,
                            struct err *err);

struct sigv4_request {
    struct span method;
    struct span path;       /* as sent */
    struct span query;      /* as sent, without '?' */
    struct span host;       /* Host field as sent */
    bool has_authorization; /* an Authorization field came along */
    bool has_amz_fields;    /* any field whose name begins with "x-amz-": none of them is signed */
};

/* What a genuine URL says besides its signature. Borrowed from the arena. */
struct sigv4_claims {
    const char *path;      /* as sent */
    const char *upload_id; /* decoded; no control characters */
    int64_t part_number;   /* 1 .. SIGV4_PART_MAX */
    int64_t expires_ms;    /* UTC */
};

/* The S3 error code to answer with ("AccessDenied", "SignatureDoesNotMatch", ...), its text and
 * status; code NULL: genuine and in time. */
struct sigv4_refusal {
    const char *code;
    int http_status;
    char message[256];
    bool expired; /* expires_ms and expires_s are set */
    int64_t expires_ms;
    int64_t expires_s;
};

/* Order of checks: form (exact parameter set, canonical escapes, no repeats), dates (15 min future
 * tolerance, X-Amz-Expires 1..604800), signature in constant time, then expiry. *ret_claims is set
 * only where the URL is genuine and in time, *ret_refusal always. */
void sigv4_verify(struct arena *arena, const struct sigv4_key *key,
                  const struct sigv4_request *request, int64_t now_ms,
                  struct sigv4_claims *ret_claims, struct sigv4_refusal *ret_refusal);

/* --- requests that say so in a field --- */

struct sigv4_field {
    const char *name;  /* lower case */
    const char *value; /* without white space around it or control characters */
};

/* What is signed of a request: all of it but the body, which its digest stands for. */
struct sigv4_call {
    const char *method;
    const char *path;                 /* as in sigv4_presign */
    const char *query;                /* canonical, may be "" */
    const struct sigv4_field *fields; /* [n], sorted by name; with host and x-amz-date */
    size_t n;
    const char *payload_sha256; /* lower-case hexadecimal, or "UNSIGNED-PAYLOAD" */
    int64_t now_ms;             /* that of x-amz-date */
};
/* The value of the Authorization field. Source: "Authenticating Requests: Using the Authorization
 * Header (AWS Signature Version 4)", Amazon S3 API. */
MUST_CHECK
enum err_code sigv4_authorize(struct arena *arena, const struct sigv4_key *key,
                              const struct sigv4_call *call, const char **ret_value,
                              struct err *err);

/* Percent-encodes all but the unreserved characters (and '/' when keep_slash). NULL if the arena is
 * full. */
MUST_CHECK
const char *sigv4_encode(struct arena *arena, const char *text, bool keep_slash);
