/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/ledger_internal.h - what ledger.c, owners.c, kinds.c, clumps.c, hand.c and print.c
 * share. */
#pragma once

#include "ledger/groups.h"
#include "ledger/ledger.h"

enum {
    LEDGER_PICTURES_MAX = 64, /* pictures of one page whose ink is noted */
    LEDGER_LEFT_MAX = 256,    /* places nobody could look at */
    UNREAD_MAX = 400          /* lines; a page with more is a texture */
};

struct ledger {
    struct arena *arena;
    float width, height; /* of the page as seen */
    struct ink seen[LEDGER_PICTURES_MAX];
    struct box frames[LEDGER_PICTURES_MAX]; /* of what was seen */
    uint32_t seen_count;
    struct box left[LEDGER_LEFT_MAX];
    uint32_t left_count;
};

/* ---- owners.c: which word, or region, lies where ---- */

/* The page in square cells; 0: nobody. */
struct owners {
    uint32_t *cells; /* number + 1 of who covers the cell */
    uint32_t across, down;
    float cell; /* pt */
};

MUST_CHECK
bool owners_new(struct arena *scratch, const struct page *page, struct owners *ret);
void owners_paint(struct owners *owners, struct box box, uint32_t number);
/* Who covers most of the box, if that is half of it or more: number + 1, or 0. */
uint32_t owners_find(const struct owners *owners, struct box box);

/* ---- kinds.c: what the ink is that no word holds ---- */

/* One picture's ink, sorted. Boxes in the page's present frame; everything in scratch. */
struct sorted {
    double good, poor;      /* pt^2 held by words of good confidence, and of less */
    struct ink_part *rules; /* [rule_count] */
    struct ink_part *pictures;
    struct ink_part *stamps;
    struct ink_part *noise;
    struct group *unread; /* a line each */
    bool *by_hand;        /* [unread_count] */
    uint32_t rule_count, picture_count, stamp_count, noise_count, unread_count;
};

/* words: the page's words painted; pictures: its PICTURE regions; owning: [word_count], set for
 * each word that has ink. */
MUST_CHECK
enum err_code kinds_sort(const struct ledger *ledger, uint32_t seen, const struct page *page,
                         const struct owners *words, const struct owners *pictures,
                         struct arena *scratch, bool *owning, struct sorted *ret, struct err *err);

/* ---- clumps.c: loose ink that lies together as a drawing does ---- */

/* parts: [n], in the page's frame; letter: height of one, pt. ret_drawn: [n], the part is of a
 * drawing. False: scratch is full. */
MUST_CHECK
bool clumps_find(struct arena *scratch, const struct page *page, float letter,
                 const struct ink_part *parts, uint32_t n, bool *ret_drawn);

/* ---- hand.c: which lines of unread writing are written by hand ---- */

/* parts: [n], what no word holds; letter, stroke: height of a letter of the page's print and
 * thickness of its strokes, pt; 0: there is none to compare with, and nothing is told. */
bool hand_is(const struct group *group, const struct ink_part *parts, uint32_t n, float letter,
             float stroke);

/* ---- print.c: which groups in pictures are print, not texture ---- */

/* Whether the group, wherever it lies, is surely no line of print: a coast, a curve of a chart, the
 * corners of frames, hatching. */
bool print_is_scattered(const struct group *group, const struct ink_part *parts, uint32_t n);

/* Marks as drawn all but the groups whose letters follow each other closely, stand on one line and
 * have strokes of one thickness, thinner than half of their height; and these where most groups of
 * their size are none. parts: [n], what no word holds; pixel: pt. False: scratch is full. */
MUST_CHECK
bool print_mark(struct arena *scratch, const struct ink_part *parts, uint32_t n, float pixel,
                struct group *groups, uint32_t count);
