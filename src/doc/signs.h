/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/signs.h - Unicode for the fonts of signs that have codes of their own.
 *
 * Symbol, Wingdings (1 to 3), Webdings and MT Extra are encoded by what their makers liked; a
 * document gives their bytes as they are, or as private codes U+F020 to U+F0FF. Which font it is
 * tells its name alone. Sources: Adobe's Symbol encoding (PDF 32000-1, annex D.5, with Unicode by
 * the Adobe Glyph List), the published charts of Microsoft's fonts; signs without an equal of like
 * meaning in Unicode are left out. */
#pragma once

#include <stdint.h>

struct sign;

/* The signs of a font; NULL: it is no font of signs. name: with or without a subset's tag. */
const struct sign *signs_of_font(const char *name);

/* The character for a code of that font, or the code itself. */
uint32_t signs_character(const struct sign *signs, uint32_t code);
