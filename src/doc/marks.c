/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/marks.h"

#include "doc/boxes.h"

#include <math.h>
#include <stdlib.h>

/* Points. */
static const float rule_thick_max = 4; /* thicker is a bar */
static const float piece_min = 3;      /* shorter is a dot of a leader or part of a letter */
static const float rule_min = 8;       /* after joining */
static const float join_gap = 1.5F;    /* between pieces of one rule */
static const float join_shift = 0.7F;  /* across */
static const float picture_min = 8;    /* smaller is ornament or a letter drawn as a picture */
static const float picture_join = 1;   /* between strips of one picture */

enum {
    RULES_MAX = 20000, /* a page of a map or plan has more; nobody reads its lines as rules */
    PICTURES_MAX = 1000,
    PAINTS_MAX = 2000,
    COLOURS_MAX = 16,
    OUTLINES_MAX = 12000
};

/* Colours nearer than this cannot be told apart in print. */
static const float colour_near = 0.06F;

/* Sides of shapes that may be letters, pt. */
static const float outline_least = 1.5F, outline_most = 60;

struct paint {
    struct box box;
    struct colour colour;
    bool mixed;
};

struct picture {
    struct box box;
    float area, dpi;
};

struct marks {
    struct arena *arena;
    float width, height; /* of the page */
    struct box *rules;
    struct picture *pictures;
    struct paint *paints;
    struct box *outlines;
    struct drawings *drawings;
    struct boxes *boxes;
    struct colour colours[COLOURS_MAX]; /* that were painted with */
    uint32_t colour_count, outline_count, outline_cap;
    uint32_t rule_count, rule_cap, picture_count, paint_count;
    bool full;
    bool paints_full; /* too many to tell: no text is lost on its ground */
};

struct marks *
marks_new(struct arena *arena, const struct page *page)
{
    struct marks *marks = arena_alloc(arena, sizeof(*marks));

    if (marks == NULL)
        return NULL;
    marks->arena = arena;
    marks->width = page->width;
    marks->height = page->height;
    marks->pictures = arena_room(arena, PICTURES_MAX, sizeof(*marks->pictures));
    marks->paints = arena_room(arena, PAINTS_MAX, sizeof(*marks->paints));
    marks->drawings = drawings_new(arena, page);
    marks->boxes = boxes_new(arena);
    bool whole = marks->pictures != NULL && marks->paints != NULL && marks->drawings != NULL &&
                 marks->boxes != NULL;
    return whole ? marks : NULL;
}

/* The part on the page; false if there is none. */
static bool
clip(const struct marks *marks, struct box *box)
{
    if (!(box->x1 >= 0 && box->y1 >= 0 && box->x0 <= marks->width && box->y0 <= marks->height))
        return false; /* false for NaN too */
    *box = box_cut(*box, (struct box){0, 0, marks->width, marks->height});
    return true;
}

void
marks_rule(struct marks *marks, struct box box)
{
    if (!clip(marks, &box) || marks->rule_count == RULES_MAX)
        return;
    float w = box_width(box), h = box_height(box);
    float length = w > h ? w : h, thick = w > h ? h : w;
    if (thick > rule_thick_max || length < piece_min || length < 1.5F * thick)
        return;
    if (marks->rule_count == marks->rule_cap) {
        uint32_t wanted = marks->rule_cap == 0 ? 64 : marks->rule_cap * 2;
        struct box *grown =
            arena_grow(marks->arena, marks->rules, marks->rule_count, wanted, sizeof(*grown));
        if (grown == NULL) {
            marks->full = true;
            return;
        }
        marks->rules = grown;
        marks->rule_cap = wanted;
    }
    marks->rules[marks->rule_count++] = box;
}

static bool
is_near(struct colour a, struct colour b)
{
    return fabsf(a.r - b.r) <= colour_near && fabsf(a.g - b.g) <= colour_near &&
           fabsf(a.b - b.b) <= colour_near;
}

/* Whether something was painted in about that colour; true if there were too many to tell. */
static bool
is_used(const struct marks *marks, struct colour colour)
{
    for (uint32_t i = 0; i < marks->colour_count; i++)
        if (is_near(marks->colours[i], colour))
            return true;
    return marks->colour_count == COLOURS_MAX;
}

/* What was painted last at the place, or NULL: the paper. */
static const struct paint *
find_paint(const struct marks *marks, float x, float y)
{
    for (uint32_t i = marks->paint_count; i-- > 0;) {
        const struct box *b = &marks->paints[i].box;
        if (x >= b->x0 && x <= b->x1 && y >= b->y0 && y <= b->y1)
            return &marks->paints[i];
    }
    return NULL;
}

static const struct colour white = {1, 1, 1};

void
marks_paint(struct marks *marks, struct box box, const struct colour *colour)
{
    if (!clip(marks, &box))
        return;
    bool is_white = colour != NULL && is_near(*colour, white);
    if (is_white && find_paint(marks, (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2) == NULL)
        return;
    if (marks->paint_count == PAINTS_MAX) {
        marks->paints_full = true;
        return;
    }
    struct paint *paint = &marks->paints[marks->paint_count++];
    *paint = (struct paint){.box = box, .mixed = colour == NULL};
    if (colour == NULL)
        return;
    paint->colour = *colour;
    if (!is_used(marks, *colour))
        marks->colours[marks->colour_count++] = *colour;
}

bool
marks_is_lost(const struct marks *marks, float x, float y, struct colour colour)
{
    bool is_white = is_near(colour, white);

    if (marks->paints_full || (!is_white && !is_used(marks, colour)))
        return false;
    const struct paint *paint = find_paint(marks, x, y);
    if (paint == NULL)
        return is_white;
    return !paint->mixed && is_near(paint->colour, colour);
}

void
marks_outline(struct marks *marks, struct box box)
{
    float w = box_width(box), h = box_height(box);

    if (fmaxf(w, h) < outline_least || w > outline_most || h > outline_most ||
        marks->outline_count == OUTLINES_MAX || !clip(marks, &box))
        return;
    if (marks->outline_count == marks->outline_cap) {
        uint32_t wanted = marks->outline_cap == 0 ? 64 : marks->outline_cap * 2;
        struct box *grown =
            arena_grow(marks->arena, marks->outlines, marks->outline_count, wanted, sizeof(*grown));
        if (grown == NULL) {
            marks->full = true;
            return;
        }
        marks->outlines = grown;
        marks->outline_cap = wanted;
    }
    marks->outlines[marks->outline_count++] = box;
}

void
marks_path(struct marks *marks, const struct drawn_path *path)
{
    drawings_add(marks->drawings, path);
    if (path->aslant > 0 || path->filled)
        boxes_note(marks->boxes, path->box, path->aslant > 0);
}

const struct box *
marks_outlines(const struct marks *marks, uint32_t *ret_count)
{
    *ret_count = marks->outline_count;
    return marks->outlines;
}

static bool
near(float a, float b)
{
    return fabsf(a - b) <= picture_join;
}

/* Whether two pictures lie edge to edge, as strips or tiles of one. */
static bool
adjoin(struct box a, struct box b)
{
    if (near(a.x0, b.x0) && near(a.x1, b.x1))
        return a.y0 <= b.y1 + picture_join && b.y0 <= a.y1 + picture_join;
    if (near(a.y0, b.y0) && near(a.y1, b.y1))
        return a.x0 <= b.x1 + picture_join && b.x0 <= a.x1 + picture_join;
    return false;
}

void
marks_picture(struct marks *marks, struct box box, uint32_t width, uint32_t height)
{
    float shown_width = box_width(box), shown_height = box_height(box);

    if (!(shown_width > 0 && shown_height > 0) || !clip(marks, &box))
        return;
    if (shown_width < picture_min && shown_height < picture_min)
        return; /* Type 3 fonts draw their letters so, thousands on a page */
    float across = (float)width * 72 / shown_width, down = (float)height * 72 / shown_height;
    struct picture new = {.box = box, .area = box_area(box), .dpi = sqrtf(across * down)};
    for (uint32_t i = marks->picture_count; i-- > 0;) {
        struct picture *old = &marks->pictures[i];
        if (!adjoin(old->box, new.box))
            continue;
        if (new.area > old->area)
            old->dpi = new.dpi;
        old->box = box_union(old->box, new.box);
        old->area = box_area(old->box);
        return;
    }
    if (marks->picture_count < PICTURES_MAX)
        marks->pictures[marks->picture_count++] = new;
}

float
marks_picture_share(const struct marks *marks)
{
    float sum = 0;

    for (uint32_t i = 0; i < marks->picture_count; i++)
        sum += marks->pictures[i].area;
    return fminf(1, sum / (marks->width * marks->height));
}

float
marks_picture_dpi(const struct marks *marks)
{
    const struct picture *best = NULL;

    for (uint32_t i = 0; i < marks->picture_count; i++)
        if (best == NULL || marks->pictures[i].area > best->area)
            best = &marks->pictures[i];
    return best == NULL ? 0 : best->dpi;
}

static bool
is_level(struct box b)
{
    return box_width(b) >= box_height(b);
}

static float
across_of(struct box b)
{
    return is_level(b) ? (b.y0 + b.y1) / 2 : (b.x0 + b.x1) / 2;
}

static float
start_of(struct box b)
{
    return is_level(b) ? b.x0 : b.y0;
}

static float
end_of(struct box b)
{
    return is_level(b) ? b.x1 : b.y1;
}

/* Level ones first, then by their place across (in steps, so that equal ones stay together), then
 * along. */
static int
compare_rules(const void *a, const void *b)
{
    const struct box *left = a, *right = b;
    bool left_level = is_level(*left), right_level = is_level(*right);

    if (left_level != right_level)
        return left_level ? -1 : 1;
    float step_left = roundf(across_of(*left) / join_shift);
    float step_right = roundf(across_of(*right) / join_shift);
    if (step_left != step_right)
        return step_left < step_right ? -1 : 1;
    float start_left = start_of(*left), start_right = start_of(*right);
    return start_left < start_right ? -1 : start_left > start_right;
}

static void
join_rules(struct marks *marks)
{
    uint32_t kept = 0;

    if (marks->rule_count < 2)
        return;
    qsort(marks->rules, marks->rule_count, sizeof(*marks->rules), compare_rules);
    for (uint32_t i = 1; i < marks->rule_count; i++) {
        struct box *last = &marks->rules[kept], next = marks->rules[i];
        if (is_level(*last) == is_level(next) &&
            fabsf(across_of(*last) - across_of(next)) <= join_shift &&
            start_of(next) <= end_of(*last) + join_gap &&
            start_of(*last) <= end_of(next) + join_gap) {
            *last = box_union(*last, next);
            continue;
        }
        marks->rules[++kept] = next;
    }
    marks->rule_count = kept + 1;
}

enum err_code
marks_finish(struct marks *marks, struct page *page, struct err *err)
{
    bool ok = !marks->full;

    join_rules(marks);
    for (uint32_t i = 0; ok && i < marks->rule_count; i++) {
        struct box box = marks->rules[i];
        if (end_of(box) - start_of(box) < rule_min)
            continue;
        struct page_region *region = page_add_region(page);
        ok = region != NULL;
        if (ok)
            *region = (struct page_region){.box = box, .kind = REGION_RULE};
    }
    for (uint32_t i = 0; ok && i < marks->picture_count; i++) {
        struct box box = marks->pictures[i].box;
        if (box_width(box) < picture_min || box_height(box) < picture_min)
            continue;
        struct page_region *region = page_add_region(page);
        ok = region != NULL;
        if (ok)
            *region = (struct page_region){.box = box, .kind = REGION_PICTURE};
    }
    if (!ok)
        return err_set(err, ERR_LIMIT, "page %u: more drawing than its memory limit holds",
                       page->index + 1);
    enum err_code rc = drawings_finish(marks->drawings, page, err);
    return rc == ERR_OK ? boxes_finish(marks->boxes, marks->rules, marks->rule_count, page, err)
                        : rc;
}
