/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/verse.h - whether the lines of a paragraph are lines by themselves, as those of addresses,
 * lists of ingredients and tables of contents are.
 *
 * They are, each of them, if no line begins as the middle of a sentence does, and one of them had
 * room for the word after it within the paragraph, or all had up to what stands to the right. Says
 * nothing where no line had room: a paragraph's width is all that there was. Method: our own. */
#pragma once

#include "page/page.h"

/* block: a paragraph. Looks at the page's other blocks. */
bool verse_is(const struct page *page, const struct page_block *block);

/* An entry that leads to its page by a row of dots. */
bool verse_has_leader(const struct page *page, const struct page_line *line);
