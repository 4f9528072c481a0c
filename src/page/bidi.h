/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/bidi.h - from the order in which a line's characters are seen to that in which they are
 * read.
 *
 * The other way round of the Unicode bidirectional algorithm (UAX 9, rules W2 to W7, N0 to N2 and
 * L2 for one level of embedding): what comes out looks like the line that went in when it is shown
 * by that algorithm. Some looks have two orders ("PDF 2" beside Hebrew is also "2 PDF"): then what
 * looks like one run from left to right is taken for one. Knows characters only, no places. */
#pragma once

#include "base/attrs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum bidi_side { BIDI_UNKNOWN, BIDI_LEFT, BIDI_RIGHT }; /* where reading starts */

enum { BIDI_LINE_MAX = 4096 };

/* Letters of Hebrew, Arabic and their relatives, with their digits and marks. */
bool bidi_is_right(uint32_t code);

/* The bracket or sign that it becomes when it is read from the other side; 0 for all others. */
uint32_t bidi_mirror(uint32_t code);

/* seen      [n] characters from left to right, n <= BIDI_LINE_MAX; marks that combine are left out
 * around    how the text around reads, for lines that have both kinds of letters
 * ret_order [n] indexes into seen, in the order in which they are read
 * ret_right [n] beside seen: whether it stands in a run that is read from right to left
 * Returns BIDI_RIGHT for a line that is read from right to left, else BIDI_LEFT. */
enum bidi_side bidi_read(const uint32_t *seen, size_t n, enum bidi_side around, uint16_t *ret_order,
                         bool *ret_right);

/* How brackets in such runs are coded: by what they look like, or by what they mean (an opening one
 * looks like a closing one there). Counts the pairs that tell, over the lines of a page. */
struct bidi_brackets {
    uint32_t looks, means;
};

/* Replaces those brackets of the line that are coded by their look. seen, right: [n] as of
 * bidi_read. A pair tells itself; single ones go with most of the pairs before. */
void bidi_mend_brackets(uint32_t *seen, const bool *right, size_t n,
                        struct bidi_brackets *brackets);
