/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/boxes.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

enum {
    MARKS_MAX = 500,
    SIDES_MAX = 1200, /* short rules; a page of more is a drawing */
    BOXES_MAX = 300,
    BOX_CORNERS = 4
};

/* Points. */
static const float side_least = 5.5F, side_most = 20, corner_slack = 1.3F;
static const float beside_drawing = 24, frame_most = 2.2F;
static const float mark_least = 2; /* of the longer side */

/* Of the text's size. */
static const float high_least = 0.55F, high_most = 1.9F, label_gap = 2.2F, off_most = 0.5F;

static const float comb_gap = 0.65F;    /* of a side, between boxes that make one */
static const float mark_inside = 0.72F; /* of a box's side, by a filled mark that does not slant */
static const float mark_around = 2.2F;  /* the same by one that does: ticks reach out */

struct boxes {
    struct box *marks;
    bool *aslant;
    uint32_t count;
};

struct boxes *
boxes_new(struct arena *arena)
{
    struct boxes *boxes = arena_alloc(arena, sizeof(*boxes));

    if (boxes == NULL)
        return NULL;
    boxes->marks = arena_room(arena, MARKS_MAX, sizeof(*boxes->marks));
    boxes->aslant = arena_room(arena, MARKS_MAX, sizeof(*boxes->aslant));
    return boxes->marks == NULL || boxes->aslant == NULL ? NULL : boxes;
}

void
boxes_note(struct boxes *boxes, struct box box, bool aslant)
{
    float longer = fmaxf(box_width(box), box_height(box));

    if (boxes->count == MARKS_MAX || !(longer >= mark_least && longer <= mark_around * side_most))
        return;
    boxes->aslant[boxes->count] = aslant;
    boxes->marks[boxes->count++] = box;
}

static bool
near(float a, float b)
{
    return fabsf(a - b) <= corner_slack;
}

static bool
is_level(struct box b)
{
    return box_width(b) >= box_height(b);
}

static struct box
middle_line(struct box b)
{
    float x = (b.x0 + b.x1) / 2, y = (b.y0 + b.y1) / 2;

    return is_level(b) ? (struct box){b.x0, y, b.x1, y} : (struct box){x, b.y0, x, b.y1};
}

/* Rules of such a length, as lines without thickness. */
static uint32_t
find_sides(const struct box *rules, uint32_t count, struct box *ret)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < count; i++) {
        float length = fmaxf(box_width(rules[i]), box_height(rules[i]));
        if (length < side_least || length > side_most)
            continue;
        if (n == SIDES_MAX)
            return 0;
        ret[n++] = middle_line(rules[i]);
    }
    return n;
}

/* The box whose upper side is sides[top]: sides that meet it at its ends, and one between these. */
static bool
find_box(const struct box *sides, uint32_t n, uint32_t top, struct box *ret)
{
    struct box up = sides[top];
    float side = box_width(up);
    bool left = false, right = false, foot = false;

    if (!is_level(up))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct box b = sides[i];
        if (i == top)
            continue;
        if (is_level(b)) {
            foot |= near(b.x0, up.x0) && near(b.x1, up.x1) && near(b.y0 - up.y0, side);
            continue;
        }
        bool high = near(b.y0, up.y0) && near(box_height(b), side);
        left |= high && near(b.x0, up.x0);
        right |= high && near(b.x0, up.x1);
    }
    *ret = (struct box){up.x0, up.y0, up.x1, up.y0 + side};
    return left && right && foot;
}

static bool
has_middle_in(struct box box, struct box b)
{
    float x = (b.x0 + b.x1) / 2, y = (b.y0 + b.y1) / 2;

    return box_contains(box, (struct box){x, y, x, y});
}

static bool
is_marked(const struct boxes *boxes, struct box box)
{
    float side = box_width(box);

    for (uint32_t i = 0; i < boxes->count; i++) {
        float most = (boxes->aslant[i] ? mark_around : mark_inside) * side;
        struct box mark = boxes->marks[i];
        if (has_middle_in(box, mark) && box_width(mark) <= most && box_height(mark) <= most)
            return true;
    }
    return false;
}

/* What a mark that is set in type makes of a box; NULL: it is none, but a letter in its place. */
static const char *
marked_as(const char *text)
{
    static const char *const ticks[] = {"\xe2\x9c\x93", "\xe2\x9c\x94", "\xe2\x98\x91"};
    static const char *const crosses[] = {"x",
                                          "X",
                                          "\xc3\x97",
                                          "\xe2\x9c\x95",
                                          "\xe2\x9c\x96",
                                          "\xe2\x9c\x97",
                                          "\xe2\x9c\x98",
                                          "\xe2\x96\xa0",
                                          "\xe2\x97\x8f",
                                          "\xe2\x80\xa2",
                                          "\xe2\x98\x92"};

    for (size_t i = 0; i < ARRAY_LEN(ticks); i++)
        if (strcmp(text, ticks[i]) == 0)
            return "\xe2\x98\x91";
    for (size_t i = 0; i < ARRAY_LEN(crosses); i++)
        if (strcmp(text, crosses[i]) == 0)
            return "\xe2\x98\x92";
    return NULL;
}

/* A word beside the box, and its line. */
struct label {
    const struct page_word *word;
    const struct page_line *line;
};

/* The word that begins right of the box, else ends left of it, on its height; word NULL: none. */
static struct label
find_label(const struct page *page, struct box box)
{
    struct label best = {NULL, NULL};
    float nearest = INFINITY, y = (box.y0 + box.y1) / 2;

    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        if (line->vertical || line->slanted || box_height(box) < high_least * line->size ||
            box_height(box) > high_most * line->size ||
            fabsf(line->baseline - 0.35F * line->size - y) > off_most * line->size)
            continue;
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++) {
            const struct page_word *word = &page->words[i];
            float gap = word->box.x0 - box.x1;
            if (gap < -corner_slack) /* what is to the right goes first */
                gap = 1.5F * line->size + box.x0 - word->box.x1;
            if (gap < -corner_slack || gap > label_gap * line->size || gap >= nearest ||
                !char_is_letter(chars_first(word->text, strlen(word->text))))
                continue;
            nearest = gap;
            best = (struct label){word, line};
        }
    }
    return best;
}

static bool
add_word(struct page *page, struct box box, const char *text, float baseline, float size)
{
    struct page_word *word = page_add_word(page);
    struct page_line *line = word == NULL ? NULL : page_add_line(page);

    if (line == NULL)
        return false;
    word->box = line->box = box;
    word->text = text;
    word->size = line->size = size;
    word->confidence = 1;
    word->link = -1;
    line->baseline = baseline;
    line->source = -1;
    line->first_word = page->word_count - 1;
    line->word_count = 1;
    return true;
}

/* False without room. */
static bool
put_box(const struct boxes *boxes, struct page *page, struct box box)
{
    for (uint32_t i = 0; i < page->word_count; i++) {
        struct page_word *word = &page->words[i];
        if (!has_middle_in(box, word->box))
            continue;
        const char *mark = marked_as(word->text);
        if (mark != NULL && find_label(page, box).word != NULL) {
            word->text = mark;
            word->style = 0;
        }
        return true;
    }
    struct label label = find_label(page, box);
    return label.word == NULL ||
           add_word(page, box, is_marked(boxes, box) ? "\xe2\x98\x92" : "\xe2\x98\x90",
                    label.line->baseline, label.line->size);
}

/* Places for a letter each: boxes so close in a row, and of one size. */
static bool
is_of_comb(const struct box *found, uint32_t n, uint32_t i)
{
    float side = box_width(found[i]);

    for (uint32_t k = 0; k < n; k++) {
        float gap = fmaxf(found[k].x0 - found[i].x1, found[i].x0 - found[k].x1);
        if (k != i && near(found[k].y0, found[i].y0) && near(found[k].y1, found[i].y1) &&
            gap < comb_gap * side)
            return true;
    }
    return false;
}

static bool
overlaps(struct box a, struct box b)
{
    return a.x0 < b.x1 && b.x0 < a.x1 && a.y0 < b.y1 && b.y0 < a.y1;
}

/* Filled whole: a swatch of a legend. A frame is filled twice at its place, with its hole. */
static bool
is_filled(const struct boxes *boxes, struct box box)
{
    uint32_t fills = 0;

    for (uint32_t i = 0; i < boxes->count; i++) {
        struct box b = boxes->marks[i];
        float off = fmaxf(fmaxf(fabsf(b.x0 - box.x0), fabsf(b.y0 - box.y0)),
                          fmaxf(fabsf(b.x1 - box.x1), fabsf(b.y1 - box.y1)));
        fills += !boxes->aslant[i] && off <= frame_most;
    }
    return fills == 1;
}

/* A legend's: filled, or of the size of one that is, or beside what is drawn. */
static bool
is_of_legend(const struct boxes *boxes, const struct page *page, const struct box *found,
             uint32_t n, uint32_t i)
{
    struct box box = found[i], wide = {box.x0 - beside_drawing, box.y0 - beside_drawing,
                                       box.x1 + beside_drawing, box.y1 + beside_drawing};

    for (uint32_t k = 0; k < n; k++)
        if (near(box_width(found[k]), box_width(box)) && is_filled(boxes, found[k]))
            return true;
    for (uint32_t r = 0; r < page->region_count; r++)
        if (page->regions[r].kind == REGION_DRAWING && overlaps(page->regions[r].box, wide))
            return true;
    return false;
}

enum err_code
boxes_finish(const struct boxes *boxes, const struct box *rules, uint32_t count, struct page *page,
             struct err *err)
{
    struct box *sides = arena_room(page->arena, SIDES_MAX, sizeof(*sides));
    struct box *found = arena_room(page->arena, BOXES_MAX, sizeof(*found));
    bool ok = sides != NULL && found != NULL;
    uint32_t n = ok ? find_sides(rules, count, sides) : 0, boxed = 0;

    for (uint32_t i = 0; i < n && boxed < BOXES_MAX && n >= BOX_CORNERS; i++)
        boxed += find_box(sides, n, i, &found[boxed]);
    for (uint32_t i = 0; ok && i < boxed; i++)
        ok = is_of_comb(found, boxed, i) || is_of_legend(boxes, page, found, boxed, i) ||
             put_box(boxes, page, found[i]);
    return ok ? ERR_OK
              : err_set(err, ERR_LIMIT, "page %u: more text than its memory limit holds",
                        page->index + 1);
}
