/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/slot_internal.h"

#include "base/clock.h"
#include "base/meter.h"
#include "runner/news.h"
#include "runner/plan.h"
#include "sandbox/sandbox.h"

#include <stdlib.h>
#include <string.h>

/* Strings of a task and the list of a document's parts. */
enum { TASK_ARENA_BYTES = 8 << 20 };

/* So many events a step, that one fast document does not keep the loop from the others. */
enum { EVENTS_PER_STEP = 64 };

/* A hint that takes longer costs more than it helps. */
static const int64_t hint_ms = 2000;

enum err_code
slot_open(const struct slot_world *world, struct slot **ret, struct err *err)
{
    struct slot *slot = calloc(1, sizeof(*slot));

    if (slot == NULL || (slot->arena = arena_new(TASK_ARENA_BYTES)) == NULL) {
        slot_close(&slot);
        return err_set(err, ERR_MEMORY, "no memory for a reader's slot");
    }
    slot->world = *world;
    enum err_code rc = link_open(&world->config->link, &slot->link, err);
    if (rc == ERR_OK && store_is_remote(world->store))
        rc = slot_open_thread(slot, err);
    if (rc != ERR_OK)
        slot_close(&slot);
    else
        *ret = slot;
    return rc;
}

void
slot_close(struct slot **slot)
{
    if (*slot == NULL)
        return;
    slot_close_thread(*slot);
    link_close(&(*slot)->link);
    batch_drop(&(*slot)->batch);
    filing_drop(&(*slot)->filing);
    arena_drop(&(*slot)->arena);
    free(*slot);
    *slot = NULL;
}

const struct link *
slot_link(const struct slot *slot)
{
    return slot->link;
}

/* --- the steps that write --- */

struct step {
    struct slot *slot;
    int64_t *next_due_ms;
};

static struct task_claimer
claimer_of(const struct slot *slot)
{
    const struct runner_config *config = slot->world.config;

    return (struct task_claimer){slot->world.owner, &config->choice, clock_utc_ms(),
                                 config->lease_ms};
}

static enum err_code
do_claim(struct db *db, void *arg, struct err *err)
{
    struct step *step = arg;
    struct slot *slot = step->slot;
    const struct task_claimer claimer = claimer_of(slot);

    return task_claim_chosen(slot->arena, db, &claimer, &slot->task, step->next_due_ms, err);
}

static enum err_code
do_probed(struct db *db, void *arg, struct err *err)
{
    struct slot *slot = ((struct step *)arg)->slot;

    enum err_code rc =
        task_probed(db, &slot->task, slot->probe.pages, plan_batch_pages(&slot->probe, &slot->hint),
                    clock_utc_ms(), err);
    return rc == ERR_OK ? task_wants_binding(db, &slot->task, err) : rc;
}

enum err_code
slot_claim(struct slot *slot, int64_t *ret_next_due_ms, struct err *err)
{
    struct step step = {.slot = slot, .next_due_ms = ret_next_due_ms};
    int64_t now = clock_mono_ms();

    arena_reset(slot->arena);
    const struct task_claimer claimer = claimer_of(slot);
    enum err_code rc = db_is_shared(slot->world.db)
                           ? task_claim_shared(slot->arena, slot->world.db, &claimer, &slot->task,
                                               ret_next_due_ms, err)
                           : db_transact(slot->world.db, do_claim, &step, err);
    if (rc != ERR_OK)
        return rc;
    slot->busy = true;
    slot->giving_back = slot->probed = slot->hint.has_text = false;
    slot->progress_ms = now;
    slot->claimed_us = clock_mono_us();
    slot->lease_end_ms = now + slot->world.config->lease_ms;
    slot->extend_due_ms = now + slot->world.config->lease_ms / 3;
    slot_begin(slot);
    return ERR_OK;
}

/* --- while it runs --- */

static void
take_page(struct slot *slot, const struct link_event *event)
{
    struct err why;
    enum err_code rc;

    slot->progress_ms = clock_mono_ms();
    if (slot->batch == NULL) { /* a probe: the stream lets no page through */
        rc = err_set(&why, ERR_PROTOCOL, "a page came in a probe");
    } else if (event->kind == LINK_PAGE) {
        rc = batch_add(slot->batch, &event->page, &why);
    } else {
        rc = batch_add_failed(slot->batch, &event->failure, &why);
    }
    if (rc != ERR_OK)
        link_cancel(slot->link, &why);
}

static enum err_code
flush_pages(struct slot *slot, struct err *err)
{
    size_t waiting = batch_waiting(slot->batch);
    enum err_code rc = batch_flush(slot->batch, &slot->task, err);

    if (rc == ERR_OK && waiting > 0)
        news_tell(slot->world.config->news_fd, slot->task.job_id);
    return rc;
}

static void
take_record(struct slot *slot, const struct link_event *event)
{
    struct err why;
    enum err_code rc;

    slot->progress_ms = clock_mono_ms();
    if (slot->filing == NULL) /* the stream lets none through */
        rc = err_set(&why, ERR_PROTOCOL, "a record came where none was asked for");
    else if (event->kind == LINK_DATA)
        rc = filing_data(slot->filing, event->data, &why);
    else if (event->kind == LINK_RECORD)
        rc = filing_add(slot->filing, &event->record, &why);
    else
        rc = filing_add_warnings(slot->filing, event->warnings, &why);
    if (rc != ERR_OK)
        link_cancel(slot->link, &why);
}

/* The pages are counted, and only the search for the hint ended the child: whichever page did it is
 * dealt with when it is read. */
static bool
probe_suffices(const struct slot *slot, enum err_code code)
{
    return slot->task.kind == TASK_PROBE && slot->probed &&
           (code == ERR_CRASH || code == ERR_DEADLINE || code == ERR_MEMORY);
}

/* The run is over: what came is filed whatever the end was. */
static void
take_end(struct slot *slot, const struct link_event *event)
{
    struct step step = {.slot = slot};
    struct err why = event->why, err;
    enum err_code rc = ERR_OK;

    if (!slot->busy)
        return;
    log_line(LOG_DEBUG, "run ended", "job=%s%s%.32s cpu_ms=%llu peak_kib=%llu", slot->task.job_id,
             slot_trace(slot), slot->task.trace, (unsigned long long)event->ended.cpu_ms,
             (unsigned long long)event->ended.peak_kib);
    if (probe_suffices(slot, why.code))
        why.code = ERR_OK;
    if (slot->task.kind == TASK_BIND) {
        bool last = slot->task.page_from == slot->task.page_to;
        if (why.code == ERR_OK)
            rc = last ? batch_bind(slot->batch, slot->arena, &slot->task, &err)
                      : slot_bind_next(slot, &err);
        if (why.code == ERR_OK && rc == ERR_OK && !last)
            return;
    } else if (slot->batch != NULL && why.code != ERR_STALE) {
        rc = flush_pages(slot, &err);
    }
    if (slot->filing != NULL && why.code == ERR_OK)
        rc = filing_end(slot->filing, &slot->task, &err);
    if (rc == ERR_OK && why.code == ERR_OK && slot->task.kind == TASK_PROBE)
        rc = db_transact_for(slot->world.db, slot->task.team_id, do_probed, &step, &err);
    if (rc != ERR_OK)
        why = err;
    if (why.code != ERR_OK) {
        slot_settle(slot, &why);
        return;
    }
    meter_add(METER_TASKS_ENDED, 1);
    meter_time(slot->task.kind == TASK_PROBE   ? METER_STAGE_PROBE
               : slot->task.kind == TASK_PAGES ? METER_STAGE_BATCH
               : slot->task.kind == TASK_BIND  ? METER_STAGE_BIND
                                               : METER_STAGE_EXTRACT,
               clock_mono_us() - slot->claimed_us);
    if (slot->task.kind != TASK_PAGES) /* whose pages were told as they were filed */
        news_tell(slot->world.config->news_fd, slot->task.job_id);
    slot_forget(slot);
}

/* A child that could not add the minimum to the reader's layers would not read. */
static void
note_ready(const struct slot *slot)
{
    const struct wire_ready *reader = link_reader(slot->link);
    char quoted[LOG_QUOTE_SIZE];
    struct buf layers;

    buf_init(&layers, LOG_QUOTE_SIZE);
    sandbox_describe(reader->layers | SANDBOX_LAYERS_MIN, &layers);
    log_line(LOG_INFO, "reader ready", "engine=%s layers=\"%s\"", log_quote(quoted, reader->engine),
             buf_text(&layers));
    buf_fini(&layers);
}

static void
take_event(struct slot *slot, const struct link_event *event)
{
    char quoted[LOG_QUOTE_SIZE];

    switch (event->kind) {
    case LINK_PROBE:
        slot->probe = event->probe;
        slot->probed = true;
        slot->progress_ms = clock_mono_ms();
        break;
    case LINK_HINT:
        slot->hint = event->hint;
        break;
    case LINK_PAGE:
    case LINK_PAGE_FAILED:
        take_page(slot, event);
        break;
    case LINK_RECORD:
    case LINK_WARNINGS:
    case LINK_DATA:
        take_record(slot, event);
        break;
    case LINK_ENDED:
        take_end(slot, event);
        break;
    case LINK_BECAME_READY:
        note_ready(slot);
        break;
    case LINK_TROUBLE:
        log_line(LOG_ERROR, "reader failed", "error=%s", log_quote(quoted, event->why.msg));
        break;
    default:
        break;
    }
}

static int64_t
flush_due_ms(const struct slot *slot)
{
    if (!slot->busy || slot->batch == NULL || batch_waiting(slot->batch) == 0 ||
        slot->task.kind == TASK_BIND) /* all at once, when all are bound */
        return INT64_MAX;
    return batch_flushed_ms(slot->batch) + slot->world.config->flush_ms;
}

static int64_t
page_due_ms(const struct slot *slot)
{
    if (!slot->busy || link_state(slot->link) != LINK_RUNNING)
        return INT64_MAX;
    if (slot->task.kind == TASK_EXTRACT || slot->task.kind == TASK_BIND)
        return INT64_MAX; /* the run's own limit counts */
    return slot->progress_ms + (slot->probed ? hint_ms : slot->world.config->page_ms);
}

bool
slot_step_here(struct slot *slot)
{
    struct link_event event = {.kind = LINK_NOTHING};
    struct err why;

    for (int i = 0; i < EVENTS_PER_STEP; i++) {
        link_step(slot->link, &event);
        if (event.kind == LINK_NOTHING)
            break;
        take_event(slot, &event);
    }
    slot_step_asking(slot);
    int64_t now = clock_mono_ms();
    if (now >= flush_due_ms(slot) && flush_pages(slot, &why) != ERR_OK)
        link_cancel(slot->link, &why);
    if (now >= page_due_ms(slot)) {
        err_set(&why, ERR_DEADLINE, "a page was not read within %lld ms",
                (long long)(now - slot->progress_ms));
        link_cancel(slot->link, &why);
        slot->progress_ms = now; /* said once */
    }
    return event.kind != LINK_NOTHING;
}

int64_t
slot_due_here(const struct slot *slot)
{
    int64_t due = link_due_ms(slot->link);

    due = flush_due_ms(slot) < due ? flush_due_ms(slot) : due;
    return page_due_ms(slot) < due ? page_due_ms(slot) : due;
}

void
slot_end_early(struct slot *slot, const struct err *why)
{
    if (slot->asking > 0)
        slot_settle(slot, why);
    else
        link_cancel(slot->link, why);
}
