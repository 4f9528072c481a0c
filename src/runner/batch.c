/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/batch.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/meter.h"
#include "page/codec.h"

#include <stdlib.h>
#include <string.h>

/* Messages of failed pages. */
enum { NOTES_BYTES = 1 << 20 };

struct batch {
    struct store *store;
    struct db *db;
    struct arena *scratch; /* of the page being checked */
    struct arena *notes;   /* until the next flush */
    struct store_sink *sink;
    uint64_t offset, batch_bytes;
    bool binding; /* pages that were read and counted before */
    int64_t flushed_ms;
    size_t count, cap;
    struct job_page pages[];
};

enum err_code
batch_new(struct store *store, struct db *db, const struct task *task, uint32_t page_bytes,
          uint64_t batch_bytes, struct batch **ret, struct err *err)
{
    size_t cap = (size_t)(task->page_to - task->page_from);
    struct batch *batch = calloc(1, sizeof(*batch) + cap * sizeof(batch->pages[0]));

    if (batch == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a batch");
    batch->store = store;
    batch->db = db;
    batch->binding = task->kind == TASK_BIND;
    batch->cap = cap;
    batch->batch_bytes = batch_bytes;
    batch->flushed_ms = clock_mono_ms();
    /* A decoded tree takes about twice its bytes. */
    batch->scratch = arena_new(3 * (size_t)page_bytes + MiB(1));
    batch->notes = arena_new(NOTES_BYTES);
    if (batch->scratch == NULL || batch->notes == NULL) {
        batch_drop(&batch);
        return err_set(err, ERR_MEMORY, "no memory for a batch");
    }
    *ret = batch;
    return ERR_OK;
}

static void
forget_waiting(struct batch *batch)
{
    sink_abort(&batch->sink);
    batch->offset = 0;
    batch->count = 0;
    arena_reset(batch->notes);
}

void
batch_drop(struct batch **batch)
{
    if (*batch == NULL)
        return;
    sink_abort(&(*batch)->sink);
    arena_drop(&(*batch)->scratch);
    arena_drop(&(*batch)->notes);
    free(*batch);
    *batch = NULL;
}

size_t
batch_waiting(const struct batch *batch)
{
    return batch->count;
}

int64_t
batch_flushed_ms(const struct batch *batch)
{
    return batch->flushed_ms;
}

void
batch_discard_object(struct store *store, const char *id)
{
    struct err err;
    char quoted[LOG_QUOTE_SIZE];

    if (store_remove(store, id, &err) != ERR_OK)
        log_line(LOG_WARN, "object left to the collector", "object=%s error=%s", id,
                 log_quote(quoted, err.msg));
}

/* The link has held pages to the asked range; this holds the room. */
static enum err_code
next_row(struct batch *batch, uint32_t index, struct job_page **ret, struct err *err)
{
    if (batch->count == batch->cap)
        return err_set(err, ERR_PROTOCOL, "more pages came than were asked for");
    struct job_page *row = &batch->pages[batch->count];
    *row = (struct job_page){.number = (int64_t)index + 1};
    *ret = row;
    return ERR_OK;
}

static enum err_code
write_page(struct batch *batch, const struct wire_page *page, struct err *err)
{
    enum err_code rc = ERR_OK;

    if (batch->sink == NULL)
        rc = sink_open(batch->store, batch->batch_bytes, &batch->sink, err);
    if (rc == ERR_OK)
        rc = sink_write(batch->sink, page->markdown, err);
    if (rc == ERR_OK)
        rc = sink_write(batch->sink, page->tree, err);
    return rc;
}

static enum meter
page_meter(uint8_t flags)
{
    switch (flags & (WIRE_PAGE_OCR | WIRE_PAGE_LAYER)) {
    case WIRE_PAGE_OCR:
        return METER_PAGES_OCR;
    case WIRE_PAGE_LAYER:
        return METER_PAGES_LAYER;
    case WIRE_PAGE_OCR | WIRE_PAGE_LAYER:
        return METER_PAGES_BOTH;
    default:
        return METER_PAGES_NONE;
    }
}

enum err_code
batch_add(struct batch *batch, const struct wire_page *page, struct err *err)
{
    struct job_page *row = NULL;
    struct page *tree = NULL;

    arena_reset(batch->scratch);
    enum err_code rc = page_decode(batch->scratch, page->tree, &tree, err);
    if (rc != ERR_OK)
        return rc;
    if (tree->index != page->index || !(tree->confidence >= 0 && tree->confidence <= 1))
        return err_set(err, ERR_PROTOCOL, "page %u came with the tree of another, or none",
                       page->index + 1);
    rc = next_row(batch, page->index, &row, err);
    if (rc == ERR_OK)
        rc = write_page(batch, page, err);
    if (rc != ERR_OK)
        return rc;
    if (!batch->binding) {
        meter_add(page_meter(page->flags), 1);
        meter_time(METER_STAGE_PAGE, page->cpu_us);
    }
    row->confidence = (double)tree->confidence;
    row->width_px = page->width_px;
    row->height_px = page->height_px;
    row->offset = batch->offset;
    row->markdown_bytes = (uint32_t)page->markdown.len;
    row->tree_bytes = (uint32_t)page->tree.len;
    batch->offset += page->markdown.len + page->tree.len;
    batch->count++;
    return ERR_OK;
}

enum err_code
batch_add_failed(struct batch *batch, const struct wire_failure *failure, struct err *err)
{
    struct job_page *row = NULL;
    enum err_code rc = next_row(batch, failure->index, &row, err);

    if (rc != ERR_OK)
        return rc;
    meter_add(METER_PAGES_FAILED, 1);
    row->reason = err_reason(failure->why.code);
    row->message = arena_strdup(batch->notes, failure->why.msg); /* NULL: the reason stands alone */
    batch->count++;
    return ERR_OK;
}

struct record {
    const struct batch *batch;
    struct task *task;
};

static enum err_code
do_record(struct db *db, void *arg, struct err *err)
{
    struct record *record = arg;

    return task_pages_done(db, record->task, record->batch->pages, record->batch->count,
                           clock_utc_ms(), err);
}

/* The object is durable, and the rows that wait point to it. */
static enum err_code
commit_pages(struct batch *batch, struct store_written *ret_object, struct err *err)
{
    enum err_code rc = ERR_OK;

    if (batch->sink != NULL)
        rc = sink_commit(&batch->sink, ret_object, err);
    for (size_t i = 0; rc == ERR_OK && i < batch->count; i++)
        if (batch->pages[i].reason == NULL)
            memcpy(batch->pages[i].object_id, ret_object->id, sizeof(ret_object->id));
    return rc;
}

enum err_code
batch_flush(struct batch *batch, struct task *task, struct err *err)
{
    struct task moved = *task; /* a transaction that fails must not have moved the task */
    struct record record = {batch, &moved};
    struct store_written object = {.id = ""};
    enum err_code rc = ERR_OK;
    int64_t begun_us = clock_mono_us();

    if (batch->count == 0)
        return ERR_OK;
    rc = commit_pages(batch, &object, err);
    if (rc == ERR_OK)
        rc = db_transact_for(batch->db, task->team_id, do_record, &record, err);
    if (rc == ERR_OK)
        *task = moved;
    else if (rc == ERR_STALE && object.id[0] != '\0')
        /* After other errors the commit may have reached the disk: left to the collector. */
        batch_discard_object(batch->store, object.id);
    meter_time(METER_STAGE_FILE, clock_mono_us() - begun_us);
    forget_waiting(batch);
    batch->flushed_ms = clock_mono_ms();
    return rc;
}

struct bind_record {
    const struct batch *batch;
    const struct task *task;
    struct arena *arena;
    char (*old)[OBJECT_ID_SIZE];
    size_t old_count;
};

static enum err_code
do_bind(struct db *db, void *arg, struct err *err)
{
    struct bind_record *r = arg;

    return task_bound(r->arena, db, r->task, r->batch->pages, r->batch->count, clock_utc_ms(),
                      &r->old, &r->old_count, err);
}

enum err_code
batch_bind(struct batch *batch, struct arena *arena, const struct task *task, struct err *err)
{
    struct bind_record record = {.batch = batch, .task = task, .arena = arena};
    struct store_written object = {.id = ""};
    enum err_code rc = commit_pages(batch, &object, err);

    if (rc == ERR_OK)
        rc = db_transact_for(batch->db, task->team_id, do_bind, &record, err);
    if (rc == ERR_STALE && object.id[0] != '\0') /* as in batch_flush */
        batch_discard_object(batch->store, object.id);
    for (size_t i = 0; rc == ERR_OK && i < record.old_count; i++)
        batch_discard_object(batch->store, record.old[i]);
    forget_waiting(batch);
    return rc;
}
