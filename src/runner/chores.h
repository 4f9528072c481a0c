/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/chores.h - the housekeeping of a data folder, on a thread with its own database handle.
 *
 * Every few seconds: uploads whose time is over and leases that ran out (job_sweep), jobs past
 * their retention, credits that expire, old audit entries (keep.h). Every ten minutes: objects that
 * no row needs, an hour old or more, are removed (what a crash between writing and recording
 * leaves). When nothing moves: a checkpoint of the database's log. Errors are logged, and the chore
 * is tried again in its turn. */
#pragma once

#include "jobs/jobs.h"
#include "jobs/node.h"

struct chores;

struct chores_config {
    const char *db_place;
    struct store *store;                /* borrowed */
    int64_t sweep_ms;                   /* 0: 5 s */
    int64_t collect_ms;                 /* 0: 10 min */
    int64_t retention_days, audit_days; /* see keep.h */
    struct node node;                   /* that says it is there, texts borrowed; name NULL: none */
    int64_t orphan_ms; /* 0: 1 h; the age from which an object nobody needs is garbage */
};

MUST_CHECK
enum err_code chores_open(const struct chores_config *config, struct chores **ret, struct err *err);
/* From any thread, often: what the node says of itself from its next word on; that it drains is
 * said at once. */
void chores_note(struct chores *chores, size_t running, bool draining);
/* From any thread: its database handle has failed for good, and so has the process. */
bool chores_are_dead(const struct chores *chores);
/* Ends the thread; waits for the step it is in. */
void chores_close(struct chores **chores);
