/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Whose turn it is. On a folder the runner's loop does all steps itself. Where the store is a
 * service, a step may wait for seconds: then it is done by the slot's own thread, which has the
 * whole slot meanwhile but for `turn` and the times of the lease; what the loop asks of it, it is
 * told from `turn`, and what it wants of it waits there. */
#include "base/clock.h"
#include "runner/slot_internal.h"

#include <poll.h>

/* So often it is looked whether the outside model has answered. */
static const int64_t asking_look_ms = 50;

enum err_code
slot_open_thread(struct slot *slot, struct err *err)
{
    enum err_code rc = db_open(slot->world.config->db_place, &slot->turn.db, err);

    slot->turn.more = true;
    if (rc == ERR_OK)
        slot->world.db = slot->turn.db;
    return rc == ERR_OK ? berth_open(slot->world.told_fd, &slot->turn.berth, err) : rc;
}

void
slot_close_thread(struct slot *slot)
{
    berth_close(&slot->turn.berth);
    db_close(&slot->turn.db);
}

bool
slot_is_away(const struct slot *slot)
{
    return slot->turn.berth != NULL && berth_is_busy(slot->turn.berth);
}

bool
slot_is_dead(const struct slot *slot)
{
    return slot->turn.db != NULL && !slot_is_away(slot) && db_is_dead(slot->turn.db);
}

bool
slot_is_busy(const struct slot *slot)
{
    return slot_is_away(slot) ? slot->turn.busy : slot->busy;
}

bool
slot_is_asking(const struct slot *slot)
{
    return !slot_is_away(slot) && slot->asking > 0;
}

bool
slot_is_free(const struct slot *slot)
{
    return !slot_is_away(slot) && !slot->busy && link_state(slot->link) == LINK_READY &&
           clock_mono_ms() >= slot->rest_ms;
}

bool
slot_is_ready(const struct slot *slot)
{
    if (slot_is_away(slot)) /* it was, a moment ago */
        return slot->turn.ready;
    enum link_state state = link_state(slot->link);
    return state == LINK_READY || state == LINK_RUNNING;
}

int64_t
slot_rest_due_ms(const struct slot *slot)
{
    return !slot_is_away(slot) && slot->rest_ms > clock_mono_ms() ? slot->rest_ms : INT64_MAX;
}

/* Its last page is filed, and the task is gone; only the end of its run is still to come. */
static bool
is_done(const struct task *task)
{
    return task->kind == TASK_PAGES && task->page_from >= task->page_to;
}

const struct task *
slot_task(const struct slot *slot)
{
    const struct task *task = slot_is_away(slot) ? &slot->turn.task : &slot->task;
    bool busy = slot_is_away(slot) ? slot->turn.busy : slot->busy;

    return busy && !is_done(task) ? task : NULL;
}

int64_t
slot_extend_due_ms(const struct slot *slot)
{
    return slot_is_busy(slot) && slot_task(slot) != NULL ? slot->extend_due_ms : INT64_MAX;
}

int64_t
slot_due_ms(const struct slot *slot)
{
    if (slot_is_away(slot))
        return INT64_MAX; /* its end is told */
    int64_t due = slot_due_here(slot);
    if (slot->turn.berth != NULL && slot->asking > 0 && slot->turn.look_ms < due)
        due = slot->turn.look_ms;
    return due;
}

/* --- what is posted --- */

static void
start(struct slot *slot)
{
    struct err why;

    if (slot_start(slot, &why) != ERR_OK)
        slot_settle(slot, &why);
}

static void
start_away(void *arg)
{
    struct slot *slot = arg;

    start(slot);
    slot->turn.more = true;
}

static void
step_away(void *arg)
{
    struct slot *slot = arg;

    slot->turn.more = slot_step_here(slot);
}

static void
post(struct slot *slot, void (*work)(void *arg))
{
    enum link_state state = link_state(slot->link);

    slot->turn.busy = slot->busy;
    slot->turn.ready = state == LINK_READY || state == LINK_RUNNING;
    slot->turn.task = slot->task;
    slot->turn.look_ms = clock_mono_ms() + asking_look_ms;
    berth_post(slot->turn.berth, work, slot);
}

void
slot_begin(struct slot *slot)
{
    slot->turn.ending.code = ERR_OK;
    slot->turn.giving_back = false;
    if (slot->turn.berth != NULL)
        post(slot, start_away);
    else
        start(slot);
}

/* Something has come, or is due. */
static bool
wants_step(const struct slot *slot)
{
    struct pollfd fds[] = {{.fd = link_control_fd(slot->link), .events = POLLIN},
                           {.fd = link_result_fd(slot->link), .events = POLLIN}};

    return slot->turn.more || slot_due_ms(slot) <= clock_mono_ms() || poll(fds, 2, 0) > 0;
}

/* Ends the run, or the wait for the model: now, or when the slot is back. */
static void
end_soon(struct slot *slot, const struct err *why)
{
    if (slot_is_away(slot)) {
        slot->turn.ending = *why;
        return;
    }
    slot->turn.ending.code = ERR_OK;
    slot->giving_back = slot->turn.giving_back;
    slot_end_early(slot, why);
}

bool
slot_step(struct slot *slot)
{
    if (slot->turn.berth == NULL)
        return slot_step_here(slot);
    if (slot_is_away(slot))
        return false;
    if (slot->turn.ending.code != ERR_OK) {
        const struct err why = slot->turn.ending;
        slot->turn.ending.code = ERR_OK;
        if (slot->busy) {
            end_soon(slot, &why);
            slot->turn.more = true;
        }
    }
    if (wants_step(slot))
        post(slot, step_away);
    return false;
}

void
slot_extended(struct slot *slot, enum err_code rc)
{
    int64_t now = clock_mono_ms();
    int64_t lease = slot->world.config->lease_ms;
    struct err why;

    if (rc == ERR_OK) {
        slot->lease_end_ms = now + lease;
        slot->extend_due_ms = now + lease / 3;
        return;
    }
    slot->extend_due_ms = now + lease / 30;
    if (rc == ERR_STALE)
        err_set(&why, ERR_STALE, "the lease was lost, or the job deleted");
    else if (now >= slot->lease_end_ms - lease / 4)
        err_set(&why, ERR_STALE, "the lease could not be extended");
    else
        return;
    end_soon(slot, &why);
}

void
slot_give_back(struct slot *slot)
{
    struct err why;

    if (!slot_is_busy(slot) || slot->turn.giving_back)
        return;
    slot->turn.giving_back = true;
    err_set(&why, ERR_UNAVAILABLE, "the runner stops");
    end_soon(slot, &why);
}
