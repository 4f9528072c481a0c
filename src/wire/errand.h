/* SPDX-License-Identifier: AGPL-3.0-or-later
 * wire/errand.h - what the runner and the courier say to each other.
 *
 *   runner -> courier  ERRAND (with one descriptor), CANCEL
 *   courier -> runner  HELLO once when it starts, OUTCOME once for each ERRAND
 *
 * A FETCH brings the write end of a pipe, through which the document comes; it is complete only
 * after an OUTCOME that says so. A DELIVERY brings a sealed file in memory, the body to post; the
 * signatures were made by the runner, so that no key goes to the process that talks to strangers.
 * A MODEL brings a file in memory, the question to post; the answer is written behind it. Its URL
 * is the operator's own and may lead anywhere; the key for it comes along. HELLO tells a runner
 * that what it had asked an earlier courier is lost; an errand with a `runner` other than the last
 * one tells a courier that nobody waits for what it does for that one. put and take as in
 * wire/message.h. */
#pragma once

#include "base/trace.h"
#include "base/url.h"
#include "wire/frame.h"

enum wire_errand_kind { ERRAND_FETCH, ERRAND_DELIVERY, ERRAND_MODEL, ERRAND_KIND_COUNT };

/* 64 hexadecimal digits and a NUL; seconds since 1970 in decimal. */
enum { ERRAND_SIGNATURE_SIZE = 65, ERRAND_TIMESTAMP_SIZE = 21, ERRAND_BODY_MAX = 64 << 10 };

/* Body of a question; key with its NUL. */
enum { ERRAND_QUESTION_MAX = 2 << 20, ERRAND_BEARER_SIZE = 1024 };

struct wire_errand {
    uint64_t runner; /* which one asks: chosen at its start */
    uint64_t id;     /* comes back in OUTCOME */
    enum wire_errand_kind kind;
    uint32_t time_ms;   /* of the whole errand */
    uint64_t bytes_max; /* of the document, or of the answer */
    char url[URL_TEXT_SIZE];
    char timestamp[ERRAND_TIMESTAMP_SIZE]; /* delivery: of the signature; else "" */
    char signature[ERRAND_SIGNATURE_SIZE];
    char body_signature[ERRAND_SIGNATURE_SIZE];
    char trace[TRACE_SIZE];          /* for the log, and a delivery's traceparent; "": none */
    char bearer[ERRAND_BEARER_SIZE]; /* of a model: visible ASCII, "" none; else "" */
};

struct wire_hello {
    uint64_t courier; /* which one: chosen at its start */
    uint32_t layers;  /* of its sandbox */
};

/* How an errand ended. */
enum wire_end {
    END_OK,          /* the whole document came; the delivery was answered with 2xx */
    END_FORBIDDEN,   /* the policy does not allow the address, the port or the URL */
    END_UNREACHABLE, /* no name, no connection, no TLS, cut off in the middle */
    END_STATUS,      /* an answer that is no success; http_status says which */
    END_TOO_LARGE,
    END_TIME,     /* too slow, or no end */
    END_ANSWER,   /* an answer that is not taken: compressed, endless headers, too many redirects */
    END_CANCELED, /* as asked */
    END_OURS,     /* the courier's own fault: no memory, no descriptors */
    END_COUNT
};

struct wire_outcome {
    uint64_t id;
    enum wire_end end;
    uint32_t http_status;           /* 0: none */
    uint64_t bytes;                 /* END_OK: of the document, or of the answer of a model */
    char text[WIRE_TEXT_SIZE - 56]; /* for people; names nothing that the URL did not */
};

void wire_put_errand(struct buf *out, const struct wire_errand *errand);
void wire_put_cancel(struct buf *out, uint64_t id);
void wire_put_hello(struct buf *out, const struct wire_hello *hello);
void wire_put_outcome(struct buf *out, const struct wire_outcome *outcome);

MUST_CHECK
enum err_code wire_take_errand(struct span payload, struct wire_errand *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_cancel(struct span payload, uint64_t *ret_id, struct err *err);
MUST_CHECK
enum err_code wire_take_hello(struct span payload, struct wire_hello *ret, struct err *err);
MUST_CHECK
enum err_code wire_take_outcome(struct span payload, struct wire_outcome *ret, struct err *err);
