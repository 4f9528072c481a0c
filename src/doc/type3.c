/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/type3.h"

#include <math.h>
#include <string.h>

enum {
    GLYPHS = 256,             /* of a Type 3 font */
    PROC_BYTES_MAX = 1 << 16, /* a longer drawing is no letter */
    SIDE = 96,                /* pixels: of the drawing, six to a cell */
    LEVEL_LEAST = 40,         /* of 255: less is the blur of an edge */
    TIGHT_LEAST = SIDE * 3 / 4,
};

/* Of the highest ink above the baseline: in a font made to an em of 1, capitals and long letters
 * are .65 to .8 high, small ones .4 to .55, accents on capitals .95; 0.72 stands for the first. */
static const float top_least = 0.38F, top_most = 1.3F, top_usual = 0.72F;

/* Figures have one width in most fonts: more glyphs than there are of those. Advances of letters;
 * ideographs and pictures take the em. */
enum { MONO_GLYPHS = 14 };
static const float mono_off = 0.02F, mono_least = 0.4F, mono_most = 0.75F;

static bool
is_drawn(fz_context *ctx, fz_font *font, int glyph)
{
    fz_buffer **procs = fz_font_t3_procs(ctx, font);

    return procs != NULL && glyph >= 0 && glyph < GLYPHS && procs[glyph] != NULL &&
           procs[glyph]->len <= PROC_BYTES_MAX && font->t3lists != NULL &&
           font->t3lists[glyph] != NULL;
}

/* Where the glyph's paths and pictures are; may be larger than its ink. */
static fz_rect
bound(fz_context *ctx, fz_font *font, int glyph)
{
    fz_rect box = fz_empty_rect;
    fz_device *dev = fz_new_bbox_device(ctx, &box);

    fz_try(ctx)
    {
        fz_run_t3_glyph(ctx, font, glyph, fz_identity, dev);
        fz_close_device(ctx, dev);
    }
    fz_always(ctx) fz_drop_device(ctx, dev);
    fz_catch(ctx) fz_rethrow(ctx);
    return box;
}

static bool
is_sane(fz_rect box)
{
    float w = box.x1 - box.x0, h = box.y1 - box.y0;

    return w > 1e-4F && h > 1e-4F && w < 1e4F && h < 1e4F && fabsf(box.x0) < 1e4F &&
           fabsf(box.y0) < 1e4F;
}

/* The part of the glyph in box, y up, dark on white, the first row its foot. */
static fz_pixmap *
draw_part(fz_context *ctx, fz_font *font, int glyph, fz_rect box)
{
    fz_matrix place =
        fz_make_matrix(SIDE / (box.x1 - box.x0), 0, 0, SIDE / (box.y1 - box.y0), 0, 0);
    fz_pixmap *picture = fz_new_pixmap(ctx, fz_device_gray(ctx), SIDE, SIDE, NULL, 0);
    fz_device *dev = NULL;

    fz_var(dev);
    fz_try(ctx)
    {
        fz_clear_pixmap_with_value(ctx, picture, UINT8_MAX);
        dev = fz_new_draw_device(ctx, fz_identity, picture);
        fz_run_t3_glyph(ctx, font, glyph, fz_pre_translate(place, -box.x0, -box.y0), dev);
        fz_close_device(ctx, dev);
    }
    fz_always(ctx) fz_drop_device(ctx, dev);
    fz_catch(ctx)
    {
        fz_drop_pixmap(ctx, picture);
        fz_rethrow(ctx);
    }
    return picture;
}

/* What has ink, in pixels; how dark its edge is tells how far it reaches into the outer ones. */
struct ink {
    float x0, y0, x1, y1;
};

static int
ink_at(const uint8_t *grey, int x, int y)
{
    return UINT8_MAX - grey[y * SIDE + x];
}

static int
darkest_of_column(const uint8_t *grey, int x)
{
    int most = 0;

    for (int y = 0; y < SIDE; y++)
        most = ink_at(grey, x, y) > most ? ink_at(grey, x, y) : most;
    return most;
}

static int
darkest_of_row(const uint8_t *grey, int y)
{
    int most = 0;

    for (int x = 0; x < SIDE; x++)
        most = ink_at(grey, x, y) > most ? ink_at(grey, x, y) : most;
    return most;
}

/* First and end of the ink along an axis. */
static bool
find_ends(const uint8_t *grey, int (*darkest)(const uint8_t *, int), float *ret_first,
          float *ret_end)
{
    int first = 0, last = SIDE - 1;

    while (first < SIDE && darkest(grey, first) < LEVEL_LEAST)
        first++;
    if (first == SIDE)
        return false;
    while (darkest(grey, last) < LEVEL_LEAST)
        last--;
    *ret_first = (float)(first + 1) - (float)darkest(grey, first) / UINT8_MAX;
    *ret_end = (float)last + (float)darkest(grey, last) / UINT8_MAX;
    return *ret_end > *ret_first;
}

static bool
find_ink(const uint8_t *grey, struct ink *ret)
{
    return find_ends(grey, darkest_of_column, &ret->x0, &ret->x1) &&
           find_ends(grey, darkest_of_row, &ret->y0, &ret->y1);
}

static fz_rect
place_of(struct ink ink, fz_rect box)
{
    float across = (box.x1 - box.x0) / SIDE, up = (box.y1 - box.y0) / SIDE;

    return fz_make_rect(box.x0 + ink.x0 * across, box.y0 + ink.y0 * up, box.x0 + ink.x1 * across,
                        box.y0 + ink.y1 * up);
}

/* Draws the glyph as large as its ink allows; NULL: it has none. */
static fz_pixmap *
draw_tightly(fz_context *ctx, fz_font *font, int glyph, struct ink *ret_ink, fz_rect *ret_box)
{
    fz_rect box = is_drawn(ctx, font, glyph) ? bound(ctx, font, glyph) : fz_empty_rect;

    for (int i = 0; i < 3 && is_sane(box); i++) {
        fz_pixmap *picture = draw_part(ctx, font, glyph, box);
        bool found = find_ink(fz_pixmap_samples(ctx, picture), ret_ink);
        bool tight = found && ret_ink->x1 - ret_ink->x0 > TIGHT_LEAST &&
                     ret_ink->y1 - ret_ink->y0 > TIGHT_LEAST;
        if (found && (tight || i == 2)) {
            *ret_box = box;
            return picture;
        }
        fz_drop_pixmap(ctx, picture);
        if (!found)
            break;
        box = place_of(*ret_ink, box);
    }
    return NULL;
}

/* ---- the em ---- */

float
type3_em(fz_context *ctx, fz_font *font, bool mirrored)
{
    float top = 0, sign = mirrored ? -1 : 1;

    for (int glyph = 0; glyph < GLYPHS; glyph++) {
        fz_rect box = is_drawn(ctx, font, glyph) ? bound(ctx, font, glyph) : fz_empty_rect;
        if (is_sane(box))
            top = fmaxf(top, mirrored ? -box.y0 : box.y1);
    }
    if (top <= 0)
        return 0;
    return sign * (top >= top_least && top <= top_most ? 1 : top / top_usual);
}

bool
type3_is_mono(fz_context *ctx, fz_font *font, float em)
{
    float first = 0;
    uint32_t count = 0;

    em = fabsf(em);
    for (int glyph = 0; em > 0 && glyph < GLYPHS; glyph++) {
        if (!is_drawn(ctx, font, glyph) || font->t3widths == NULL || font->t3widths[glyph] <= 0)
            continue;
        float width = font->t3widths[glyph] / em;
        first = count++ == 0 ? width : first;
        if (fabsf(width - first) > mono_off * first)
            return false;
    }
    return count >= MONO_GLYPHS && first > mono_least && first < mono_most;
}

uint64_t
type3_hash(fz_context *ctx, fz_font *font, uint64_t hash)
{
    fz_buffer **procs = fz_font_t3_procs(ctx, font);

    for (int glyph = 0; procs != NULL && glyph < GLYPHS; glyph++) {
        uint64_t bytes = 0;
        if (procs[glyph] == NULL)
            continue;
        size_t len = procs[glyph]->len;
        if (len >= sizeof(bytes))
            memcpy(&bytes, procs[glyph]->data + (len - sizeof(bytes)) / 2, sizeof(bytes));
        hash = (hash ^ bytes ^ len ^ (uint64_t)glyph << 32) * 0x100000001b3U;
        hash ^= hash >> 29;
    }
    return hash;
}

/* ---- the cells ---- */

/* Mean ink, 0..1, of a part of the picture. */
static float
mean_ink(const uint8_t *grey, float x0, float y0, float x1, float y1)
{
    float sum = 0;

    for (int y = (int)y0; y < SIDE && (float)y < y1; y++) {
        float high = fminf(y1, (float)(y + 1)) - fmaxf(y0, (float)y);
        for (int x = (int)x0; x < SIDE && (float)x < x1; x++) {
            float wide = fminf(x1, (float)(x + 1)) - fmaxf(x0, (float)x);
            sum += (float)ink_at(grey, x, y) * wide * high;
        }
    }
    return sum / UINT8_MAX / ((x1 - x0) * (y1 - y0));
}

bool
type3_draw(fz_context *ctx, fz_font *font, int glyph, float em, uint8_t ret_inputs[SHAPE_INPUTS])
{
    struct ink ink;
    fz_rect box;
    fz_pixmap *picture = em != 0 ? draw_tightly(ctx, font, glyph, &ink, &box) : NULL;

    if (picture == NULL)
        return false;
    const uint8_t *grey = fz_pixmap_samples(ctx, picture);
    float across = (ink.x1 - ink.x0) / SHAPE_SIDE, up = (ink.y1 - ink.y0) / SHAPE_SIDE;
    for (int y = 0; y < SHAPE_SIDE; y++) {
        float low = ink.y0 + (float)(em > 0 ? y : SHAPE_SIDE - 1 - y) * up;
        for (int x = 0; x < SHAPE_SIDE; x++) {
            float left = ink.x0 + (float)x * across;
            ret_inputs[y * SHAPE_SIDE + x] =
                shape_measure(mean_ink(grey, left, low, left + across, low + up));
        }
    }
    fz_drop_pixmap(ctx, picture);
    fz_rect place = fz_transform_rect(place_of(ink, box), fz_scale(1 / em, 1 / em));
    shape_add_measures(place, ret_inputs + (size_t)SHAPE_SIDE * SHAPE_SIDE);
    return true;
}
