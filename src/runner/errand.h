/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/errand.h - one errand of the courier as the runner keeps it, from the claim to the record.
 * Belongs to the thread of outward.c. */
#pragma once

#include "hooks/send.h"
#include "jobs/jobs.h"
#include "store/store.h"
#include "wire/errand.h"

/* KEEPING: its document is being put into the store, perhaps by another thread. */
enum errand_state { ERRAND_FREE, ERRAND_UNDER_WAY, ERRAND_REPORTED, ERRAND_KEEPING };

struct errand {
    enum errand_state state;
    enum wire_errand_kind kind;
    uint64_t id;
    int64_t begun_us;    /* monotonic */
    int64_t deadline_ms; /* monotonic: the courier does not answer any more */
    struct wire_outcome outcome;
    /* a document */
    struct fetch fetch;
    int64_t extend_due_ms;
    int pipe_fd; /* -1: all of it has come */
    struct store_sink *sink;
    struct err broken;           /* code ERR_OK: sound; else why the document cannot be kept */
    struct store_written object; /* what it became */
    struct err kept;             /* code ERR_OK: it did */
    /* a delivery */
    struct hook_sending sending; /* its texts are gone once it is under way */
    uint64_t host;
    bool troubled; /* of a subscription that fails */
};

/* The pipe of a document: takes what has come. */
void errand_read(struct errand *errand, struct store *store, uint64_t bytes_max);

/* Everything that could still come for it has come. */
bool errand_is_complete(const struct errand *errand);

/* What an outcome means for a job or a delivery; code ERR_OK for END_OK. */
void errand_judge(const struct wire_outcome *outcome, struct err *ret);

/* Signs and fills the message of a delivery. seconds: since 1970. */
void errand_sign(const struct hook_sending *sending, int64_t seconds, struct wire_errand *ret);

/* A sealed file in memory with this text; *ret_fd is the caller's. */
MUST_CHECK
enum err_code errand_body(const char *text, int *ret_fd, struct err *err);

/* Closes and forgets all. */
void errand_clear(struct errand *errand);
