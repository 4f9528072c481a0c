/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/slanted.h - stamps and watermarks that stand at an angle over a page.
 *
 * Their boxes lie across the lines of the text, and layout would put their words between those. So
 * they are taken out before it and follow all else, a paragraph a line. A page most of whose text
 * leans is none with stamps: it stays as it is. */
#pragma once

#include "page/page.h"

struct slanted {
    struct page_line *lines; /* first_word is into words; in the page's arena */
    struct page_word *words;
    uint32_t line_count, word_count;
};

/* Takes the slanted lines out of the page; none: *ret_slanted is empty. False without memory. */
MUST_CHECK
bool slanted_take(struct page *page, struct slanted *ret_slanted);

/* Adds them behind the other blocks. False without room. */
MUST_CHECK
bool slanted_put(struct page *page, const struct slanted *slanted);
