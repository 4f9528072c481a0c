/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/boxes.h - check boxes that a file draws with lines, as words of the page.
 *
 * Method: four rules of one length around a square that no rule goes on from, as high as the text
 * that begins or ends beside it. Marked by a tick, a cross or the like in it, drawn or set. Fields
 * of a form say themselves what they are (doc/fields.h). Boxes that are filled, as large as one
 * that is, or beside a drawing are swatches of a legend. Fails on: round ones; boxes that share
 * their sides; boxes filled with a colour. */
#pragma once

#include "base/arena.h"
#include "page/page.h"

struct boxes;

/* NULL if the arena is full. */
MUST_CHECK
struct boxes *boxes_new(struct arena *arena);

/* A subpath that may be the mark in a box: its extent; aslant: some of it runs so. */
void boxes_note(struct boxes *boxes, struct box box, bool aslant);

/* rules: [count], pieces joined. The page has its words and lines; boxes with a label become
 * words, each on a line of its own, or take the place of the mark that stands in them. ERR_LIMIT.
 */
MUST_CHECK
enum err_code boxes_finish(const struct boxes *boxes, const struct box *rules, uint32_t count,
                           struct page *page, struct err *err);
