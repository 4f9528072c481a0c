/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/slanted.h - stamps and watermarks that stand over or under a page's text.
 *
 * Their boxes lie across the lines of the text, and layout would put their words between those. So
 * they are taken out before it and follow all else, a block a line: a paragraph what leans (a
 * stamp), BLOCK_WATERMARK what the file calls so; what is large beside the text and pale, and leans
 * or has text across it; what is larger still, pale or not; and pale lines that come again and
 * again. A page most of whose words would be taken has none: it stays as it is. Fails on: one that
 * is drawn as a picture or as outlines; a dark level one that is hardly larger than the text. */
#pragma once

#include "page/page.h"

struct slanted {
    struct page_line *lines; /* first_word is into words; in the page's arena */
    struct page_word *words;
    bool *marks; /* [line_count] a watermark */
    uint32_t line_count, word_count;
};

/* Takes those lines out of the page; none: *ret_slanted is empty. False without memory. */
MUST_CHECK
bool slanted_take(struct page *page, struct slanted *ret_slanted);

/* Adds them behind the other blocks. False without room. */
MUST_CHECK
bool slanted_put(struct page *page, const struct slanted *slanted);
