/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The round half of checks.h, and what is inside of boxes and circles. */
#include "base/sets.h"
#include "ocr/checks_internal.h"

#include <math.h>
#include <string.h>

/* A capital O is 1.4 times as high as an x: a circle for a mark is larger. */
static const float ring_least = 1.55F, ring_most = 3.6F;
static const float round_aspect = 1.16F;

/* Rays from the centre: how many must meet the ring, and where, of the radius. */
enum { RAYS = 48, RAYS_LEAST = 45 };
static const float ring_from = 0.76F, ring_to = 1.1F;
static const float disc_radius = 0.6F, dot_radius = 0.3F;       /* that is empty; that is a dot */
static const float dot_ink = 0.85F, gap_ink_most = 0.35F;       /* between the dot and the ring */
static const float alone_reach = 0.45F, alone_ink_most = 0.03F; /* white beside it, of its side */
static const float label_reach = 0.2F, lonely_reach = 1.0F;

/* Of the inside: ink less than that is dust; a mark's larger side is at least so long; ink of a
 * mark that is not long; ink of what is filled. */
static const float dust_ink = 0.02F, mark_long = 0.38F, mark_ink = 0.12F, solid_ink = 0.9F;
static const float cross_ink = 0.06F; /* of each corner of the inside */
static const float writing_high = 0.25F;
enum { WRITING_PARTS = 3 };

struct part {
    int x0, y0, x1, y1; /* x1, y1 behind its last pixel */
    uint32_t ink;       /* take_part alone counts it */
};

struct point {
    int x, y;
};

/* The ink that hangs together with (x, y), within the frame; takes it off left. */
static struct part
take_part(struct pixmap *left, struct part frame, int x, int y, struct point *stack)
{
    struct part part = {.x0 = x, .y0 = y, .x1 = x + 1, .y1 = y + 1};
    size_t n = 0;

    stack[n++] = (struct point){x, y};
    left->pixels[(size_t)y * left->stride + (size_t)x] = 0;
    while (n > 0) {
        struct point p = stack[--n];
        part.ink++;
        part.x0 = p.x < part.x0 ? p.x : part.x0;
        part.y0 = p.y < part.y0 ? p.y : part.y0;
        part.x1 = p.x + 1 > part.x1 ? p.x + 1 : part.x1;
        part.y1 = p.y + 1 > part.y1 ? p.y + 1 : part.y1;
        for (int dy = -1; dy <= 1; dy++)
            for (int dx = -1; dx <= 1; dx++) {
                int nx = p.x + dx, ny = p.y + dy;
                if (nx < frame.x0 || ny < frame.y0 || nx >= frame.x1 || ny >= frame.y1 ||
                    !ink_at(left, nx, ny))
                    continue;
                left->pixels[(size_t)ny * left->stride + (size_t)nx] = 0;
                stack[n++] = (struct point){nx, ny};
            }
    }
    return part;
}

/* ---- circles ---- */

static float
disc_ink(const struct pixmap *ink, float cx, float cy, float from, float to)
{
    int hits = 0, all = 0;

    for (int y = (int)(cy - to); y <= (int)(cy + to) + 1; y++)
        for (int x = (int)(cx - to); x <= (int)(cx + to) + 1; x++) {
            float r = hypotf((float)x + 0.5F - cx, (float)y + 0.5F - cy);
            if (r < from || r > to)
                continue;
            all++;
            hits += ink_at(ink, x, y);
        }
    return all > 0 ? (float)hits / (float)all : 0;
}

/* Whether ink goes all the way around. */
static bool
is_ring(const struct pixmap *ink, float cx, float cy, float rx, float ry)
{
    int hits = 0, steps = 1 + (int)(2 * (ring_to - ring_from) * fmaxf(rx, ry));

    for (int i = 0; i < RAYS; i++) {
        float c = cosf((float)i * 2 * (float)M_PI / RAYS);
        float s = sinf((float)i * 2 * (float)M_PI / RAYS);
        bool hit = false;
        for (int k = 0; k <= steps && !hit; k++) {
            float r = ring_from + (ring_to - ring_from) * (float)k / (float)steps;
            int x = (int)(cx + c * rx * r), y = (int)(cy + s * ry * r);
            hit = ink_at(ink, x, y) || ink_at(ink, x + 1, y); /* a ring may be one pixel thin */
        }
        hits += hit;
    }
    return hits >= RAYS_LEAST;
}

static float
share_of(const struct pixmap *ink, float x0, float y0, float x1, float y1)
{
    return ink_share(ink, (int)x0, (int)y0, (int)x1, (int)y1);
}

/* Whether it is white for so far left of it, or right of it. */
static bool
is_white(const struct pixmap *ink, struct box b, float reach, bool right)
{
    float h = 0.15F * box_height(b);

    return right ? share_of(ink, b.x1 + 1, b.y0 + h, b.x1 + reach + 1, b.y1 - h) <= alone_ink_most
                 : share_of(ink, b.x0 - reach - 1, b.y0 + h, b.x0 - 1, b.y1 - h) <= alone_ink_most;
}

/* White on both sides; or far on one, and its label close on the other, but not as close as letters
 * stand. */
static bool
is_alone(const struct pixmap *ink, struct box b, float letter)
{
    float w = box_width(b), n = fmaxf(0.3F * w, fminf(alone_reach * w, 0.75F * letter));
    float close = label_reach * w, far = lonely_reach * w;

    return (is_white(ink, b, n, false) && is_white(ink, b, n, true)) ||
           (is_white(ink, b, close, false) && is_white(ink, b, far, true)) ||
           (is_white(ink, b, far, false) && is_white(ink, b, close, true));
}

/* A ring with a dot or nothing inside, or whatever else; or a disc. */
enum ring_kind { RING_NONE, RING_EMPTY, RING_DOT, RING_OTHER, RING_DISC };

static enum ring_kind
ring_kind(const struct finder *f, const struct part *part)
{
    float w = (float)(part->x1 - part->x0), h = (float)(part->y1 - part->y0);
    float least = ring_least * f->letter, most = ring_most * f->letter;

    if (fminf(w, h) < least || fmaxf(w, h) > most || w > round_aspect * h || h > round_aspect * w)
        return RING_NONE;
    float cx = (float)part->x0 + w / 2, cy = (float)part->y0 + h / 2, r = (w + h) / 4;
    if (!is_ring(f->ink, cx, cy, w / 2, h / 2))
        return RING_NONE;
    if (share_of(f->ink, cx + 0.8F * r, cy + 0.8F * r, cx + r, cy + r) > 0.3F &&
        share_of(f->ink, cx - r, cy - r, cx - 0.8F * r, cy - 0.8F * r) > 0.3F)
        return RING_NONE; /* it has corners */
    float inner = disc_ink(f->ink, cx, cy, 0, disc_radius * r);
    if (inner > solid_ink)
        return disc_ink(f->ink, cx, cy, 0, 0.9F * r) > solid_ink ? RING_DISC : RING_DOT;
    if (inner < dust_ink)
        return RING_EMPTY;
    bool dot = disc_ink(f->ink, cx, cy, 0, dot_radius * r) >= dot_ink &&
               disc_ink(f->ink, cx, cy, disc_radius * r, 0.75F * r) <= gap_ink_most;
    return dot ? RING_DOT : RING_OTHER;
}

/* Those that have a dot inside, or another of their size. */
static void
keep_rings(struct finder *f, const struct box *boxes, const uint8_t *kinds, size_t n)
{
    for (size_t i = 0; i < n && f->count < CHECKS_MAX; i++) {
        bool taken = false;
        int like = 0;
        for (size_t k = 0; k < n; k++)
            like += k != i && fabsf(box_width(boxes[i]) - box_width(boxes[k])) <=
                                  0.15F * box_width(boxes[i]) + 1;
        for (size_t k = 0; k < f->count; k++)
            taken = taken || overlaps(f->found[k].box, boxes[i]);
        if (!taken && (like > 0 || kinds[i] == RING_DOT)) {
            f->sure[f->count] = true;
            f->found[f->count++] = (struct check){.box = boxes[i], .round = true};
        }
    }
}

/* The picture's ink in parts that hang together, as rows of runs are read: those of one row and of
 * the row above. */
struct parts {
    struct arena *arena;
    struct part *items;
    uint32_t *joined; /* [cap] parts that turned out to be one (base/sets.h) */
    size_t count, cap;
};

struct run {
    int x0, x1;
    uint32_t part;
};

/* A part that begins with this run; false for want of memory. */
static bool
begin_part(struct parts *parts, int y, struct run *run)
{
    if (parts->count == parts->cap) {
        size_t wanted = parts->cap > 0 ? 2 * parts->cap : 1024;
        struct part *items =
            arena_grow(parts->arena, parts->items, parts->cap, wanted, sizeof(*items));
        uint32_t *joined =
            arena_grow(parts->arena, parts->joined, parts->cap, wanted, sizeof(*joined));
        if (items == NULL || joined == NULL || wanted > UINT32_MAX / 2)
            return false;
        parts->items = items;
        parts->joined = joined;
        parts->cap = wanted;
    }
    run->part = (uint32_t)parts->count++;
    parts->joined[run->part] = run->part;
    parts->items[run->part] = (struct part){run->x0, y, run->x1, y + 1};
    return true;
}

/* Joins the part of a run above to the run's; the one that began first goes on, so that parts keep
 * the order of their first pixels. */
static void
join(struct parts *parts, struct run *run, uint32_t above)
{
    uint32_t a = sets_root(parts->joined, above);
    uint32_t b = run->part == UINT32_MAX ? a : sets_root(parts->joined, run->part);
    uint32_t first = sets_join(parts->joined, a, b), other = a < b ? b : a;
    struct part *to = &parts->items[first];
    const struct part *from = &parts->items[other];

    to->x0 = from->x0 < to->x0 ? from->x0 : to->x0;
    to->y1 = from->y1 > to->y1 ? from->y1 : to->y1;
    to->x1 = from->x1 > to->x1 ? from->x1 : to->x1;
    run->part = first;
}

/* Gives the runs of row y their parts; above: those of the row before. False for want of memory. */
static bool
take_row(struct parts *parts, const struct pixmap *ink, int y, const struct run *above,
         size_t above_count, struct run *row, size_t *ret_count)
{
    size_t n = 0, first = 0;

    for (int x0, x1 = 0; next_run(ink, y, x1, &x0, &x1); n++) {
        struct run *run = &row[n];
        *run = (struct run){x0, x1, UINT32_MAX};
        while (first < above_count && above[first].x1 < x0)
            first++;
        for (size_t i = first; i < above_count && above[i].x0 <= x1; i++)
            join(parts, run, above[i].part);
        if (run->part == UINT32_MAX) {
            if (!begin_part(parts, y, run))
                return false;
            continue;
        }
        struct part *part = &parts->items[run->part];
        part->x0 = x0 < part->x0 ? x0 : part->x0;
        part->x1 = x1 > part->x1 ? x1 : part->x1;
        part->y1 = y + 1;
    }
    *ret_count = n;
    return true;
}

static bool
find_parts(struct arena *arena, const struct pixmap *ink, struct parts *ret)
{
    struct parts parts = {.arena = arena};
    struct run *row = arena_array(arena, ink->width / 2 + 1, sizeof(*row));
    struct run *above = arena_array(arena, ink->width / 2 + 1, sizeof(*above));
    size_t n = 0, above_count = 0;

    if (row == NULL || above == NULL)
        return false;
    for (int y = 0; y < (int)ink->height; y++) {
        struct run *swap = above;
        if (!take_row(&parts, ink, y, above, above_count, row, &n))
            return false;
        above = row;
        above_count = n;
        row = swap;
    }
    *ret = parts;
    return true;
}

bool
checks_rings(struct finder *f)
{
    struct parts parts;
    struct box boxes[CHECKS_MAX];
    uint8_t kinds[CHECKS_MAX];
    size_t n = 0;

    if (!find_parts(f->arena, f->ink, &parts))
        return false;
    for (size_t i = 0; i < parts.count && n < CHECKS_MAX; i++) {
        const struct part *part = &parts.items[i];
        if (parts.joined[i] != i)
            continue;
        enum ring_kind kind = ring_kind(f, part);
        struct box box = {(float)part->x0, (float)part->y0, (float)part->x1, (float)part->y1};
        if (kind == RING_NONE || !is_alone(f->ink, box, f->letter))
            continue;
        kinds[n] = (uint8_t)kind;
        boxes[n++] = box;
    }
    keep_rings(f, boxes, kinds, n);
    return true;
}

/* ---- wiping ---- */

/* How far from its box a mark may go, of its side; more is a line or a letter that it touches. */
static const float mark_reach = 0.9F;

static bool
touches(const struct part *part, struct part frame)
{
    return part->x0 <= frame.x0 || part->y0 <= frame.y0 || part->x1 >= frame.x1 ||
           part->y1 >= frame.y1;
}

/* Marks (2) the ink of the box and what hangs together with it; within the frame, if that holds all
 * of it. */
static void
mark_part(struct pixmap *ink, struct box b)
{
    int n = (int)(mark_reach * box_width(b));
    struct part frame = {(int)b.x0 - n, (int)b.y0 - n, (int)b.x1 + n, (int)b.y1 + n, 0};
    struct part own = {(int)b.x0 - 2, (int)b.y0 - 2, (int)b.x1 + 2, (int)b.y1 + 2, 0};
    bool grows = true;

    for (int y = own.y0; y < own.y1; y++)
        for (int x = own.x0; x < own.x1; x++)
            if (ink_at(ink, x, y))
                ink->pixels[(size_t)y * ink->stride + (size_t)x] = 2;
    struct part grown = own;
    while (grows && !touches(&grown, frame)) {
        grows = false;
        for (int y = frame.y0 + 1; y < frame.y1 - 1; y++)
            for (int x = frame.x0 + 1; x < frame.x1 - 1; x++) {
                if (!ink_at(ink, x, y) || ink->pixels[(size_t)y * ink->stride + (size_t)x] != 1)
                    continue;
                bool near = false;
                for (int k = 0; k < 9 && !near; k++) {
                    int nx = x + k % 3 - 1, ny = y + k / 3 - 1;
                    near = ink_at(ink, nx, ny) &&
                           ink->pixels[(size_t)ny * ink->stride + (size_t)nx] == 2;
                }
                if (!near)
                    continue;
                ink->pixels[(size_t)y * ink->stride + (size_t)x] = 2;
                grown.x0 = x < grown.x0 ? x : grown.x0;
                grown.y0 = y < grown.y0 ? y : grown.y0;
                grown.x1 = x + 1 > grown.x1 ? x + 1 : grown.x1;
                grown.y1 = y + 1 > grown.y1 ? y + 1 : grown.y1;
                grows = true;
            }
    }
}

void
checks_mask(struct pixmap *ink, const struct check *checks, size_t n)
{
    size_t bytes = ink->stride * ink->height;

    for (size_t i = 0; i < n; i++)
        mark_part(ink, checks[i].box);
    for (size_t i = 0; i < bytes; i++)
        ink->pixels[i] = ink->pixels[i] == 2;
    for (size_t i = 0; i < n; i++) { /* and the grey of its edges */
        struct box b = checks[i].box;
        for (int y = (int)b.y0 - 2; y < (int)b.y1 + 2; y++)
            for (int x = (int)b.x0 - 2; x < (int)b.x1 + 2; x++)
                if (x >= 0 && y >= 0 && x < (int)ink->width && y < (int)ink->height)
                    ink->pixels[(size_t)y * ink->stride + (size_t)x] = 1;
    }
}

/* ---- inside ---- */

int
frame_thickness(const struct pixmap *ink, struct box b)
{
    int x0 = (int)b.x0, y0 = (int)b.y0, x1 = (int)b.x1 - 1, y1 = (int)b.y1 - 1;
    int most = (int)(box_width(b) / 4), least = most;

    for (int at = 30; at <= 70; at += 10) {
        int x = x0 + (x1 - x0) * at / 100, y = y0 + (y1 - y0) * at / 100;
        const int rays[4][4] = {{x0, y, 1, 0}, {x1, y, -1, 0}, {x, y0, 0, 1}, {x, y1, 0, -1}};
        for (int k = 0; k < 4; k++) {
            int n = 0, lead = 0; /* the frame may begin two pixels in */
            while (lead < 2 &&
                   !ink_at(ink, rays[k][0] + lead * rays[k][2], rays[k][1] + lead * rays[k][3]))
                lead++;
            while (n < most && ink_at(ink, rays[k][0] + (n + lead) * rays[k][2],
                                      rays[k][1] + (n + lead) * rays[k][3]))
                n++;
            if (n > 0 && n + lead < least)
                least = n + lead;
        }
    }
    return least;
}

/* The largest part inside, and how many are as high as writing. */
static void
look_inside(struct pixmap *inner, struct part *ret_largest, int *ret_parts)
{
    struct part frame = {.x1 = (int)inner->width, .y1 = (int)inner->height};
    struct point stack[4096];
    bool small = inner->width * inner->height <= ARRAY_LEN(stack);

    *ret_largest = (struct part){0};
    *ret_parts = 0;
    for (int y = 0; small && y < frame.y1; y++)
        for (int x = 0; x < frame.x1; x++) {
            if (!ink_at(inner, x, y))
                continue;
            struct part part = take_part(inner, frame, x, y, stack);
            *ret_parts += (float)(part.y1 - part.y0) >= writing_high * (float)frame.y1 &&
                          part.y1 - part.y0 >= 4;
            if (part.ink > ret_largest->ink)
                *ret_largest = part;
        }
}

static bool
is_crossed(const struct pixmap *ink, float x0, float y0, float x1, float y1)
{
    float w = (x1 - x0) * 0.4F, h = (y1 - y0) * 0.4F;
    float cx = (x0 + x1) / 2, cy = (y0 + y1) / 2, n = (x1 - x0) * 0.1F, m = (x1 - x0) * 0.22F;
    int free = (share_of(ink, cx - n, y0, cx + n, y0 + m) < cross_ink) +
               (share_of(ink, cx - n, y1 - m, cx + n, y1) < cross_ink) +
               (share_of(ink, x0, cy - n, x0 + m, cy + n) < cross_ink) +
               (share_of(ink, x1 - m, cy - n, x1, cy + n) < cross_ink);

    return free >= 3 && share_of(ink, x0, y0, x0 + w, y0 + h) >= cross_ink &&
           share_of(ink, x1 - w, y0, x1, y0 + h) >= cross_ink &&
           share_of(ink, x0, y1 - h, x0 + w, y1) >= cross_ink &&
           share_of(ink, x1 - w, y1 - h, x1, y1) >= cross_ink;
}

/* Says what is inside; false if that is writing. */
static bool
judge(struct finder *f, struct check *check, bool *ret_solid)
{
    struct box b = check->box;
    float side = fminf(box_width(b), box_height(b));
    float inset = (float)frame_thickness(f->ink, b) + 1 + 0.04F * side;
    struct pixmap inner = {0};
    struct part largest;
    int parts;

    if (check->round)
        inset += 0.13F * side; /* the square inside of the circle */
    float x0 = b.x0 + inset, y0 = b.y0 + inset, x1 = b.x1 - inset, y1 = b.y1 - inset;
    *ret_solid = false;
    check->state = CHECK_EMPTY;
    if (x1 - x0 < 4 || y1 - y0 < 4) {
        *ret_solid = true;
        check->state = CHECK_TICKED;
        return true;
    }
    float share = share_of(f->ink, x0, y0, x1, y1);
    if (share < dust_ink)
        return true;
    if (share > solid_ink) {
        *ret_solid = !check->round;
        check->state = CHECK_TICKED;
        return true;
    }
    inner.width = (uint32_t)(x1 - x0);
    inner.height = (uint32_t)(y1 - y0);
    inner.stride = inner.width;
    inner.pixels = arena_array(f->arena, inner.height, inner.stride);
    if (inner.pixels == NULL)
        return true;
    for (uint32_t y = 0; y < inner.height; y++)
        for (uint32_t x = 0; x < inner.width; x++)
            inner.pixels[y * inner.stride + x] =
                ink_at(f->ink, (int)x0 + (int)x, (int)y0 + (int)y) ? 1 : 0;
    look_inside(&inner, &largest, &parts);
    if (parts >= WRITING_PARTS)
        return false;
    int longer = largest.x1 - largest.x0 > largest.y1 - largest.y0 ? largest.x1 - largest.x0
                                                                   : largest.y1 - largest.y0;
    if ((float)longer >= mark_long * (float)inner.width || share >= mark_ink)
        check->state = is_crossed(f->ink, x0, y0, x1, y1) ? CHECK_CROSSED : CHECK_TICKED;
    return true;
}

void
checks_judge(struct finder *f)
{
    size_t kept = 0;

    for (size_t i = 0; i < f->count; i++) {
        bool solid;
        if (!judge(f, &f->found[i], &solid))
            continue;
        f->solid[kept] = solid;
        f->sure[kept] = f->sure[i];
        f->found[kept++] = f->found[i];
    }
    f->count = kept;
}
