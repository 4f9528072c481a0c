/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/s3_http.h - one HTTP request and its answer, by libcurl; the only file of store/ that knows
 * it.
 *
 * No redirect is followed, TLS is verified, HTTP/1.1 is spoken over connections that are kept.
 * Nothing is retried here. Thread-safe: each call takes a connection of its own. What an answer
 * says is bounded and not believed. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

enum { S3_ETAG_SIZE = 131, S3_REQUEST_ID_SIZE = 97, S3_TEXT_MAX = 4 << 20 };

struct s3_http;
/* ca_file: NULL for the system's. direct: no proxy of the environment is used. */
MUST_CHECK
enum err_code s3_http_open(const char *ca_file, bool direct, struct s3_http **ret, struct err *err);
void s3_http_close(struct s3_http **http);

struct s3_header {
    const char *name; /* lower case */
    const char *value;
};

struct s3_answer {
    long status;             /* 0: none came */
    uint64_t length;         /* Content-Length; UINT64_MAX: not told */
    uint64_t range_start;    /* of a 206 */
    uint64_t range_total;    /* of a 206; UINT64_MAX: not told */
    int64_t date_ms;         /* Date; -1: none */
    char etag[S3_ETAG_SIZE]; /* with its quotes; "" if none, or longer */
    char sha256[65];         /* x-amz-meta-sha256 */
    char sse[32];            /* x-amz-server-side-encryption */
    char request_id[S3_REQUEST_ID_SIZE];
    struct buf text; /* the body, unless it was taken piece by piece; at most S3_TEXT_MAX */
};
void s3_answer_init(struct s3_answer *answer);
void s3_answer_fini(struct s3_answer *answer);

struct s3_exchange {
    const char *method;
    const char *url;
    const struct s3_header *headers;
    size_t header_count;
    struct span body; /* where body_fd is -1 */
    int body_fd;      /* read from its beginning, its offset left alone */
    uint64_t body_bytes;
    int64_t connect_ms;
    int64_t silent_s; /* ended when so long less than a kilobyte a second came or went */
    /* For the body of a 200 or 206; NULL: into answer->text. An error ends the exchange with it. */
    enum err_code (*take)(void *ctx, const struct s3_answer *answer, struct span piece,
                          struct err *err);
    void *take_ctx;
};

/* OK: a whole answer came, whatever its status. ERR_UNAVAILABLE: the network, worth another try.
 * ERR_SYSTEM: not to be mended by trying (TLS not trusted). Else the error of take. */
MUST_CHECK
enum err_code s3_http_perform(struct s3_http *http, const struct s3_exchange *exchange,
                              struct s3_answer *answer, struct err *err);
