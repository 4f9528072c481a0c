/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ledger/ledger.h - the account of a page's ink: every drop belongs to a word, or is named.
 *
 * Before a picture of the page is read, its ink is noted (ledger_see). When the words stand,
 * ledger_settle gives each part of ink to the word it lies in; what is left is a rule, a picture, a
 * stamp, noise, or looks like writing that nobody read: REGION_UNREAD, about a line each, or
 * REGION_HANDWRITING where a pen wrote it, which counts as unread all the same. Parts of
 * one kind that lie together are one region, with its ink. A page whose pixels nobody had to look
 * at has a short account: glyphs without a character, and pictures that were left unread.
 *
 * What comes out: page->regions (with ink), page->coverage (share of the text-like ink that words
 * of confidence ledger_good and more hold) and a cap on page->confidence: with anything unread it
 * is at most ledger_cap, less by the unread share. Method and figures: docs/ledger.md. */
#pragma once

#include "ledger/groups.h"

struct ledger;

/* Confidence from which a word accounts for its ink; and the most a page with unread ink has. */
static const float ledger_good = 0.5F;
static const float ledger_cap = 0.8F;

/* Lives in the page's arena. NULL if that is full. */
MUST_CHECK
struct ledger *ledger_new(struct page *page);

/* Notes the ink of a picture of the page or of a part of it, in the frame of the page as seen. Call
 * before the picture is changed. What shines through from the reverse side is taken out of it, and
 * is no ink (ledger/bleed.h). ret_writing: something in it looks like writing; without, there is
 * nothing for a recogniser to do. */
MUST_CHECK
enum err_code ledger_see(struct ledger *ledger, struct pixmap *picture, struct arena *scratch,
                         bool *ret_writing, struct err *err);

/* A place that may hold text nobody could look at. */
void ledger_leave(struct ledger *ledger, struct box box);

/* Writing that no word of the page holds, in the page's present frame (turned pages included), a
 * line each, in scratch; with lone, what may be a word by itself too, after the lines. Changes
 * nothing. */
MUST_CHECK
enum err_code ledger_find_unread(const struct ledger *ledger, const struct page *page, bool lone,
                                 struct arena *scratch, struct group **ret, uint32_t *ret_count,
                                 struct err *err);

/* Words of digits alone between which there is a point that was not read are worth less. Before
 * layout. */
MUST_CHECK
enum err_code ledger_doubt_figures(const struct ledger *ledger, struct page *page,
                                   struct arena *scratch, struct err *err);

/* The account, after layout. Regions of kinds STAMP, NOISE and UNREAD, and RULE and PICTURE where
 * the page has none, are added; coverage and the cap are set. */
MUST_CHECK
enum err_code ledger_settle(const struct ledger *ledger, struct page *page, struct arena *scratch,
                            struct err *err);
