/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/ground.h"

#include <stdlib.h>

/* Ways to show a picture with alpha: on white, on black, and every opaque pixel as ink. */
enum ground { GROUND_WHITE, GROUND_BLACK, GROUND_INK, GROUND_COUNT };

/* How much stronger the edges must be for another ground than white. */
static const double clearly = 1.5;

/* Grey levels between neighbours that are no edge yet: grain, shades. */
static const int edge_least = 20;

/* value, alpha: of one pixel, value multiplied by alpha. */
static uint8_t
shown(uint8_t value, uint8_t alpha, enum ground ground)
{
    unsigned white = value + (255U - alpha);

    switch (ground) {
    case GROUND_BLACK:
        return value;
    case GROUND_INK:
        return (uint8_t)(255 - alpha);
    default:
        return (uint8_t)(white > 255 ? 255 : white);
    }
}

/* Sum of the edges along the rows on each ground. */
static void
weigh_grounds(fz_context *ctx, const fz_pixmap *grey, double ret[GROUND_COUNT])
{
    int width = fz_pixmap_width(ctx, grey), height = fz_pixmap_height(ctx, grey);

    for (int g = 0; g < GROUND_COUNT; g++)
        ret[g] = 0;
    for (int y = 0; y < height; y++) {
        const uint8_t *row = fz_pixmap_samples(ctx, grey) + (size_t)y * (size_t)grey->stride;
        for (int x = 1; x < width; x++, row += 2)
            for (int g = 0; g < GROUND_COUNT; g++) {
                int edge = abs(shown(row[2], row[3], (enum ground)g) -
                               shown(row[0], row[1], (enum ground)g));
                ret[g] += edge > edge_least ? edge : 0;
            }
    }
}

static enum ground
pick_ground(fz_context *ctx, const fz_pixmap *grey)
{
    double edges[GROUND_COUNT];

    weigh_grounds(ctx, grey, edges);
    if (edges[GROUND_INK] > clearly * edges[GROUND_WHITE] &&
        edges[GROUND_INK] >= edges[GROUND_BLACK])
        return GROUND_INK; /* dark on light, which is read best */
    return edges[GROUND_BLACK] > clearly * edges[GROUND_WHITE] ? GROUND_BLACK : GROUND_WHITE;
}

/* Grey and alpha on the best ground; throws. */
static fz_pixmap *
lay(fz_context *ctx, const fz_pixmap *grey)
{
    enum ground ground = pick_ground(ctx, grey);
    fz_pixmap *out = fz_new_pixmap(ctx, fz_device_gray(ctx), fz_pixmap_width(ctx, grey),
                                   fz_pixmap_height(ctx, grey), NULL, 0);

    for (int y = 0; y < out->h; y++) {
        const uint8_t *from = fz_pixmap_samples(ctx, grey) + (size_t)y * (size_t)grey->stride;
        uint8_t *to = fz_pixmap_samples(ctx, out) + (size_t)y * (size_t)out->stride;
        for (int x = 0; x < out->w; x++, from += 2)
            to[x] = shown(from[0], from[1], ground);
    }
    return out;
}

/* Sum of the edges along the rows of a picture in one plane. */
static double
sum_edges(fz_context *ctx, const fz_pixmap *grey)
{
    double sum = 0;

    for (int y = 0; y < fz_pixmap_height(ctx, grey); y++) {
        const uint8_t *row = fz_pixmap_samples(ctx, grey) + (size_t)y * (size_t)grey->stride;
        for (int x = 1; x < fz_pixmap_width(ctx, grey); x++) {
            int edge = abs(row[x] - row[x - 1]);
            sum += edge > edge_least ? edge : 0;
        }
    }
    return sum;
}

static fz_pixmap *
to_grey(fz_context *ctx, fz_pixmap *pixmap)
{
    return fz_convert_pixmap(ctx, pixmap, fz_device_gray(ctx), NULL, NULL, fz_default_color_params,
                             1);
}

/* A CMYK picture in grey, its inks taken for light where that shows more; changes it. Throws. */
static fz_pixmap *
lay_inks(fz_context *ctx, fz_pixmap *inks)
{
    fz_pixmap *grey = to_grey(ctx, inks), *other = NULL;

    fz_var(other);
    fz_try(ctx)
    {
        fz_invert_pixmap(ctx, inks);
        other = to_grey(ctx, inks);
    }
    fz_catch(ctx)
    {
        fz_drop_pixmap(ctx, grey);
        fz_rethrow(ctx);
    }
    if (sum_edges(ctx, other) > clearly * sum_edges(ctx, grey)) {
        fz_drop_pixmap(ctx, grey);
        return other;
    }
    fz_drop_pixmap(ctx, other);
    return grey;
}

fz_pixmap *
ground_lay(fz_context *ctx, fz_pixmap *pixmap)
{
    fz_pixmap *grey = NULL, *out = NULL;

    fz_var(grey);
    fz_var(out);
    fz_try(ctx)
    {
        if (pixmap->colorspace == fz_device_cmyk(ctx) && pixmap->alpha == 0)
            grey = lay_inks(ctx, pixmap);
        else if (pixmap->colorspace == fz_device_gray(ctx))
            grey = fz_keep_pixmap(ctx, pixmap);
        else
            grey = to_grey(ctx, pixmap);
        out = grey->alpha != 0 && grey->n == 2 ? lay(ctx, grey) : fz_keep_pixmap(ctx, grey);
    }
    fz_always(ctx)
    {
        fz_drop_pixmap(ctx, grey);
        fz_drop_pixmap(ctx, pixmap);
    }
    fz_catch(ctx) fz_rethrow(ctx);
    return out;
}
