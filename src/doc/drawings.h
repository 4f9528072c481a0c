/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/drawings.h - charts and diagrams that a file draws with lines and areas.
 *
 * Method: subpaths that run mostly aslant or in curves are pieces of a drawing, and so are bars
 * (filled rectangles of one width on one foot, or of one height from one side, of four lengths or
 * more). Pieces near each other are one cluster (union-find), the straight lines in or along it
 * belong to it. A cluster with enough of such pieces and large enough is a region of kind DRAWING.
 * Rounded frames, underlines, tables and letters have no such pieces. Whether its text is that of a
 * figure is layout's to say. Fails on: drawings of level and upright lines alone. */
#pragma once

#include "base/arena.h"
#include "page/page.h"

struct drawings;

/* page: its size bounds everything. NULL if the arena is full. */
MUST_CHECK
struct drawings *drawings_new(struct arena *arena, const struct page *page);

/* A subpath: its extent, how long it is altogether and aslant, its corners. */
struct drawn_path {
    struct box box; /* pt, as far as it can be seen */
    float length, aslant;
    int corners;
    bool filled;
};
void drawings_add(struct drawings *drawings, const struct drawn_path *path);

/* Adds the regions; the page has its rules. ERR_LIMIT. */
MUST_CHECK
enum err_code drawings_finish(struct drawings *drawings, struct page *page, struct err *err);
