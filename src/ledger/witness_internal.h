/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/witness_internal.h - what witness.c, alike.c and mend.c share. */
#pragma once

#include "ledger/ledger_internal.h"
#include "ledger/witness.h"

/* ---- alike.c: lines of both witnesses, as characters ---- */

enum { LINE_CODES_MAX = 400 }; /* of a line that is compared; the rest of a longer one is left */

struct codes {
    uint32_t codes[LINE_CODES_MAX];
    uint32_t count;
};

/* The words' text, a space between those that are not glued. */
void codes_add_word(struct codes *codes, const struct page_word *word);

/* Seen words whose centre lies in the box, from left to right; how many. ret: [cap]. */
uint32_t seen_in(const struct page *seen, struct box box, uint32_t *ret, uint32_t cap);

/* 0..1; case and spaces aside. */
float codes_alike(const struct codes *a, const struct codes *b);

/* ---- mend.c: a substitution of characters that the seen words teach ---- */

enum { MEND_CODES_MAX = 256, MEND_READINGS = 4 };

struct mend {
    struct {
        uint32_t from, to[MEND_READINGS], votes[MEND_READINGS], all;
    } rows[MEND_CODES_MAX];
    uint32_t row_count;
    int32_t offset; /* of all characters, if steady */
    bool steady;
};

/* Takes a line of the layer and the same line as seen; only lines of equal length teach. */
void mend_learn(struct mend *mend, const struct codes *layer, const struct codes *seen);
/* Whether what was learnt is one substitution that changes at least the share moved_least of the
 * characters; to be called once, when all is learnt. */
bool mend_is_consistent(struct mend *mend, float moved_least);
/* The character in place of code; 0 if unknown. */
uint32_t mend_apply(const struct mend *mend, uint32_t code);
