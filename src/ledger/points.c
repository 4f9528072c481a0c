/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A figure without its point: 978 read where 97.8 stands, as sure as any. The point is there as
 * ink. */
#include "ledger/ledger_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of such words the share that is right. */
static const float pointed_confidence = 0.4F;

/* Longer ones are numbers of articles and the like, with specks. */
enum { DIGITS_LEAST = 2, DIGITS_MOST = 8 };

/* A point, of the height of the figures: its sides at most; how far above their feet and below it
 * ends; how far it is from the ends of the word. */
static const float side_most = 0.36F, above_most = 0.45F, below_most = 0.2F, from_left = 0.45F,
                   from_right = 0.35F;

struct figure {
    struct box box; /* around its ink */
    float height;   /* of its highest part */
    uint32_t word, points;
    bool has_ink;
};

static bool
is_figure(const struct page_word *word)
{
    size_t digits = strspn(word->text, "0123456789");

    return digits >= DIGITS_LEAST && digits <= DIGITS_MOST &&
           word->text[digits + strspn(word->text + digits, "%.,")] == '\0' &&
           word->confidence > pointed_confidence && word->witness == WITNESS_PIXELS;
}

static void
add_ink(struct figure *f, struct box box)
{
    f->box = f->has_ink ? box_union(f->box, box) : box;
    f->height = fmaxf(f->height, box_height(box));
    f->has_ink = true;
}

static bool
is_point(const struct figure *f, struct box box)
{
    float x = (box.x0 + box.x1) / 2, h = f->height;

    return fmaxf(box_width(box), box_height(box)) < side_most * h &&
           box.y1 > f->box.y1 - above_most * h && box.y1 < f->box.y1 + below_most * h &&
           x > f->box.x0 + from_left * h && x < f->box.x1 - from_right * h;
}

static int
compare_tops(const void *a, const void *b, void *ctx)
{
    const struct page_word *words = ctx;
    const struct figure *left = a, *right = b;
    float y = words[left->word].box.y0, other = words[right->word].box.y0;

    if (y != other)
        return y < other ? -1 : 1;
    return left->word < right->word ? -1 : left->word > right->word;
}

/* The figures from top to bottom, and the height of the highest. */
struct figures {
    struct figure *items;
    uint32_t count;
    float height;
};

/* The first that may reach down to y. */
static uint32_t
find_first(const struct figures *f, const struct page *page, float y)
{
    uint32_t low = 0, high = f->count;

    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (page->words[f->items[middle].word].box.y0 < y - f->height)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void
look_at(struct figures *f, const struct page *page, struct box box, bool for_points)
{
    float y = (box.y0 + box.y1) / 2;

    for (uint32_t k = find_first(f, page, y); k < f->count; k++) {
        struct box word = page->words[f->items[k].word].box;
        if (word.y0 > y)
            return;
        if (!box_holds_center(word, box))
            continue;
        if (for_points)
            f->items[k].points += is_point(&f->items[k], box);
        else
            add_ink(&f->items[k], box);
    }
}

static void
look(const struct ledger *ledger, const struct page *page, struct figures *f, bool for_points)
{
    for (uint32_t s = 0; s < ledger->seen_count; s++)
        for (uint32_t i = 0; i < ledger->seen[s].count; i++)
            if (!ledger->seen[s].parts[i].is_rule)
                look_at(f, page, page_box_as_read(page, ledger->seen[s].parts[i].box), for_points);
}

enum err_code
ledger_doubt_figures(const struct ledger *ledger, struct page *page, struct arena *scratch,
                     struct err *err)
{
    struct figures f = {.items =
                            arena_array(scratch, (size_t)page->word_count + 1, sizeof(*f.items))};

    if (f.items == NULL)
        return err_set(err, ERR_LIMIT, "no room to look at the figures of page %u",
                       page->index + 1);
    for (uint32_t i = 0; i < page->word_count; i++) {
        if (!is_figure(&page->words[i]))
            continue;
        f.items[f.count++] = (struct figure){.word = i};
        f.height = fmaxf(f.height, box_height(page->words[i].box));
    }
    if (f.count == 0)
        return ERR_OK;
    qsort_r(f.items, f.count, sizeof(*f.items), compare_tops, page->words);
    look(ledger, page, &f, false);
    look(ledger, page, &f, true);
    for (uint32_t k = 0; k < f.count; k++)
        if (f.items[k].points == 1)
            page->words[f.items[k].word].confidence = pointed_confidence;
    return ERR_OK;
}
