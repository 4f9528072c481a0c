/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/filing.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/jsonw.h"
#include "jobs/extraction.h"
#include "page/records.h"
#include "runner/batch.h"
#include "runner/trees.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Pages of a longer document that take part; extract/extract.h has the same limit. */
enum { PAGES_MAX = 5000 };

/* Room for JOB_PAGE_LIST_MAX rows with their messages. */
static const size_t page_list_bytes = MiB(4);

struct filing {
    struct store *store;
    struct db *db;
    struct buf out;
    struct buf warnings; /* of the runner: JSON strings behind each other, with commas */
    int64_t records;
    uint32_t left_out;       /* pages behind the last one that takes part */
    bool full;               /* PAGES_MAX take part */
    struct store_sink *sink; /* of a searchable PDF, from its first bytes on */
};

enum err_code
filing_new(struct store *store, struct db *db, uint64_t bytes_max, struct filing **ret,
           struct err *err)
{
    struct filing *filing = calloc(1, sizeof(*filing));

    if (filing == NULL)
        return err_set(err, ERR_MEMORY, "no memory for an extraction");
    filing->store = store;
    filing->db = db;
    buf_init(&filing->out, bytes_max);
    buf_init(&filing->warnings, KiB(16));
    *ret = filing;
    return ERR_OK;
}

void
filing_drop(struct filing **filing)
{
    if (*filing == NULL)
        return;
    sink_abort(&(*filing)->sink);
    buf_fini(&(*filing)->out);
    buf_fini(&(*filing)->warnings);
    free(*filing);
    *filing = NULL;
}

/* --- what the child is given --- */

struct copying {
    struct filing *filing;
    int out;
    int in; /* the object read last: pages of a batch lie in one */
    char object_id[OBJECT_ID_SIZE];
    uint64_t left;
};

static enum err_code
copy_bytes(struct copying *c, uint64_t offset, size_t len, struct err *err)
{
    uint8_t piece[KiB(64)];
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && len > 0) {
        ssize_t n = pread(c->in, piece, len < sizeof(piece) ? len : sizeof(piece), (off_t)offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? err_sys(err, "read a page's tree")
                         : err_set(err, ERR_SYSTEM, "a page's object ends before its tree");
        rc = fd_write_all(c->out, piece, (size_t)n, err);
        offset += (uint64_t)n;
        len -= (size_t)n;
    }
    return rc;
}

/* c->in becomes the object of the page. */
static enum err_code
open_object(struct copying *c, const struct job_page *page, struct err *err)
{
    uint64_t size;

    if (c->in >= 0 && strcmp(c->object_id, page->object_id) == 0)
        return ERR_OK;
    fd_close(&c->in);
    enum err_code rc = store_fetch(c->filing->store, page->object_id, &c->in, &size, err);
    if (rc == ERR_NOT_FOUND)
        rc = err_set(err, ERR_SYSTEM, "object %s of a page is missing", page->object_id);
    memcpy(c->object_id, page->object_id, sizeof(c->object_id));
    return rc;
}

static enum err_code
copy_tree(struct copying *c, const struct job_page *page, struct err *err)
{
    if (page->tree_bytes > c->left)
        return err_set(err, ERR_LIMIT, "the pages are too large to extract from at once");
    c->left -= page->tree_bytes;
    enum err_code rc = open_object(c, page, err);
    if (rc == ERR_OK)
        rc = trees_begin_one(c->out, page->tree_bytes, err);
    return rc != ERR_OK ? rc
                        : copy_bytes(c, page->offset + page->markdown_bytes, page->tree_bytes, err);
}

/* The pages that were read, by the hundred so that a long document takes little memory here. */
static enum err_code
copy_trees(struct copying *c, struct arena *arena, const struct task *task, bool count_only,
           uint32_t *count, struct err *err)
{
    enum err_code rc = ERR_OK;
    *count = 0;
    for (int64_t first = 1; rc == ERR_OK && first <= task->total_pages && *count < PAGES_MAX;
         first += JOB_PAGE_LIST_MAX) {
        struct job_page *pages = NULL;
        size_t n = 0;
        rc = job_pages(arena, c->filing->db, task->job_id, first, JOB_PAGE_LIST_MAX, &pages, &n,
                       err);
        for (size_t i = 0; rc == ERR_OK && i < n; i++) {
            if (pages[i].reason != NULL)
                continue;
            if (*count == PAGES_MAX)
                break;
            c->filing->left_out = (uint32_t)(task->total_pages - pages[i].number);
            c->filing->full = ++*count == PAGES_MAX;
            if (!count_only)
                rc = copy_tree(c, &pages[i], err);
        }
    }
    return rc;
}

/* The trees of pages from number first to last, a page that was not read as one without bytes. */
static enum err_code
put_trees(struct filing *filing, const struct task *task, int64_t from, int64_t last, int *ret_fd,
          struct err *err)
{
    struct copying c = {.filing = filing, .in = -1, .out = -1, .left = UINT64_MAX};
    struct arena *arena = arena_new(page_list_bytes); /* of one list at a time */
    enum err_code rc = arena != NULL ? trees_open(&c.out, err)
                                     : err_set(err, ERR_MEMORY, "no memory for page trees");

    for (int64_t first = from; rc == ERR_OK && first <= last; first += JOB_PAGE_LIST_MAX) {
        struct job_page *pages = NULL;
        size_t n = 0;
        int64_t count = last - first + 1;
        arena_reset(arena);
        rc = job_pages(arena, filing->db, task->job_id, first,
                       count < JOB_PAGE_LIST_MAX ? count : JOB_PAGE_LIST_MAX, &pages, &n, err);
        for (size_t i = 0; rc == ERR_OK && i < n; i++)
            rc = pages[i].reason != NULL ? trees_begin_one(c.out, 0, err)
                                         : copy_tree(&c, &pages[i], err);
    }
    fd_close(&c.in);
    arena_drop(&arena);
    if (rc == ERR_OK)
        rc = trees_end(c.out, err);
    if (rc == ERR_OK)
        *ret_fd = c.out;
    else
        fd_close(&c.out);
    return rc;
}

enum err_code
filing_trees(struct filing *filing, const struct task *task, int *ret_fd, struct err *err)
{
    return put_trees(filing, task, 1, task->total_pages, ret_fd, err);
}

enum err_code
filing_binding(struct store *store, struct db *db, const struct task *task,
               const struct wire_run *run, int *ret_fd, struct err *err)
{
    struct filing filing = {.store = store, .db = db};
    int64_t first = run->page_from < WIRE_BIND_BACK ? 0 : run->page_from - WIRE_BIND_BACK;
    int64_t end = (int64_t)run->page_to + WIRE_BIND_AHEAD;

    return put_trees(&filing, task, first + 1, end < task->total_pages ? end : task->total_pages,
                     ret_fd, err);
}

enum err_code
filing_data(struct filing *filing, struct span bytes, struct err *err)
{
    enum err_code rc = ERR_OK;

    if (filing->sink == NULL)
        rc = sink_open(filing->store, filing->out.limit, &filing->sink, err);
    if (rc == ERR_OK)
        rc = sink_write(filing->sink, bytes, err);
    return rc == ERR_LIMIT ? err_set(err, ERR_OUTPUT, "the searchable PDF is larger than %zu bytes",
                                     filing->out.limit)
                           : rc;
}

static struct span
span_or_none(const char *text)
{
    return text != NULL ? span_of(text) : (struct span){(const uint8_t *)"", 0};
}

enum err_code
filing_pages(struct filing *filing, struct arena *arena, const struct task *task,
             struct span proposal, uint64_t memory_max, int *ret_fd, struct err *err)
{
    struct copying c = {.filing = filing, .in = -1, .left = memory_max};
    struct wire_ask ask = {.per_page = task->format == JOB_PER_PAGE_STRUCTURED,
                           .min_confidence = task->min_confidence,
                           .schema = span_or_none(task->schema_json),
                           .instructions = span_or_none(task->instructions),
                           .proposal = proposal};
    struct buf head;

    c.out = memfd_create("pages", MFD_CLOEXEC);
    if (c.out < 0)
        return err_sys(err, "memory for page trees");
    buf_init(&head, 2 * (size_t)WIRE_ASK_BYTES_MAX);
    enum err_code rc = copy_trees(&c, arena, task, true, &ask.page_count, err);
    wire_put_ask(&head, &ask);
    if (rc == ERR_OK)
        rc = buf_check(&head, "request of an extraction", err);
    if (rc == ERR_OK)
        rc = fd_write_all(c.out, head.data, head.len, err);
    if (rc == ERR_OK)
        rc = copy_trees(&c, arena, task, false, &ask.page_count, err);
    buf_fini(&head);
    fd_close(&c.in);
    if (rc == ERR_OK)
        *ret_fd = c.out;
    else
        fd_close(&c.out);
    return rc;
}

/* --- what an outside model is shown --- */

static enum err_code
add_markdown(struct copying *c, const struct job_page *page, size_t max, struct buf *out,
             struct err *err)
{
    size_t len = page->markdown_bytes < max ? page->markdown_bytes : max;
    enum err_code rc = open_object(c, page, err);
    uint8_t *into = rc == ERR_OK ? buf_extend(out, len) : NULL;

    if (rc == ERR_OK && len > 0 && into == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a page's text");
    if (rc == ERR_OK && len > 0 && pread(c->in, into, len, (off_t)page->offset) != (ssize_t)len)
        return err_set(err, ERR_SYSTEM, "a page's text could not be read");
    buf_string(out, "\n\n");
    return rc;
}

enum err_code
filing_text(struct filing *filing, struct arena *arena, const struct task *task, size_t max,
            struct buf *out, bool *ret_cut, struct err *err)
{
    struct copying c = {.filing = filing, .in = -1};
    struct job_page *pages = NULL;
    size_t n = 0;
    enum err_code rc =
        job_pages(arena, filing->db, task->job_id, 1, JOB_PAGE_LIST_MAX, &pages, &n, err);

    *ret_cut = task->total_pages > JOB_PAGE_LIST_MAX;
    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        if (pages[i].reason != NULL)
            continue;
        size_t left = out->len < max ? max - out->len : 0;
        *ret_cut = *ret_cut || pages[i].markdown_bytes > left;
        if (left > 0)
            rc = add_markdown(&c, &pages[i], left, out, err);
    }
    fd_close(&c.in);
    return rc;
}

void
filing_warn(struct filing *filing, const char *fmt, ...)
{
    struct jsonw w = {.out = &filing->warnings};
    char text[512];
    va_list args;

    va_start(args, fmt);
    vsnprintf(text, sizeof(text), fmt, args);
    va_end(args);
    if (filing->warnings.len > 0)
        buf_char(&filing->warnings, ',');
    jsonw_string(&w, NULL, text);
}

/* --- what it answers --- */

/* warnings is the text of a JSON array; items are JSON, with commas between them. */
static void
add_warnings(struct buf *warnings, const char *items)
{
    size_t end = warnings->len;
    bool none = memchr(warnings->data, '"', warnings->len) == NULL;

    while (end > 0 && warnings->data[end - 1] != ']')
        end--;
    if (end == 0)
        return;
    buf_cut(warnings, end - 1);
    buf_printf(warnings, "%s%s]", none ? "" : ",", items);
}

enum err_code
filing_add(struct filing *filing, const struct wire_record *record, struct err *err)
{
    const struct record kept = {.page_from = record->page_from,
                                .page_to = record->page_to,
                                .confidence = record->confidence,
                                .kind = record->kind,
                                .result = record->result,
                                .evidence = record->evidence,
                                .review = record->review};
    enum err_code rc = record_check(&kept, err);

    if (rc != ERR_OK)
        return rc;
    record_put(&filing->out, &kept);
    filing->records++;
    return filing->out.spoilt ? err_set(err, ERR_OUTPUT, "the extraction is larger than %zu bytes",
                                        filing->out.limit)
                              : ERR_OK;
}

enum err_code
filing_add_warnings(struct filing *filing, struct span warnings, struct err *err)
{
    struct buf all;
    enum err_code rc = record_check_warnings(warnings, err);

    if (rc != ERR_OK)
        return rc;
    buf_init(&all, 2 * (size_t)WIRE_ASK_BYTES_MAX);
    buf_append(&all, warnings.data, warnings.len);
    if (filing->left_out > 0 && filing->full)
        filing_warn(filing, "%u pages were left out: at most %d take part in an extraction",
                    filing->left_out, PAGES_MAX);
    if (filing->warnings.len > 0)
        add_warnings(&all, buf_text(&filing->warnings));
    record_put_end(&filing->out, buf_span(&all));
    buf_fini(&all);
    return buf_check(&filing->out, "extraction", err);
}

struct recording {
    const struct filing *filing;
    const struct task *task;
    const struct store_written *object;
};

static enum err_code
do_record(struct db *db, void *arg, struct err *err)
{
    const struct recording *r = arg;

    return task_extracted(db, r->task, r->object->id, r->object->size, r->filing->records,
                          clock_utc_ms(), err);
}

enum err_code
filing_end(struct filing *filing, const struct task *task, struct err *err)
{
    struct store_written object = {.id = ""};
    struct recording recording = {filing, task, &object};
    enum err_code rc = ERR_OK;

    if (filing->sink == NULL) { /* records, kept until here */
        rc = sink_open(filing->store, filing->out.limit, &filing->sink, err);
        if (rc == ERR_OK)
            rc = sink_write(filing->sink, buf_span(&filing->out), err);
    }
    if (rc == ERR_OK)
        rc = sink_commit(&filing->sink, &object, err);
    if (rc != ERR_OK)
        return rc;
    rc = db_transact_for(filing->db, task->team_id, do_record, &recording, err);
    if (rc == ERR_STALE) /* after other errors the commit may have reached the disk */
        batch_discard_object(filing->store, object.id);
    return rc;
}
