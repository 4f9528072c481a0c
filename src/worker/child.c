/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The confined child. It owns nothing but the two descriptors of its run, and it is not believed:
 * what it writes is checked by the runner as if somebody else had written it. */
#include "worker/worker_internal.h"

#include "base/arena.h"
#include "base/fdio.h"
#include "layout/layout.h"
#include "page/codec.h"
#include "render/render.h"

#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* With less address space left than this, a crash is put down to the memory limit. */
enum { MEMORY_LOW_BYTES = 64 << 20 };

/* For the signal handlers: a stack that ran over cannot hold them. */
enum { HANDLER_STACK_BYTES = 16384 };

/* Descriptors that libraries may make beside the two: MuPDF's own copy of the document. */
enum { OWN_FDS_MAX = 4 };

/* Of the picture with boxes: legible on a screen. */
static const float overlay_dpi = 110;

/* Pages looked at for the hint of a probe. */
enum { PROBE_PAGES = 2 };

struct child {
    const struct child_start *start;
    struct page_reader reader;
    struct arena *arena; /* of the page at hand */
    struct buf markdown, tree, picture, frame;
    struct buf trees; /* of all pages read, as WIRE_RUN_BIND takes them; kept where wanted only */
    bool keeps_trees;
};

static bool
memory_is_low(void)
{
    void *room =
        mmap(NULL, MEMORY_LOW_BYTES, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

    if (room == MAP_FAILED)
        return true;
    (void)munmap(room, MEMORY_LOW_BYTES);
    return false;
}

/* Libraries that cannot allocate call abort() or follow a null pointer. Installed for one signal
 * (SA_RESETHAND): sent again, it ends the process as it would have. */
static void
on_fatal_signal(int number)
{
    if (memory_is_low())
        _exit(WIRE_EXIT_MEMORY);
    (void)raise(number); /* comes when this handler returns */
}

static void
watch_for_memory(void)
{
    static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS};
    static char stack[HANDLER_STACK_BYTES];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
    struct sigaction action = {.sa_handler = on_fatal_signal,
                               .sa_flags = SA_ONSTACK | (int)SA_RESETHAND};
    struct sigaction present;

    if (sigaltstack(&alternate, NULL) != 0)
        return; /* the cause of an end is told less well, nothing else */
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        if (sigaction(signals[i], NULL, &present) == 0 && present.sa_handler == SIG_DFL)
            (void)sigaction(signals[i], &action, NULL);
}

static int64_t
cpu_us(void)
{
    struct timespec used;

    if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) != 0)
        return 0;
    return (int64_t)used.tv_sec * 1000000 + used.tv_nsec / 1000;
}

/* Without a reader of its result the child has nothing to live for. */
static void
send_frame(struct child *child)
{
    struct err err;

    if (child->frame.spoilt ||
        fd_write_all(child->start->result_fd, child->frame.data, child->frame.len, &err) != ERR_OK)
        _exit(WIRE_EXIT_MEMORY);
    buf_clear(&child->frame);
}

static void
send_failed(struct child *child, const struct err *why)
{
    buf_clear(&child->frame);
    wire_put_failed(&child->frame, why);
    send_frame(child);
}

static enum err_code
draw_overlay(struct child *child, const struct page *page, struct err *err)
{
    enum err_code rc =
        doc_draw_overlay(child->reader.doc, page->index, overlay_dpi, page, &child->picture, err);

    return rc == ERR_OK ? buf_check(&child->picture, "picture of the page", err) : rc;
}

/* The page as it leaves, beside its picture. */
static enum err_code
write_page(struct child *child, const struct page *page, struct wire_page *ret, struct err *err)
{
    uint32_t most = child->start->run->limits.page_bytes;

    buf_clear(&child->markdown);
    buf_clear(&child->tree);
    render_markdown(page, &child->markdown);
    page_encode(page, &child->tree);
    if (child->markdown.spoilt || child->tree.spoilt || child->tree.len > most ||
        child->markdown.len > most - child->tree.len ||
        child->picture.len > most - child->tree.len - child->markdown.len)
        return err_set(err, ERR_OUTPUT, "page %u: the result is larger than the limit of %u bytes",
                       page->index + 1, most);
    render_dimensions(page, render_api_dpi, &ret->width_px, &ret->height_px);
    ret->flags = (uint8_t)((page->from_pixels ? WIRE_PAGE_OCR : 0) |
                           (page->from_layer ? WIRE_PAGE_LAYER : 0));
    ret->markdown = buf_span(&child->markdown);
    ret->tree = buf_span(&child->tree);
    ret->picture = buf_span(&child->picture);
    return ERR_OK;
}

static enum err_code
make_page(struct child *child, uint32_t index, struct wire_page *ret, struct err *err)
{
    struct page *page = NULL;

    arena_reset(child->arena);
    buf_clear(&child->picture);
    enum err_code rc = read_page(&child->reader, index, child->arena, &page, err);
    if (rc == ERR_OK)
        rc = layout_page(page, err);
    if (rc == ERR_OK) {
        arena_reset(child->reader.pixels);
        rc = ledger_settle(child->reader.ledger, page, child->reader.pixels, err);
    }
    if (rc == ERR_OK && child->start->run->overlay)
        rc = draw_overlay(child, page, err);
    if (rc != ERR_OK)
        return rc;
    return write_page(child, page, ret, err);
}

/* A page that cannot be read is told and passed over; what another attempt may mend ends the run.
 */
static enum err_code
send_page(struct child *child, uint32_t index, struct err *err)
{
    struct wire_page page = {.index = index};
    int64_t begun = cpu_us();
    enum err_code rc = make_page(child, index, &page, err);

    if (rc != ERR_OK && err_is_retryable(rc))
        return rc;
    page.cpu_us = (uint32_t)(cpu_us() - begun);
    if (child->keeps_trees)
        wire_put_bytes(&child->trees, rc == ERR_OK ? page.tree : (struct span){0});
    buf_clear(&child->frame);
    if (rc == ERR_OK)
        wire_put_page(&child->frame, &page);
    else
        wire_put_page_failed(&child->frame, index, err);
    send_frame(child);
    return ERR_OK;
}

static enum err_code
send_probe(struct child *child, struct err *err)
{
    struct doc *doc = child->reader.doc;
    struct wire_probe probe = {.pages = doc_page_count(doc), .is_pdf = doc_kind(doc) == DOC_PDF};

    if (probe.pages == 0)
        return err_set(err, ERR_FORMAT, "the document has no pages");
    strncpy(probe.type_name, doc_type_name(doc), sizeof(probe.type_name) - 1);
    wire_put_probe(&child->frame, &probe);
    send_frame(child);
    return ERR_OK;
}

/* A page that cannot be interpreted is told when it is read, not here. */
static void
send_hint(struct child *child)
{
    struct doc *doc = child->reader.doc;
    struct wire_hint hint = {.has_text = false};
    struct page *page;
    enum doc_trust trust;
    struct err err;

    for (uint32_t i = 0; !hint.has_text && i < doc_page_count(doc) && i < PROBE_PAGES; i++) {
        arena_reset(child->arena);
        if (doc_load_text(doc, i, child->arena, &page, &trust, &err) == ERR_OK)
            hint.has_text = trust == TRUST_LAYER;
    }
    wire_put_hint(&child->frame, &hint);
    send_frame(child);
}

/* One record to a frame, then what could not be obeyed. */
static enum err_code
send_extraction(struct child *child, struct err *err)
{
    const struct wire_limits *limits = &child->start->run->limits;
    struct extraction x;
    struct wire_record record;
    enum err_code rc = extraction_run(child->start->doc_fd, limits, child->arena, &x, err);

    for (uint32_t i = 0; rc == ERR_OK && i < x.output.record_count; i++) {
        extraction_record(&x, i, &record);
        if (record.result.len + record.evidence.len + record.review.len > limits->page_bytes)
            return err_set(err, ERR_OUTPUT, "a record is larger than the limit of %u bytes",
                           limits->page_bytes);
        wire_put_record(&child->frame, &record);
        send_frame(child);
    }
    if (rc == ERR_OK) {
        wire_put_warnings(&child->frame, span_of(x.output.warnings));
        send_frame(child);
    }
    return rc;
}

static enum err_code
send_bound(void *ctx, const struct page *page, struct err *err)
{
    struct child *child = ctx;
    struct wire_page told = {.index = page->index};
    enum err_code rc = write_page(child, page, &told, err);

    if (rc != ERR_OK)
        return rc;
    wire_put_page(&child->frame, &told);
    send_frame(child);
    return ERR_OK;
}

static void
send_data(void *ctx, struct span bytes)
{
    struct child *child = ctx;

    wire_put_data(&child->frame, bytes);
    send_frame(child);
}

static enum err_code
send_searchable(struct child *child, struct err *err)
{
    const struct wire_run *run = child->start->run;

    if (run->page_to != doc_page_count(child->reader.doc))
        return err_set(err, ERR_FORMAT, "trees of %u pages came, the document has %u", run->page_to,
                       doc_page_count(child->reader.doc));
    return searchable_write(child->reader.doc, child->start->trees_fd, child->arena, send_data,
                            child, err);
}

static enum err_code
send_pages(struct child *child, uint32_t from, uint32_t to, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (uint32_t i = from; rc == ERR_OK && i < to; i++)
        rc = send_page(child, i, err);
    return rc;
}

/* How many pages there are, the first of them, and if that was all, what they change in each other.
 */
static enum err_code
send_whole(struct child *child, struct err *err)
{
    struct wire_run run = *child->start->run;
    uint32_t pages = doc_page_count(child->reader.doc);
    bool all = pages <= run.page_to;
    enum err_code rc = send_probe(child, err);

    run.page_to = all ? pages : run.page_to;
    child->keeps_trees = all && pages > 1;
    if (rc == ERR_OK)
        rc = send_pages(child, 0, run.page_to, err);
    if (rc != ERR_OK || !child->keeps_trees)
        return rc;
    const struct bind_trees trees = {-1, buf_span(&child->trees)};
    rc = buf_check(&child->trees, "pages to be looked at beside each other", err);
    return rc == ERR_OK ? bind_run(&trees, &run, send_bound, child, err) : rc;
}

static enum err_code
serve(struct child *child, struct err *err)
{
    const struct wire_run *run = child->start->run;
    const struct bind_trees trees = {.fd = child->start->doc_fd};
    enum err_code rc = ERR_OK;

    if (run->kind == WIRE_RUN_EXTRACT) {
        rc = send_extraction(child, err);
    } else if (run->kind == WIRE_RUN_SEARCHABLE) {
        rc = send_searchable(child, err);
    } else if (run->kind == WIRE_RUN_BIND) {
        rc = bind_run(&trees, run, send_bound, child, err);
    } else if (run->kind == WIRE_RUN_WHOLE) {
        rc = send_whole(child, err);
    } else if (run->kind == WIRE_RUN_PROBE) {
        rc = send_probe(child, err);
        if (rc == ERR_OK && doc_kind(child->reader.doc) == DOC_PDF &&
            doc_page_count(child->reader.doc) >= WIRE_HINT_PAGES)
            send_hint(child);
    } else {
        if (run->page_to > doc_page_count(child->reader.doc))
            return err_set(err, ERR_FORMAT, "page %u asked for, the document has %u", run->page_to,
                           doc_page_count(child->reader.doc));
        rc = send_pages(child, run->page_from, run->page_to, err);
    }
    if (rc == ERR_OK) {
        wire_put_done(&child->frame);
        send_frame(child);
    }
    return rc;
}

static enum err_code
confine(struct child *child, struct err *err)
{
    const struct child_start *start = child->start;
    const int keep[] = {start->doc_fd, start->result_fd, start->trees_fd};
    size_t kept = start->trees_fd >= 0 ? 3 : 2;
    const struct sandbox_limits limits = {.memory_bytes = start->run->limits.memory_bytes,
                                          .cpu_s = start->run->limits.cpu_s,
                                          .fd_max = OWN_FDS_MAX};
    uint32_t layers;

    return sandbox_enter_child(start->sandbox, &limits, keep, kept, &layers, err);
}

static enum err_code
open_all(struct child *child, struct err *err)
{
    const struct wire_limits *limits = &child->start->run->limits;
    const struct doc_limits doc_limits = {.memory_bytes = (size_t)limits->memory_bytes,
                                          .pages_max = limits->pages_max,
                                          .pixels_max = limits->pixels_max};

    child->arena = arena_new((size_t)limits->memory_bytes);
    child->reader.pixels = arena_new((size_t)limits->memory_bytes);
    if (child->arena == NULL || child->reader.pixels == NULL)
        return err_set(err, ERR_MEMORY, "no memory to begin with");
    if (child->start->run->kind == WIRE_RUN_EXTRACT || child->start->run->kind == WIRE_RUN_BIND)
        return ERR_OK; /* no document: trees that were read before */
    return doc_open(child->start->doc_fd, &doc_limits, &child->reader.doc, err);
}

void
child_main(const struct child_start *start)
{
    struct child child = {
        .start = start,
        .reader = {.ocr = start->ocr, .pixels_max = start->run->limits.pixels_max},
    };
    struct err err;

    buf_init(&child.markdown, start->run->limits.page_bytes);
    buf_init(&child.tree, start->run->limits.page_bytes);
    buf_init(&child.picture, start->run->limits.page_bytes);
    buf_init(&child.trees, (size_t)start->run->limits.batch_bytes);
    buf_init(&child.frame, (size_t)WIRE_PAGE_BYTES_MAX + WIRE_HEADER_SIZE + 64);
    watch_for_memory();
    if (confine(&child, &err) != ERR_OK) {
        send_failed(&child, &err);
        _exit(WIRE_EXIT_CONFINE);
    }
    enum err_code rc = open_all(&child, &err);
    if (rc == ERR_OK)
        rc = serve(&child, &err);
    if (rc != ERR_OK)
        send_failed(&child, &err);
    _exit(WIRE_EXIT_OK); /* nothing is freed: the process is what is freed */
}
