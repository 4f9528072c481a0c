/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/sketch.h"

#include <stdlib.h>

enum { INKS_MAX = 4096, PICTURES_MAX = 64 };

/* A clip this near to the picture's own box cuts nothing off it, pt. */
static const float cut_least = 0.01F;

struct shown {
    fz_image *image; /* kept */
    fz_matrix ctm;
    float alpha;
    fz_color_params params;
    struct box seen;
    bool is_cut; /* seen is less than all of it */
};

struct sketch {
    uint32_t page_index, ink_count, picture_count;
    bool known;
    struct box inks[INKS_MAX];
    struct shown pictures[PICTURES_MAX];
};

struct sketch *
sketch_new(void)
{
    struct sketch *sketch = malloc(sizeof(*sketch)); /* few pages reach far into its tables */

    if (sketch != NULL) {
        sketch->page_index = sketch->ink_count = sketch->picture_count = 0;
        sketch->known = false;
    }
    return sketch;
}

static void
forget(fz_context *ctx, struct sketch *sketch)
{
    for (uint32_t i = 0; i < sketch->picture_count; i++)
        fz_drop_image(ctx, sketch->pictures[i].image);
    sketch->picture_count = 0;
    sketch->ink_count = 0;
    sketch->known = false;
}

void
sketch_drop(fz_context *ctx, struct sketch **sketch)
{
    if (*sketch == NULL)
        return;
    forget(ctx, *sketch);
    free(*sketch);
    *sketch = NULL;
}

void
sketch_begin(fz_context *ctx, struct sketch *sketch, uint32_t page_index)
{
    forget(ctx, sketch);
    sketch->page_index = page_index;
}

void
sketch_end(struct sketch *sketch)
{
    sketch->known = sketch->ink_count < INKS_MAX && sketch->picture_count < PICTURES_MAX;
}

static bool
meet(struct box a, struct box b)
{
    return a.x0 <= b.x1 && b.x0 <= a.x1 && a.y0 <= b.y1 && b.y0 <= a.y1;
}

void
sketch_ink(struct sketch *sketch, struct box box)
{
    if (sketch->ink_count < INKS_MAX)
        sketch->inks[sketch->ink_count++] = box;
}

void
sketch_white(struct sketch *sketch, struct box box)
{
    for (uint32_t i = 0; i < sketch->picture_count; i++)
        if (meet(sketch->pictures[i].seen, box)) {
            sketch_ink(sketch, box);
            return;
        }
}

void
sketch_picture(fz_context *ctx, struct sketch *sketch, fz_image *image, fz_matrix ctm, float alpha,
               fz_color_params params, struct box seen)
{
    fz_rect all = fz_transform_rect(fz_unit_rect, ctm);

    if (sketch->picture_count == PICTURES_MAX)
        return;
    sketch->pictures[sketch->picture_count++] = (struct shown){
        .image = fz_keep_image(ctx, image),
        .ctm = ctm,
        .alpha = alpha,
        .params = params,
        .seen = seen,
        .is_cut = seen.x0 > all.x0 + cut_least || seen.y0 > all.y0 + cut_least ||
                  seen.x1 < all.x1 - cut_least || seen.y1 < all.y1 - cut_least,
    };
}

bool
sketch_shows(const struct sketch *sketch, uint32_t page_index, struct box part)
{
    if (sketch == NULL || !sketch->known || sketch->page_index != page_index)
        return false;
    for (uint32_t i = 0; i < sketch->ink_count; i++)
        if (meet(sketch->inks[i], part))
            return false;
    return true;
}

static void
clip_to(fz_context *ctx, fz_device *dev, fz_matrix ctm, struct box box)
{
    fz_path *path = fz_new_path(ctx);

    fz_try(ctx)
    {
        fz_rectto(ctx, path, box.x0, box.y0, box.x1, box.y1);
        fz_clip_path(ctx, dev, path, 0, ctm, fz_infinite_rect);
    }
    fz_always(ctx) fz_drop_path(ctx, path);
    fz_catch(ctx) fz_rethrow(ctx);
}

void
sketch_draw(fz_context *ctx, const struct sketch *sketch, fz_device *dev, fz_matrix ctm,
            struct box part)
{
    for (uint32_t i = 0; i < sketch->picture_count; i++) {
        const struct shown *picture = &sketch->pictures[i];
        if (!meet(picture->seen, part))
            continue;
        if (picture->is_cut)
            clip_to(ctx, dev, ctm, picture->seen);
        fz_fill_image(ctx, dev, picture->image, fz_concat(picture->ctm, ctm), picture->alpha,
                      picture->params);
        if (picture->is_cut)
            fz_pop_clip(ctx, dev);
    }
}
