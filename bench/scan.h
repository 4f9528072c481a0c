/* SPDX-License-Identifier: AGPL-3.0-or-later
 * scan.h - documents for the programs of bench/ that read pages in their own process, unconfined:
 * for data that is known. */
#pragma once

#include "doc/doc.h"
#include "ocr/ocr.h"

struct scan {
    struct doc *doc;
    int fd;
};

/* To be closed whatever it returns. */
MUST_CHECK
enum err_code scan_open(const char *path, struct scan *ret, struct err *err);
void scan_close(struct scan *scan);

/* The page as the recogniser reads its picture, whatever its layer says; both arenas are the
 * caller's, the page is in the first. */
MUST_CHECK
enum err_code scan_read(const struct scan *scan, struct ocr *ocr, uint32_t index,
                        struct arena *arena, struct arena *pixels, struct page **ret,
                        struct err *err);
