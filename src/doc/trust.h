/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/trust.h - whether the characters of a text layer can be believed.
 *
 * A font without a table to Unicode, or with a wrong one, draws a page that reads well and gives
 * text that is none. What is looked at: codes that stand for nothing, the share of letters and
 * digits, and the share of vowels among Latin letters (about 0.38 in English and German, 0.45 in
 * Italian; shifted or shuffled alphabets have less than 0.18). Fails on: a table that swaps letters
 * of like frequency, short texts, pages of codes and abbreviations (which then are read from pixels
 * once more). */
#pragma once

#include "doc/text.h"

bool trust_looks_garbled(const struct text_census *census);
