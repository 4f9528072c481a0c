/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Bar codes on pages whose text comes from the layer: nobody looks at their pixels, so the places
 * that may hold a code are drawn and searched: pictures of a code's size, and rows of upright bars.
 * Codes drawn as many small squares, or in a font of bars, are not found. */
#include "worker/worker_internal.h"

#include "ocr/barcode.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A code is no smaller than 8 mm, pt; larger than half of the page's sides is a picture. */
static const float code_side_least = 22;
static const float code_share_most = 0.5F;

/* Quiet zone around a code, pt. */
static const float quiet_zone = 10;

/* Bars of one code begin at one height, and follow each other this closely, pt. */
static const float bar_align = 1;
static const float bar_gap_most = 12;
static const float bar_height_least = 10;

/* Bars of ordinary codes run together below it: there is nothing to be found in a place so large
 * that it can only be drawn so coarsely. */
static const float code_dpi_least = 100;

enum { BARS_LEAST = 15, PLACES_MAX = 16 }; /* bars of the shortest code, EAN-8: 22 */

struct places {
    struct box boxes[PLACES_MAX];
    size_t n;
};

static void
add_place(struct places *places, const struct page *page, struct box box)
{
    const struct box whole = {0, 0, page->width, page->height};

    box = box_cut((struct box){box.x0 - quiet_zone, box.y0 - quiet_zone, box.x1 + quiet_zone,
                               box.y1 + quiet_zone},
                  whole);
    if (places->n < PLACES_MAX && box_area(box) > 0)
        places->boxes[places->n++] = box;
}

static bool
is_bar(const struct page_region *region)
{
    float width = box_width(region->box), height = box_height(region->box);

    return region->kind == REGION_RULE && height >= bar_height_least && height > 3 * width;
}

static int
by_top_then_left(const void *a, const void *b)
{
    const struct box *left = a, *right = b;
    float top_left = floorf(left->y0 / bar_align), top_right = floorf(right->y0 / bar_align);

    if (top_left != top_right)
        return top_left < top_right ? -1 : 1;
    return left->x0 < right->x0 ? -1 : left->x0 > right->x0;
}

/* Runs of bars that begin at one height and stand close together. */
static enum err_code
add_bars(struct places *places, const struct page *page, struct arena *scratch, struct err *err)
{
    struct box *bars = arena_array(scratch, page->region_count, sizeof(*bars));
    size_t n = 0;

    if (bars == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    for (uint32_t i = 0; i < page->region_count; i++)
        if (is_bar(&page->regions[i]))
            bars[n++] = page->regions[i].box;
    if (n < BARS_LEAST)
        return ERR_OK;
    qsort(bars, n, sizeof(*bars), by_top_then_left);
    for (size_t first = 0, i = 1; i <= n; i++) {
        if (i < n && fabsf(bars[i].y0 - bars[i - 1].y0) <= bar_align &&
            bars[i].x0 - bars[i - 1].x1 <= bar_gap_most)
            continue;
        struct box box = bars[first];
        for (size_t k = first; k < i; k++)
            box = box_union(box, bars[k]);
        if (i - first >= BARS_LEAST)
            add_place(places, page, box);
        first = i;
    }
    return ERR_OK;
}

static void
add_pictures(struct places *places, const struct page *page)
{
    for (uint32_t i = 0; i < page->region_count; i++) {
        struct box box = page->regions[i].box;
        if (page->regions[i].kind == REGION_PICTURE && box_width(box) >= code_side_least &&
            box_height(box) >= code_side_least && box_width(box) <= code_share_most * page->width &&
            box_height(box) <= code_share_most * page->height)
            add_place(places, page, box);
    }
}

static enum err_code
search_place(struct page_reader *reader, struct page *page, struct box place, struct err *err)
{
    struct pixmap picture;
    struct page *seen = NULL;
    float dpi = dpi_that_fits(reader, barcode_dpi, box_width(place), box_height(place));

    if (dpi < code_dpi_least)
        return ERR_OK;
    arena_reset(reader->pixels);
    enum err_code rc =
        doc_render(reader->doc, page->index, dpi, &place, reader->pixels, &picture, err);
    if (rc != ERR_OK)
        return rc;
    uint64_t hash = again_hash(&picture, AGAIN_CODES);
    const struct page *found = again_find(reader, hash, place);
    if (found != NULL)
        return codes_take(page, found, err);
    seen = page_new(again_arena(reader, page->arena), page->index, page->width, page->height);
    if (seen == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    rc = barcode_read(&picture, seen, err);
    if (rc == ERR_OK)
        again_keep(reader, hash, place, seen);
    return rc == ERR_OK ? codes_take(page, seen, err) : rc;
}

enum err_code
codes_find(struct page_reader *reader, struct page *page, struct err *err)
{
    struct places places = {.n = 0};
    enum err_code rc;

    if (page->region_count == 0)
        return ERR_OK;
    arena_reset(reader->pixels);
    add_pictures(&places, page);
    rc = add_bars(&places, page, reader->pixels, err);
    for (size_t i = 0; i < places.n && rc == ERR_OK; i++)
        rc = search_place(reader, page, places.boxes[i], err);
    return rc;
}

static bool
is_known(const struct page *page, const struct page_code *code)
{
    for (uint32_t i = 0; i < page->code_count; i++)
        if (strcmp(page->codes[i].text, code->text) == 0 &&
            box_area(box_cut(page->codes[i].box, code->box)) > 0)
            return true;
    return false;
}

enum err_code
codes_take(struct page *page, const struct page *seen, struct err *err)
{
    for (uint32_t i = 0; i < seen->code_count; i++) {
        if (is_known(page, &seen->codes[i]))
            continue;
        struct page_code *code = page_add_code(page);
        if (code == NULL)
            return err_set(err, ERR_LIMIT, "page %u has too many bar codes", page->index + 1);
        *code = seen->codes[i];
    }
    return ERR_OK;
}
