/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/texcodes.h - characters of Type 3 fonts that number their glyphs as TeX's encodings do.
 *
 * TeX's bitmap fonts come without names of characters: all that is known of a glyph is its number
 * in an encoding that nobody names, and what it looks like. Below 32, above 126 and for a few signs
 * the encodings (T1, TS1, OT1, OML, OMS) differ from Latin-1 and from each other; what they have at
 * a number are few characters, of which the one that the drawing looks like is taken, and none if
 * it looks like none of them. Files of doc/ only. */
#pragma once

#include "doc/shape.h"

/* Whether an encoding of TeX's has something else at the number than Latin-1 has. */
bool texcodes_differ(uint32_t number);

/* The character of the glyph with that number which is drawn in inputs (type3_draw), of texcodes_
 * differ; 0: none of those that it may be, or Latin-1's. */
uint32_t texcodes_character(const uint8_t inputs[SHAPE_INPUTS], uint32_t number);
