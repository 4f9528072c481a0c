/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/slot_internal.h"

#include "base/clock.h"
#include "base/meter.h"
#include "runner/news.h"

#include <stdio.h>

/* A disk that was full a moment ago is not looked at again at once. */
static const int64_t full_rest_ms = 3000;

static const int64_t settle_again_ms = 250;

const char *
slot_trace(const struct slot *slot)
{
    return slot->task.trace[0] != '\0' ? " trace=" : "";
}

/* A line in the log about the task. */
static void
slot_note(const struct slot *slot, enum log_level level, const char *what, const struct err *why)
{
    char quoted[LOG_QUOTE_SIZE];

    char step[64] = "probe";

    if (slot->task.kind == TASK_PAGES)
        snprintf(step, sizeof(step), "page %lld of %lld", (long long)slot->task.page_from + 1,
                 (long long)slot->task.total_pages);
    if (slot->task.kind == TASK_EXTRACT)
        snprintf(step, sizeof(step), "extraction");
    if (slot->task.kind == TASK_BIND)
        snprintf(step, sizeof(step), "pages beside each other");
    log_line(level, what, "job=%s%s%.32s task=%lld step=\"%s\" attempt=%lld reason=%s error=%s",
             slot->task.job_id, slot_trace(slot), slot->task.trace, (long long)slot->task.id, step,
             (long long)slot->task.attempt, err_reason(why->code), log_quote(quoted, why->msg));
}

/* What becomes of it, for the person on call (jobs.h, task_failed). */
static void
note_failure(const struct slot *slot, const struct err *why)
{
    bool again = err_is_retryable(why->code) && slot->task.attempt < TASK_ATTEMPTS_MAX;
    bool probe = slot->task.kind == TASK_PROBE;
    bool extract = slot->task.kind == TASK_EXTRACT;
    bool bind = slot->task.kind == TASK_BIND;

    slot_note(slot, err_is_retryable(why->code) ? LOG_WARN : LOG_INFO,
              again                   ? "reading failed, it is tried again"
              : probe                 ? "document cannot be read, the job fails"
              : slot->task.searchable ? "the searchable PDF cannot be written"
              : bind                  ? "pages stay as they are without their neighbours"
              : extract               ? "nothing can be extracted, the extraction fails"
                                      : "page cannot be read, the job goes on without it",
              why);
}

void
slot_forget(struct slot *slot)
{
    if (slot->asking > 0)
        asking_forget(slot->world.asking, slot->asking);
    slot->asking = 0;
    slot->settle_due_ms = 0;
    slot->busy = false;
    batch_drop(&slot->batch);
    filing_drop(&slot->filing);
}

struct end {
    struct slot *slot;
    const struct err *why;
};

static enum err_code
do_release(struct db *db, void *arg, struct err *err)
{
    return task_release(db, &((struct end *)arg)->slot->task, err);
}

static enum err_code
do_fail(struct db *db, void *arg, struct err *err)
{
    const struct end *end = arg;

    return task_failed(db, &end->slot->task, end->why, clock_utc_ms(), err);
}

static void
note_end(struct slot *slot, const struct err *why, bool released)
{
    if (why->code == ERR_STALE) {
        slot_note(slot, LOG_INFO, "task is not ours any more", why);
    } else if (released) {
        slot_note(slot, LOG_INFO, "task given back", why);
    } else {
        note_failure(slot, why);
        meter_add(METER_TASKS_FAILED, 1);
    }
}

/* True: the queue is to hear of it again. */
static bool
settle_later(struct slot *slot, const struct err *why, const struct err *err)
{
    int64_t now = clock_mono_ms();

    if (slot->settle_due_ms == 0)
        slot->settle_until_ms = now + slot->world.config->lease_ms;
    if (err->code != ERR_UNAVAILABLE || now >= slot->settle_until_ms)
        return false;
    if (slot->settle_due_ms == 0)
        slot_note(slot, LOG_WARN, "the end of a task waits for the database", err);
    slot->settle_due_ms = now + settle_again_ms;
    slot->unsettled = *why;
    if (slot->asking > 0)
        asking_forget(slot->world.asking, slot->asking);
    slot->asking = 0;
    batch_drop(&slot->batch);
    filing_drop(&slot->filing);
    return true;
}

void
slot_settle(struct slot *slot, const struct err *why)
{
    struct end end = {slot, why};
    struct err err;
    enum err_code rc = ERR_OK;
    bool released =
        slot->giving_back || why->code == ERR_UNAVAILABLE || why->code == ERR_STORAGE_FULL;

    if (why->code == ERR_STORAGE_FULL)
        slot->rest_ms = clock_mono_ms() + full_rest_ms;
    if (slot->settle_due_ms == 0)
        note_end(slot, why, released);
    if (why->code != ERR_STALE)
        rc = db_transact_for(slot->world.db, slot->task.team_id, released ? do_release : do_fail,
                             &end, &err);
    if (rc != ERR_OK && settle_later(slot, why, &err))
        return;
    if (rc != ERR_OK && rc != ERR_STALE)
        slot_note(slot, LOG_ERROR, "the end of a task could not be recorded", &err);
    news_tell(slot->world.config->news_fd, slot->task.job_id);
    slot_forget(slot);
}
