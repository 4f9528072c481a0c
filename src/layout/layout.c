/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "layout/layout.h"

#include "layout/bullets.h"
#include "layout/layout_internal.h"
#include "layout/margin.h"
#include "layout/slanted.h"
#include "layout/turn.h"

#include <math.h>

/* As far as a page's lengths may go; beyond it they say nothing and would not survive the codec. */
static const float length_max_pt = 1e6f;

static float
tame(float value)
{
    return value >= -length_max_pt && value <= length_max_pt ? value : 0;
}

static void
tame_box(struct box *box)
{
    struct box b = {tame(box->x0), tame(box->y0), tame(box->x1), tame(box->y1)};

    *box = (struct box){fminf(b.x0, b.x1), fminf(b.y0, b.y1), fmaxf(b.x0, b.x1), fmaxf(b.y0, b.y1)};
}

/* A document may place text anywhere, at any size; what follows relies on finite, ordered boxes. */
static void
tame_page(struct page *page)
{
    page->width = fmaxf(tame(page->width), 0);
    page->height = fmaxf(tame(page->height), 0);
    for (uint32_t i = 0; i < page->word_count; i++) {
        struct page_word *word = &page->words[i];
        tame_box(&word->box);
        word->size = fmaxf(tame(word->size), 0);
        word->confidence = word->confidence >= 0 && word->confidence <= 1 ? word->confidence : 0;
    }
    for (uint32_t i = 0; i < page->line_count; i++) {
        tame_box(&page->lines[i].box);
        page->lines[i].baseline = tame(page->lines[i].baseline);
    }
    for (uint32_t i = 0; i < page->region_count; i++)
        tame_box(&page->regions[i].box);
    for (uint32_t i = 0; i < page->link_count; i++)
        tame_box(&page->links[i].box);
    for (uint32_t i = 0; i < page->field_count; i++)
        tame_box(&page->fields[i].box);
}

enum err_code
layout_page(struct page *page, struct err *err)
{
    struct layout layout = {.page = page, .arena = page->arena};
    struct margin margin;
    struct slanted slanted;
    enum err_code rc;

    tame_page(page);
    page->block_count = page->table_count = page->cell_count = 0;
    if (!slanted_take(page, &slanted))
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    enum turn turn = turn_judge(page);
    turn_upright(page, turn);
    bool mirror = turn_reads_right_to_left(page);
    if (mirror)
        turn_mirror(page);
    if (!margin_take(page, &margin))
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    bullets_mend(page);
    rc = lines_split(&layout, err);
    if (rc == ERR_OK)
        rc = order_page(&layout, err);
    if (rc == ERR_OK)
        rc = blocks_build(&layout, err);
    if (rc == ERR_OK && !margin_put(page, &margin))
        rc = err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    if (mirror)
        turn_mirror(page);
    turn_back(page, turn);
    if (rc == ERR_OK && !slanted_put(page, &slanted))
        rc = err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    return rc;
}
