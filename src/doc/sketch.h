/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/sketch.h - remembers where a page paints what, so far as the interpretation that gives its
 * text sees it, so that a part that shows pictures and nothing else (a logo on an invoice) can be
 * drawn without interpreting the page again.
 *
 * Boxes of ink are generous, and anything unusual is ink: a part is then drawn as the page says.
 * One page at a time. Limits: so many boxes and pictures; a page with more is not known. */
#pragma once

#include "doc/mupdf_internal.h"

struct sketch;

/* NULL: no memory. */
struct sketch *sketch_new(void);
void sketch_drop(fz_context *ctx, struct sketch **sketch);

/* A page begins, and has been painted to its end: before that it is not known. */
void sketch_begin(fz_context *ctx, struct sketch *sketch, uint32_t page_index);
void sketch_end(struct sketch *sketch);

/* Something that is no picture, or one that is not painted plainly; boxes in points, as seen. */
void sketch_ink(struct sketch *sketch, struct box box);

/* A fill in the paper's own white: nothing where nothing was painted before. */
void sketch_white(struct sketch *sketch, struct box box);

/* A picture, as fz_fill_image is told, of which seen can be seen. */
void sketch_picture(fz_context *ctx, struct sketch *sketch, fz_image *image, fz_matrix ctm,
                    float alpha, fz_color_params params, struct box seen);

/* Whether the part of that page shows pictures only, or nothing. */
bool sketch_shows(const struct sketch *sketch, uint32_t page_index, struct box part);

/* Paints the pictures of that part, ctm: of the page's points. Throws. */
void sketch_draw(fz_context *ctx, const struct sketch *sketch, fz_device *dev, fz_matrix ctm,
                 struct box part);
