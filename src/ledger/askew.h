/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/askew.h - where loose ink looks like writing that does not run with the page: stamps and
 * watermarks at an angle, labels pasted askew, lines in margins that run up or down.
 *
 * Method: parts of ink that no sure word holds and that are of like size and near each other are
 * chained (union-find); of a chain, the direction is the one along which most pairs of its parts
 * stand in one row (a kernel estimate over all directions, in the manner of the docstrum, O'Gorman
 * 1993). Level chains are nobody's business here. Knows boxes, no pixels. Fails on: fewer than four
 * letters; letters that touch each other or other print. */
#pragma once

#include "ledger/ledger.h"

/* Writing along one direction: a box in a frame that is turned by angle. A place (x, y) of the page
 * as seen is there (x cos + y sin, y cos - x sin). */
struct askew {
    float angle;    /* degrees clockwise in which it runs, in (-90, 90] or the other way about */
    float lean;     /* the same, of the page as it is read */
    struct box box; /* pt, turned */
    float letter;   /* height of its letters, pt */
    float filled;   /* by letters, pt^2 of the box */
    uint32_t parts; /* of ink, that look like letters: there are that many or more */
};

enum { ASKEW_MOST = 8 }; /* on one page; more is a texture */

/* Words of less, and lines of nothing but one or two letters at a time, may have been read out of
 * writing askew. */
static const float askew_sure = 0.75F;

/* Largest first. Changes nothing. */
MUST_CHECK
enum err_code askew_find(const struct ledger *ledger, const struct page *page,
                         struct arena *scratch, struct askew ret[ASKEW_MOST], uint32_t *ret_count,
                         struct err *err);

/* Whether a word of the page was read so surely that its ink is its own. */
bool askew_is_settled(const struct page *page, const struct page_line *line, uint32_t word);
