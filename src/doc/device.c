/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/device.h"

#include <math.h>
#include <string.h>

static const float white_min = 0.94F; /* luma from which text cannot be seen on white paper */
static const float alpha_min = 0.05F; /* fainter cannot be seen */
static const float cover_min = 4;     /* pt, both ways: smaller hides no word */
static const float even = 0.05F;      /* pt by which a straight side may lean */

enum {
    PATH_WORK_MAX = 400000 /* segments looked at on a page; beyond, drawing is a plan or a map */
};

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

static float
luma_of(fz_context *ctx, fz_colorspace *space, const float *color)
{
    float grey = 0;

    if (space == NULL || color == NULL)
        return 0;
    if (space == fz_device_gray(ctx))
        return color[0];
    fz_convert_color(ctx, space, color, fz_device_gray(ctx), &grey, NULL, fz_default_color_params);
    return grey;
}

/* What may be seen now: the page cut by the clips in force. */
static fz_rect
visible_area(fz_context *ctx, fz_device *dev)
{
    fz_rect page = {0, 0, cast(dev)->width, cast(dev)->height};

    if (dev->container_len == 0)
        return page;
    return fz_intersect_rect(page, fz_device_current_scissor(ctx, dev));
}

/* Whether paint lands as it is: no mask, no odd clip, no blending (noted in `user` when pushed). */
static bool
paints_plainly(const fz_device *dev)
{
    for (int i = 0; i < dev->container_len; i++)
        if (dev->container[i].user != 0 ||
            dev->container[i].type == fz_device_container_stack_is_mask ||
            dev->container[i].type == fz_device_container_stack_is_tile)
            return false;
    return true;
}

/* ---- text ---- */

static bool
name_has(const char *name, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasestr(name, words[i]) != NULL)
            return true;
    return false;
}

/* Flags of a font are often missing where its name tells. */
static uint8_t
style_of_font(fz_context *ctx, fz_font *font)
{
    static const char *const bold[] = {"bold", "black", "heavy", "demi"};
    static const char *const italic[] = {"italic", "oblique", "slanted"};
    static const char *const mono[] = {"courier", "mono", "consol", "typewriter", "cmtt", "fixed"};
    const char *name = fz_font_name(ctx, font);
    uint8_t style = 0;

    if (fz_font_is_bold(ctx, font) || name_has(name, bold, ARRAY_LEN(bold)))
        style |= STYLE_BOLD;
    if (fz_font_is_italic(ctx, font) || name_has(name, italic, ARRAY_LEN(italic)))
        style |= STYLE_ITALIC;
    if (fz_font_is_monospaced(ctx, font) || name_has(name, mono, ARRAY_LEN(mono)))
        style |= STYLE_MONO;
    if (fz_font_is_serif(ctx, font))
        style |= STYLE_SERIF;
    return style;
}

static void
note_font(fz_context *ctx, struct reading_device *dev, fz_font *font)
{
    if (font == dev->font)
        return;
    fz_drop_font(ctx, (fz_font *)dev->font);
    dev->font = fz_keep_font(ctx, font);
    dev->font_style = style_of_font(ctx, font);
    dev->is_type3 = fz_font_t3_procs(ctx, font) != NULL;
    dev->ascent = fz_font_ascender(ctx, font);
    dev->descent = fz_font_descender(ctx, font);
    /* Fonts lie about these, and layout lives by boxes. */
    if (!(dev->ascent >= 0.5F && dev->ascent <= 1.1F))
        dev->ascent = 0.8F;
    if (!(dev->descent <= 0 && dev->descent >= -0.5F))
        dev->descent = -0.2F;
}

/* Box of the parallelogram from the glyph's origin: advance along (a, b), height along (c, d). */
static struct box
glyph_box(fz_matrix trm, float advance, float low, float high)
{
    float ax = advance * trm.a, ay = advance * trm.b;
    float lx = low * trm.c, ly = low * trm.d, hx = high * trm.c, hy = high * trm.d;
    float left = fminf(0, ax) + fminf(lx, hx), right = fmaxf(0, ax) + fmaxf(lx, hx);
    float top = fminf(0, ay) + fminf(ly, hy), bottom = fmaxf(0, ay) + fmaxf(ly, hy);

    return (struct box){trm.e + left, trm.f + top, trm.e + right, trm.f + bottom};
}

static void
add_glyph(struct reading_device *dev, const struct glyph *proto, fz_matrix trm, float advance,
          fz_rect seen, bool is_white)
{
    struct glyph g = *proto;

    if (g.upright) {
        g.ex = trm.e;
        g.ey = trm.f;
        g.x = trm.e + advance * trm.c;
        g.y = trm.f + advance * trm.d;
        g.box = glyph_box(trm, 1, dev->descent, dev->ascent);
    } else {
        g.x = trm.e;
        g.y = trm.f;
        g.ex = trm.e + advance * trm.a;
        g.ey = trm.f + advance * trm.b;
        g.box = glyph_box(trm, advance, dev->descent, dev->ascent);
    }
    float x = (g.box.x0 + g.box.x1) / 2, y = (g.box.y0 + g.box.y1) / 2;
    if (!(x >= 0 && y >= 0 && x <= dev->width && y <= dev->height))
        return; /* off the page, or no number */
    if (g.box.x1 < seen.x0 || g.box.x0 > seen.x1 || g.box.y1 < seen.y0 || g.box.y0 > seen.y1)
        g.hidden = true;
    if (is_white && !g.hidden && !marks_is_painted(dev->marks, x, y))
        g.hidden = true;
    text_add(dev->text, &g);
}

static void
add_span(fz_context *ctx, struct reading_device *dev, const fz_text_span *span, fz_matrix ctm,
         bool hidden, bool is_white)
{
    fz_matrix tm = span->trm;
    fz_rect seen = visible_area(ctx, &dev->super);
    fz_matrix flat = fz_concat(tm, ctm);
    float dx = span->wmode ? -flat.c : flat.a, dy = span->wmode ? -flat.d : flat.b;
    float length = hypotf(dx, dy), size = fz_matrix_expansion(flat);

    note_font(ctx, dev, span->font);
    if (!(length > 0 && size > 0 && isfinite(length) && isfinite(size)))
        return;
    struct glyph proto = {.dx = dx / length,
                          .dy = dy / length,
                          .size = size,
                          .style = dev->font_style,
                          .hidden = hidden && !dev->is_type3,
                          .upright = span->wmode};
    for (int i = 0; i < span->len; i++) {
        const fz_text_item *item = &span->items[i];
        if (item->ucs == -1)
            continue; /* one character of several glyphs: the first has it */
        tm.e = item->x;
        tm.f = item->y;
        float advance =
            item->gid >= 0 ? fz_advance_glyph(ctx, span->font, item->gid, span->wmode) : 0;
        proto.code = (uint32_t)item->ucs;
        proto.follows = item->gid < 0;
        add_glyph(dev, &proto, fz_concat(tm, ctm), advance, seen, is_white);
    }
}

static void
add_text(fz_context *ctx, fz_device *super, const fz_text *text, fz_matrix ctm, bool hidden,
         bool is_white)
{
    struct reading_device *dev = cast(super);

    if (dev->mute || text == dev->last_text)
        return;
    for (const fz_text_span *span = text->head; span != NULL; span = span->next)
        add_span(ctx, dev, span, ctm, hidden, is_white);
    fz_drop_text(ctx, dev->last_text);
    dev->last_text = fz_keep_text(ctx, text);
}

static void
fill_text(fz_context *ctx, fz_device *dev, const fz_text *text, fz_matrix ctm, fz_colorspace *space,
          const float *color, float alpha, fz_color_params params)
{
    (void)params;
    add_text(ctx, dev, text, ctm, alpha<alpha_min, luma_of(ctx, space, color)> white_min);
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
    dev->container[dev->container_len - 1].user = 1;
    add_text(ctx, dev, text, ctm, false, false);
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
    add_text(ctx, dev, text, ctm, true, false);
}

/* ---- paths ---- */

/* The subpath being walked: its corners while it may still be a line or a rectangle. */
struct walk {
    struct reading_device *dev;
    fz_matrix ctm;
    fz_rect seen;
    float thick; /* of a stroke, pt; < 0: filled */
    bool covers, paints;
    fz_point start, at;
    struct box box;
    int corners;
    bool odd;     /* has a curve or a slanted side */
    bool any_odd; /* some subpath had */
    int subpaths;
};

static void
end_subpath(struct walk *w)
{
    if (w->corners == 0)
        return;
    w->subpaths++;
    w->any_odd = w->any_odd || w->odd;
    struct box box = box_cut(w->box, box_of(w->seen));
    float width = box_width(box), height = box_height(box);
    if (w->thick < 0 && (width > 0 || height > 0)) {
        if (!w->odd && w->paints)
            marks_rule(w->dev->marks, box);
        if (!w->odd && w->covers && w->subpaths == 1 && width >= cover_min && height >= cover_min)
            text_cover(w->dev->text, box);
        if (w->paints && width > 1 && height > 1)
            marks_paint(w->dev->marks, box);
    }
    w->corners = 0;
}

static void
add_corner(struct walk *w, fz_point p)
{
    struct box dot = {p.x, p.y, p.x, p.y};

    w->box = w->corners == 0 ? dot : box_union(w->box, dot);
    w->corners++;
    w->at = p;
}

static void
walk_move(fz_context *ctx, void *arg, float x, float y)
{
    struct walk *w = arg;

    (void)ctx;
    end_subpath(w);
    w->odd = false;
    w->start = fz_transform_point_xy(x, y, w->ctm);
    add_corner(w, w->start);
}

static void
walk_to(struct walk *w, fz_point to)
{
    float dx = fabsf(to.x - w->at.x), dy = fabsf(to.y - w->at.y);

    w->dev->path_work++;
    if (dx > even && dy > even) {
        w->odd = true;
    } else if (w->thick >= 0 && w->paints) {
        float half = fmaxf(w->thick, 0.1F) / 2;
        struct box side = {fminf(to.x, w->at.x), fminf(to.y, w->at.y), fmaxf(to.x, w->at.x),
                           fmaxf(to.y, w->at.y)};
        if (dx >= dy) {
            side.y0 -= half;
            side.y1 += half;
        } else {
            side.x0 -= half;
            side.x1 += half;
        }
        side = box_cut(side, box_of(w->seen));
        marks_rule(w->dev->marks, side);
    }
    add_corner(w, to);
}

static void
walk_line(fz_context *ctx, void *arg, float x, float y)
{
    struct walk *w = arg;

    (void)ctx;
    walk_to(w, fz_transform_point_xy(x, y, w->ctm));
}

static void
walk_curve(fz_context *ctx, void *arg, float x1, float y1, float x2, float y2, float x3, float y3)
{
    struct walk *w = arg;

    (void)ctx;
    (void)x1;
    (void)y1;
    (void)x2;
    (void)y2;
    w->dev->path_work++;
    w->odd = true;
    add_corner(w, fz_transform_point_xy(x3, y3, w->ctm));
}

static void
walk_close(fz_context *ctx, void *arg)
{
    struct walk *w = arg;

    (void)ctx;
    if (w->corners > 0)
        walk_to(w, w->start);
}

static const fz_path_walker walker = {
    .moveto = walk_move, .lineto = walk_line, .curveto = walk_curve, .closepath = walk_close};

/* thick < 0: fill. */
static void
walk_path(fz_context *ctx, fz_device *super, const fz_path *path, fz_matrix ctm, float thick,
          float luma, float alpha)
{
    struct reading_device *dev = cast(super);
    struct walk w = {.dev = dev, .ctm = ctm, .seen = visible_area(ctx, super), .thick = thick};

    if (alpha < alpha_min || dev->path_work > PATH_WORK_MAX || fz_is_empty_rect(w.seen))
        return;
    w.paints = luma < white_min;
    w.covers = alpha >= 1 && thick < 0 && paints_plainly(super);
    fz_walk_path(ctx, path, &walker, &w);
    end_subpath(&w);
}

static void
fill_path(fz_context *ctx, fz_device *dev, const fz_path *path, int even_odd, fz_matrix ctm,
          fz_colorspace *space, const float *color, float alpha, fz_color_params params)
{
    (void)even_odd;
    (void)params;
    walk_path(ctx, dev, path, ctm, -1, luma_of(ctx, space, color), alpha);
}

static void
stroke_path(fz_context *ctx, fz_device *dev, const fz_path *path, const fz_stroke_state *stroke,
            fz_matrix ctm, fz_colorspace *space, const float *color, float alpha,
            fz_color_params params)
{
    float thick = stroke->linewidth * fz_matrix_expansion(ctm);

    (void)params;
    walk_path(ctx, dev, path, ctm, thick, luma_of(ctx, space, color), alpha);
}

/* A clip that is no upright rectangle cuts off more than its box tells. */
static void
clip_path(fz_context *ctx, fz_device *dev, const fz_path *path, int even_odd, fz_matrix ctm,
          fz_rect scissor)
{
    struct walk w = {.dev = cast(dev), .ctm = ctm, .seen = fz_empty_rect, .thick = -1};

    (void)even_odd;
    (void)scissor;
    if (cast(dev)->path_work > PATH_WORK_MAX) {
        dev->container[dev->container_len - 1].user = 1;
        return;
    }
    fz_walk_path(ctx, path, &walker, &w);
    end_subpath(&w);
    dev->container[dev->container_len - 1].user = w.any_odd || w.subpaths != 1;
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
    dev->container[dev->container_len - 1].user = blendmode != FZ_BLEND_NORMAL || alpha < 1;
}

/* ---- pictures ---- */

static void
add_picture(fz_context *ctx, fz_device *super, const fz_image *image, fz_matrix ctm, float alpha,
            bool opaque)
{
    struct reading_device *dev = cast(super);
    struct box shown = box_of(fz_transform_rect(fz_unit_rect, ctm));
    struct box seen = box_cut(shown, box_of(visible_area(ctx, super)));

    if (alpha < 0.5F || box_area(seen) <= 0)
        return; /* fainter is a watermark */
    bool level = fabsf(ctm.b) < even && fabsf(ctm.c) < even;
    bool upright = fabsf(ctm.a) < even && fabsf(ctm.d) < even;
    if (opaque && alpha >= 1 && (level || upright) && paints_plainly(super) &&
        box_width(seen) >= cover_min && box_height(seen) >= cover_min)
        text_cover(dev->text, seen);
    marks_paint(dev->marks, seen);
    /* Of a clipped picture only the part seen counts, with its part of the pixels. */
    float across = box_width(seen) / box_width(shown), down = box_height(seen) / box_height(shown);
    float w = (float)(upright ? image->h : image->w), h = (float)(upright ? image->w : image->h);
    marks_picture(dev->marks, seen, (uint32_t)(w * across), (uint32_t)(h * down));
}

static void
fill_image(fz_context *ctx, fz_device *dev, fz_image *image, fz_matrix ctm, float alpha,
           fz_color_params params)
{
    (void)params;
    add_picture(ctx, dev, image, ctm, alpha, image->mask == NULL && !image->use_colorkey);
}

static void
fill_image_mask(fz_context *ctx, fz_device *dev, fz_image *image, fz_matrix ctm,
                fz_colorspace *space, const float *color, float alpha, fz_color_params params)
{
    (void)params;
    if (luma_of(ctx, space, color) < white_min)
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
    (void)params;
    if (alpha < alpha_min)
        return;
    fz_rect area = fz_intersect_rect(fz_bound_shade(ctx, shade, ctm), visible_area(ctx, dev));
    if (!fz_is_empty_rect(area))
        marks_paint(cast(dev)->marks, box_of(area));
}

static void
drop_device(fz_context *ctx, fz_device *super)
{
    struct reading_device *dev = cast(super);

    fz_drop_text(ctx, dev->last_text);
    fz_drop_font(ctx, (fz_font *)dev->font);
}

void
reading_device_mute(fz_device *dev, bool mute)
{
    cast(dev)->mute = mute;
}

fz_device *
reading_device_new(fz_context *ctx, const struct page *page, struct text *text, struct marks *marks)
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
    dev->width = page->width;
    dev->height = page->height;
    dev->text = text;
    dev->marks = marks;
    return &dev->super;
}
