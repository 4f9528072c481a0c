/* SPDX-License-Identifier: AGPL-3.0-or-later
 * canvas.h - a white page to draw on, 100 dpi, one pixel 0.72 pt. */
#pragma once

#include "page/pixmap.h"

enum { CANVAS_WIDTH = 600, CANVAS_HEIGHT = 800 };

static const float canvas_unit = 0.72F;

struct pixmap canvas_new(struct arena *arena, uint8_t level);
void canvas_fill(struct pixmap *map, int x, int y, int w, int h, uint8_t level);

/* Letters of 7 x 10 pixels, hollow as letters are, every 10 pixels from x on. */
void canvas_write(struct pixmap *map, int x, int y, int letters, uint8_t level);

/* A ring of strokes of 2 pixels in the square of that side. */
void canvas_ring(struct pixmap *map, int x, int y, int side);

/* The box of pixels in points. */
struct box canvas_box(int x, int y, int w, int h);
