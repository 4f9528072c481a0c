/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/identity.c - a second opinion on what character a glyph is, from the font alone.
 *
 * Many fonts name their glyphs ("A", "one"), and those names are what its maker drew. A table to
 * Unicode that says another letter or digit is wrong, or meant to deceive. Where it says nothing,
 * the name gives the character. (The fonts' own tables from characters to glyphs would not do: what
 * they are made for is anybody's guess once a subset was taken.) */
#include "doc/device_internal.h"

#include <string.h>

enum { NAME_MAX_BYTES = 64 };

static bool
is_plain(uint32_t code)
{
    return (code >= '0' && code <= '9') || (code >= 'A' && code <= 'Z') ||
           (code >= 'a' && code <= 'z');
}

static bool
is_unknown(uint32_t code)
{
    return code == 0xfffd || code < 0x20 || code > 0x10ffff;
}

/* The character that the glyph's name means; 0 if it has none. "a.sc" is an a. */
static uint32_t
read_name(fz_context *ctx, fz_font *font, int glyph)
{
    char name[NAME_MAX_BYTES] = "";

    fz_get_glyph_name(ctx, font, glyph, name, sizeof(name));
    name[strcspn(name, ".")] = '\0';
    if (name[0] == '\0')
        return 0;
    int code = fz_unicode_from_glyph_name_strict(name);
    return code > 0 ? (uint32_t)code : 0;
}

static struct identity *
find_identity(fz_context *ctx, struct reading_device *dev, int glyph)
{
    size_t slot = ((size_t)glyph * 31 + dev->font_number * 131U) % IDENTITIES;
    struct identity *found = &dev->identities[slot];

    if (found->font != dev->font || found->glyph != glyph) {
        found->font = dev->font;
        found->glyph = glyph;
        found->named = read_name(ctx, dev->font, glyph);
    }
    return found;
}

uint32_t
identity_check(fz_context *ctx, struct reading_device *dev, int glyph, uint32_t code,
               enum glyph_identity *ret)
{
    *ret = GLYPH_UNNAMED;
    if (!is_unknown(code) && !is_plain(code))
        return code;
    struct identity *identity = find_identity(ctx, dev, glyph);
    if (is_unknown(code)) {
        if (identity->named == 0)
            return code;
        *ret = GLYPH_MENDED;
        return identity->named;
    }
    if (is_plain(identity->named))
        *ret = (identity->named | 0x20) == (code | 0x20) ? GLYPH_AGREES : GLYPH_DIFFERS;
    return code;
}
