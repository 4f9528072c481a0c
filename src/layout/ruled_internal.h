/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/ruled_internal.h - a drawing of lines seen as a raster of places, between ruled.c,
 * ruled_cells.c and ruled_cuts.c. */
#pragma once

#include "layout/rules.h"

struct raster {
    struct layout *layout;
    float xs[RULES_LINES_MAX], ys[RULES_LINES_MAX];
    uint32_t columns, rows;
    uint32_t sides;   /* of the four around it, that are drawn */
    uint8_t *drawn;   /* per place: 1 right edge, 2 lower edge */
    uint32_t *owners; /* per place: the place at the top left of its cell */
    uint32_t *ids;    /* fragments inside, sorted by owner */
    uint32_t *places; /* of each of them */
    uint32_t n;
};

/* ruled_cuts.c: one drawing may hold tables stacked on each other: a row that goes across, with
 * other columns below it than above. Returns the rows before which the drawing is cut; cuts has
 * room for rows. */
uint32_t ruled_find_cuts(const struct raster *g, const struct rules *r, uint32_t group,
                         uint32_t *cuts);

/* Whether row has hardly any of the verticals that the raster has: it goes across. */
bool ruled_goes_across(const struct raster *g, const struct rules *r, uint32_t group, uint32_t row);

/* Column of the raster that parts two drawings side by side, which hardly any lines go through;
 * columns: there is none. */
uint32_t ruled_find_side(const struct raster *g, const struct rules *r, uint32_t group);

/* ruled_cells.c: brings the fragments into the order of their cells. */
void ruled_sort(struct raster *g);

/* Whether much of the text stands in cells that are tables of their own: entries side by side,
 * figures one below the other, or line for line with the cell beside. Then the lines frame groups
 * of cells, and white space parts them. */
bool ruled_is_coarse(const struct raster *g);

/* A cell over many rows that has one line of text in each of them is cells without lines between.
 * Fragments are in the order of their cells. */
void ruled_part_labels(struct raster *g);

/* A cell over several columns that has an entry of its own in each of them, on one baseline, is
 * cells without lines between. */
void ruled_part_entries(struct raster *g);

/* Rows across at either end of the frame that hold its caption or its notes do not belong to the
 * table. Returns the rows [*ret_top, *ret_bottom) that do. */
void ruled_trim_frame(const struct raster *g, uint32_t *ret_top, uint32_t *ret_bottom);
