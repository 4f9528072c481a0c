/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/marks.h - collects what a page shows beside text: rules, pictures, painted areas.
 *
 * Rules are thin filled rectangles and straight strokes along the page's axes; pieces that touch
 * are joined. Pictures that continue each other (scans are often stored in strips) are joined as
 * well. Painted areas only serve to tell whether text stands on its own colour. Filled shapes as
 * large as letters are noted too: text may have been drawn without a font. */
#pragma once

#include "base/arena.h"
#include "doc/drawings.h"
#include "page/page.h"

struct marks;

/* page: its size bounds everything. NULL if the arena is full. */
MUST_CHECK
struct marks *marks_new(struct arena *arena, const struct page *page);

/* A straight mark from edge to edge; ignored if too short or too thick for a rule. */
void marks_rule(struct marks *marks, struct box box);

/* A picture of width * height source pixels shown in box. */
void marks_picture(struct marks *marks, struct box box, uint32_t width, uint32_t height);

/* Red, green, blue, 0..1. */
struct colour {
    float r, g, b;
};

/* A colour was painted there; NULL: several, or unknown ones (a picture). White where nothing was
 * painted is not noted. */
void marks_paint(struct marks *marks, struct box box, const struct colour *colour);
/* Whether something of that colour shows at the place already. */
bool marks_is_lost(const struct marks *marks, float x, float y, struct colour colour);

/* A subpath that can be seen, for drawings. */
void marks_path(struct marks *marks, const struct drawn_path *path);

/* A filled shape of a letter's size. */
void marks_outline(struct marks *marks, struct box box);
const struct box *marks_outlines(const struct marks *marks, uint32_t *ret_count);

/* Share of the page that pictures cover, 0..1, and the dpi of the largest; 0 without pictures. */
float marks_picture_share(const struct marks *marks);
float marks_picture_dpi(const struct marks *marks);

/* Adds rules, pictures and drawings to the page as regions, and check boxes as words; the page has
 * its other words. ERR_LIMIT. */
MUST_CHECK
enum err_code marks_finish(struct marks *marks, struct page *page, struct err *err);
