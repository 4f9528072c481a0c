/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/records.h - where one document of a file ends and the next begins: page numbers that
 * start again, and titles with another document number. */
#pragma once

#include "base/arena.h"
#include "base/err.h"
#include "extract/lexicon.h"
#include "page/page.h"

struct page_range {
    uint32_t first, count;
};

/* *ret_ranges [*ret_count] in the arena; together all pages, in order. */
MUST_CHECK
enum err_code records_split(struct arena *arena, const struct lexicon *lexicon,
                            struct page *const *pages, uint32_t page_count,
                            struct page_range **ret_ranges, uint32_t *ret_count, struct err *err);
