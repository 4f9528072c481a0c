/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fuzz/fuzz_doc.c - documents of any kind: opening, the text of the first pages, a small picture.
 * Links doc_dep. MuPDF itself is not instrumented; our readers of TIFF, GIF, page trees, glyphs and
 * fields around it are. */
#include "doc/doc.h"

#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
read_page(struct doc *doc, uint32_t index, struct arena *arena)
{
    struct err err;
    struct page *page;
    struct pixmap picture;
    enum doc_trust trust;

    (void)!doc_load_text(doc, index, arena, &page, &trust, &err);
    (void)!doc_render(doc, index, 20, NULL, arena, &picture, &err);
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
        arena_drop(&arena);
    }
    doc_close(&doc);
    close(fd);
    return 0;
}
