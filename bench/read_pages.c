/* SPDX-License-Identifier: AGPL-3.0-or-later
 * read_pages.c - reads pages as the confined child does, but in this process and unconfined, so
 * that profilers see it; and tells what each stage takes.
 *
 * usage: read_pages FILE...     prints the processor time of each stage, ms, of all pages, and what
 * reading them took in steps (ocr/effort.h), which is the same each time */
#include "base/arena.h"
#include "base/buf.h"
#include "layout/layout.h"
#include "page/codec.h"
#include "render/render.h"
#include "worker/worker_internal.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

enum stage {
    STAGE_OPEN,
    STAGE_READ,
    STAGE_LAYOUT,
    STAGE_LEDGER,
    STAGE_MARKDOWN,
    STAGE_TREE,
    STAGES
};
static const char *const stage_names[STAGES] = {"open",   "read",     "layout",
                                                "ledger", "markdown", "tree"};
static const uint64_t pixels_max = 40000000;
static double spent_ms[STAGES];
static uint64_t steps; /* of the line reader, and what counts as such */

static double
now_ms(void)
{
    struct timespec used;

    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec * 1000 + (double)used.tv_nsec / 1e6;
}

static void
note(enum stage stage, double *begun)
{
    double now = now_ms();

    spent_ms[stage] += now - *begun;
    *begun = now;
}

static enum err_code
make_page(struct page_reader *reader, uint32_t index, struct arena *arena, struct err *err)
{
    struct page *page;
    struct buf out;
    double begun = now_ms();
    enum err_code rc = read_page(reader, index, arena, &page, err);

    note(STAGE_READ, &begun);
    steps += ocr_spent(reader->ocr);
    if (rc == ERR_OK)
        rc = layout_page(page, err);
    note(STAGE_LAYOUT, &begun);
    if (rc == ERR_OK) {
        arena_reset(reader->pixels);
        rc = ledger_settle(reader->ledger, page, reader->pixels, err);
    }
    note(STAGE_LEDGER, &begun);
    if (rc != ERR_OK)
        return rc;
    buf_init(&out, MiB(64));
    render_markdown(page, &out);
    note(STAGE_MARKDOWN, &begun);
    buf_clear(&out);
    page_encode(page, &out);
    note(STAGE_TREE, &begun);
    buf_fini(&out);
    return ERR_OK;
}

static void
read_file(struct ocr *ocr, const char *path, struct arena *arena, struct arena *pixels)
{
    const struct doc_limits limits = {
        .memory_bytes = MiB(1024), .pages_max = 20000, .pixels_max = pixels_max};
    struct page_reader reader = {.ocr = ocr, .pixels = pixels, .pixels_max = pixels_max};
    struct err err;
    double begun = now_ms();
    int fd = open(path, O_RDONLY | O_CLOEXEC);

    if (fd < 0) {
        perror(path);
        return;
    }
    enum err_code rc = doc_open(fd, &limits, &reader.doc, &err);
    note(STAGE_OPEN, &begun);
    for (uint32_t i = 0; rc == ERR_OK && i < doc_page_count(reader.doc); i++) {
        arena_reset(arena);
        if (make_page(&reader, i, arena, &err) != ERR_OK)
            fprintf(stderr, "%s: page %u: %s\n", path, i + 1, err.msg);
    }
    if (rc != ERR_OK)
        fprintf(stderr, "%s: %s\n", path, err.msg);
    doc_close(&reader.doc);
    again_drop(&reader.again);
    (void)close(fd);
}

int
main(int argc, char **argv)
{
    const struct ocr_config config = {.languages = "auto"};
    struct arena *arena = arena_new(MiB(1024)), *pixels = arena_new(MiB(1024));
    struct ocr *ocr = NULL;
    struct err err;

    if (arena == NULL || pixels == NULL || doc_warm(&err) != ERR_OK ||
        ocr_open(&config, &ocr, &err) != ERR_OK) {
        fprintf(stderr, "read_pages: cannot begin\n");
        return EXIT_FAILURE;
    }
    for (int i = 1; i < argc; i++)
        read_file(ocr, argv[i], arena, pixels);
    for (int i = 0; i < STAGES; i++)
        printf("%s %.0f  ", stage_names[i], spent_ms[i]);
    printf("ms  steps %llu\n", (unsigned long long)steps);
    ocr_close(&ocr);
    arena_drop(&arena);
    arena_drop(&pixels);
    return EXIT_SUCCESS;
}
