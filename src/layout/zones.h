/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/zones.h - what of a page stands beside what.
 *
 * A band is everything that overlaps in height; neighbouring bands with a gutter through all of
 * them are a zone. */
#pragma once

#include "layout/layout_internal.h"

enum { GAPS_MAX = 24 }; /* that are followed in one band */

struct band {
    uint32_t first, count; /* in ids, from left to right */
    float y0, y1;
    uint32_t gap_count;
};

/* Neighbouring bands with gutters that go through all of them. */
struct zone {
    uint32_t first, count; /* bands */
    struct gap gaps[GAPS_MAX];
    uint32_t gap_count;
};

/* Text: columns of running text; columns: parts that have little to do with each other. Margin:
 * markers or numbers of their own left of the text that they number. */
enum zone_kind { ZONE_TEXT, ZONE_COLUMNS, ZONE_ROWS, ZONE_TABLE, ZONE_MARGIN };

/* Bands of a set, from top to bottom; ids are re-ordered band by band. bands has room for n. */
uint32_t zone_bands(const struct layout *layout, uint32_t *ids, uint32_t n, struct band *bands);

/* The zone that begins at band `first`, or a little below it where more gutters begin, as they do
 * under a title: as far down as one of its gutters goes through. */
struct zone zone_find(const struct layout *layout, const uint32_t *ids, const struct band *bands,
                      uint32_t band_count, uint32_t first);

/* The band in which more columns begin that go on to the zone's end, as of a table below letterhead
 * and labels; the zone's first if none does. */
uint32_t zone_find_below(const struct layout *layout, const uint32_t *ids, const struct band *bands,
                         uint32_t band_count, const struct zone *zone);

/* Takes in the bands right above that stand wholly beside the first column: headings over the
 * others. least: the first band that is free. */
void zone_extend_up(const struct layout *layout, const uint32_t *ids, const struct band *bands,
                    uint32_t least, struct zone *zone);

/* Whether enough fragments stand beside each other in it to speak of a zone. */
bool zone_has_sides(const struct band *bands, const struct zone *zone);

/* Whether nothing but numbers of formulas, one after the other, stands right of its last gap: no
 * column of its own. */
bool zone_numbers_formulas(const struct layout *layout, const uint32_t *ids,
                           const struct band *bands, const struct zone *zone);

/* Which part between the zone's gaps a fragment stands in: 0 to gap_count. */
uint32_t zone_part(const struct zone *zone, struct box box);

/* How the zone is read. ids: its n fragments, re-ordered; ends: scratch for n. */
enum zone_kind zone_judge(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends,
                          const struct zone *zone);

/* Text beside text, such as two addresses: neither labels with their values, nor figures. */
bool zone_reads_by_column(const struct layout *layout, const uint32_t *ids, uint32_t n,
                          const struct zone *zone);

/* A text layer that draws one part whole before the next, one of them of several lines. ids:
 * re-ordered; scratch for n. */
bool zone_is_drawn_by_column(const struct layout *layout, uint32_t *ids, uint32_t n,
                             uint32_t *scratch, const struct zone *zone);

/* Labels and values, or entries and amounts: short lines on both sides of one wide gutter that pair
 * row by row, set wider than lines of text are. ends: scratch for n. */
bool zone_pairs_rows(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends,
                     const struct zone *zone);
