/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/outward_internal.h - what the files of outward.h share: what is under way, and the steps
 * that claim it (outward_claim.c), and that record how it ended (outward_end.c). Its thread only,
 * but for what is atomic. */
#pragma once

#include "base/clock.h"
#include "runner/asking.h"
#include "runner/berth.h"
#include "runner/errand.h"
#include "runner/hosts.h"
#include "runner/outward.h"

#include <pthread.h>
#include <stdatomic.h>

enum {
    FETCHES_MAX = 8,
    DELIVERIES_MAX = 64,
    ERRANDS_MAX = FETCHES_MAX + DELIVERIES_MAX,
    TROUBLED_MAX = 24, /* deliveries to receivers that fail: slow ones, most likely */
    HOOK_AT_ONCE = 4,  /* of one subscription */
};

/* A document's lease is short and extended; a delivery's covers all of it. */
static const int64_t fetch_lease_ms = 20000;
/* Beyond an errand's own time: the courier is gone. */
static const int64_t patience_ms = 15000;

struct outward {
    struct outward_config config;
    struct db *db;
    struct arena *arena;
    struct seal_key key;
    pthread_t thread;
    bool started;
    bool greeted;         /* the courier has said that it is there */
    int64_t greet_due_ms; /* when it must have been there all along */
    int wake_fd;
    atomic_bool dead;
    atomic_bool stopping;
    _Atomic int64_t stop_until_ms;
    uint64_t self, next_id; /* of this incarnation */
    struct errand errands[ERRANDS_MAX];
    /* Where the store is a service, which may take long: they put documents, one each, and the
     * other errands go on. NULL on a folder. */
    struct berth *berths[FETCHES_MAX];
    struct hosts hosts;
    int64_t fetch_due_ms, hook_due_ms, purge_due_ms; /* monotonic */
};

/* One transaction; an error is logged as what. False where nothing was done. */
bool outward_transact(struct outward *o, db_work work, void *arg, const char *what);
void outward_note_error(const char *what, const struct err *why);

/* Ends an errand without the courier. */
void outward_report(struct errand *errand, enum wire_end end, const char *text);
void outward_cancel(struct outward *o, uint64_t id);
size_t outward_count(const struct outward *o, enum wire_errand_kind kind);

/* --- outward_claim.c --- */
struct claim;
/* Room for what one transaction claims; large. NULL: no memory. */
struct claim *claim_new(void);
void claim_fetches(struct outward *o, struct claim *claim);
void claim_hooks(struct outward *o, struct claim *claim);
/* Monotonic time to look again, for something that is due at utc_ms (0: nothing is). */
int64_t outward_look_again(int64_t utc_ms);

/* --- outward_end.c --- */
/* Puts the document of a fetch into the store, or finds that it cannot be; then, once it is kept,
 * the transaction. */
void outward_keep_document(struct outward *o, size_t i);
bool outward_has_kept(const struct outward *o, size_t i);
void outward_file_document(struct outward *o, struct errand *errand);
/* Documents of jobs that were cancelled or deleted are not waited for. */
void outward_extend_fetches(struct outward *o);
void outward_record_deliveries(struct outward *o);
