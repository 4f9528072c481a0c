/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/turn.h - pages whose text runs sideways, as the reader who turns his head sees them.
 *
 * Layout knows text from left to right only; such a page is turned before it and back after it. */
#pragma once

#include "page/page.h"

enum turn { TURN_NONE, TURN_DOWN, TURN_UP }; /* where most lines of the page run */

/* How the page's text runs. Lines say by the order of their words; one word alone says nothing. */
enum turn turn_judge(const struct page *page);

/* Turns everything on the page so that its text runs from left to right. */
void turn_upright(struct page *page, enum turn turn);

/* Undoes turn_upright, for blocks, tables and cells as well. */
void turn_back(struct page *page, enum turn turn);
