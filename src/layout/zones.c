/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/zones.c - bands of fragments, and the zones that gutters make of them. */
#include "layout/zones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* In body sizes. */
static const float gutter_min = 0.9f;
static const float gutter_settled = 0.6f; /* one that several bands have may narrow that far */
enum { SETTLED_BANDS = 5 };
static const float zone_break = 3.2f;   /* white space that ends a zone */
static const float tail_break = 1.3f;   /* the same before bands that have one side only */
static const float column_break = 2.4f; /* the same before many of them */
enum { COLUMN_BANDS = 6 };

/* The height that a line stands for, from its baseline: less than any distance of two lines in one
 * column, and more than half of it, so that columns on different baselines still overlap. */
static const float core_above = 0.65f, core_below = 0.08f;

/* Bands that may stand over the columns of a table: heads and titles. */
enum { TITLE_BANDS = 6 };
static const float title_share = 0.5f; /* of the zone's width: wider entries are titles */
static const float head_break = 2.0f;

static float
core_top(const struct frag *frag)
{
    return frag->vertical ? frag->box.y0 : frag->baseline - core_above * frag->size;
}

static float
core_bottom(const struct frag *frag)
{
    return frag->vertical ? frag->box.y1 : frag->baseline + core_below * frag->size;
}

static int
by_top(const void *a, const void *b, void *context)
{
    const struct frag *frags = context;
    float ya = core_top(&frags[*(const uint32_t *)a]), yb = core_top(&frags[*(const uint32_t *)b]);

    if (ya != yb)
        return ya < yb ? -1 : 1;
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

static int
by_left(const void *a, const void *b, void *context)
{
    const struct frag *frags = context;
    float xa = frags[*(const uint32_t *)a].box.x0, xb = frags[*(const uint32_t *)b].box.x0;

    if (xa != xb)
        return xa < xb ? -1 : 1;
    return *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
}

/* White space between the fragments of a band, whose ids are sorted by their left ends. Returns the
 * number of gaps; ret has room for GAPS_MAX. */
static uint32_t
find_gaps(const struct layout *layout, const uint32_t *ids, const struct band *band,
          struct gap *ret)
{
    float right = layout->frags[ids[band->first]].box.x1;
    float least = gutter_min * layout->body_size;
    uint32_t n = 0;

    for (uint32_t i = 1; i < band->count; i++) {
        struct box box = layout->frags[ids[band->first + i]].box;
        if (box.x0 - right >= least && n < GAPS_MAX)
            ret[n++] = (struct gap){right, box.x0};
        right = fmaxf(right, box.x1);
    }
    return n;
}

uint32_t
zone_bands(const struct layout *layout, uint32_t *ids, uint32_t n, struct band *bands)
{
    struct gap scrap[GAPS_MAX];
    uint32_t count = 0;

    qsort_r(ids, n, sizeof(*ids), by_top, layout->frags);
    for (uint32_t i = 0; i < n; i++) {
        const struct frag *frag = &layout->frags[ids[i]];
        if (count == 0 || core_top(frag) >= bands[count - 1].y1)
            bands[count++] = (struct band){.first = i, .y0 = core_top(frag), .y1 = -INFINITY};
        struct band *band = &bands[count - 1];
        band->count++;
        band->y1 = fmaxf(band->y1, core_bottom(frag));
    }
    for (uint32_t i = 0; i < count; i++) {
        qsort_r(ids + bands[i].first, bands[i].count, sizeof(*ids), by_left, layout->frags);
        bands[i].gap_count = find_gaps(layout, ids, &bands[i], scrap);
    }
    return count;
}

/* The gaps of the zone that stay free in the band, least wide at least; ret has room for GAPS_MAX.
 */
static uint32_t
common_gaps(const struct layout *layout, const uint32_t *ids, const struct gap *gaps,
            uint32_t gap_count, const struct band *band, float least, struct gap *ret)
{
    uint32_t n = 0;

    for (uint32_t g = 0; g < gap_count; g++) {
        struct gap free = gaps[g];
        /* Each fragment cuts the gap on one side, or shuts it. */
        for (uint32_t i = 0; i < band->count && free.x1 - free.x0 >= least; i++) {
            struct box box = layout->frags[ids[band->first + i]].box;
            if (box.x1 <= free.x0 || box.x0 >= free.x1)
                continue;
            if (box.x0 - free.x0 >= free.x1 - box.x1)
                free.x1 = box.x0;
            else
                free.x0 = box.x1;
        }
        if (free.x1 - free.x0 >= least)
            ret[n++] = free;
    }
    return n;
}

/* Bands with one side only, from `end` on, belong to the zone while they follow closely; many of
 * them are a column that is longer than the one beside it. Returns where they end. */
static uint32_t
tail_end(const struct layout *layout, const struct band *bands, uint32_t from, uint32_t most)
{
    uint32_t near = from, far = from;

    while (near < most && bands[near].y0 - bands[near - 1].y1 <= tail_break * layout->body_size)
        near++;
    while (far < most && bands[far].y0 - bands[far - 1].y1 <= column_break * layout->body_size)
        far++;
    return far - from >= COLUMN_BANDS ? far : near;
}

/* The zone from band `first` on. */
static struct zone
zone_grow(const struct layout *layout, const uint32_t *ids, const struct band *bands,
          uint32_t band_count, uint32_t first)
{
    struct zone zone = {.first = first, .count = 1};
    uint32_t last_sided = first;

    zone.gap_count = find_gaps(layout, ids, &bands[first], zone.gaps);
    for (uint32_t i = first + 1; i < band_count; i++) {
        struct gap gaps[GAPS_MAX];
        float space = bands[i].y0 - bands[i - 1].y1;
        if (space > zone_break * layout->body_size)
            break;
        float least = layout->exact && i - first >= SETTLED_BANDS ? gutter_settled : gutter_min;
        uint32_t n = common_gaps(layout, ids, zone.gaps, zone.gap_count, &bands[i],
                                 least * layout->body_size, gaps);
        if (n == 0)
            break;
        /* A structure of many columns does not melt into one of two. */
        if (zone.gap_count >= 3 && n == 1 && i - first >= 3)
            break;
        memcpy(zone.gaps, gaps, sizeof(gaps));
        zone.gap_count = n;
        zone.count = i - first + 1;
        if (bands[i].gap_count > 0)
            last_sided = i;
    }
    zone.count = tail_end(layout, bands, last_sided + 1, first + zone.count) - first;
    return zone;
}

/* Whether words of the fragment stand apart in each gap of the zone that it reaches over. */
static bool
leaves_gaps(const struct layout *layout, const struct zone *zone, const struct frag *frag)
{
    const struct page_word *words = layout->page->words;

    for (uint32_t k = 0; k < zone->gap_count; k++) {
        bool apart = frag->box.x0 >= zone->gaps[k].x0 || frag->box.x1 <= zone->gaps[k].x1;
        for (uint32_t w = 1; !apart && w < frag->word_count; w++) {
            const uint32_t *id = &layout->word_ids[frag->first_word + w];
            struct box a = words[id[-1]].box, b = words[id[0]].box;
            apart = lines_part_words(a, b, zone->gaps[k], frag->size);
        }
        if (!apart)
            return false;
    }
    return true;
}

/* A band that heads the columns of the zone: entries side by side over them, none as wide as a
 * title. */
static bool
is_head(const struct layout *layout, const uint32_t *ids, const struct zone *zone,
        const struct band *band, float x0, float x1)
{
    struct gap scrap[GAPS_MAX];
    bool leaves = true;

    for (uint32_t i = 0; i < band->count; i++) {
        const struct frag *frag = &layout->frags[ids[band->first + i]];
        bool apart = leaves_gaps(layout, zone, frag);
        leaves &= apart;
        if (!apart && box_width(frag->box) > title_share * (x1 - x0))
            return false;
    }
    if (leaves && band->count >= 2)
        return true;
    uint32_t common = common_gaps(layout, ids, zone->gaps, zone->gap_count, band,
                                  gutter_min * layout->body_size, scrap);
    return common == zone->gap_count || (band->count >= 2 && common >= 1);
}

/* Takes in bands of heads above the zone, down from band least. */
static void
extend_heads(const struct layout *layout, const uint32_t *ids, const struct band *bands,
             uint32_t least, struct zone *zone)
{
    float x0 = INFINITY, x1 = -INFINITY;

    for (uint32_t i = bands[zone->first].first;
         i < bands[zone->first].first + bands[zone->first].count; i++) {
        x0 = fminf(x0, layout->frags[ids[i]].box.x0);
        x1 = fmaxf(x1, layout->frags[ids[i]].box.x1);
    }
    while (zone->first > least &&
           bands[zone->first].y0 - bands[zone->first - 1].y1 <= head_break * layout->body_size &&
           is_head(layout, ids, zone, &bands[zone->first - 1], x0, x1)) {
        zone->first--;
        zone->count++;
    }
}

struct zone
zone_find(const struct layout *layout, const uint32_t *ids, const struct band *bands,
          uint32_t band_count, uint32_t first)
{
    struct zone zone = zone_grow(layout, ids, bands, band_count, first);
    uint32_t end = zone.first + zone.count;

    for (uint32_t i = first + 1; i < end && i <= first + TITLE_BANDS; i++) {
        if (bands[i].gap_count < 2 || bands[i].gap_count <= zone.gap_count)
            continue;
        struct zone below = zone_grow(layout, ids, bands, band_count, i);
        if (below.gap_count <= zone.gap_count || below.gap_count < 2 || below.count < 3 ||
            below.first + below.count < end)
            continue;
        extend_heads(layout, ids, bands, first, &below);
        return below;
    }
    return zone;
}

uint32_t
zone_find_below(const struct layout *layout, const uint32_t *ids, const struct band *bands,
                uint32_t band_count, const struct zone *zone)
{
    enum { GAPS_LEAST = 3, MORE_GAPS = 2, BANDS_LEAST = 4, TRIES = 8 };
    uint32_t end = zone->first + zone->count, tries = 0;

    for (uint32_t i = zone->first + 1; i < end && tries < TRIES; i++) {
        if (bands[i].gap_count < GAPS_LEAST || bands[i].gap_count < zone->gap_count + MORE_GAPS)
            continue;
        struct zone below = zone_grow(layout, ids, bands, band_count, i);
        tries++;
        if (below.gap_count < GAPS_LEAST || below.gap_count < zone->gap_count + MORE_GAPS ||
            below.count < BANDS_LEAST || below.first + below.count < end)
            continue;
        extend_heads(layout, ids, bands, zone->first, &below);
        return below.first;
    }
    return zone->first;
}

void
zone_extend_up(const struct layout *layout, const uint32_t *ids, const struct band *bands,
               uint32_t least, struct zone *zone)
{
    while (zone->first > least) {
        const struct band *above = &bands[zone->first - 1];
        float left = layout->frags[ids[above->first]].box.x0;
        if (left < zone->gaps[0].x1 - 0.5f * layout->body_size ||
            bands[zone->first].y0 - above->y1 > tail_break * layout->body_size)
            break;
        zone->first--;
        zone->count++;
    }
}

bool
zone_has_sides(const struct band *bands, const struct zone *zone)
{
    uint32_t sided = 0;
    for (uint32_t i = 0; i < zone->count; i++)
        sided += bands[zone->first + i].gap_count > 0 ? bands[zone->first + i].count : 0;
    return sided >= 4;
}

uint32_t
zone_part(const struct zone *zone, struct box box)
{
    float middle = (box.x0 + box.x1) / 2;
    uint32_t part = 0;

    while (part < zone->gap_count && middle > (zone->gaps[part].x0 + zone->gaps[part].x1) / 2)
        part++;
    return part;
}
