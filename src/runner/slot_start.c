/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/slot_internal.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "runner/plan.h"
#include "runner/trees.h"

#include <string.h>

struct join {
    struct slot *slot;
    const char *object_id;
    char (*old)[OBJECT_ID_SIZE];
    size_t old_count;
};

static enum err_code
do_document(struct db *db, void *arg, struct err *err)
{
    struct join *join = arg;

    return task_document(join->slot->arena, db, &join->slot->task, join->object_id, &join->old,
                         &join->old_count, err);
}

/* Makes one object of the uploaded parts, where an earlier attempt has not. */
static enum err_code
join_document(struct slot *slot, struct err *err)
{
    struct store *store = slot->world.store;
    struct join join = {.slot = slot};
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
    join.object_id = id;
    rc = db_transact_for(slot->world.db, slot->task.team_id, do_document, &join, err);
    if (rc != ERR_OK) {
        if (rc == ERR_STALE &&
            !as_it_is) /* else the commit may have reached the disk: left to the collector */
            batch_discard_object(store, id);
        return rc;
    }
    for (size_t i = 0; i < join.old_count; i++)
        if (strcmp(join.old[i], id) != 0)
            batch_discard_object(store, join.old[i]);
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

void
slot_step_asking(struct slot *slot)
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
        log_line(LOG_DEBUG, "model asked", "job=%s%s%.32s bytes=%zu", slot->task.job_id,
                 slot_trace(slot), slot->task.trace, answer.len);
        const struct span none = {(const uint8_t *)"", 0};
        if (run_extraction(slot, answer.len > 0 ? buf_span(&answer) : none, &why) != ERR_OK)
            slot_settle(slot, &why);
    }
    buf_fini(&answer);
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
    run.limits.batch_bytes = trees_pdf_bytes(size);
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

enum err_code
slot_bind_next(struct slot *slot, struct err *err)
{
    struct wire_run run = plan_run(slot->world.config, &slot->task);
    int fd = -1;
    enum err_code rc =
        filing_binding(slot->world.store, slot->world.db, &slot->task, &run, &fd, err);

    if (rc == ERR_OK)
        rc = link_run(slot->link, &run, fd, err);
    if (rc == ERR_OK)
        slot->task.page_from = run.page_to;
    fd_close(&fd);
    return rc;
}

/* The child gets the pages' trees, some at a time. */
static enum err_code
start_binding(struct slot *slot, struct err *err)
{
    const struct runner_config *config = slot->world.config;

    slot->task.page_from = 0;
    slot->task.page_to = slot->task.total_pages;
    enum err_code rc = batch_new(slot->world.store, slot->world.db, &slot->task, config->page_bytes,
                                 config->batch_bytes, &slot->batch, err);
    return rc == ERR_OK ? slot_bind_next(slot, err) : rc;
}

enum err_code
slot_start(struct slot *slot, struct err *err)
{
    const struct runner_config *config = slot->world.config;
    uint64_t size;
    int fd = -1;
    enum err_code rc = ERR_OK;

    if (slot->task.searchable)
        return start_searchable(slot, err);
    if (slot->task.kind == TASK_EXTRACT)
        return start_extraction(slot, err);
    if (slot->task.kind == TASK_BIND)
        return start_binding(slot, err);
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
