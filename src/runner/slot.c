/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/slot.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/meter.h"
#include "runner/asking.h"
#include "runner/batch.h"
#include "runner/filing.h"
#include "runner/news.h"
#include "runner/plan.h"
#include "sandbox/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Strings of a task and the list of a document's parts. */
enum { TASK_ARENA_BYTES = 8 << 20 };

/* So many events a step, that one fast document does not keep the loop from the others. */
enum { EVENTS_PER_STEP = 64 };

/* A hint that takes longer costs more than it helps. */
static const int64_t hint_ms = 2000;

/* A disk that was full a moment ago is not looked at again at once. */
static const int64_t full_rest_ms = 3000;

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

bool
slot_is_busy(const struct slot *slot)
{
    return slot->busy;
}

bool
slot_is_asking(const struct slot *slot)
{
    return slot->asking > 0;
}

bool
slot_is_free(const struct slot *slot)
{
    return !slot->busy && link_state(slot->link) == LINK_READY && clock_mono_ms() >= slot->rest_ms;
}

bool
slot_is_ready(const struct slot *slot)
{
    enum link_state state = link_state(slot->link);

    return state == LINK_READY || state == LINK_RUNNING;
}

int64_t
slot_rest_due_ms(const struct slot *slot)
{
    return slot->rest_ms > clock_mono_ms() ? slot->rest_ms : INT64_MAX;
}

const struct task *
slot_task(const struct slot *slot)
{
    return slot->busy ? &slot->task : NULL;
}

int64_t
slot_extend_due_ms(const struct slot *slot)
{
    return slot->busy ? slot->extend_due_ms : INT64_MAX;
}

static void
note(const struct slot *slot, enum log_level level, const char *what, const struct err *why)
{
    char quoted[LOG_QUOTE_SIZE];

    char step[64] = "probe";

    if (slot->task.kind == TASK_PAGES)
        snprintf(step, sizeof(step), "page %lld of %lld", (long long)slot->task.page_from + 1,
                 (long long)slot->task.total_pages);
    if (slot->task.kind == TASK_EXTRACT)
        snprintf(step, sizeof(step), "extraction");
    log_line(level, what, "job=%s task=%lld step=\"%s\" attempt=%lld reason=%s error=%s",
             slot->task.job_id, (long long)slot->task.id, step, (long long)slot->task.attempt,
             err_reason(why->code), log_quote(quoted, why->msg));
}

/* What becomes of it, for the person on call (jobs.h, task_failed). */
static void
note_failure(const struct slot *slot, const struct err *why)
{
    bool again = err_is_retryable(why->code) && slot->task.attempt < TASK_ATTEMPTS_MAX;
    bool probe = slot->task.kind == TASK_PROBE;
    bool extract = slot->task.kind == TASK_EXTRACT;

    note(slot, err_is_retryable(why->code) ? LOG_WARN : LOG_INFO,
         again                             ? "reading failed, it is tried again"
         : probe                           ? "document cannot be read, the job fails"
         : plan_is_searchable(&slot->task) ? "the searchable PDF cannot be written"
         : extract                         ? "nothing can be extracted, the extraction fails"
                                           : "page cannot be read, the job goes on without it",
         why);
}

static void
forget_task(struct slot *slot)
{
    if (slot->asking > 0)
        asking_forget(slot->world.asking, slot->asking);
    slot->asking = 0;
    slot->busy = false;
    batch_drop(&slot->batch);
    filing_drop(&slot->filing);
}

/* --- the steps that write --- */

struct step {
    struct slot *slot;
    const struct err *why;
    const char *object_id;
    char (*old)[OBJECT_ID_SIZE];
    size_t old_count;
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
do_release(struct db *db, void *arg, struct err *err)
{
    return task_release(db, &((struct step *)arg)->slot->task, err);
}

static enum err_code
do_fail(struct db *db, void *arg, struct err *err)
{
    struct step *step = arg;

    return task_failed(db, &step->slot->task, step->why, clock_utc_ms(), err);
}

static enum err_code
do_document(struct db *db, void *arg, struct err *err)
{
    struct step *step = arg;

    return task_document(step->slot->arena, db, &step->slot->task, step->object_id, &step->old,
                         &step->old_count, err);
}

static enum err_code
do_probed(struct db *db, void *arg, struct err *err)
{
    struct slot *slot = ((struct step *)arg)->slot;

    return task_probed(db, &slot->task, slot->probe.pages,
                       plan_batch_pages(&slot->probe, &slot->hint), clock_utc_ms(), err);
}

/* The task ended for this reason: told to the queue, and forgotten here. If the queue cannot be
 * told, the lease runs out by itself. */
static void
settle(struct slot *slot, const struct err *why)
{
    struct step step = {.slot = slot, .why = why};
    struct err err;
    enum err_code rc = ERR_OK;

    if (why->code == ERR_STORAGE_FULL)
        slot->rest_ms = clock_mono_ms() + full_rest_ms;
    if (why->code == ERR_STALE) {
        note(slot, LOG_INFO, "task is not ours any more", why);
    } else if (slot->giving_back || why->code == ERR_UNAVAILABLE || why->code == ERR_STORAGE_FULL) {
        note(slot, LOG_INFO, "task given back", why);
        rc = db_transact_for(slot->world.db, slot->task.team_id, do_release, &step, &err);
    } else {
        note_failure(slot, why);
        meter_add(METER_TASKS_FAILED, 1);
        rc = db_transact_for(slot->world.db, slot->task.team_id, do_fail, &step, &err);
    }
    if (rc != ERR_OK && rc != ERR_STALE)
        note(slot, LOG_ERROR, "the end of a task could not be recorded", &err);
    news_tell(slot->world.config->news_fd, slot->task.job_id);
    forget_task(slot);
}

/* --- the start of a task --- */

/* Makes one object of the uploaded parts, where an earlier attempt has not. */
static enum err_code
join_document(struct slot *slot, struct err *err)
{
    struct store *store = slot->world.store;
    struct step step = {.slot = slot};
    struct upload_part *parts = NULL;
    char id[OBJECT_ID_SIZE];
    uint64_t size;
    size_t n = 0;

    if (slot->task.object_id[0] != '\0')
        return ERR_OK;
    enum err_code rc =
        upload_parts(slot->arena, slot->world.db, slot->task.job_id, &parts, &n, err);
    const char **ids = rc == ERR_OK ? arena_array(slot->arena, n, sizeof(*ids)) : NULL;
    if (rc == ERR_OK && (ids == NULL || n == 0))
        return err_set(err, ERR_SYSTEM, "the document has %zu parts to join", n);
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        ids[i] = parts[i].object_id;
    /* A copy would go over the network twice. */
    bool as_it_is = n == 1 && store_is_remote(store);
    if (rc == ERR_OK && as_it_is)
        memcpy(id, ids[0], sizeof(id));
    else if (rc == ERR_OK)
        rc = store_join(store, ids, n, id, &size, err);
    if (rc != ERR_OK)
        return rc;
    step.object_id = id;
    rc = db_transact_for(slot->world.db, slot->task.team_id, do_document, &step, err);
    if (rc != ERR_OK) {
        if (rc == ERR_STALE &&
            !as_it_is) /* else the commit may have reached the disk: left to the collector */
            batch_discard_object(store, id);
        return rc;
    }
    for (size_t i = 0; i < step.old_count; i++)
        if (strcmp(step.old[i], id) != 0)
            batch_discard_object(store, step.old[i]);
    memcpy(slot->task.object_id, id, sizeof(id));
    return ERR_OK;
}

/* The child gets page trees in place of a document, and what the outside model proposes. */
static enum err_code
run_extraction(struct slot *slot, struct span proposal, struct err *err)
{
    const struct runner_config *config = slot->world.config;
    struct wire_run run = plan_run(config, &slot->task);
    int fd = -1;
    /* Decoded they take about twice the room, and values are found among them. */
    enum err_code rc = filing_pages(slot->filing, slot->arena, &slot->task, proposal,
                                    config->memory_bytes / 4, &fd, err);

    if (rc == ERR_OK)
        rc = link_run(slot->link, &run, fd, err);
    fd_close(&fd);
    return rc;
}

/* Whatever is wrong with it is a warning. */
static void
ask_model(struct slot *slot)
{
    struct buf text, body;
    bool cut = false;
    struct err why;

    buf_init(&text, MODEL_TEXT_MAX + 16);
    buf_init(&body, ERRAND_QUESTION_MAX);
    enum err_code rc =
        filing_text(slot->filing, slot->arena, &slot->task, MODEL_TEXT_MAX, &text, &cut, &why);
    if (rc == ERR_OK) {
        model_request(slot->world.model, &slot->task, buf_span(&text), &body);
        rc = buf_check(&body, "question to the model", &why);
    }
    if (rc == ERR_OK && (slot->asking = asking_put(slot->world.asking, buf_span(&body))) == 0)
        rc = err_set(&why, ERR_UNAVAILABLE, "too many questions wait");
    if (rc != ERR_OK)
        filing_warn(slot->filing, "the model was not asked: %s", why.msg);
    else if (cut)
        filing_warn(slot->filing, "the model was shown the first %d bytes of the document",
                    MODEL_TEXT_MAX);
    buf_fini(&text);
    buf_fini(&body);
}

static enum err_code
start_extraction(struct slot *slot, struct err *err)
{
    enum err_code rc = filing_new(slot->world.store, slot->world.db,
                                  slot->world.config->batch_bytes, &slot->filing, err);

    if (rc == ERR_OK && slot->world.asking != NULL && model_is_for(slot->world.model, &slot->task))
        ask_model(slot);
    if (rc == ERR_OK && slot->asking == 0)
        rc = run_extraction(slot, (struct span){(const uint8_t *)"", 0}, err);
    return rc;
}

/* Goes on with the extraction when the model has answered, or will not. */
static void
step_asking(struct slot *slot)
{
    struct buf answer;
    struct err why;

    if (slot->asking == 0 || link_state(slot->link) != LINK_READY)
        return;
    buf_init(&answer, MODEL_ANSWER_MAX + 1);
    if (asking_get(slot->world.asking, slot->asking, &answer, &why)) {
        slot->asking = 0;
        slot->progress_ms = clock_mono_ms();
        if (why.code != ERR_OK)
            filing_warn(slot->filing, "the model did not answer: %s", why.msg);
        log_line(LOG_DEBUG, "model asked", "job=%s bytes=%zu", slot->task.job_id, answer.len);
        const struct span none = {(const uint8_t *)"", 0};
        if (run_extraction(slot, answer.len > 0 ? buf_span(&answer) : none, &why) != ERR_OK)
            settle(slot, &why);
    }
    buf_fini(&answer);
}

/* Ends the run, or the wait for the model. */
static void
end_early(struct slot *slot, const struct err *why)
{
    if (slot->asking > 0)
        settle(slot, why);
    else
        link_cancel(slot->link, why);
}

/* The child gets the document and its trees. */
static enum err_code
start_searchable(struct slot *slot, struct err *err)
{
    struct wire_run run = plan_run(slot->world.config, &slot->task);
    uint64_t size = 0;
    int fd = -1, trees = -1;
    enum err_code rc = store_fetch(slot->world.store, slot->task.object_id, &fd, &size, err);

    if (rc == ERR_NOT_FOUND)
        rc = err_set(err, ERR_SYSTEM, "object %s of a document is missing", slot->task.object_id);
    run.limits.batch_bytes = plan_searchable_bytes(size);
    if (rc == ERR_OK)
        rc = filing_new(slot->world.store, slot->world.db, run.limits.batch_bytes, &slot->filing,
                        err);
    if (rc == ERR_OK)
        rc = filing_trees(slot->filing, &slot->task, &trees, err);
    if (rc == ERR_OK)
        rc = link_run_trees(slot->link, &run, fd, trees, err);
    fd_close(&fd);
    fd_close(&trees);
    return rc;
}

static enum err_code
start_task(struct slot *slot, struct err *err)
{
    const struct runner_config *config = slot->world.config;
    uint64_t size;
    int fd = -1;
    enum err_code rc = ERR_OK;

    if (plan_is_searchable(&slot->task))
        return start_searchable(slot, err);
    if (slot->task.kind == TASK_EXTRACT)
        return start_extraction(slot, err);
    if (slot->task.kind == TASK_PROBE)
        rc = join_document(slot, err);
    else if (slot->task.page_from < 0 || slot->task.page_to <= slot->task.page_from ||
             slot->task.page_to > config->pages_max)
        rc = err_set(err, ERR_PAGES, "pages up to %lld, the limit is %u",
                     (long long)slot->task.page_to, config->pages_max);
    else
        rc = batch_new(slot->world.store, slot->world.db, &slot->task, config->page_bytes,
                       config->batch_bytes, &slot->batch, err);
    if (rc == ERR_OK)
        rc = store_fetch(slot->world.store, slot->task.object_id, &fd, &size, err);
    if (rc == ERR_NOT_FOUND) /* never the client's business here */
        rc = err_set(err, ERR_SYSTEM, "object %s of a document is missing", slot->task.object_id);
    if (rc == ERR_OK) {
        struct wire_run run = plan_run(config, &slot->task);
        rc = link_run(slot->link, &run, fd, err);
    }
    fd_close(&fd);
    return rc;
}

enum err_code
slot_claim(struct slot *slot, int64_t *ret_next_due_ms, struct err *err)
{
    struct step step = {.slot = slot, .next_due_ms = ret_next_due_ms};
    int64_t now = clock_mono_ms();
    struct err why;

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
    if (start_task(slot, &why) != ERR_OK)
        settle(slot, &why);
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
    log_line(LOG_DEBUG, "run ended", "job=%s cpu_ms=%llu peak_kib=%llu", slot->task.job_id,
             (unsigned long long)event->ended.cpu_ms, (unsigned long long)event->ended.peak_kib);
    if (probe_suffices(slot, why.code))
        why.code = ERR_OK;
    if (slot->batch != NULL && why.code != ERR_STALE)
        rc = flush_pages(slot, &err);
    if (slot->filing != NULL && why.code == ERR_OK)
        rc = filing_end(slot->filing, &slot->task, &err);
    if (rc == ERR_OK && why.code == ERR_OK && slot->task.kind == TASK_PROBE)
        rc = db_transact_for(slot->world.db, slot->task.team_id, do_probed, &step, &err);
    if (rc != ERR_OK)
        why = err;
    if (why.code != ERR_OK) {
        settle(slot, &why);
        return;
    }
    meter_add(METER_TASKS_ENDED, 1);
    meter_time(slot->task.kind == TASK_PROBE   ? METER_STAGE_PROBE
               : slot->task.kind == TASK_PAGES ? METER_STAGE_BATCH
                                               : METER_STAGE_EXTRACT,
               clock_mono_us() - slot->claimed_us);
    if (slot->task.kind != TASK_PAGES) /* whose pages were told as they were filed */
        news_tell(slot->world.config->news_fd, slot->task.job_id);
    forget_task(slot);
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
    if (!slot->busy || slot->batch == NULL || batch_waiting(slot->batch) == 0)
        return INT64_MAX;
    return batch_flushed_ms(slot->batch) + slot->world.config->flush_ms;
}

static int64_t
page_due_ms(const struct slot *slot)
{
    if (!slot->busy || link_state(slot->link) != LINK_RUNNING)
        return INT64_MAX;
    if (slot->task.kind == TASK_EXTRACT)
        return INT64_MAX; /* the run's own limit counts */
    return slot->progress_ms + (slot->probed ? hint_ms : slot->world.config->page_ms);
}

bool
slot_step(struct slot *slot)
{
    struct link_event event = {.kind = LINK_NOTHING};
    struct err why;

    for (int i = 0; i < EVENTS_PER_STEP; i++) {
        link_step(slot->link, &event);
        if (event.kind == LINK_NOTHING)
            break;
        take_event(slot, &event);
    }
    step_asking(slot);
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
slot_due_ms(const struct slot *slot)
{
    int64_t due = link_due_ms(slot->link);

    due = flush_due_ms(slot) < due ? flush_due_ms(slot) : due;
    return page_due_ms(slot) < due ? page_due_ms(slot) : due;
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
    end_early(slot, &why);
}

void
slot_give_back(struct slot *slot)
{
    struct err why;

    if (!slot->busy || slot->giving_back)
        return;
    slot->giving_back = true;
    err_set(&why, ERR_UNAVAILABLE, "the runner stops");
    end_early(slot, &why);
}
