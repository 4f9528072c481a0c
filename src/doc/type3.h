/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/type3.h - what the glyphs of Type 3 fonts look like, which are drawings of any kind.
 *
 * Such a font has no outlines that could be asked for: its glyphs are filled or stroked paths, or
 * pictures of 300 dots to the inch in what TeX wrote for years. Each is drawn once, as large as its
 * ink, and that is brought to the cells that the network of shape.h looks at. Many of these fonts
 * are not made to an em of 1: how large the letters are is told from the ink of all of them.
 * Fails on: glyphs drawn in white on a ground of their own; fonts of a few small signs that are not
 * of an em of 1. Files of doc/ only. */
#pragma once

#include "doc/shape.h"

/* The em in units of the font's text space: 1 where the font is made to it; negative where its
 * letters stand on their heads in it (mirrored: as the text is set). 0: nothing is drawn. Throws.
 */
float type3_em(fz_context *ctx, fz_font *font, bool mirrored);

/* As shape_draw. em: of type3_em. Throws. */
bool type3_draw(fz_context *ctx, fz_font *font, int glyph, float em,
                uint8_t ret_inputs[SHAPE_INPUTS]);

/* Whether all its letters have one width. em: of type3_em. */
bool type3_is_mono(fz_context *ctx, fz_font *font, float em);

/* A number for the font's drawings, which tells it from others that come to its address. */
uint64_t type3_hash(fz_context *ctx, fz_font *font, uint64_t hash);
