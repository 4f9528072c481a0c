/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/margin.h - numbers that count the lines of a page, in its margin: court papers, contracts,
 * listings.
 *
 * Method: words of figures at one edge of the text that go up by one (ten and more of them) or by
 * five (four and more), stand below each other, and count the lines as they are: nearly every line
 * has its number, or every fifth. Lines with wide gaps are rows of a table, whose numbers are
 * theirs. Fails on: numbers that begin anew inside the page, lines that were not found. */
#pragma once

#include "page/page.h"

struct margin {
    struct page_word *words; /* copies, from the top; in the page's arena */
    uint32_t count;
};

/* Takes the numbers out of the page's lines; none: *ret_margin is empty. False without memory. */
MUST_CHECK
bool margin_take(struct page *page, struct margin *ret_margin);

/* Adds them behind the other blocks, as one that no running text has. False without room. */
MUST_CHECK
bool margin_put(struct page *page, const struct margin *margin);
