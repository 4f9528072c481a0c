/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fuzz/fuzz_doc.c - documents of any kind: opening, the text of the first pages, a small picture,
 * their boxes drawn, and the whole as a searchable PDF.
 * Links doc_dep. MuPDF itself is not instrumented; our readers of TIFF, GIF, page trees, glyphs and
 * fields around it are. */
#include "doc/searchable.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_page(struct doc *doc, uint32_t index, struct arena *arena)
{
    struct err err;
    struct page *page = NULL;
    struct pixmap picture;
    enum doc_trust trust;

    (void)!doc_load_text(doc, index, arena, &page, &trust, &err);
    (void)!doc_render(doc, index, 20, NULL, arena, &picture, &err);
    if (index == 0 && page != NULL) {
        struct buf out;
        buf_init(&out, MiB(16));
        (void)!doc_draw_overlay(doc, index, 20, page, &out, &err);
        buf_fini(&out);
    }
}

/* One word on each page. */
static enum err_code
give_tree(void *ctx, uint32_t index, const struct page **ret, struct err *err)
{
    (void)index;
    (void)err;
    *ret = ctx;
    return ERR_OK;
}

static bool
forget(void *ctx, const void *bytes, size_t len)
{
    size_t *left = ctx;

    (void)bytes;
    *left -= len < *left ? len : *left;
    return *left > 0;
}

static void
write_searchable(struct doc *doc, struct arena *arena)
{
    struct page *page = page_new(arena, 0, 200, 200);
    struct page_word *word = page != NULL ? page_add_word(page) : NULL;
    struct page_line *line = word != NULL ? page_add_line(page) : NULL;
    size_t left = MiB(16);
    struct err err;

    if (line == NULL)
        return;
    word->box = line->box = (struct box){10, 10, 90, 30};
    word->text = "word";
    word->witness = WITNESS_PIXELS;
    line->word_count = 1;
    line->baseline = 30;
    const struct searchable how = {
        .tree = give_tree, .tree_ctx = page, .sink = forget, .sink_ctx = &left};
    (void)!doc_write_searchable(doc, &how, &err); /* any outcome but a crash will do */
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct doc_limits limits = {
        .memory_bytes = MiB(32), .pages_max = 50, .pixels_max = 250000};
    struct doc *doc = NULL;
    struct err err;
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        return 0;
    if (doc_open(fd, &limits, &doc, &err) == ERR_OK) {
        struct arena *arena = arena_new(MiB(32));
        for (uint32_t i = 0; arena != NULL && i < 3 && i < doc_page_count(doc); i++)
            read_page(doc, i, arena);
        if (arena != NULL)
            write_searchable(doc, arena);
        arena_drop(&arena);
    }
    doc_close(&doc);
    close(fd);
    return 0;
}
