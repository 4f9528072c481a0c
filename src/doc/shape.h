/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/shape.h - which character a glyph looks like, from its outline.
 *
 * The outline is drawn into 16 by 16 cells, stretched to fill them, and that picture with its size
 * and place in the em goes through a small network (one hidden layer, whole numbers only, so that
 * the result is the same everywhere), which was taught on some 800 free typefaces
 * (tools/make-shapes). Knows Latin letters with and without accents, figures, Greek, Cyrillic and
 * common signs; letters that look alike (o, Greek omicron, Cyrillic o) get like marks. Fails on:
 * decorated and handwritten faces, glyphs of more than SHAPE_SEGMENTS_MAX segments. Type 3 fonts,
 * which have no outlines: type3.h. Files of doc/ only. */
#pragma once

#include "doc/mupdf_internal.h"

enum { SHAPE_SIDE = 16, SHAPE_INPUTS = SHAPE_SIDE * SHAPE_SIDE + 8, SHAPE_SEGMENTS_MAX = 2000 };

/* Latin letters without accents, and figures. */
bool shape_is_plain(uint32_t code);

/* Whether the network was taught the character. */
bool shape_knows(uint32_t code);

/* The picture of a glyph and its measures, 0..127 each. face: of FreeType, as fz_font_ft_face gives
 * it. False: it has no outline. */
bool shape_draw(void *face, int glyph, uint8_t ret_inputs[SHAPE_INPUTS]);

/* For those who draw otherwise: a share of 0..1 as an input; and the last inputs, which are the
 * letter's size and place in the em, and its form. */
uint8_t shape_measure(float v);
void shape_add_measures(fz_rect box, uint8_t *inputs);

/* What a glyph looks like, and how much more than like code in either case
 * (natural logarithm of the ratio of the probabilities; not above 0: code is what it looks like; 0:
 * or it is not known to the network). */
struct shape_verdict {
    uint32_t looks;
    float margin;
};
struct shape_verdict shape_judge(const uint8_t inputs[SHAPE_INPUTS], uint32_t code);
