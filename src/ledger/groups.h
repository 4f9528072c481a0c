/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/groups.h - which loose parts of ink together look like writing.
 *
 * Method: parts of like height that follow each other closely are chained to groups (union-find
 * over neighbours to the right); a group is writing if it has enough letters, most of one height,
 * and ink as thin as strokes are. A chain that leans or touches the next line is cut into rows
 * first; words whose letters hang together (handwriting, smeared print) pass as single wide
 * parts, but tell little where they stand alone. Knows no words. Fails on: one or two letters
 * alone; vertical lines; textures as regular as print. */
#pragma once

#include "ledger/ink.h"

struct group {
    struct box box;          /* of one line or a part of it, pt */
    float ink;               /* pt^2 */
    float height;            /* median of its parts, pt */
    uint32_t parts, letters; /* a part may be several letters that touch */
    bool smeared;            /* each part is a word */
    bool lone;               /* one or two parts with nothing of their kind beside them: a smeared
                              * word, or anything; worth a reading, and no more */
    bool drawn;              /* in a picture and not like print: worth a reading, and no more; set
                              * by ledger/print.c */
};

/* parts    [n], sorted in place by their left edges; what is too small or too large for a letter is
 *          passed over
 * letter   height of a letter of ordinary size on the page, pt
 * pixel    pt of the picture's pixels: nothing is known of what is smaller than some of them
 * ret      in scratch, in no particular order but always the same */
MUST_CHECK
enum err_code groups_find(struct arena *scratch, struct ink_part *parts, uint32_t n, float letter,
                          float pixel, struct group **ret, uint32_t *ret_count, struct err *err);

/* Joins groups that stand on one line, in place. */
void groups_merge(struct group *groups, uint32_t *count);
