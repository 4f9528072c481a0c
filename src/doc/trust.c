/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/trust.h"

#include <math.h>

static const double bad_max = 0.1;      /* of all characters */
static const double readable_min = 0.4; /* letters and digits, of all that are no leaders */
static const double vowels_min = 0.18, vowels_max = 0.75;

/* Bits by which one letter surprises after another, mean over a font's pairs. Prose has 3.1 (99.9 %
 * of 12-word pieces in English, German and French less than 3.7), shifted and shuffled alphabets 5
 * (99.9 % more than 4.1). Few pairs scatter more. */
static const double surprise_most = 3.6, surprise_scatter = 1.6;
static const double run_letters_least = 2.5; /* mean; in prose 4 and more, in formulas 1 to 2 */
static const double differing_most = 0.1;    /* of the letters and digits whose glyphs have names */

static const double bad_max_of_font = 0.3;

enum {
    LEAST_PAIRS = 40,
    LEAST_BAD_WORDS = 2,
    LEAST_DIFFERING = 3,
    LEAST_BAD = 3,     /* fewer strange characters are bullets or a logo */
    LEAST_GLYPHS = 40, /* below, shares say little */
    LEAST_LATIN = 80,
};

static bool
is_surprising(const struct text_census *c)
{
    if (c->pairs < LEAST_PAIRS || c->latin < run_letters_least * c->runs)
        return false;
    return (double)c->surprise / 8 / c->pairs >
           surprise_most + surprise_scatter / sqrt((double)c->pairs);
}

static bool
has_odd_vowels(const struct text_census *c)
{
    /* Only what is written in words of Latin letters has the vowels of such. */
    if (c->pairs < LEAST_PAIRS || c->latin < LEAST_LATIN || c->latin < c->letters / 2 ||
        c->latin < c->digits)
        return false;
    return c->vowels < vowels_min * c->latin || c->vowels > vowels_max * c->latin;
}

enum doc_doubt
trust_judge_font(const struct text_census *c)
{
    /* Fonts of formulas and ornaments have glyphs without a character, and few letters, by right.
     */
    if (c->bad_words >= LEAST_BAD_WORDS && c->bad > bad_max_of_font * c->glyphs)
        return DOUBT_TEXT;
    if (is_surprising(c) || has_odd_vowels(c))
        return DOUBT_TEXT;
    bool differs = c->differing >= LEAST_DIFFERING && c->differing > differing_most * c->named;
    return differs ? DOUBT_NAMES : DOUBT_NONE;
}

bool
trust_is_garbled(const struct text_census *c)
{
    uint32_t plain = c->glyphs - c->leaders;

    if (c->bad_words > 0 && c->bad >= LEAST_BAD && c->bad > bad_max * c->glyphs)
        return true;
    if (plain >= LEAST_GLYPHS && c->letters + c->digits < readable_min * plain)
        return true;
    return is_surprising(c) || has_odd_vowels(c);
}
