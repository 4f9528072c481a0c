/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/trust.h"

static const double bad_max = 0.1;      /* of all characters */
static const double readable_min = 0.4; /* letters and digits, of all that are no leaders */
static const double vowels_min = 0.18, vowels_max = 0.75;

enum {
    LEAST_BAD = 3,     /* fewer strange characters are bullets or a logo */
    LEAST_GLYPHS = 40, /* below, shares say little */
    LEAST_LATIN = 80,
};

bool
trust_looks_garbled(const struct text_census *c)
{
    uint32_t plain = c->glyphs - c->leaders;

    if (c->bad >= LEAST_BAD && c->bad > bad_max * c->glyphs)
        return true;
    if (plain >= LEAST_GLYPHS && c->letters + c->digits < readable_min * plain)
        return true;
    /* Only a page that is written in Latin letters has the vowels of one. */
    if (c->latin < LEAST_LATIN || c->latin < c->letters / 2 || c->latin < c->digits)
        return false;
    return c->vowels < vowels_min * c->latin || c->vowels > vowels_max * c->latin;
}
