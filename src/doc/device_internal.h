/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/device_internal.h - what device.c, glyphs.c and paths.c share. */
#pragma once

#include "doc/actual.h"
#include "doc/device.h"
#include "doc/identity.h"
#include "doc/signs.h"

static const float white_min = 0.94F; /* luma of paint that leaves paper white */
static const float alpha_min = 0.05F; /* fainter cannot be seen */
static const float cover_min = 4;     /* pt, both ways: smaller hides no word */
static const float even = 0.05F;      /* pt by which a straight side may lean */

/* Segments looked at on a page; beyond, drawing is a plan or a map. */
enum { PATH_WORK_MAX = 400000 };

enum { TAGS_MAX = 32 };

struct reading_device {
    fz_device super;
    float width, height;
    struct text *text;
    struct marks *marks;
    struct sketch *sketch;
    struct box run;           /* of the glyphs added last, in one line; no area: none */
    const fz_text *last_text; /* kept; filled text is often stroked or clipped to as well */
    /* The font that was asked about last. */
    fz_font *font; /* kept */
    uint8_t font_number, font_style;
    float ascent, descent; /* ascent below 0: of a font on its head */
    bool font_mirrored;
    /* All fonts of the page, kept, by their number. */
    fz_font *fonts[TEXT_FONTS_MAX];
    uint8_t styles[TEXT_FONTS_MAX];
    uint8_t font_count;
    struct identities *identities; /* borrowed */
    const struct sign *signs;      /* of that font, if it is one of signs; NULL */
    struct font_key font_key;      /* of the font that was asked about last */
    uint32_t path_work;
    /* Words that were clipped to and through which nothing was painted yet; and how many clips and
     * groups are open while they are the clip. */
    uint32_t clip_from, clip_end;
    int clip_depth;
    struct tags tags;
    int tag_number;          /* of the tag that begins next, in its contents */
    pdf_obj *tag_properties; /* of the same */
    struct actual actual;
    uint8_t roles[TAGS_MAX];   /* of the tags that are open */
    uint16_t places[TAGS_MAX]; /* of the same: 1 + index among the page's tags, or 0 */
    uint32_t tag_depth;        /* may be more than there is room for */
    bool mute;
};

/* Paint of less covers little; a group of it says so in its `user`. */
static const float veil_most = 0.6F;
enum { VEIL = 2 };

/* What may be seen now: the page cut by the clips in force. */
fz_rect device_visible_area(fz_context *ctx, fz_device *dev);

/* Whether paint lands as it is: no mask, no odd clip, no blending (noted in `user` when pushed). */
bool device_paints_plainly(const fz_device *dev);

/* Something that is not painted plainly, or no picture, may show in the box. */
void device_ink(fz_device *dev, struct box box);

/* ---- glyphs.c ---- */

/* Of the innermost tag that says something: its role, and 1 + its index among the page's tags or 0.
 */
uint8_t device_role(const struct reading_device *dev);
uint16_t device_place(const struct reading_device *dev);

/* How text is painted. */
struct manner {
    bool hidden; /* not at all */
    float alpha;
    struct colour colour;
};

/* Adds the text's characters, unless it is the text that came last. */
void device_add_text(fz_context *ctx, fz_device *super, const fz_text *text, fz_matrix ctm,
                     struct manner manner);

/* ---- paths.c ---- */

/* How a path is painted. */
struct path_manner {
    float thick; /* of the stroke, pt; < 0: filled */
    bool even_odd;
    float alpha;
    struct colour colour;
};

/* Notes rules, painted areas and covers of a path. */
void paths_walk(fz_context *ctx, fz_device *dev, const fz_path *path, fz_matrix ctm,
                struct path_manner manner);

/* Colour as people see it; black where it is not known. */
struct colour device_colour(fz_context *ctx, fz_colorspace *space, const float *color);
float device_luma(struct colour colour);

/* Whether the path is one upright rectangle. */
bool paths_is_box(fz_context *ctx, fz_device *dev, const fz_path *path, fz_matrix ctm);
