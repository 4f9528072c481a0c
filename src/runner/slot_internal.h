/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/slot_internal.h - what the files of slot.h share: the slot, how a task is started
 * (slot_start.c) and how it ends (slot_end.c). */
#pragma once

#include "base/log.h"
#include "runner/asking.h"
#include "runner/batch.h"
#include "runner/berth.h"
#include "runner/filing.h"
#include "runner/slot.h"

struct slot {
    struct slot_world world;
    struct link *link;
    struct arena *arena; /* of the task */
    bool busy, giving_back;
    struct task task;
    bool probed; /* probe is known; a hint may follow */
    struct wire_probe probe;
    struct wire_hint hint;
    struct batch *batch;   /* of a pages task */
    struct filing *filing; /* of an extraction */
    uint32_t asking;       /* number of a question to the outside model; 0: none */
    int64_t progress_ms;   /* when the last page came */
    int64_t extend_due_ms, lease_end_ms;
    int64_t rest_ms; /* takes no task before */
    /* The end could not be told to the queue: when it is tried again, and how it ended; 0: no. */
    int64_t settle_due_ms, settle_until_ms;
    struct err unsettled;
    int64_t claimed_us;
    struct {
        struct berth *berth; /* NULL: the loop does all steps itself */
        struct db *db;       /* of the steps; NULL: the loop's */
        bool more;           /* the last step left something */
        /* As it was when the thread took over; the loop's, as all below. */
        bool busy, ready;
        struct task task;
        bool giving_back;  /* asked for */
        struct err ending; /* why the run is to end when the slot is back; OK: it is not */
        int64_t look_ms;
    } turn;
};

/* --- slot.c: one step, by whoever has the slot --- */

bool slot_step_here(struct slot *slot);
int64_t slot_due_here(const struct slot *slot);
/* Ends the run, or the wait for the model. */
void slot_end_early(struct slot *slot, const struct err *why);

/* --- slot_turn.c --- */

MUST_CHECK
enum err_code slot_open_thread(struct slot *slot, struct err *err);
void slot_close_thread(struct slot *slot);
/* Starts the claimed task, here or there; what goes wrong is dealt with. */
void slot_begin(struct slot *slot);

/* --- slot_start.c --- */

/* The claimed task goes to the reader, or its question to the outside model. */
MUST_CHECK
enum err_code slot_start(struct slot *slot, struct err *err);
/* The next pages of a TASK_BIND go to the reader. */
MUST_CHECK
enum err_code slot_bind_next(struct slot *slot, struct err *err);
/* Goes on with the extraction when the model has answered, or will not. */
void slot_step_asking(struct slot *slot);

/* --- slot_end.c --- */

/* The task ended for this reason: told to the queue, and forgotten here. While the database is away
 * it is tried again as long as the lease lasts: one that runs out has cost the task an attempt. */
void slot_settle(struct slot *slot, const struct err *why);
void slot_forget(struct slot *slot);
/* What stands before the trace in a line of the log, where there is one. */
const char *slot_trace(const struct slot *slot);
