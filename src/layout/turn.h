/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/turn.h - pages whose text runs sideways or from right to left.
 *
 * Layout knows text from left to right only; such a page is turned, or seen in a mirror, before it
 * and brought back after it. So columns, tables and lists of Arabic and Hebrew go from right to
 * left, and Japanese columns are lines. */
#pragma once

#include "page/page.h"

enum turn { TURN_NONE, TURN_DOWN, TURN_UP }; /* where most lines of the page run */

/* How the page's text runs. Lines say by the order of their words; one word alone says nothing. */
enum turn turn_judge(const struct page *page);

/* Turns everything on the page so that its text runs from left to right. */
void turn_upright(struct page *page, enum turn turn);

/* Undoes turn_upright, for blocks, tables and cells as well. */
void turn_back(struct page *page, enum turn turn);

/* Whether most of the page's letters stand in lines that are read from right to left. */
bool turn_reads_right_to_left(const struct page *page);

/* Mirrors everything on the page, and what its lines say of their direction; once more: undoes it.
 * Lines without letters go with the page. */
void turn_mirror(struct page *page);
