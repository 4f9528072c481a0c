/* SPDX-License-Identifier: AGPL-3.0-or-later
 * courier/transfer_internal.h - what the files of a transfer share. */
#pragma once

#include "courier/transfer.h"

#include <curl/curl.h>

enum { HOPS_MAX = 5, PENDING_MAX = CURL_MAX_WRITE_SIZE, HEADERS_MAX = 64 << 10 };
enum { IGNORED_BODY_MAX = 64 << 10 }; /* of an answer whose body nobody reads */

enum transfer_state {
    TRANSFER_LOOKUP,
    TRANSFER_CONNECTED, /* or about to be */
    TRANSFER_DRAIN,     /* all has come; the pipe is still to be filled */
    TRANSFER_OVER
};

struct transfer {
    struct transfer_world world;
    struct wire_errand errand;
    enum transfer_state state;
    int fd; /* write end of the pipe; -1 for a delivery, whose body has been read */
    struct url url;
    int hops;
    int64_t deadline_ms;
    struct lookup *lookup;
    CURL *easy;
    bool added; /* easy is in the multi handle */
    struct curl_slist *headers, *pinned;
    uint8_t *body;
    size_t body_len;
    uint64_t bytes;         /* of the document so far */
    uint64_t ignored_bytes; /* of bodies that nobody reads */
    size_t header_bytes;
    uint8_t pending[PENDING_MAX]; /* came, but the pipe was full */
    size_t pending_at, pending_len;
    bool paused;
    bool forbidden; /* an address was refused; outcome has the text */
    bool unwanted;  /* the answer is not taken; outcome has the text */
    bool too_large;
    bool enough; /* the rest of the body does not matter */
    struct wire_outcome outcome;
};

/* Sets everything of transfer->easy for the present URL and its addresses. */
MUST_CHECK
enum err_code transfer_set_up(struct transfer *transfer, const struct netaddr *addresses, size_t n,
                              struct err *err);

/* As much of pending as the pipe takes; false if the reader is gone. */
bool transfer_flush(struct transfer *transfer);

void transfer_say(struct transfer *transfer, enum wire_end end, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
