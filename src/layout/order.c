/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/order.c - columns and reading order.
 *
 * A set of fragments is cut into bands (everything that overlaps in height). Neighbouring bands
 * that share a gutter make a zone; what the zone's parts look like decides how it is read: as text
 * columns (each by the same method again), as a table, or row by row. Bands outside of zones are
 * read from top to bottom. */
#include "layout/layout_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { GAPS_MAX = 24, DEPTH_MAX = 12 };

/* In body sizes. */
static const float gutter_min = 0.9f;
static const float zone_break = 3.2f; /* white space that ends a zone */
static const float tail_break = 1.3f; /* the same before bands that have one side only */

/* The height that a line stands for, from its baseline: less than any distance of two lines in one
 * column, and more than half of it, so that columns on different baselines still overlap. */
static const float core_above = 0.65f, core_below = 0.08f;

/* What makes a column of running text. */
static const float fill_share = 0.72f; /* of its width, by a full line */
static const uint32_t prose_characters = 18;

struct gap {
    float x0, x1;
};

struct band {
    uint32_t first, count; /* in ids, from left to right */
    float y0, y1;
    uint32_t gap_count;
};

/* Neighbouring bands with gutters that go through all of them. */
struct zone {
    uint32_t first, count; /* bands */
    struct gap gaps[GAPS_MAX];
    uint32_t gap_count;
};

enum zone_kind { ZONE_COLUMNS, ZONE_ROWS, ZONE_TABLE };

bool
order_add_line(struct layout *layout, const uint32_t *ids, uint32_t n, uint32_t region,
               struct box column)
{
    if (layout->item_count == layout->item_cap) {
        uint32_t cap = layout->item_cap == 0 ? 64 : layout->item_cap * 2;
        struct item *items =
            arena_grow(layout->arena, layout->items, layout->item_count, cap, sizeof(*items));
        if (items == NULL)
            return false;
        layout->items = items;
        layout->item_cap = cap;
    }
    layout->items[layout->item_count++] = (struct item){.kind = ITEM_LINE,
                                                        .region = region,
                                                        .column = column,
                                                        .first = layout->sequence_count,
                                                        .count = n};
    for (uint32_t i = 0; i < n; i++)
        layout->sequence[layout->sequence_count++] = ids[i];
    return true;
}

bool
order_add_table(struct layout *layout, uint32_t table)
{
    if (!order_add_line(layout, NULL, 0, layout->region_count++, layout->page->tables[table].box))
        return false;
    layout->items[layout->item_count - 1].kind = ITEM_TABLE;
    layout->items[layout->item_count - 1].table = table;
    return true;
}

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

/* Bands of a set, top to bottom; bands has room for n. */
static uint32_t
find_bands(const struct layout *layout, uint32_t *ids, uint32_t n, struct band *bands)
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

/* The gaps of the zone that stay free in the band; ret has room for GAPS_MAX. */
static uint32_t
common_gaps(const struct layout *layout, const uint32_t *ids, const struct gap *gaps,
            uint32_t gap_count, const struct band *band, struct gap *ret)
{
    float least = gutter_min * layout->body_size;
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

/* Extends a zone from band `first` as far as a gutter goes through. */
static struct zone
grow_zone(const struct layout *layout, const uint32_t *ids, const struct band *bands,
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
        uint32_t n = common_gaps(layout, ids, zone.gaps, zone.gap_count, &bands[i], gaps);
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
    /* Bands with one side only belong to the zone while they follow closely. */
    uint32_t end = last_sided + 1;
    while (end < first + zone.count &&
           bands[end].y0 - bands[end - 1].y1 <= tail_break * layout->body_size)
        end++;
    zone.count = end - first;
    return zone;
}

/* Which part between the zone's gaps a fragment stands in. */
static uint32_t
part_of(const struct zone *zone, struct box box)
{
    float middle = (box.x0 + box.x1) / 2;
    uint32_t part = 0;

    while (part < zone->gap_count && middle > (zone->gaps[part].x0 + zone->gaps[part].x1) / 2)
        part++;
    return part;
}

struct part {
    uint32_t lines, full_lines, characters, numeric, labels;
    float x0, x1;
};

/* "Date:" before what stands beside it. */
static bool
is_label(const struct layout *layout, const struct frag *frag)
{
    if (frag->word_count == 0)
        return false;
    const char *text =
        layout->page->words[layout->word_ids[frag->first_word + frag->word_count - 1]].text;
    size_t len = strlen(text);

    return len > 0 && text[len - 1] == ':';
}

static void
measure_parts(const struct layout *layout, const uint32_t *ids, uint32_t n, const struct zone *zone,
              struct part *parts)
{
    for (uint32_t i = 0; i <= zone->gap_count; i++)
        parts[i] = (struct part){.x0 = INFINITY, .x1 = -INFINITY};
    for (uint32_t i = 0; i < n; i++) {
        const struct frag *frag = &layout->frags[ids[i]];
        struct part *part = &parts[part_of(zone, frag->box)];
        part->lines++;
        part->characters += frag->characters;
        part->numeric += frag->numeric;
        part->labels += is_label(layout, frag);
        part->x0 = fminf(part->x0, frag->box.x0);
        part->x1 = fmaxf(part->x1, frag->box.x1);
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct frag *frag = &layout->frags[ids[i]];
        struct part *part = &parts[part_of(zone, frag->box)];
        if (box_width(frag->box) >= fill_share * (part->x1 - part->x0))
            part->full_lines++;
    }
}

static bool
is_prose(const struct part *part)
{
    return part->lines >= 3 && part->characters >= prose_characters * part->lines &&
           part->full_lines * 2 >= part->lines;
}

/* Share of baselines in the zone that have fragments in two parts or more. */
static float
shared_rows(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends,
            const struct zone *zone)
{
    uint32_t rows = lines_rows(layout, ids, n, ends), shared = 0;

    for (uint32_t row = 0, i = 0; row < rows; row++) {
        uint32_t first = part_of(zone, layout->frags[ids[i]].box);
        bool two = false;
        for (; i < ends[row]; i++)
            two |= part_of(zone, layout->frags[ids[i]].box) != first;
        shared += two;
    }
    return rows == 0 ? 0 : (float)shared / (float)rows;
}

static enum zone_kind
judge_zone(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends,
           const struct zone *zone)
{
    struct part parts[GAPS_MAX + 1];
    uint32_t prose = 0, lines = 0, prose_lines = 0;

    measure_parts(layout, ids, n, zone, parts);
    for (uint32_t i = 0; i <= zone->gap_count; i++) {
        lines += parts[i].lines;
        if (is_prose(&parts[i])) {
            prose++;
            prose_lines += parts[i].lines;
        }
    }
    if (prose >= 2 && prose == zone->gap_count + 1)
        return ZONE_COLUMNS;
    float shared = shared_rows(layout, ids, n, ends, zone);
    /* Text beside text: most lines stand in prose, or the sides do not share their baselines. */
    if (prose >= 2 && prose_lines * 10 >= lines * 8)
        return ZONE_COLUMNS;
    if (shared < 0.34f)
        return ZONE_COLUMNS;
    return zone->gap_count >= 2 || shared >= 0.5f ? ZONE_TABLE : ZONE_ROWS;
}

/* Text beside text, such as two addresses: neither labels with their values, nor figures. */
static bool
reads_by_column(const struct layout *layout, const uint32_t *ids, uint32_t n,
                const struct zone *zone)
{
    static const uint32_t least_lines = 3, least_characters = 9;
    struct part parts[GAPS_MAX + 1];

    measure_parts(layout, ids, n, zone, parts);
    for (uint32_t i = 0; i <= zone->gap_count; i++) {
        const struct part *part = &parts[i];
        bool last = i == zone->gap_count;
        if (part->lines < least_lines || part->characters < least_characters * part->lines ||
            part->numeric * 2 > part->lines || (!last && part->labels * 10 >= part->lines * 3))
            return false;
    }
    return true;
}

static struct box
column_of(const struct layout *layout, const uint32_t *ids, uint32_t n)
{
    struct box box = layout->frags[ids[0]].box;

    for (uint32_t i = 1; i < n; i++)
        box = box_union(box, layout->frags[ids[i]].box);
    return box;
}

/* One row; a table that stands in it is an item of its own. */
static bool
put_row(struct layout *layout, const uint32_t *ids, uint32_t n, uint32_t *region, struct box column)
{
    for (uint32_t i = 0, end; i < n; i = end) {
        uint32_t table = layout->frags[ids[i]].table;
        end = i + 1;
        if (table != 0) {
            if (!order_add_table(layout, table - 1))
                return false;
            *region = layout->region_count++;
            continue;
        }
        while (end < n && layout->frags[ids[end]].table == 0)
            end++;
        if (!order_add_line(layout, ids + i, end - i, *region, column))
            return false;
    }
    return true;
}

/* Lines from top to bottom, as one region. */
static bool
put_rows(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends)
{
    uint32_t from = 0;

    if (n == 0)
        return true;
    struct box column = column_of(layout, ids, n);
    uint32_t region = layout->region_count++;
    uint32_t rows = lines_rows(layout, ids, n, ends);
    for (uint32_t row = 0; row < rows; row++) {
        if (!put_row(layout, ids + from, ends[row] - from, &region, column))
            return false;
        from = ends[row];
    }
    return true;
}

static bool order_set(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t depth);

/* The zone's parts from left to right, each a set of its own. */
static bool
put_columns(struct layout *layout, uint32_t *ids, uint32_t n, const struct zone *zone,
            uint32_t depth)
{
    uint32_t *part_ids = arena_array(layout->arena, n, sizeof(*part_ids));

    if (part_ids == NULL)
        return false;
    for (uint32_t part = 0; part <= zone->gap_count; part++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < n; i++) {
            if (part_of(zone, layout->frags[ids[i]].box) == part)
                part_ids[count++] = ids[i];
        }
        if (!order_set(layout, part_ids, count, depth + 1))
            return false;
    }
    return true;
}

static bool
put_zone(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends, const struct zone *zone,
         uint32_t depth)
{
    enum zone_kind kind = judge_zone(layout, ids, n, ends, zone);
    struct table_found found = {.table = -1};

    if (kind == ZONE_COLUMNS)
        return put_columns(layout, ids, n, zone, depth);
    if (kind == ZONE_TABLE && !table_try(layout, ids, n, &found))
        return false;
    if (found.table < 0 && reads_by_column(layout, ids, n, zone))
        return put_columns(layout, ids, n, zone, depth);
    if (found.table < 0)
        return put_rows(layout, ids, n, ends);
    return put_rows(layout, ids, found.first, ends) &&
           order_add_table(layout, (uint32_t)found.table) &&
           put_rows(layout, ids + found.end, n - found.end, ends);
}

static bool
has_two_sided_bands(const struct band *bands, const struct zone *zone)
{
    uint32_t sided = 0;
    for (uint32_t i = 0; i < zone->count; i++)
        sided += bands[zone->first + i].gap_count > 0 ? bands[zone->first + i].count : 0;
    return sided >= 4;
}

/* Takes in the bands right above that stand wholly beside the first column: headings over the
 * others. least: the first band that is free. */
static void
extend_up(const struct layout *layout, const uint32_t *ids, const struct band *bands,
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

/* Orders one set; ids may be re-ordered. */
static bool
order_set(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t depth)
{
    struct band *bands = arena_array(layout->arena, n, sizeof(*bands));
    uint32_t *ends = arena_array(layout->arena, n, sizeof(*ends));
    uint32_t plain = 0; /* first band that is not put yet */
    bool ok = bands != NULL && ends != NULL;

    if (!ok || n == 0)
        return ok;
    uint32_t count = find_bands(layout, ids, n, bands);
    for (uint32_t i = 0; ok && i < count;) {
        struct zone zone = {0};
        if (depth < DEPTH_MAX && bands[i].gap_count > 0)
            zone = grow_zone(layout, ids, bands, count, i);
        if (zone.count == 0 || !has_two_sided_bands(bands, &zone)) {
            i += zone.count > 0 ? zone.count : 1;
            continue;
        }
        i += zone.count;
        extend_up(layout, ids, bands, plain, &zone);
        ok = put_rows(layout, ids + bands[plain].first,
                      bands[zone.first].first - bands[plain].first, ends);
        uint32_t first = bands[zone.first].first;
        uint32_t end = i < count ? bands[i].first : n;
        ok = ok && put_zone(layout, ids + first, end - first, ends, &zone, depth);
        plain = i;
    }
    if (ok && plain < count)
        ok = put_rows(layout, ids + bands[plain].first, n - bands[plain].first, ends);
    return ok;
}

/* Grids first, each at its height among the rest. */
enum err_code
order_page(struct layout *layout, struct err *err)
{
    uint32_t n = 0;
    uint32_t *ids = arena_array(layout->arena, layout->frag_cap, sizeof(*ids));
    bool *taken = arena_array(layout->arena, layout->frag_cap, sizeof(*taken));
    bool ok = ids != NULL && taken != NULL && ruled_find(layout, taken);

    for (uint32_t i = 0; ok && i < layout->frag_count; i++) {
        if (!taken[i])
            ids[n++] = i;
    }
    ok = ok && order_set(layout, ids, n, 0);
    if (!ok)
        return err_set(err, ERR_LIMIT, "page %u: layout needs too much memory",
                       layout->page->index + 1);
    return ERR_OK;
}
