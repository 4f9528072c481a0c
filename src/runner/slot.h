/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/slot.h - one reader and the task that it works on, from claim to filed result. */
#pragma once

#include "jobs/jobs.h"
#include "runner/runner.h"

struct slot;

/* All borrowed until slot_close. */
struct asking;

struct slot_world {
    const struct runner_config *config;
    struct db *db;
    struct store *store;
    const char *owner; /* the runner's incarnation */
    int told_fd;       /* eventfd: a slot is back from its thread (where the store is a service) */
    const struct model *model;
    struct asking *asking; /* NULL: no outside model */
};

MUST_CHECK
enum err_code slot_open(const struct slot_world *world, struct slot **ret, struct err *err);
void slot_close(struct slot **slot);

/* The slot's link, for its descriptors. */
const struct link *slot_link(const struct slot *slot);

/* Its thread has it: its link is not to be looked at. */
bool slot_is_away(const struct slot *slot);
bool slot_is_dead(const struct slot *slot);   /* its database handle has failed for good */
bool slot_is_busy(const struct slot *slot);   /* holds a task */
bool slot_is_asking(const struct slot *slot); /* waits for the outside model */
bool slot_is_free(const struct slot *slot);  /* its reader is ready, holds none and does not rest */
bool slot_is_ready(const struct slot *slot); /* its reader is there, at work or not */
/* When it may be free again after the disk was full; INT64_MAX: it does not rest. */
int64_t slot_rest_due_ms(const struct slot *slot);

/* Claims tasks for free slots and starts them: for the first *ret_n of n, at least one. On a file
 * that is one, since claims cost nothing there; on a server as many as there are for so many.
 * ERR_NOT_FOUND: none is due, *ret_next_due_ms as in task_claim. Other errors are the database's. A
 * task that cannot be started is dealt with here: that is OK. */
MUST_CHECK
enum err_code slots_claim(struct slot **slots, size_t n, size_t *ret_n, int64_t *ret_next_due_ms,
                          struct err *err);

/* Takes what has come and does what is due. True if there may be more at once. */
bool slot_step(struct slot *slot);

/* Monotonic time of the next slot_step if nothing comes before. */
int64_t slot_due_ms(const struct slot *slot);

/* The task for an extension of its lease (NULL: none), and what became of that: OK, or an error.
 * ERR_STALE ends the run; others do when the lease is about to run out. */
const struct task *slot_task(const struct slot *slot);
void slot_extended(struct slot *slot, enum err_code rc);
int64_t slot_extend_due_ms(const struct slot *slot);

/* Ends the run to give its task back. */
void slot_give_back(struct slot *slot);
