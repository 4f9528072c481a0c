/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/witness_internal.h - what witness.c, verdict.c, merge.c, alike.c and mend.c
 * share. */
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
        bool told;
        bool mixed; /* stands for itself and, by another glyph, for something else */
    } rows[MEND_CODES_MAX];
    uint32_t row_count;
    int32_t offset; /* of all characters, if steady */
    bool steady;
    uint32_t told, mixed; /* rows that the glyphs themselves told of; that stay as they are */
    bool few;             /* they are, and nothing else is changed */
};

/* Takes a line of the layer and the same line as seen; only lines of equal length teach. */
void mend_learn(struct mend *mend, const struct codes *layer, const struct codes *seen);
/* Takes that a glyph of the font looks like another character than it is said to be; where lines
 * were read as it is said, it is mixed. After what lines teach. */
void mend_tell(struct mend *mend, uint32_t from, uint32_t to);
/* Whether what was learnt is one substitution that changes at least the share moved_least of the
 * characters; to be called once, when all is learnt. */
bool mend_is_consistent(struct mend *mend, float moved_least);
/* The character in place of code; 0 if unknown. */
uint32_t mend_apply(const struct mend *mend, uint32_t code);
/* The same for all of a line; unknown ones become U+FFFD. */
void mend_apply_all(const struct mend *mend, struct codes *codes);
/* Whether a word has a character that is mixed. */
bool mend_is_mixed(const struct mend *mend, const struct codes *codes);

/* ---- verdict.c: which fonts are believed ---- */

enum verdict { VERDICT_KEEP, VERDICT_MEND, VERDICT_REJECT, VERDICT_UNSEEN };

struct tally {
    double alike, weight; /* over its lines where something was seen */
    double sure;          /* the confidence of what was seen */
    double mended;        /* as alike, after mending */
    struct mend *mend;
    enum verdict verdict;
};

struct trial {
    const struct witness_case *c;
    struct tally tallies[WITNESS_FONTS_MAX];
    struct page *made;        /* what the page will be */
    struct owners kept;       /* words of it */
    struct codes layer, seen; /* of the run at hand, which is in the box */
    struct box box;
};

/* Sets the verdicts on the fonts in doubt. False: no room. */
MUST_CHECK
bool trial_judge(struct trial *t);
bool trial_is_asked(const struct trial *t, uint32_t word);
/* The run of words of one font from first on, in a line that ends at end. */
uint32_t trial_run_end(const struct trial *t, uint32_t first, uint32_t end);
struct box witness_run_box(const struct page *page, uint32_t first, uint32_t end);

/* ---- witness.c: the page made anew ---- */

enum err_code witness_no_room(const struct page *page, struct err *err);
/* Half the doubt goes where both agree. */
float witness_sum_doubt(float confidence);
/* Notes another reading of the page's newest word, whose other readings are the newest too. */
MUST_CHECK
bool witness_add_alt(struct page *page, const char *text, float confidence);
/* The one seen word at the place, or NULL. */
const struct page_word *witness_seen_at(const struct page *seen, struct box box);
/* Files words [first, end) as rejected. */
MUST_CHECK
bool witness_reject(struct page *page, const struct page *from, uint32_t first, uint32_t end);
/* A page to make the new one in: what it has already of other things is the old one's. NULL: no
 * room. */
struct page *witness_new_page(const struct page *page);
/* Words, lines, alts and hidden texts of made become the page's. */
void witness_take_page(struct page *page, const struct page *made);
