/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "scan.h"

#include <fcntl.h>
#include <unistd.h>

enum err_code
scan_open(const char *path, struct scan *ret, struct err *err)
{
    const struct doc_limits limits = {
        .memory_bytes = MiB(1024), .pages_max = 1000, .pixels_max = 100000000};

    *ret = (struct scan){.fd = open(path, O_RDONLY | O_CLOEXEC)};
    return ret->fd < 0 ? err_sys(err, path) : doc_open(ret->fd, &limits, &ret->doc, err);
}

void
scan_close(struct scan *scan)
{
    if (scan->doc != NULL)
        doc_close(&scan->doc);
    if (scan->fd >= 0)
        (void)close(scan->fd);
}

enum err_code
scan_read(const struct scan *scan, struct ocr *ocr, uint32_t index, struct arena *arena,
          struct arena *pixels, struct page **ret, struct err *err)
{
    struct page *page;
    struct pixmap picture;
    enum doc_trust trust;
    float native = 0;
    enum err_code rc = doc_load_text(scan->doc, index, arena, &page, &trust, err);

    if (rc == ERR_OK)
        rc = doc_native_dpi(scan->doc, index, &native, err);
    if (rc != ERR_OK)
        return rc;
    float dpi = ocr_pick_dpi(native, page->width, page->height);
    page = page_new(arena, index, page->width, page->height);
    if (page == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    page->dpi = dpi;
    *ret = page;
    rc = doc_render(scan->doc, index, dpi, NULL, pixels, &picture, err);
    return rc == ERR_OK ? ocr_read(ocr, &picture, page, err) : rc;
}
