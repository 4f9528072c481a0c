/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/bullets.h - bullets that recognition took for letters or signs.
 *
 * To a recogniser that knows few of them a round dot in front of an item is an "e", "+", "*" or
 * "-". Told by its ink: a character alone at a line's front, about as wide as high, smaller than
 * small letters and above the line they stand on, and another such with its text at the same
 * places. Method: our own. Fails on: a single item; bullets that are part of a word. */
#pragma once

#include "page/page.h"

/* Words that only the pixels gave; their boxes are those of their ink. */
void bullets_mend(struct page *page);
