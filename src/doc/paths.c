/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/paths.c - what the paths of a page say to a reader: rules, painted areas, covers. */
#include "doc/device_internal.h"

#include <math.h>

/* The subpath being walked: its corners while it may still be a line or a rectangle. */
struct walk {
    struct reading_device *dev;
    fz_matrix ctm;
    fz_rect seen;
    float thick; /* of a stroke, pt; < 0: filled */
    bool covers, paints;
    struct colour colour;
    fz_point start, at;
    struct box box;
    float length, aslant; /* of its sides, by chords: in all, and of those at an angle */
    struct box hull;      /* of all subpaths and what guides their curves */
    int corners;
    bool odd;     /* has a curve or a slanted side */
    bool any_odd; /* some subpath had */
    bool even_odd;
    int subpaths;
    double turned; /* twice the area that the subpath goes around, < 0 the other way round */
    /* A filled box that the next subpath may make the outside or the hole of a frame. */
    struct box waiting;
    bool waits, waiting_turned, waiting_covers;
};

/* A closed rectangle has as many, its first one twice. */
enum { corners_of_box = 5 };

/* How far the corners of a stroke may reach, of its thickness (the usual limit of a miter is ten
 * halves), and what the thinnest takes, pt. */
static const float miter_most = 5, hair_line = 1;

static struct box
seen_box(const struct walk *w)
{
    return (struct box){w->seen.x0, w->seen.y0, w->seen.x1, w->seen.y1};
}

/* What a filled subpath paints. */
static void
note_area(struct walk *w, struct box box, bool odd, bool covers)
{
    float width = box_width(box), height = box_height(box);

    if (!(width > 0 || height > 0))
        return;
    if (!odd && w->paints)
        marks_rule(w->dev->marks, box);
    if (covers && width >= cover_min && height >= cover_min)
        text_cover(w->dev->text, box);
    if (width > 1 && height > 1)
        marks_paint(w->dev->marks, box, odd ? NULL : &w->colour);
}

static void
end_waiting(struct walk *w)
{
    if (w->waits)
        note_area(w, box_cut(w->waiting, seen_box(w)), false, w->waiting_covers);
    w->waits = false;
}

static bool
is_inside(struct box in, struct box out)
{
    return in.x0 >= out.x0 - even && in.y0 >= out.y0 - even && in.x1 <= out.x1 + even &&
           in.y1 <= out.y1 + even;
}

/* Borders are often filled so: one box, and in it the hole. Nothing is painted in the hole. */
static bool
end_frame(struct walk *w)
{
    if (!w->waits || (!w->even_odd && w->waiting_turned == (w->turned > 0)))
        return false;
    bool hole = is_inside(w->box, w->waiting);
    if (!hole && !is_inside(w->waiting, w->box))
        return false;
    struct box in = hole ? w->box : w->waiting, out = hole ? w->waiting : w->box;
    const struct box sides[] = {{out.x0, out.y0, in.x0, out.y1},
                                {in.x1, out.y0, out.x1, out.y1},
                                {out.x0, out.y0, out.x1, in.y0},
                                {out.x0, in.y1, out.x1, out.y1}};

    w->waits = false;
    for (size_t i = 0; i < ARRAY_LEN(sides); i++) {
        struct box side = box_cut(sides[i], seen_box(w));
        if (box_width(side) > 0 && box_height(side) > 0)
            note_area(w, side, false, false);
    }
    return true;
}

static void
end_filled(struct walk *w)
{
    bool covers = !w->odd && w->covers && w->subpaths == 1;
    struct box box = box_cut(w->box, seen_box(w));

    if (w->paints && (w->odd || w->corners > corners_of_box) &&
        (box_width(box) > 0 || box_height(box) > 0))
        marks_outline(w->dev->marks, box);
    if (w->odd || w->corners > corners_of_box) {
        end_waiting(w);
        note_area(w, box, w->odd, covers);
    } else if (!end_frame(w)) {
        end_waiting(w);
        w->waiting = w->box;
        w->waiting_turned = w->turned > 0;
        w->waiting_covers = covers;
        w->waits = true;
    }
}

static void
end_subpath(struct walk *w)
{
    if (w->corners == 0)
        return;
    w->subpaths++;
    if (w->paints) {
        struct drawn_path path = {box_cut(w->box, seen_box(w)), w->length, w->aslant, w->corners,
                                  w->thick < 0};
        marks_path(w->dev->marks, &path);
    }
    w->any_odd = w->any_odd || w->odd;
    if (w->thick < 0)
        end_filled(w);
    w->corners = 0;
}

static void
reach(struct walk *w, fz_point p)
{
    w->hull = (struct box){fminf(w->hull.x0, p.x), fminf(w->hull.y0, p.y), fmaxf(w->hull.x1, p.x),
                           fmaxf(w->hull.y1, p.y)};
}

static void
add_corner(struct walk *w, fz_point p)
{
    struct box dot = {p.x, p.y, p.x, p.y};

    reach(w, p);
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
    w->length = w->aslant = 0;
    w->turned = 0;
    w->start = fz_transform_point_xy(x, y, w->ctm);
    add_corner(w, w->start);
}

static void
walk_to(struct walk *w, fz_point to)
{
    float dx = fabsf(to.x - w->at.x), dy = fabsf(to.y - w->at.y);

    w->dev->path_work++;
    w->length += dx + dy;
    w->turned += (double)w->at.x * (double)to.y - (double)to.x * (double)w->at.y;
    if (dx > even && dy > even) {
        w->odd = true;
        w->aslant += dx + dy;
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
        side = box_cut(side, seen_box(w));
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
    w->dev->path_work++;
    fz_point to = fz_transform_point_xy(x3, y3, w->ctm);
    float way = fabsf(to.x - w->at.x) + fabsf(to.y - w->at.y);
    w->odd = true;
    w->length += way;
    w->aslant += way;
    reach(w, fz_transform_point_xy(x1, y1, w->ctm));
    reach(w, fz_transform_point_xy(x2, y2, w->ctm));
    add_corner(w, to);
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

/* What of a path may show. */
static void
note_ink(fz_device *dev, const struct walk *w, float alpha)
{
    float grown = w->thick < 0 ? 0 : miter_most * w->thick + hair_line;
    struct box box = box_cut((struct box){w->hull.x0 - grown, w->hull.y0 - grown,
                                          w->hull.x1 + grown, w->hull.y1 + grown},
                             seen_box(w));

    if (w->thick < 0 && alpha >= 1 && w->colour.r >= 1 && w->colour.g >= 1 && w->colour.b >= 1 &&
        device_paints_plainly(dev))
        sketch_white(w->dev->sketch, box);
    else
        device_ink(dev, box);
}

void
paths_walk(fz_context *ctx, fz_device *dev, const fz_path *path, fz_matrix ctm,
           struct path_manner manner)
{
    struct reading_device *reading = (struct reading_device *)dev;
    struct walk w = {
        .dev = reading,
        .ctm = ctm,
        .seen = device_visible_area(ctx, dev),
        .thick = manner.thick,
        .even_odd = manner.even_odd,
        .hull = {INFINITY, INFINITY, -INFINITY, -INFINITY},
    };

    if (fz_is_empty_rect(w.seen))
        return;
    if (manner.alpha < alpha_min || reading->path_work > PATH_WORK_MAX) {
        device_ink(dev, seen_box(&w));
        return;
    }
    w.paints = device_luma(manner.colour) < white_min;
    w.colour = manner.colour;
    w.covers = manner.alpha >= 1 && manner.thick < 0 && device_paints_plainly(dev);
    fz_walk_path(ctx, path, &walker, &w);
    end_subpath(&w);
    end_waiting(&w);
    note_ink(dev, &w, manner.alpha);
}

bool
paths_is_box(fz_context *ctx, fz_device *dev, const fz_path *path, fz_matrix ctm)
{
    struct reading_device *reading = (struct reading_device *)dev;
    struct walk w = {.dev = reading, .ctm = ctm, .seen = fz_empty_rect, .thick = -1};

    if (reading->path_work > PATH_WORK_MAX)
        return false;
    fz_walk_path(ctx, path, &walker, &w);
    end_subpath(&w);
    return !w.any_odd && w.subpaths == 1;
}
