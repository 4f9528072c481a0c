/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/blanks.h - the white space in lines of code, in columns of one width. */
#pragma once

#include "page/page.h"

/* Mean width of a character in the block, pt. */
float blanks_character(const struct page *page, const struct page_block *block);

/* Blanks before the word; left: where the word before it ends, of a line's first the block's left
 * edge. Bounded, so that a far-away word costs little. */
uint32_t blanks_before(const struct page_word *word, bool first, float left, float character);
