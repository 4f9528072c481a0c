/* SPDX-License-Identifier: AGPL-3.0-or-later
 * hooks/send.h - deliveries as their sender sees them: what is due, whose turn it is, how it went.
 *
 * A claim gives a lease; its number is the token that the report has to bring. A sender that dies
 * leaves a delivery that is due again: it may arrive twice, with the same event id, and is never
 * lost. After a failure a delivery waits longer each time, from seconds to hours, with jitter, for
 * HOOK_DAYS days; a subscription of which nothing but failures came for so long is disabled. */
#pragma once

#include "base/trace.h"
#include "hooks/hooks.h"

enum { HOOK_DAYS = 3, HOOK_LOG_DAYS = 30 };

/* A subscription with something due. */
struct hook_due {
    char id[UUID_TEXT_SIZE];
    int64_t failure_count;
    uint64_t host; /* a number for the host of its URL, see host_number */
};
/* host_number: how the caller numbers hosts. Those that have waited longest first. *ret_next_ms:
 * when there is more (0: never, as it is). */
MUST_CHECK
enum err_code hooks_due(struct db *db, int64_t now_ms, uint64_t (*host_number)(const char *url),
                        struct hook_due *ret, size_t max, size_t *ret_n, int64_t *ret_next_ms,
                        struct err *err);

struct hook_sending {
    char delivery_id[UUID_TEXT_SIZE];
    char hook_id[UUID_TEXT_SIZE];
    char event_id[UUID_TEXT_SIZE];
    char trace[TRACE_SIZE]; /* of the event's job; "": none */
    int64_t attempt;        /* from 1; the token too */
    const char *url;
    const char *payload;
    char secret[HOOK_SECRET_SIZE];
};
/* At most max due deliveries of one subscription, each with a lease. */
MUST_CHECK
enum err_code hooks_claim(struct arena *arena, struct db *db, const struct seal_key *key,
                          const char *hook_id, int64_t now_ms, int64_t lease_ms,
                          struct hook_sending *ret, size_t max, size_t *ret_n, struct err *err);
/* Not its turn now: nothing of the subscription is looked at before until_ms. */
MUST_CHECK
enum err_code hooks_hold(struct db *db, const char *hook_id, int64_t until_ms, struct err *err);

struct hook_report {
    int64_t http_status;       /* 0: no answer */
    const struct err *failure; /* NULL: delivered */
};
/* OK also where the delivery, or its subscription, is gone or claimed anew: then nothing is
 * written. *ret_disabled: the subscription has been disabled by this. */
MUST_CHECK
enum err_code hooks_report(struct db *db, const struct hook_sending *sending,
                           const struct hook_report *report, int64_t now_ms, bool *ret_disabled,
                           struct err *err);

/* At start, under the data folder's lock: what others left claimed is due at once. */
MUST_CHECK
enum err_code hooks_recover(struct db *db, int64_t now_ms, struct err *err);

/* The clock was set back: deliveries that were written at a time yet to come wait no longer than
 * they would have. To be called every few seconds; nothing is changed as a rule. */
MUST_CHECK
enum err_code hooks_set_back(struct db *db, int64_t now_ms, struct err *err);

/* Forgets events and deliveries that ended HOOK_LOG_DAYS ago, at most some hundreds at a call;
 * *ret_more where there may be more. */
MUST_CHECK
enum err_code hooks_purge(struct db *db, int64_t now_ms, bool *ret_more, struct err *err);

/* Deliveries that are not over: for metrics. */
struct hooks_counts {
    int64_t waiting, sending;
    int64_t oldest_due_ms; /* of the waiting; 0: none waits */
};
MUST_CHECK
enum err_code hooks_counts(struct db *db, struct hooks_counts *ret, struct err *err);
