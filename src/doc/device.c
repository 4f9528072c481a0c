/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/device_internal.h"

#include <math.h>
#include <string.h>

static struct reading_device *
cast(fz_device *dev)
{
    return (struct reading_device *)dev;
}

static struct box
box_of(fz_rect r)
{
    return (struct box){r.x0, r.y0, r.x1, r.y1};
}

struct colour
device_colour(fz_context *ctx, fz_colorspace *space, const float *color)
{
    float rgb[4] = {0};

    if (space == NULL || color == NULL)
        return (struct colour){0, 0, 0};
    if (space == fz_device_gray(ctx))
        return (struct colour){color[0], color[0], color[0]};
    fz_convert_color(ctx, space, color, fz_device_rgb(ctx), rgb, NULL, fz_default_color_params);
    return (struct colour){rgb[0], rgb[1], rgb[2]};
}

float
device_luma(struct colour colour)
{
    return 0.3F * colour.r + 0.59F * colour.g + 0.11F * colour.b;
}

fz_rect
device_visible_area(fz_context *ctx, fz_device *dev)
{
    fz_rect page = {0, 0, cast(dev)->width, cast(dev)->height};

    if (dev->container_len == 0)
        return page;
    return fz_intersect_rect(page, fz_device_current_scissor(ctx, dev));
}

bool
device_paints_plainly(const fz_device *dev)
{
    for (int i = 0; i < dev->container_len; i++)
        if (dev->container[i].user != 0 ||
            dev->container[i].type == fz_device_container_stack_is_mask ||
            dev->container[i].type == fz_device_container_stack_is_tile)
            return false;
    return true;
}

/* Whether what is painted may be painted again elsewhere. */
static bool
is_tile(const fz_device *dev)
{
    for (int i = 0; i < dev->container_len; i++)
        if (dev->container[i].type == fz_device_container_stack_is_tile)
            return true;
    return false;
}

void
device_ink(fz_device *dev, struct box box)
{
    const struct box page = {0, 0, cast(dev)->width, cast(dev)->height};

    sketch_ink(cast(dev)->sketch, is_tile(dev) ? page : box);
}

/* ---- tags ---- */

/* MuPDF tells of tags as of layers. */
static void
begin_layer(fz_context *ctx, fz_device *super, const char *name)
{
    struct reading_device *dev = cast(super);
    uint8_t role = structure_role(ctx, &dev->tags, name != NULL ? name : "", dev->tag_number,
                                  device_role(dev));
    if (structure_is_watermark(ctx, name, dev->tag_properties))
        role = ROLE_WATERMARK;
    uint16_t place = structure_tag(ctx, &dev->tags, dev->tag_number, device_place(dev));
    actual_begin(ctx, &dev->actual, dev->tag_properties, dev->tag_depth + 1);
    actual_begin(ctx, &dev->actual, structure_element(ctx, &dev->tags, dev->tag_number),
                 dev->tag_depth + 1);
    dev->tag_number = TAG_UNNUMBERED;
    dev->tag_properties = NULL;
    if (dev->tag_depth < TAGS_MAX) {
        dev->roles[dev->tag_depth] = role;
        dev->places[dev->tag_depth] = role == ROLE_ARTIFACT ? 0 : place;
    }
    dev->tag_depth++;
}

static void
end_layer(fz_context *ctx, fz_device *super)
{
    struct reading_device *dev = cast(super);

    (void)ctx;
    actual_end(&dev->actual, dev->tag_depth);
    if (dev->tag_depth > 0)
        dev->tag_depth--;
}

/* ---- text ---- */

/* Of text that takes what is under it: lost on nothing. */
static const struct colour no_colour = {-1, -1, -1};

static void
fill_text(fz_context *ctx, fz_device *dev, const fz_text *text, fz_matrix ctm, fz_colorspace *space,
          const float *color, float alpha, fz_color_params params)
{
    (void)params;
    device_add_text(ctx, dev, text, ctm,
                    (struct manner){alpha < alpha_min, alpha, device_colour(ctx, space, color)});
}

static void
stroke_text(fz_context *ctx, fz_device *dev, const fz_text *text, const fz_stroke_state *stroke,
            fz_matrix ctm, fz_colorspace *space, const float *color, float alpha,
            fz_color_params params)
{
    (void)stroke;
    fill_text(ctx, dev, text, ctm, space, color, alpha, params);
}

/* Text to clip to shows where a pattern or picture is painted through it. */
static void
clip_text(fz_context *ctx, fz_device *dev, const fz_text *text, fz_matrix ctm, fz_rect scissor)
{
    (void)scissor;
    struct reading_device *reading = cast(dev);
    uint32_t from;

    dev->container[dev->container_len - 1].user = 1;
    text_break(reading->text);
    from = text_words(reading->text);
    device_add_text(ctx, dev, text, ctm, (struct manner){true, 1, no_colour});
    text_break(reading->text);
    reading->clip_from = from;
    reading->clip_end = text_words(reading->text);
    reading->clip_depth = dev->container_len;
}

/* Something is painted: text that is clipped to shows by it. */
static void
note_paint(fz_device *dev)
{
    struct reading_device *reading = cast(dev);

    if (reading->clip_end > reading->clip_from && dev->container_len >= reading->clip_depth)
        text_reveal(reading->text, reading->clip_from, reading->clip_end);
    reading->clip_end = reading->clip_from;
}

static void
pop_clip(fz_context *ctx, fz_device *dev)
{
    struct reading_device *reading = cast(dev);

    (void)ctx;
    if (dev->container_len < reading->clip_depth)
        reading->clip_end = reading->clip_from;
}

static void
clip_stroke_text(fz_context *ctx, fz_device *dev, const fz_text *text,
                 const fz_stroke_state *stroke, fz_matrix ctm, fz_rect scissor)
{
    (void)stroke;
    clip_text(ctx, dev, text, ctm, scissor);
}

/* Render mode 3. Glyphs of Type 3 fonts come this way too after they were drawn as paths. */
static void
ignore_text(fz_context *ctx, fz_device *dev, const fz_text *text, fz_matrix ctm)
{
    device_add_text(ctx, dev, text, ctm, (struct manner){true, 1, no_colour});
}

/* ---- paths ---- */

static void
fill_path(fz_context *ctx, fz_device *dev, const fz_path *path, int even_odd, fz_matrix ctm,
          fz_colorspace *space, const float *color, float alpha, fz_color_params params)
{
    (void)params;
    note_paint(dev);
    paths_walk(ctx, dev, path, ctm,
               (struct path_manner){-1, even_odd != 0, alpha, device_colour(ctx, space, color)});
}

static void
stroke_path(fz_context *ctx, fz_device *dev, const fz_path *path, const fz_stroke_state *stroke,
            fz_matrix ctm, fz_colorspace *space, const float *color, float alpha,
            fz_color_params params)
{
    float thick = stroke->linewidth * fz_matrix_expansion(ctm);

    (void)params;
    note_paint(dev);
    paths_walk(ctx, dev, path, ctm,
               (struct path_manner){thick, false, alpha, device_colour(ctx, space, color)});
}

/* A clip that is no upright rectangle cuts off more than its box tells. */
static void
clip_path(fz_context *ctx, fz_device *dev, const fz_path *path, int even_odd, fz_matrix ctm,
          fz_rect scissor)
{
    (void)even_odd;
    (void)scissor;
    dev->container[dev->container_len - 1].user = !paths_is_box(ctx, dev, path, ctm);
}

static void
clip_stroke_path(fz_context *ctx, fz_device *dev, const fz_path *path,
                 const fz_stroke_state *stroke, fz_matrix ctm, fz_rect scissor)
{
    (void)ctx;
    (void)path;
    (void)stroke;
    (void)ctm;
    (void)scissor;
    dev->container[dev->container_len - 1].user = 1;
}

static void
begin_group(fz_context *ctx, fz_device *dev, fz_rect area, fz_colorspace *space, int isolated,
            int knockout, int blendmode, float alpha)
{
    (void)ctx;
    (void)area;
    (void)space;
    (void)isolated;
    (void)knockout;
    dev->container[dev->container_len - 1].user =
        (blendmode != FZ_BLEND_NORMAL || alpha < 1 ? 1 : 0) | (alpha <= veil_most ? VEIL : 0);
}

/* ---- pictures ---- */

static void
add_picture(fz_context *ctx, fz_device *super, const fz_image *image, fz_matrix ctm, float alpha,
            bool opaque)
{
    struct reading_device *dev = cast(super);
    struct box shown = box_of(fz_transform_rect(fz_unit_rect, ctm));
    struct box seen = box_cut(shown, box_of(device_visible_area(ctx, super)));

    if (alpha < 0.5F || box_area(seen) <= 0)
        return; /* fainter is a watermark */
    bool level = fabsf(ctm.b) < even && fabsf(ctm.c) < even;
    bool upright = fabsf(ctm.a) < even && fabsf(ctm.d) < even;
    if (opaque && alpha >= 1 && (level || upright) && device_paints_plainly(super) &&
        box_width(seen) >= cover_min && box_height(seen) >= cover_min)
        text_cover(dev->text, seen);
    if (device_place(dev) != 0)
        elements_add_picture(dev->tags.known, device_place(dev), seen);
    marks_paint(dev->marks, seen, NULL);
    /* Of a clipped picture only the part seen counts, with its part of the pixels. */
    float across = box_width(seen) / box_width(shown), down = box_height(seen) / box_height(shown);
    float w = (float)(upright ? image->h : image->w), h = (float)(upright ? image->w : image->h);
    marks_picture(dev->marks, seen, (uint32_t)(w * across), (uint32_t)(h * down));
}

static void
fill_image(fz_context *ctx, fz_device *dev, fz_image *image, fz_matrix ctm, float alpha,
           fz_color_params params)
{
    struct box seen = box_cut(box_of(fz_transform_rect(fz_unit_rect, ctm)),
                              box_of(device_visible_area(ctx, dev)));

    note_paint(dev);
    if (device_paints_plainly(dev) && box_area(seen) > 0)
        sketch_picture(ctx, cast(dev)->sketch, image, ctm, alpha, params, seen);
    else
        device_ink(dev, seen);
    add_picture(ctx, dev, image, ctm, alpha, image->mask == NULL && !image->use_colorkey);
}

static void
fill_image_mask(fz_context *ctx, fz_device *dev, fz_image *image, fz_matrix ctm,
                fz_colorspace *space, const float *color, float alpha, fz_color_params params)
{
    (void)params;
    note_paint(dev);
    device_ink(dev, box_of(fz_transform_rect(fz_unit_rect, ctm)));
    if (device_luma(device_colour(ctx, space, color)) < white_min)
        add_picture(ctx, dev, image, ctm, alpha, false);
}

static void
clip_image_mask(fz_context *ctx, fz_device *dev, fz_image *image, fz_matrix ctm, fz_rect scissor)
{
    (void)ctx;
    (void)image;
    (void)ctm;
    (void)scissor;
    dev->container[dev->container_len - 1].user = 1;
}

static void
fill_shade(fz_context *ctx, fz_device *dev, fz_shade *shade, fz_matrix ctm, float alpha,
           fz_color_params params)
{
    fz_rect area =
        fz_intersect_rect(fz_bound_shade(ctx, shade, ctm), device_visible_area(ctx, dev));

    (void)params;
    device_ink(dev, box_of(area));
    if (alpha < alpha_min)
        return;
    note_paint(dev);
    if (!fz_is_empty_rect(area))
        marks_paint(cast(dev)->marks, box_of(area), NULL);
}

static void
drop_device(fz_context *ctx, fz_device *super)
{
    struct reading_device *dev = cast(super);

    fz_drop_text(ctx, dev->last_text);
    fz_drop_font(ctx, dev->font);
    for (uint8_t i = 0; i < dev->font_count; i++)
        fz_drop_font(ctx, dev->fonts[i]);
}

void
reading_device_tell_tag(fz_device *dev, int number, pdf_obj *properties)
{
    cast(dev)->tag_number = number;
    cast(dev)->tag_properties = properties;
}

pdf_obj *
reading_device_enter(fz_context *ctx, fz_device *dev, pdf_obj *contents)
{
    struct tags *tags = &cast(dev)->tags;
    pdf_obj *outer = tags->elements;

    tags->elements = structure_elements(ctx, tags, contents);
    return outer;
}

void
reading_device_leave(fz_device *dev, pdf_obj *outer)
{
    cast(dev)->tags.elements = outer;
}

void
reading_device_mute(fz_device *dev, bool mute)
{
    cast(dev)->mute = mute;
}

fz_device *
reading_device_new(fz_context *ctx, const struct reading_device_setup *setup)
{
    struct reading_device *dev = fz_new_derived_device(ctx, struct reading_device);

    dev->super.drop_device = drop_device;
    dev->super.fill_text = fill_text;
    dev->super.stroke_text = stroke_text;
    dev->super.clip_text = clip_text;
    dev->super.clip_stroke_text = clip_stroke_text;
    dev->super.ignore_text = ignore_text;
    dev->super.fill_path = fill_path;
    dev->super.stroke_path = stroke_path;
    dev->super.clip_path = clip_path;
    dev->super.clip_stroke_path = clip_stroke_path;
    dev->super.begin_group = begin_group;
    dev->super.fill_image = fill_image;
    dev->super.fill_image_mask = fill_image_mask;
    dev->super.clip_image_mask = clip_image_mask;
    dev->super.fill_shade = fill_shade;
    dev->super.pop_clip = pop_clip;
    dev->super.begin_layer = begin_layer;
    dev->super.end_layer = end_layer;
    dev->width = setup->page->width;
    dev->height = setup->page->height;
    dev->text = setup->text;
    dev->marks = setup->marks;
    dev->sketch = setup->sketch;
    dev->tags = setup->tags;
    dev->tag_number = TAG_UNNUMBERED;
    dev->identities = setup->identities;
    identities_begin_page(dev->identities);
    return &dev->super;
}
