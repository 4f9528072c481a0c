/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/rightward.h - puts the words of a line in the order in which they are read, where that is
 * from the right: the line reader gives them as they are seen. */
#pragma once

#include "page/bidi.h"
#include "page/page.h"

/* The words of the page's newest line, which come as seen from left to right, are written anew as
 * they are read (page/bidi.h), and the line's direction is set. A word that becomes part of two
 * gives each the share of its box that its characters have. False past a limit of the page. */
MUST_CHECK
bool rightward_order(struct page *page, enum bidi_side around, struct bidi_brackets *brackets);
