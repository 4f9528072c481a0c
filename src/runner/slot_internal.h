/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/slot_internal.h - what the files of slot.h share: the slot, how a task is started
 * (slot_start.c) and how it ends (slot_end.c). */
#pragma once

#include "base/log.h"
#include "runner/asking.h"
#include "runner/batch.h"
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
    int64_t claimed_us;
};

/* --- slot_start.c --- */

/* The claimed task goes to the reader, or its question to the outside model. */
MUST_CHECK
enum err_code slot_start(struct slot *slot, struct err *err);
/* Goes on with the extraction when the model has answered, or will not. */
void slot_step_asking(struct slot *slot);

/* --- slot_end.c --- */

/* The task ended for this reason: told to the queue, and forgotten here. If the queue cannot be
 * told, the lease runs out by itself. */
void slot_settle(struct slot *slot, const struct err *why);
void slot_forget(struct slot *slot);
/* A line in the log about the task. */
void slot_note(const struct slot *slot, enum log_level level, const char *what,
               const struct err *why);
/* What stands before the trace in a line of the log, where there is one. */
const char *slot_trace(const struct slot *slot);
