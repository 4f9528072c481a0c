/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/identity.h - a second opinion on what character a glyph is, from the font alone.
 *
 * Many fonts name their glyphs ("A", "one"), and those names are what its maker drew. A table to
 * Unicode that says another letter or digit is wrong, or meant to deceive. Where it says nothing,
 * the name gives the character. (The fonts' own tables from characters to glyphs would not do: what
 * they are made for is anybody's guess once a subset was taken.) Besides, each letter's outline is
 * looked at once in a document (shape.h), or the drawing that it is in a Type 3 font (type3.h),
 * whose names of glyphs say nothing. Files of doc/ only. */
#pragma once

#include "doc/mupdf_internal.h"
#include "doc/text.h"

/* What is known of a glyph that stands for a character. */
struct identity {
    uint64_t font; /* identity_of_font; 0: free */
    int glyph;
    uint32_t code;  /* as the document says */
    uint32_t taken; /* character to take for it */
    uint32_t looks; /* what its outline is most like */
    uint32_t page;  /* on which it was met last; from 1 */
    uint8_t name;   /* enum glyph_identity */
    uint8_t shape;  /* enum glyph_shape */
};

/* Of one document. NULL: no memory. */
struct identities *identities_new(void);
void identities_drop(struct identities **identities);

void identities_begin_page(struct identities *identities);

/* A font as it is asked for: a number that tells it from others of the document, also from one that
 * later lies at the same address. mirrored: it is shown with its y axis downwards, as converters
 * write Type 3 fonts that are made that way. em: of a Type 3 font (type3_em), negative where it is
 * mirrored; else 1. Throws. */
struct font_key {
    uint64_t number;
    float em;
    bool is_type3;
};
struct font_key identity_of_font(fz_context *ctx, struct identities *identities, fz_font *font,
                                 bool mirrored);

/* What is known of a glyph for which the document says code; NULL for characters that nothing could
 * be said of, and if there are too many. Valid until the next call. Throws.
 */
struct identity *identity_find(fz_context *ctx, struct identities *all, struct font_key key,
                               fz_font *font, int glyph, uint32_t code);

/* Whether it was not asked for on this page before. */
bool identity_is_new(struct identities *all, struct identity *identity);
