/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/rightward.h - puts the words of lines in the order in which they are read, where that is from
 * the right: the line reader gives them as they are seen. */
#pragma once

#include "page/page.h"

/* The words of the page's lines from first_line on, which come as seen from left to right and are
 * the page's last, are written anew as they are read (page/bidi.h), and the lines' direction is
 * set. A word that becomes part of two gives each the share of its box that its characters have.
 * False past a limit of the page. */
MUST_CHECK
bool rightward_order(struct page *page, uint32_t first_line);
