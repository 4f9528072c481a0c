/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/device_internal.h - what device.c and paths.c share. */
#pragma once

#include "doc/device.h"

static const float white_min = 0.94F; /* luma from which text cannot be seen on white paper */
static const float alpha_min = 0.05F; /* fainter cannot be seen */
static const float cover_min = 4;     /* pt, both ways: smaller hides no word */
static const float even = 0.05F;      /* pt by which a straight side may lean */

/* Segments looked at on a page; beyond, drawing is a plan or a map. */
enum { PATH_WORK_MAX = 400000 };

struct reading_device {
    fz_device super;
    float width, height;
    struct text *text;
    struct marks *marks;
    const fz_text *last_text; /* kept; filled text is often stroked or clipped to as well */
    /* The font that was asked about last. */
    const fz_font *font; /* kept */
    uint8_t font_style;
    float ascent, descent;
    bool is_type3;
    uint32_t path_work;
    bool mute;
};

/* What may be seen now: the page cut by the clips in force. */
fz_rect device_visible_area(fz_context *ctx, fz_device *dev);

/* Whether paint lands as it is: no mask, no odd clip, no blending (noted in `user` when pushed). */
bool device_paints_plainly(const fz_device *dev);

/* ---- paths.c ---- */

/* Notes rules, painted areas and covers of a path. thick: of the stroke in points, < 0 for a fill.
 */
void paths_walk(fz_context *ctx, fz_device *dev, const fz_path *path, fz_matrix ctm, float thick,
                float luma, float alpha);

/* Whether the path is one upright rectangle. */
bool paths_is_box(fz_context *ctx, fz_device *dev, const fz_path *path, fz_matrix ctm);
