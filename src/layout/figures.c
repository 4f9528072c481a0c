/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/figures.c - pictures as blocks, and which caption speaks of which picture or table.
 *
 * A caption belongs to what it stands closest to, below, above or beside, with no other text
 * between; pictures side by side or one above the other may share one. Figures then stand next to
 * their caption in the order of reading. Method: our own, greedy by distance. */
#include "layout/blocks_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Share of the page: smaller pictures say nothing, larger ones are its background or a scan. */
static const float least_share = 0.01F, most_share = 0.85F;
enum { FIGURES_MAX = 200, CAPTIONS_MAX = 200, TIES_MAX = 2000 };

/* In heights of the caption's lines: how far away a caption may stand; what a side where captions
 * of its kind seldom stand costs, and a name of another kind. */
static const float far_most = 4, beside_most = 3, unusual_cost = 1, other_kind_cost = 3;
/* How deep a picture's white edge may reach under its caption. */
static const float under_most = 1;
/* Of the shorter side: what stands below or above, or beside. */
static const float overlap_least = 0.5F;
/* Between a table's number and the table, the rest of its title may stand as blocks of their own.
 */
enum { TITLE_PARTS_MOST = 2, TITLE_LINES_MOST = 2 };
/* Between pictures that share a caption, in heights of its lines. */
static const float between_most = 3;

struct tie {
    uint32_t thing, caption; /* blocks */
    float cost;
};

struct ties {
    struct page *page;
    uint32_t things[FIGURES_MAX], captions[CAPTIONS_MAX];
    uint32_t thing_count, caption_count;
    struct tie ties[TIES_MAX];
    uint32_t count;
    uint32_t caption_of[FIGURES_MAX]; /* 1 + block; 0: none */
};

/* ---- pictures ---- */

const char *
figures_alt(const struct page *page, struct box box)
{
    static const float inside_least = 0.7f;

    for (uint32_t i = 0; i < page->tag_count; i++) {
        const struct page_tag *tag = &page->tags[i];
        if (tag->kind == TAG_FIGURE && tag->alt[0] != '\0' &&
            box_area(box_cut(tag->box, box)) >= inside_least * box_area(box))
            return tag->alt;
    }
    return "";
}

bool
figures_add(struct page *page, struct box box)
{
    struct page_block *added = page_add_block(page);
    uint32_t at = 0;

    if (added == NULL)
        return false;
    while (at + 1 < page->block_count && page->blocks[at].box.y0 < box.y0)
        at++;
    struct page_block figure = *added;
    memmove(&page->blocks[at + 1], &page->blocks[at],
            (page->block_count - 1 - at) * sizeof(figure));
    figure.kind = BLOCK_FIGURE;
    figure.box = box;
    figure.confidence = 1;
    figure.marker = figures_alt(page, box);
    figure.first_line = at + 1 < page->block_count ? page->blocks[at + 1].first_line : 0;
    page->blocks[at] = figure;
    return true;
}

static bool
add_figures(struct page *page)
{
    uint32_t added = 0;

    for (uint32_t i = 0; i < page->region_count && added < FIGURES_MAX; i++) {
        float share = box_area(page->regions[i].box) / fmaxf(page->width * page->height, 1);
        if (page->regions[i].kind != REGION_PICTURE || share < least_share || share > most_share)
            continue;
        added++;
        if (!figures_add(page, page->regions[i].box))
            return false;
    }
    return true;
}

/* ---- who stands by whom ---- */

static float
line_height(const struct page *page, const struct page_block *caption)
{
    const struct page_line *line = &page->lines[caption->first_line];

    return fmaxf(line->size, 1);
}

static float
overlap(float a0, float a1, float b0, float b1)
{
    return fminf(a1, b1) - fmaxf(a0, b0);
}

/* Whether one of the boxes stands above the other, or beside it; *ret: how far away, negative where
 * they lap over. */
static bool
is_over(struct box a, struct box b, float *ret)
{
    *ret = -overlap(a.y0, a.y1, b.y0, b.y1);
    return overlap(a.x0, a.x1, b.x0, b.x1) >= overlap_least * fminf(box_width(a), box_width(b));
}

static bool
is_beside(struct box a, struct box b, float *ret)
{
    *ret = -overlap(a.x0, a.x1, b.x0, b.x1);
    return overlap(a.y0, a.y1, b.y0, b.y1) >= overlap_least * fminf(box_height(a), box_height(b));
}

/* Whether text stands in the way from one block to the other: more than the rest of a title. */
static bool
is_parted(const struct page *page, uint32_t one, uint32_t other)
{
    struct box a = page->blocks[one].box, b = page->blocks[other].box;
    bool table = page->blocks[one].kind == BLOCK_TABLE;
    uint32_t most = table ? TITLE_PARTS_MOST : 0;
    struct box way = {fmaxf(a.x0, b.x0), fminf(a.y1, b.y1), fminf(a.x1, b.x1), fmaxf(a.y0, b.y0)};

    if (way.x0 >= way.x1) /* beside each other */
        way = (struct box){fminf(a.x1, b.x1), fmaxf(a.y0, b.y0), fmaxf(a.x0, b.x0),
                           fminf(a.y1, b.y1)};
    if (way.x0 >= way.x1 || way.y0 >= way.y1)
        return false;
    for (uint32_t i = 0; i < page->block_count; i++) {
        const struct page_block *block = &page->blocks[i];
        bool text = block->kind != BLOCK_FIGURE && block->kind != BLOCK_HEADER &&
                    block->kind != BLOCK_FOOTER;
        if (i == one || i == other || !text || box_area(box_cut(block->box, way)) <= 0)
            continue;
        if (block->line_count == 0 || block->line_count > TITLE_LINES_MOST || most == 0)
            return true;
        most--;
    }
    return false;
}

/* What it costs to tie them, in heights of lines; negative: they do not belong together. */
static float
cost_of(const struct page *page, const struct page_block *thing, const struct page_block *caption)
{
    const struct page_line *line = &page->lines[caption->first_line];
    enum caption_kind kind = marker_caption_kind(page->words[line->first_word].text);
    bool table = thing->kind == BLOCK_TABLE, names_table = kind == CAPTION_TABLE;
    float height = line_height(page, caption), gap, cost;

    if (kind == CAPTION_OTHER)
        return -1;
    if (is_over(thing->box, caption->box, &gap) && gap >= -under_most * height) {
        bool below = caption->box.y0 > thing->box.y0;
        cost = fmaxf(gap, 0) / height + (below == names_table ? unusual_cost : 0);
        if (gap > far_most * height)
            return -1;
    } else if (is_beside(thing->box, caption->box, &gap) && gap >= -under_most * height &&
               gap <= beside_most * height) {
        cost = fmaxf(gap, 0) / height + unusual_cost;
    } else {
        return -1;
    }
    return cost + (kind != CAPTION_ANY && table != names_table ? other_kind_cost : 0);
}

static void
list_blocks(struct ties *t)
{
    const struct page *page = t->page;

    for (uint32_t i = 0; i < page->block_count; i++) {
        const struct page_block *block = &page->blocks[i];
        bool thing =
            block->kind == BLOCK_FIGURE || (block->kind == BLOCK_TABLE && block->table >= 0);
        if (thing && t->thing_count < FIGURES_MAX)
            t->things[t->thing_count++] = i;
        if (block->kind == BLOCK_CAPTION && block->line_count > 0 &&
            t->caption_count < CAPTIONS_MAX)
            t->captions[t->caption_count++] = i;
    }
}

static void
list_ties(struct ties *t)
{
    for (uint32_t k = 0; k < t->caption_count; k++)
        for (uint32_t i = 0; i < t->thing_count && t->count < TIES_MAX; i++) {
            float cost =
                cost_of(t->page, &t->page->blocks[t->things[i]], &t->page->blocks[t->captions[k]]);
            if (cost >= 0)
                t->ties[t->count++] = (struct tie){i, t->captions[k], cost};
        }
}

static int
compare_costs(const void *a, const void *b)
{
    const struct tie *left = a, *right = b;

    if (left->cost != right->cost)
        return left->cost < right->cost ? -1 : 1;
    if (left->caption != right->caption)
        return left->caption < right->caption ? -1 : 1;
    return left->thing < right->thing ? -1 : left->thing > right->thing;
}

static bool
is_taken(const struct ties *t, uint32_t caption)
{
    for (uint32_t i = 0; i < t->thing_count; i++)
        if (t->caption_of[i] == caption + 1)
            return true;
    return false;
}

static void
choose_ties(struct ties *t)
{
    qsort(t->ties, t->count, sizeof(*t->ties), compare_costs);
    for (uint32_t k = 0; k < t->count; k++) {
        const struct tie *tie = &t->ties[k];
        if (t->caption_of[tie->thing] == 0 && !is_taken(t, tie->caption) &&
            !is_parted(t->page, t->things[tie->thing], tie->caption))
            t->caption_of[tie->thing] = tie->caption + 1;
    }
}

/* Whether a picture without a caption shares that of one beside it or above it: the caption stands
 * under (or over) both. */
static bool
shares(const struct ties *t, uint32_t bare, uint32_t tied)
{
    const struct page *page = t->page;
    const struct page_block *caption = &page->blocks[t->caption_of[tied] - 1];
    struct box a = page->blocks[t->things[bare]].box, b = page->blocks[t->things[tied]].box;
    struct box both = box_union(a, b), c = caption->box;
    float most = between_most * line_height(page, caption), gap, beyond;
    bool near = (is_beside(a, b, &gap) && gap <= most && is_over(both, c, &beyond) &&
                 c.x0 < both.x1 && c.x1 > both.x0 && overlap(a.x0, a.x1, c.x0, c.x1) > 0) ||
                (is_over(a, b, &gap) && gap <= most);

    return near && !is_parted(page, t->things[bare], t->things[tied]);
}

static void
share_captions(struct ties *t)
{
    bool again = true;

    while (again) {
        again = false;
        for (uint32_t i = 0; i < t->thing_count; i++) {
            if (t->caption_of[i] != 0 || t->page->blocks[t->things[i]].kind != BLOCK_FIGURE)
                continue;
            for (uint32_t k = 0; k < t->thing_count && t->caption_of[i] == 0; k++)
                if (t->caption_of[k] != 0 && t->page->blocks[t->things[k]].kind == BLOCK_FIGURE &&
                    shares(t, i, k))
                    t->caption_of[i] = t->caption_of[k];
            again |= t->caption_of[i] != 0;
        }
    }
}

/* ---- the page's blocks anew ---- */

/* Whether the caption stands before its figures: as it does over them. */
static bool
leads(const struct ties *t, uint32_t caption)
{
    float top = INFINITY;

    for (uint32_t i = 0; i < t->thing_count; i++)
        if (t->caption_of[i] == caption + 1)
            top = fminf(top, t->page->blocks[t->things[i]].box.y0);
    return t->page->blocks[caption].box.y0 < top;
}

struct rewriting {
    const struct ties *ties;
    const struct page_block *from;
    struct page_block *to;
    uint32_t count;
    uint32_t *places; /* [block_count]: where each block of before stands now */
};

static void
put_block(struct rewriting *r, uint32_t i)
{
    r->places[i] = r->count;
    r->to[r->count++] = r->from[i];
}

/* Whether a block moves to its caption: figures do, but for those with text of their own, which
 * stays in its place. */
static bool
moves(const struct page_block *block)
{
    return block->kind == BLOCK_FIGURE && block->line_count == 0;
}

/* The figures of a caption that move to it, in their order. */
static void
put_figures(struct rewriting *r, uint32_t caption)
{
    for (uint32_t i = 0; i < r->ties->thing_count; i++)
        if (r->ties->caption_of[i] == caption + 1 && moves(&r->from[r->ties->things[i]]))
            put_block(r, r->ties->things[i]);
}

/* Figures go next to their captions; tables stay where they are. */
static bool
write_ties(struct ties *t)
{
    struct page *page = t->page;
    size_t room = (size_t)page->block_count + 1;
    struct rewriting r = {.ties = t, .from = page->blocks};
    bool *moved = arena_array(page->arena, room, sizeof(*moved));

    r.to = arena_array(page->arena, room, sizeof(*r.to));
    r.places = arena_array(page->arena, room, sizeof(*r.places));
    if (r.to == NULL || r.places == NULL || moved == NULL)
        return false;
    for (uint32_t i = 0; i < t->thing_count; i++)
        moved[t->things[i]] = t->caption_of[i] != 0 && moves(&page->blocks[t->things[i]]);
    for (uint32_t i = 0; i < page->block_count; i++) {
        bool caption = page->blocks[i].kind == BLOCK_CAPTION && is_taken(t, i);
        bool first = caption && leads(t, i);
        if (moved[i])
            continue;
        if (caption && !first)
            put_figures(&r, i);
        put_block(&r, i);
        if (first)
            put_figures(&r, i);
    }
    for (uint32_t i = 0; i < t->thing_count; i++)
        if (t->caption_of[i] != 0) {
            int64_t thing = r.places[t->things[i]], caption = r.places[t->caption_of[i] - 1];
            r.to[thing].caption = (int32_t)(caption - thing);
        }
    page->blocks = r.to;
    page->block_cap = (uint32_t)room;
    return true;
}

bool
figures_write(struct page *page)
{
    if (!add_figures(page) || !drawings_write(page))
        return false;
    struct ties *t = arena_array(page->arena, 1, sizeof(*t));
    if (t == NULL)
        return false;
    t->page = page;
    list_blocks(t);
    if (t->thing_count == 0 || t->caption_count == 0)
        return true;
    list_ties(t);
    choose_ties(t);
    share_captions(t);
    return t->count == 0 || write_ties(t);
}
