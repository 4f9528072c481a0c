/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/outward.h - the runner's errands outside: documents to fetch, webhooks to deliver.
 *
 * A thread with a database handle of its own claims what is due, gives it to the courier
 * (wire/errand.h) and records what became of it. The courier is not trusted with more than an
 * errand: a document comes through a pipe and is counted and hashed here; bodies are signed here.
 * A courier that dies or does not answer costs an attempt of what it had.
 *
 * Fairness: a subscription has at most a few deliveries under way, one while it fails; those that
 * fail share a part of the room; a host gets so many connections and so many requests a second,
 * whoever asks. So a receiver that never answers delays nobody else. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct asking;
struct store;
struct outward;

struct outward_config {
    const char *db_place;
    struct store *store;     /* borrowed */
    int channel_fd;          /* to the courier; borrowed */
    int wake_fd;             /* written when a document has come: the runner's own; -1 */
    int news_fd;             /* see news.h */
    const char *webhook_key; /* file of the key that seals secrets, see base/seal.h */
    struct asking *asking;   /* questions to the outside model; borrowed, NULL: none */
    bool sole;               /* take over what others left claimed */
    uint64_t document_bytes; /* largest document */
    uint32_t fetch_ms;       /* for one document */
    uint32_t delivery_ms;    /* for one webhook */
};

MUST_CHECK
enum err_code outward_open(const struct outward_config *config, struct outward **ret,
                           struct err *err);
/* There may be something due. From any thread and from a signal handler. NULL is accepted. */
void outward_wake(struct outward *outward);
/* From any thread: its database handle has failed for good, and so has the process. */
bool outward_is_dead(const struct outward *outward);
/* Nothing new; documents are given back at once, deliveries may end until then (monotonic). */
void outward_stop(struct outward *outward, int64_t until_ms);
/* Waits for the end; outward_stop at once if it has not been called. NULL is accepted. */
void outward_close(struct outward **outward);
