/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/checks_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of the letters' median height, which is about that of an x: the least and most side. */
static const float side_least = 1.15F, side_most = 4.2F;

/* Of a side: how far a stroke must go, and how unlike two sides may be. */
static const float stroke_least = 0.62F, aspect_most = 1.28F, apart_most = 1.65F;
static const float overlap_least = 0.72F; /* of the longer of two strokes: a mark may prolong one */
static const float thick_most = 0.25F;    /* thickness of a stroke */
static const float side_covered = 0.8F;   /* of a side is ink */

/* A cell of a grid has its lines go on so far; a box stands in so much white, of its side. */
static const float grid_reach = 0.4F, grid_covered = 0.8F;
static const float white_reach = 0.22F, white_ink_most = 0.2F;
static const int white_sides = 3;

/* What a box and a letter differ in, of a side: white beside it; how round its corners may be,
 * across and down, and those of one that is surely a box, whose frame is no thicker. */
static const float word_reach = 0.3F, far_reach = 0.55F, word_ink_most = 0.05F;
static const float corner_reach = 0.1F, sharp_reach = 0.06F, thin_most = 0.2F;
/* No letter is so far from all others on one side, of its side, and so thin; its label may stand
 * close on the other. */
static const float lonely_reach = 1.2F, frame_most = 0.11F, square_most = 0.12F, clear_reach = 0.2F;
static const float edge_covered = 0.5F; /* of a row that still belongs to a stroke */

/* Places for a letter each: so many equal boxes this close in a row. */
static const float comb_gap = 0.65F;
enum { COMB_LEAST = 3 };

/* A box that is ink through and through counts where an empty one of its size (within so much)
 * is on the page: else it is a bullet, or of a legend. */
static const float same_size = 0.2F;

enum { STROKES_MAX = 6000 };

struct stroke {
    int x0, y0, x1, y1; /* x1, y1 behind its last pixel */
};

struct strokes {
    struct stroke *items;
    size_t count;
    size_t open; /* the first that may still grow */
};

bool
next_run(const struct pixmap *ink, int y, int x, int *ret_x0, int *ret_x1)
{
    const uint8_t *row = ink->pixels + (size_t)y * ink->stride;
    int width = (int)ink->width;
    uint64_t eight = 0;

    for (; x + (int)sizeof(eight) <= width; x += (int)sizeof(eight)) { /* pages are mostly paper */
        memcpy(&eight, row + x, sizeof(eight));
        if (eight != 0)
            break;
    }
    while (x < width && row[x] == 0)
        x++;
    *ret_x0 = x;
    while (x < width && row[x] != 0)
        x++;
    *ret_x1 = x;
    return *ret_x1 > *ret_x0;
}

float
ink_share(const struct pixmap *ink, int x0, int y0, int x1, int y1)
{
    int left = x0 > 0 ? x0 : 0, right = x1 < (int)ink->width ? x1 : (int)ink->width;
    int low = y1 < (int)ink->height ? y1 : (int)ink->height, hits = 0;

    for (int y = y0 > 0 ? y0 : 0; y < low; y++) {
        const uint8_t *row = ink->pixels + (size_t)y * ink->stride;
        for (int x = left; x < right; x++)
            hits += row[x] != 0;
    }
    return x1 > x0 && y1 > y0 ? (float)hits / (float)((x1 - x0) * (y1 - y0)) : 0;
}

/* ---- strokes ---- */

static void
add_run(struct strokes *strokes, int y, int x0, int x1)
{
    for (size_t i = strokes->open; i < strokes->count; i++) {
        struct stroke *s = &strokes->items[i];
        int overlap = (x1 < s->x1 ? x1 : s->x1) - (x0 > s->x0 ? x0 : s->x0);
        int longer = x1 - x0 > s->x1 - s->x0 ? x1 - x0 : s->x1 - s->x0;
        if (s->y1 < y - 1 || (float)overlap < overlap_least * (float)longer)
            continue;
        s->y1 = y + 1;
        s->x0 = x0 < s->x0 ? x0 : s->x0;
        s->x1 = x1 > s->x1 ? x1 : s->x1;
        return;
    }
    if (strokes->count < STROKES_MAX)
        strokes->items[strokes->count++] = (struct stroke){x0, y, x1, y + 1};
}

/* Level runs of a length between the two, those below each other put together. */
static void
find_strokes(const struct pixmap *ink, int least, int most, struct strokes *strokes)
{
    for (int y = 0; y < (int)ink->height; y++) {
        int x0, x1 = 0;
        while (strokes->open < strokes->count && strokes->items[strokes->open].y1 < y - 1)
            strokes->open++;
        while (next_run(ink, y, x1, &x0, &x1))
            if (x1 - x0 >= least && x1 - x0 <= most)
                add_run(strokes, y, x0, x1);
    }
}

/* ---- a box ---- */

/* A row or column of pixels, which has ink where some is within reach across. */
struct way {
    int x, y, n; /* from (x, y) on, n of them */
    bool upright;
    int reach;
};

static bool
has_ink(const struct pixmap *ink, const struct way *way, int i)
{
    for (int k = -way->reach; k <= way->reach; k++)
        if (way->upright ? ink_at(ink, way->x + k, way->y + i)
                         : ink_at(ink, way->x + i, way->y + k))
            return true;
    return false;
}

/* Whether so large a share of it has ink. Most have not, which is known early. */
static bool
is_covered(const struct pixmap *ink, struct way way, float least)
{
    int gaps = 0;

    for (int i = 0; i < way.n; i++) {
        gaps += !has_ink(ink, &way, i);
        if ((float)(way.n - gaps) < least * (float)way.n - 1)
            return false;
    }
    return way.n > 0 && (float)(way.n - gaps) / (float)way.n >= least;
}

/* The upright stroke from y0 to y1 near x, the one farthest out of those that are covered. */
static bool
find_side(const struct pixmap *ink, int x, int in, int out, int y0, int y1, int *ret)
{
    int step = out > 0 ? 1 : -1;

    for (int k = out; k * step >= -in; k -= step) {
        if (!is_covered(ink, (struct way){x + k, y0, y1 - y0, true, 1}, side_covered))
            continue;
        *ret = x + k - step; /* one pixel of reach */
        return true;
    }
    return false;
}

/* The box between a stroke and one below it. */
static bool
box_between(const struct pixmap *ink, const struct stroke *top, const struct stroke *bottom,
            struct box *ret)
{
    int y0 = top->y0, y1 = bottom->y1, high = y1 - y0;
    int x0 = top->x0 > bottom->x0 ? top->x0 : bottom->x0;
    int x1 = top->x1 < bottom->x1 ? top->x1 : bottom->x1;
    int in = high * 15 / 100, out = high * 30 / 100;
    int left, right, reach = 1 + high / 20;

    if (!find_side(ink, x0, in, -out, top->y1, bottom->y0, &left) ||
        !find_side(ink, x1 - 1, in, out, top->y1, bottom->y0, &right))
        return false;
    float wide = (float)(right + 1 - left);
    if (wide > aspect_most * (float)high || (float)high > aspect_most * wide)
        return false;
    int middle = (top->y0 + top->y1) / 2, low = (bottom->y0 + bottom->y1) / 2;
    if (!is_covered(ink, (struct way){left, middle, right - left, false, reach}, side_covered) ||
        !is_covered(ink, (struct way){left, low, right - left, false, reach}, side_covered))
        return false;
    int grown = 2 + high / 8;
    while (grown >= 0 &&
           is_covered(ink, (struct way){left, y0 - 1, right + 1 - left, false, 0}, edge_covered)) {
        y0--;
        grown--;
    }
    while (grown >= 0 &&
           is_covered(ink, (struct way){left, y1, right + 1 - left, false, 0}, edge_covered)) {
        y1++;
        grown--;
    }
    if (grown < 0) /* no stroke, but something that is dark altogether */
        return false;
    *ret = (struct box){(float)left, (float)y0, (float)(right + 1), (float)y1};
    return true;
}

/* Whether the lines of two sides that face each other both go on past the box. */
static bool
is_cell(const struct pixmap *ink, struct box b)
{
    int side = (int)fmaxf(b.x1 - b.x0, b.y1 - b.y0), n = (int)(grid_reach * (float)side) + 1;
    int x0 = (int)b.x0, y0 = (int)b.y0, x1 = (int)b.x1, y1 = (int)b.y1;
    const int along[4][4] = {/* first end of both sides, and where from */
                             {x0 - n - 1, y0 + 1, x0 - n - 1, y1 - 2},
                             {x1 + 1, y0 + 1, x1 + 1, y1 - 2},
                             {x0 + 1, y0 - n - 1, x1 - 2, y0 - n - 1},
                             {x0 + 1, y1 + 1, x1 - 2, y1 + 1}};

    for (int i = 0; i < 4; i++) {
        bool upright = i >= 2;
        if (is_covered(ink, (struct way){along[i][0], along[i][1], n, upright, 2}, grid_covered) &&
            is_covered(ink, (struct way){along[i][2], along[i][3], n, upright, 2}, grid_covered))
            return true;
    }
    return false;
}

/* Whether the middle of what is left and right of it is white. turned: the picture is turned over
 * its diagonal. */
static bool
has_no_neighbour(const struct pixmap *ink, struct box b, bool turned, float reach)
{
    int w = (int)(b.x1 - b.x0), h = (int)(b.y1 - b.y0);
    int x0 = (int)b.x0 - 1, y0 = (int)b.y0 - 1, x1 = (int)b.x1 + 1, y1 = (int)b.y1 + 1;
    int n = (int)(reach * (float)(turned ? h : w)) + 1;
    int from = (turned ? w : h) * 35 / 100, to = (turned ? w : h) * 85 / 100;

    if (turned)
        return ink_share(ink, x0 + from, y0 - n, x0 + to, y0) < word_ink_most &&
               ink_share(ink, x0 + from, y1, x0 + to, y1 + n) < word_ink_most;
    return ink_share(ink, x0 - n, y0 + from, x0, y0 + to) < word_ink_most &&
           ink_share(ink, x1, y0 + from, x1 + n, y0 + to) < word_ink_most;
}

/* Whether the middle of what is left of it, or right of it, is white for long. Only of boxes of the
 * picture as it stands: labels are beside them, and above and below are other boxes. */
static bool
is_lonely(const struct pixmap *ink, struct box b, bool turned)
{
    int side = (int)(turned ? b.y1 - b.y0 : b.x1 - b.x0);
    int x0 = (int)b.x0 - 1, y0 = (int)b.y0 - 1, x1 = (int)b.x1 + 1, y1 = (int)b.y1 + 1;
    int n = (int)(lonely_reach * (float)side) + 1, from = side * 15 / 100, to = side * 85 / 100;

    if (turned)
        return ink_share(ink, x0 + from, y0 - n, x0 + to, y0) < word_ink_most ||
               ink_share(ink, x0 + from, y1, x0 + to, y1 + n) < word_ink_most;
    return ink_share(ink, x0 - n, y0 + from, x0, y0 + to) < word_ink_most ||
           ink_share(ink, x1, y0 + from, x1 + n, y0 + to) < word_ink_most;
}

/* Whether it is square, and what is above and below it white: two figures that touch go on there.
 */
static bool
is_clear(const struct pixmap *ink, struct box b, bool turned)
{
    float w = b.x1 - b.x0, h = b.y1 - b.y0;
    int x0 = (int)b.x0 - 1, y0 = (int)b.y0 - 1, x1 = (int)b.x1 + 1, y1 = (int)b.y1 + 1;
    int n = (int)(clear_reach * w) + 1;

    if (fabsf(w - h) > square_most * fmaxf(w, h) + 1)
        return false;
    if (turned)
        return ink_share(ink, x0 - n, y0, x0, y1) < word_ink_most &&
               ink_share(ink, x1, y0, x1 + n, y1) < word_ink_most;
    return ink_share(ink, x0, y0 - n, x1, y0) < word_ink_most &&
           ink_share(ink, x0, y1, x1, y1 + n) < word_ink_most;
}

/* Whether most of its sides have white outside. */
static bool
stands_free(const struct pixmap *ink, struct box b)
{
    int n = (int)(white_reach * (b.x1 - b.x0)) + 1;
    int x0 = (int)b.x0 - 1, y0 = (int)b.y0 - 1, x1 = (int)b.x1 + 1, y1 = (int)b.y1 + 1;
    bool left = ink_share(ink, x0 - n, y0, x0, y1) < white_ink_most;
    bool right = ink_share(ink, x1, y0, x1 + n, y1) < white_ink_most;
    bool above = ink_share(ink, x0, y0 - n, x1, y0) < white_ink_most;
    bool below = ink_share(ink, x0, y1, x1, y1 + n) < white_ink_most;

    return left + right + above + below >= white_sides;
}

/* Whether there is ink in the corner at (x, y); sx, sy: the way inside. */
static bool
has_corner(const struct pixmap *ink, int x, int y, int sx, int sy, int reach)
{
    for (int i = 0; i <= reach; i++)
        for (int k = 0; i + k <= reach; k++)
            if (ink_at(ink, x + i * sx, y + k * sy))
                return true;
    return false;
}

/* Whether its frame goes into all four corners, but for so many pixels across and down. */
static bool
has_corners(const struct pixmap *ink, struct box b, int n)
{
    int x0 = (int)b.x0, y0 = (int)b.y0, x1 = (int)b.x1 - 1, y1 = (int)b.y1 - 1;

    return has_corner(ink, x0, y0, 1, 1, n) && has_corner(ink, x1, y0, -1, 1, n) &&
           has_corner(ink, x0, y1, 1, -1, n) && has_corner(ink, x1, y1, -1, -1, n);
}

/* Whether it may be a box: letters have round corners, or a neighbour. *ret_sure: none could be so
 * square, thin and lonely. */
static bool
is_box(const struct finder *f, const struct pixmap *ink, struct box b, bool turned, bool *ret_sure)
{
    float side = b.x1 - b.x0;
    bool sharp = has_corners(ink, b, 1 + (int)(sharp_reach * side));
    float reach = fmaxf(word_reach, fminf(far_reach, f->letter / side));
    float thick = (float)frame_thickness(ink, b);
    bool lonely =
        thick <= frame_most * side && is_lonely(ink, b, turned) && is_clear(ink, b, turned);
    bool far = lonely || has_no_neighbour(ink, b, turned, reach);

    *ret_sure = lonely || (sharp && far && thick <= thin_most * side + 1);
    return (sharp || far) && has_corners(ink, b, 1 + (int)(corner_reach * side)) &&
           has_no_neighbour(ink, b, turned, word_reach);
}

bool
overlaps(struct box a, struct box b)
{
    return box_area(box_cut(a, b)) > 0.3F * fminf(box_area(a), box_area(b));
}

static void
add_check(struct finder *f, struct box box, bool sure)
{
    for (size_t i = 0; i < f->count; i++)
        if (overlaps(f->found[i].box, box)) {
            if (box_area(box) > box_area(f->found[i].box))
                f->found[i].box = box; /* the outer frame of two */
            f->sure[i] = f->sure[i] || sure;
            return;
        }
    if (f->count < CHECKS_MAX) {
        f->sure[f->count] = sure;
        f->found[f->count++] = (struct check){.box = box};
    }
}

/* A stroke that is as thick as long is a box that is filled altogether. */
static void
add_solid(struct finder *f, const struct stroke *s)
{
    struct box b = {(float)s->x0, (float)s->y0, (float)s->x1, (float)s->y1};
    float wide = box_width(b), high = box_height(b);

    if (high >= f->side_least && high <= f->side_most && wide <= aspect_most * high &&
        high <= aspect_most * wide && stands_free(f->ink, b) &&
        has_corners(f->ink, b, 1 + (int)(sharp_reach * wide)))
        add_check(f, b, false);
}

/* Boxes of strokes on the picture; turned: on the one turned over its diagonal. */
static void
pair_strokes(struct finder *f, const struct pixmap *ink, const struct strokes *strokes, bool turned)
{
    for (size_t i = 0; i < strokes->count; i++) {
        const struct stroke *top = &strokes->items[i];
        int len = top->x1 - top->x0;
        if ((float)(top->y1 - top->y0) > thick_most * (float)len + 2) {
            if (!turned)
                add_solid(f, top);
            continue;
        }
        for (size_t k = i + 1; k < strokes->count; k++) {
            const struct stroke *low = &strokes->items[k];
            int longer = low->x1 - low->x0 > len ? low->x1 - low->x0 : len;
            int overlap =
                (low->x1 < top->x1 ? low->x1 : top->x1) - (low->x0 > top->x0 ? low->x0 : top->x0);
            float apart = (float)(low->y1 - top->y0);
            struct box b;
            bool sure;
            if ((float)(low->y0 - top->y0) > apart_most * f->side_most)
                break;
            if ((float)overlap < overlap_least * (float)longer || low->y0 < top->y1 + 4 ||
                apart < f->side_least || apart > f->side_most ||
                (float)(low->y1 - low->y0) > thick_most * (float)len + 2 ||
                !box_between(ink, top, low, &b) || is_cell(ink, b) ||
                !is_box(f, ink, b, turned, &sure) || !stands_free(ink, b))
                continue;
            add_check(f, turned ? (struct box){b.y0, b.x0, b.y1, b.x1} : b, sure);
            break;
        }
    }
}

/* ---- all of them ---- */

static bool
are_alike(struct box a, struct box b)
{
    return fabsf(box_width(a) - box_width(b)) <= same_size * box_width(a) &&
           fabsf(box_height(a) - box_height(b)) <= same_size * box_height(a);
}

static bool
are_in_a_row(struct box a, struct box b)
{
    float gap = fmaxf(b.x0 - a.x1, a.x0 - b.x1);

    return are_alike(a, b) && fabsf(a.y0 - b.y0) < same_size * box_height(a) &&
           gap < comb_gap * box_width(a);
}

/* Takes rows of places for a letter each out, solid squares that no empty one speaks for, and what
 * may be letters where nothing of its size is surely a box. */
static void
drop_others(struct finder *f)
{
    bool *out = arena_array(f->arena, f->count + 1, sizeof(*out));
    size_t kept = 0;

    if (out == NULL)
        return;
    for (size_t i = 0; i < f->count; i++) {
        struct check *c = &f->found[i];
        int left = 0, right = 0, empty = 0, sure = f->sure[i];
        for (size_t k = 0; k < f->count; k++) {
            const struct check *other = &f->found[k];
            if (k == i)
                continue;
            bool row = !c->round && are_in_a_row(c->box, other->box);
            left += row && other->box.x0 < c->box.x0;
            right += row && other->box.x0 > c->box.x0;
            bool alike = are_alike(c->box, other->box) && c->round == other->round;
            empty += alike && other->state == CHECK_EMPTY;
            sure += alike && f->sure[k];
        }
        out[i] = left + right + 1 >= COMB_LEAST || (f->solid[i] && empty == 0) || sure == 0;
    }
    for (size_t i = 0; i < f->count; i++) /* the ends of a row see one neighbour only */
        for (size_t k = 0; k < f->count; k++)
            if (out[k] && !f->found[i].round && are_in_a_row(f->found[i].box, f->found[k].box))
                out[i] = out[i] || (!f->solid[k] && f->sure[k]);
    for (size_t i = 0; i < f->count; i++)
        if (!out[i])
            f->found[kept++] = f->found[i];
    f->count = kept;
}

static int
from_the_top(const void *a, const void *b)
{
    const struct check *left = a, *right = b;

    if (left->box.y0 != right->box.y0)
        return left->box.y0 < right->box.y0 ? -1 : 1;
    return left->box.x0 < right->box.x0 ? -1 : left->box.x0 > right->box.x0;
}

enum { BLOCK = 8 }; /* pixels turned over together */

static bool
is_paper(const struct pixmap *ink, uint32_t x, uint32_t y)
{
    uint64_t all = 0, eight;

    for (uint32_t k = 0; k < BLOCK; k++) {
        memcpy(&eight, ink->pixels + (size_t)(y + k) * ink->stride + x, sizeof(eight));
        all |= eight;
    }
    return all == 0;
}

/* In blocks, of which most are paper: pixel by pixel each would cost a line of the cache. */
static bool
turn_over(struct arena *arena, const struct pixmap *ink, struct pixmap *ret)
{
    struct pixmap out = {.width = ink->height, .height = ink->width, .stride = ink->height};

    out.pixels = arena_array(arena, out.height, out.stride);
    if (out.pixels == NULL)
        return false;
    for (uint32_t y = 0; y < ink->height; y += BLOCK)
        for (uint32_t x = 0; x < ink->width; x += BLOCK) {
            uint32_t y1 = y + BLOCK < ink->height ? y + BLOCK : ink->height;
            uint32_t x1 = x + BLOCK < ink->width ? x + BLOCK : ink->width;
            if (x1 - x == BLOCK && y1 - y == BLOCK && is_paper(ink, x, y))
                continue;
            for (uint32_t from = x; from < x1; from++)
                for (uint32_t k = y; k < y1; k++)
                    out.pixels[(size_t)from * out.stride + k] =
                        ink->pixels[(size_t)k * ink->stride + from];
        }
    *ret = out;
    return true;
}

static bool
find_boxes(struct finder *f, const struct pixmap *ink, bool turned)
{
    struct strokes strokes = {.items = arena_array(f->arena, STROKES_MAX, sizeof(*strokes.items))};

    if (strokes.items == NULL)
        return false;
    find_strokes(ink, (int)(stroke_least * f->side_least), (int)(1.4F * f->side_most), &strokes);
    if (strokes.count < STROKES_MAX) /* else it is texture */
        pair_strokes(f, ink, &strokes, turned);
    return true;
}

bool
checks_find(struct arena *arena, const struct pixmap *ink, float letter, struct check **ret,
            size_t *ret_count)
{
    struct finder f = {.arena = arena,
                       .ink = ink,
                       .letter = letter,
                       .side_least = side_least * letter,
                       .side_most = side_most * letter};
    struct pixmap turned;

    f.found = arena_array(arena, CHECKS_MAX, sizeof(*f.found));
    f.solid = arena_array(arena, CHECKS_MAX, sizeof(*f.solid));
    f.sure = arena_array(arena, CHECKS_MAX, sizeof(*f.sure));
    if (f.found == NULL || f.solid == NULL || f.sure == NULL || !turn_over(arena, ink, &turned) ||
        !find_boxes(&f, ink, false) || !find_boxes(&f, &turned, true) || !checks_rings(&f))
        return false;
    checks_judge(&f);
    drop_others(&f);
    qsort(f.found, f.count, sizeof(*f.found), from_the_top);
    *ret = f.found;
    *ret_count = f.count;
    return true;
}
