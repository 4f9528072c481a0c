/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/settled.h - which rows of another view need no reading: where they stand, an earlier reading
 * of the page is sure already. They go with that reading's words. */
#pragma once

#include "ocr/prepare.h"
#include "ocr/tess.h"

/* What is known of a row. */
struct settled {
    const struct page_word *words; /* in pixels of the view, without other readings */
    uint32_t count;                /* 0: the row is to be read */
};

/* page: as read before, in points; its lines from first_line on are of this picture. rows: in
 * pixels of the view that mapping belongs to. ret: [rows->count] in the arena; NULL if that is
 * full. */
MUST_CHECK
struct settled *settled_find(const struct page *page, uint32_t first_line,
                             const struct mapping *mapping, const struct tess_rows *rows,
                             struct arena *arena);
