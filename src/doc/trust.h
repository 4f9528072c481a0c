/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/trust.h - whether the characters of a text layer can be believed.
 *
 * A font without a table to Unicode, or with a wrong one, draws a page that reads well and gives
 * text that is none. What is looked at: codes that stand for nothing, the share of letters and
 * digits, how letters follow each other (doc/bigrams.h), the share of vowels among Latin letters
 * (about 0.38 in English and German, 0.45 in Italian; shifted or shuffled alphabets have less than
 * 0.18), letters and digits whose glyphs are named otherwise, and letters and digits whose outlines
 * are those of others (identity.h). Fails on: pages of codes and
 * abbreviations (which then are read from pixels once more). */
#pragma once

#include "doc/doc.h"
#include "doc/text.h"

enum doc_doubt trust_judge_font(const struct text_census *census);

/* Whether all that a page says makes no sense, whichever fonts are to blame. */
bool trust_is_garbled(const struct text_census *all);
