/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/err.h - one error type and one table for the whole program.
 *
 * A code names whose fault it is. From its row, and from nowhere else, follow the HTTP status, the
 * "code" of the API's error body (the nine values that every SDK knows), whether a job is tried
 * again, and the reason word that a failed job carries. The message says what, which one, and the
 * limit; clients see it, except that of ERR_SYSTEM, which is logged under the request id. */
#pragma once

#include "base/attrs.h"

#include <stdbool.h>
#include <stddef.h>

/* code, HTTP status, retry the job?, "code" in the API's JSON, reason of a failed job */
#define ERR_TABLE(X)                                                                               \
    X(OK, 200, false, "", "")                                                                      \
    /* the caller's fault */                                                                       \
    X(INPUT, 400, false, "VALIDATION_ERROR", "invalid_request")                                    \
    X(SYNTAX, 400, false, "BAD_REQUEST", "invalid_request")                                        \
    X(AUTH, 401, false, "AUTHENTICATION_ERROR", "unauthorized")                                    \
    X(CREDITS, 402, false, "LESS_CREDITS", "less_credits")                                         \
    X(FORBIDDEN, 403, false, "FORBIDDEN", "forbidden")                                             \
    X(NOT_FOUND, 404, false, "NOT_FOUND", "not_found")                                             \
    X(METHOD, 405, false, "BAD_REQUEST", "invalid_request")                                        \
    X(REQUEST_TIME, 408, false, "BAD_REQUEST", "invalid_request")                                  \
    X(UPLOAD_EXPIRED, 408, false, "BAD_REQUEST", "upload_expired")                                 \
    X(CONFLICT, 409, false, "CONFLICT", "conflict")                                                \
    X(CANCELLED, 409, false, "CONFLICT", "cancelled")                                              \
    X(LENGTH, 411, false, "BAD_REQUEST", "invalid_request")                                        \
    X(LIMIT, 413, false, "VALIDATION_ERROR", "too_large")                                          \
    X(URI, 414, false, "BAD_REQUEST", "invalid_request")                                           \
    X(MEDIA, 415, false, "VALIDATION_ERROR", "unsupported_type")                                   \
    X(EXPECT, 417, false, "BAD_REQUEST", "invalid_request")                                        \
    X(URL, 400, false, "VALIDATION_ERROR", "url_not_allowed")                                      \
    X(RATE, 429, false, "TOO_MANY_REQUESTS", "rate_limited")                                       \
    X(HEADERS, 431, false, "BAD_REQUEST", "invalid_request")                                       \
    /* the document's fault */                                                                     \
    X(FORMAT, 422, false, "VALIDATION_ERROR", "unreadable_document")                               \
    X(ENCRYPTED, 422, false, "VALIDATION_ERROR", "password_required")                              \
    X(PAGES, 422, false, "VALIDATION_ERROR", "too_many_pages")                                     \
    X(PIXELS, 422, false, "VALIDATION_ERROR", "page_too_large")                                    \
    X(OUTPUT, 422, false, "VALIDATION_ERROR", "output_too_large")                                  \
    /* the fault of the server that a URL names */                                                 \
    X(FETCH_REFUSED, 422, false, "VALIDATION_ERROR", "url_refused")                                \
    X(FETCH, 500, true, "SYSTEM_ERROR", "url_not_reachable")                                       \
    /* what became of the confined child: worth another try, then the job's reason */              \
    X(CRASH, 500, true, "SYSTEM_ERROR", "reader_crashed")                                          \
    X(DEADLINE, 500, true, "SYSTEM_ERROR", "time_limit")                                           \
    X(MEMORY, 500, true, "SYSTEM_ERROR", "memory_limit")                                           \
    X(PROTOCOL, 500, true, "SYSTEM_ERROR", "reader_broke_protocol")                                \
    /* ours, or the machine's */                                                                   \
    X(STALE, 409, false, "CONFLICT", "stale_lease")                                                \
    X(SYSTEM, 500, true, "SYSTEM_ERROR", "internal")                                               \
    X(NOT_IMPLEMENTED, 501, false, "BAD_REQUEST", "invalid_request")                               \
    X(UNAVAILABLE, 503, true, "SYSTEM_ERROR", "unavailable")                                       \
    X(VERSION, 505, false, "BAD_REQUEST", "invalid_request")                                       \
    X(STORAGE_FULL, 507, true, "SYSTEM_ERROR", "storage_full")

enum err_code {
#define X(code, http, retry, json, reason) ERR_##code,
    ERR_TABLE(X)
#undef X
        ERR_CODE_COUNT
};

struct err {
    enum err_code code;
    char msg[256];
};

/* Sets *err (err may be NULL) and returns code, so that a caller can write
 * `return err_set(err, ERR_LIMIT, "...")`. Long messages are cut at a character boundary. */
enum err_code err_set(struct err *err, enum err_code code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* As err_set for a failed system call: reads errno, appends its text. ENOSPC and EDQUOT become
 * ERR_STORAGE_FULL, ENOMEM becomes ERR_MEMORY, everything else ERR_SYSTEM. */
enum err_code err_sys(struct err *err, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The static analyser sees one file at a time: it has to be told that these never return OK. */
#ifdef __clang_analyzer__
#define err_set(err, code, ...) ((void)err_set(err, code, __VA_ARGS__), (code))
#define err_sys(err, ...)       ((void)err_sys(err, __VA_ARGS__), ERR_SYSTEM)
#endif

/* Table look-ups; never NULL, and safe for a number that came from outside (unknown: SYSTEM). */
int err_http_status(enum err_code code);
bool err_is_retryable(enum err_code code);
const char *err_api_code(enum err_code code);
const char *err_reason(enum err_code code);

/* The code whose reason word this is; ERR_SYSTEM if there is none. */
enum err_code err_from_reason(const char *reason);
