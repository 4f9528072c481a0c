/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/trust.h"

#include <math.h>

static const double bad_max = 0.1;      /* of all characters */
static const double readable_min = 0.4; /* letters and digits, of all that are no leaders */
static const double vowels_min = 0.18, vowels_max = 0.75;

/* Bits by which one letter surprises after another, mean over a font's pairs, and how much it
 * scatters where pairs are few. Prose has 3.0; the most of a font on 661 digital pages is 3.76 of
 * 40 to 80 pairs, 3.47 of 300 to 600, 3.23 of more. Shifted alphabets have 4.8, those in which
 * twelve letters changed places 3.65. */
static const double surprise_most = 3.3, surprise_scatter = 4.2;
static const double run_letters_least = 2.5; /* mean; in prose 4 and more, in formulas 1 to 2 */
static const double differing_most = 0.1;    /* of the letters and digits whose glyphs have names */
static const double unlike_most = 0.01;      /* of the glyphs whose outlines were looked at */

static const double bad_max_of_font = 0.3;

/* Of a font's words: those with holes, or with signs among their letters; of its characters: bad
 * ones beside holes, those that several glyphs share, letters of no language. */
static const double holed_least = 0.1, many_holed_least = 0.4, odd_least = 0.3, holes_least = 0.02,
                    shared_least = 0.4, strange_least = 0.3;

enum {
    LEAST_HOLED = 2,
    LEAST_ODD = 3,
    LEAST_SHARED = 16,
    LEAST_STRANGE = 10,
    LEAST_GREEK = 6,
    LEAST_PAIRS = 40,
    LEAST_BAD_WORDS = 2,
    LEAST_DIFFERING = 3,
    LEAST_UNLIKE = 2,  /* those said to be plain count twice: none is on 661 digital pages */
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

/* Fonts of formulas, whose letters stand alone among signs. */
static bool
is_of_formulas(const struct text_census *c)
{
    return c->latin < run_letters_least * c->runs;
}

/* Words with holes in them: characters without a code among letters. A few are enough in running
 * text, where a ligature may be missing; among formulas, which have such by right, many. */
static bool
has_holes(const struct text_census *c)
{
    double least = is_of_formulas(c) ? many_holed_least : holed_least;

    return c->holed_words >= LEAST_HOLED && c->holed_words >= least * c->words &&
           c->bad > holes_least * c->glyphs;
}

static bool
is_no_language(const struct text_census *c)
{
    if (c->strange >= LEAST_STRANGE && c->strange > strange_least * c->letters)
        return true;
    if (c->greek >= LEAST_GREEK && c->accented == 0)
        return true;
    if (c->shared >= LEAST_SHARED && c->shared > shared_least * c->ascii)
        return true;
    return c->odd_words >= LEAST_ODD && c->odd_words > odd_least * c->words;
}

enum doc_doubt
trust_judge_font(const struct text_census *c)
{
    /* Fonts of formulas and ornaments have glyphs without a character, and few letters, by right.
     */
    if (c->bad_words >= LEAST_BAD_WORDS && c->bad > bad_max_of_font * c->glyphs)
        return DOUBT_TEXT;
    if (is_surprising(c) || has_odd_vowels(c) || has_holes(c) || is_no_language(c))
        return DOUBT_TEXT;
    bool differs = c->differing >= LEAST_DIFFERING && c->differing > differing_most * c->named;
    bool unlike =
        c->unlike + c->unlike_plain >= LEAST_UNLIKE && c->unlike > unlike_most * c->shaped;
    return differs || unlike ? DOUBT_NAMES : DOUBT_NONE;
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
