/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/order.c - columns and reading order.
 *
 * A set of fragments is cut into bands (everything that overlaps in height). Neighbouring bands
 * that share a gutter make a zone; what the zone's parts look like decides how it is read: as text
 * columns (each by the same method again), as a table, or row by row. Bands outside of zones are
 * read from top to bottom. */
#include "layout/blocks_internal.h"
#include "layout/zones.h"

#include <math.h>
#include <string.h>

enum { DEPTH_MAX = 12 };

/* Whether most of the text in the fragments runs from right to left. */
static bool
reads_right_to_left(const struct layout *layout, const uint32_t *ids, uint32_t n)
{
    uint32_t right_to_left = 0, characters = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct frag *frag = &layout->frags[ids[i]];
        characters += frag->characters;
        right_to_left += frag->right_to_left ? frag->characters : 0;
    }
    return right_to_left * 2 > characters;
}

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
                                                        .flow = layout->flow_count,
                                                        .column = column,
                                                        .first = layout->sequence_count,
                                                        .count = n};
    bool right_to_left = reads_right_to_left(layout, ids, n);
    for (uint32_t i = 0; i < n; i++)
        layout->sequence[layout->sequence_count++] = ids[right_to_left ? n - 1 - i : i];
    return true;
}

void
order_stand_in(struct layout *layout, uint32_t table)
{
    struct box box = layout->page->tables[table].box;

    layout->frags[layout->frag_count++] = (struct frag){.box = box,
                                                        .baseline = box.y0,
                                                        .size = layout->body_size,
                                                        .source = -1,
                                                        .vertical = true,
                                                        .table = table + 1,
                                                        .characters = 40};
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

/* Where the row's second part begins; n: it has the first alone. */
static uint32_t
second_part(const struct layout *layout, const uint32_t *ids, uint32_t n, const struct zone *zone)
{
    uint32_t i = 0;

    while (i < n && zone_part(zone, layout->frags[ids[i]].box) == 0)
        i++;
    return i;
}

/* Whether the row above, a value's first line alone, belongs to the row below, whose label stands
 * lower: set closer to it than to what is above, at the same edge, in the same type. */
static bool
is_value_above(const struct layout *layout, const uint32_t *above, uint32_t n_above,
               const uint32_t *below, uint32_t n_below, float room_above, const struct zone *zone)
{
    static const float step_most = 1.4f, room_least = 1.25f, edge_off = 0.5f, size_off = 0.15f;
    uint32_t split = second_part(layout, below, n_below, zone);

    if (second_part(layout, above, n_above, zone) > 0 || split == 0 || split == n_below)
        return false;
    const struct frag *upper = &layout->frags[above[0]], *lower = &layout->frags[below[split]];
    float step = lower->baseline - upper->baseline;
    return upper->table == 0 && lower->table == 0 && step <= step_most * lower->size &&
           room_above >= room_least * step &&
           fabsf(upper->box.x0 - lower->box.x0) <= edge_off * lower->size &&
           fabsf(upper->size - lower->size) <= size_off * lower->size;
}

/* As lines_rows, and labels that stand beside the last line of their value come first. zone: of two
 * parts, labels and values; or NULL. 0 without memory. */
static uint32_t
rows_with_labels(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends,
                 const struct zone *zone)
{
    uint32_t rows = lines_rows(layout, ids, n, ends), put = 0;
    uint32_t *copy = NULL;

    if (zone == NULL || zone->gap_count != 1)
        return rows;
    copy = arena_array(layout->arena, n, sizeof(*copy));
    if (copy == NULL)
        return 0;
    for (uint32_t row = 0, from = 0; row < rows; row++) {
        uint32_t end = ends[row], to = row + 1 < rows ? ends[row + 1] : end;
        float before = put == 0 ? -1e6f : layout->frags[ids[from - 1]].baseline;
        float room = layout->frags[ids[from]].baseline - before;
        if (is_value_above(layout, ids + from, end - from, ids + end, to - end, room, zone)) {
            uint32_t split = second_part(layout, ids + end, to - end, zone), upper = end - from;
            memcpy(copy, ids + from, upper * sizeof(*copy));
            memmove(ids + from, ids + end, split * sizeof(*ids));
            memcpy(ids + from + split, copy, upper * sizeof(*copy));
            row++;
        }
        from = ends[put++] = row < rows ? ends[row] : to;
    }
    return put;
}

/* Lines from top to bottom, as one region. zone: of labels and values, or NULL. */
static bool
put_rows(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends, const struct zone *zone)
{
    uint32_t from = 0;

    if (n == 0)
        return true;
    struct box column = column_of(layout, ids, n);
    uint32_t region = layout->region_count++;
    uint32_t rows = rows_with_labels(layout, ids, n, ends, zone);
    if (rows == 0)
        return false;
    for (uint32_t row = 0; row < rows; row++) {
        if (!put_row(layout, ids + from, ends[row] - from, &region, column))
            return false;
        from = ends[row];
    }
    return true;
}

/* Rows that each stand for themselves: no two make a paragraph. margin: the rows without anything
 * in the zone's first part go on from the one above. */
static bool
put_pairs(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends, const struct zone *zone,
          bool margin)
{
    uint32_t region = layout->region_count++;
    struct box column = column_of(layout, ids, n);
    uint32_t rows = rows_with_labels(layout, ids, n, ends, margin ? NULL : zone);

    if (rows == 0)
        return false;
    for (uint32_t row = 0, from = 0; row < rows; from = ends[row], row++) {
        if (!margin || zone_part(zone, layout->frags[ids[from]].box) == 0)
            region = layout->region_count++;
        uint32_t first = layout->item_count;
        if (!put_row(layout, ids + from, ends[row] - from, &region, column))
            return false;
        for (uint32_t i = first; i < layout->item_count; i++)
            layout->items[i].paired = true;
    }
    return true;
}

/* Whether the layer draws what stands on either side of the zone's first gap from top to bottom, as
 * labels and values are. False without memory. */
static bool
is_drawn_down(const struct layout *layout, const uint32_t *ids, uint32_t n, const struct zone *zone,
              bool *ret)
{
    struct table_entry *entries = arena_array(layout->arena, n, sizeof(*entries));

    if (entries == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        const struct frag *frag = &layout->frags[ids[i]];
        entries[i] = (struct table_entry){
            .row = (uint32_t)fmaxf(frag->baseline, 0),
            .column = zone_part(zone, frag->box),
            .drawn = frag->table == 0 ? layout->word_ids[frag->first_word] : i};
    }
    *ret = table_is_drawn_down(layout, entries, n);
    return true;
}

/* Letters and ticks scattered over a drawing: neither columns nor a table. False without memory. */
static bool
is_lettering(const struct layout *layout, const uint32_t *ids, uint32_t n, const struct zone *zone,
             bool *ret)
{
    static const uint32_t mean_characters_most = 5; /* with the space after them */
    uint32_t characters = 0, figures = 0;
    bool down = true;

    for (uint32_t i = 0; i < n; i++) {
        characters += layout->frags[ids[i]].characters;
        figures += layout->frags[ids[i]].numeric;
    }
    *ret = layout->exact && characters < n * mean_characters_most;
    if (!*ret || figures * 2 < n)
        return true;
    if (!is_drawn_down(layout, ids, n, zone, &down))
        return false;
    *ret = !down;
    return true;
}

static bool order_set(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t depth);

/* The zone's parts in the way that its text runs, each a set of its own. text: they are running
 * text. */
static bool
put_columns(struct layout *layout, uint32_t *ids, uint32_t n, const struct zone *zone, bool text,
            uint32_t depth)
{
    uint32_t *part_ids = arena_array(layout->arena, n, sizeof(*part_ids));

    if (part_ids == NULL)
        return false;
    bool right_to_left = reads_right_to_left(layout, ids, n);
    for (uint32_t k = 0; k <= zone->gap_count; k++) {
        uint32_t part = right_to_left ? zone->gap_count - k : k, count = 0;
        for (uint32_t i = 0; i < n; i++) {
            if (zone_part(zone, layout->frags[ids[i]].box) == part)
                part_ids[count++] = ids[i];
        }
        layout->flow_count += text;
        if (!order_set(layout, part_ids, count, depth + 1))
            return false;
    }
    layout->flow_count += text;
    return true;
}

/* Where in ids (re-ordered) the first heading between tables stands: alone in its row, set larger
 * than the text, with space above. n: nowhere. */
static uint32_t
find_title(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends)
{
    static const float larger = 1.15f, step_least = 1.4f; /* of the body's, and of its own size */
    uint32_t rows = lines_rows(layout, ids, n, ends);

    for (uint32_t row = 1; row + 1 < rows; row++) {
        const struct frag *frag = &layout->frags[ids[ends[row - 1]]];
        float above = layout->frags[ids[ends[row - 1] - 1]].baseline;
        if (ends[row] - ends[row - 1] == 1 && frag->table == 0 && !frag->numeric && !frag->field &&
            !frag->vertical && frag->size >= larger * layout->body_size &&
            frag->baseline - above >= step_least * frag->size)
            return ends[row - 1];
    }
    return n;
}

/* Tables with headings between them, each for itself. */
static bool
put_titled(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends, uint32_t depth)
{
    bool ok = true;

    for (uint32_t from = 0, count; ok && from < n; from += count) {
        count = find_title(layout, ids + from, n - from, ends);
        ok = order_set(layout, ids + from, count, depth + 1);
    }
    return ok;
}

static bool
put_zone(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends, const struct zone *zone,
         uint32_t depth)
{
    struct table_found found = {.table = -1};
    bool lettering = false;

    if (!is_lettering(layout, ids, n, zone, &lettering))
        return false;
    if (lettering)
        return put_rows(layout, ids, n, ends, NULL);
    enum zone_kind kind = zone_judge(layout, ids, n, ends, zone);

    if (kind == ZONE_TEXT || kind == ZONE_COLUMNS)
        return put_columns(layout, ids, n, zone, kind == ZONE_TEXT, depth);
    if (kind == ZONE_MARGIN)
        return put_pairs(layout, ids, n, ends, zone, true);
    if (kind == ZONE_TABLE && layout->exact && find_title(layout, ids, n, ends) < n)
        return put_titled(layout, ids, n, ends, depth);
    if (kind == ZONE_TABLE && !table_try(layout, ids, n, NULL, 0, &found))
        return false;
    bool down = false;
    if (found.table < 0 && zone_pairs_rows(layout, ids, n, ends, zone)) {
        if (!is_drawn_down(layout, ids, n, zone, &down))
            return false;
        if (down)
            return put_pairs(layout, ids, n, ends, zone, false);
    }
    if (found.table < 0 && (zone_reads_by_column(layout, ids, n, zone) ||
                            zone_is_drawn_by_column(layout, ids, n, ends, zone)))
        return put_columns(layout, ids, n, zone, false, depth);
    if (found.table < 0)
        return put_rows(layout, ids, n, ends, zone);
    return put_rows(layout, found.before, found.before_count, ends, NULL) &&
           order_add_table(layout, (uint32_t)found.table) &&
           put_rows(layout, found.after, found.after_count, ends, NULL);
}

/* The number that a part of the zone begins with, as in "3. Title"; 0: none. */
static uint32_t
number_of(const struct layout *layout, const uint32_t *ids, const struct band *bands,
          const struct zone *zone, uint32_t part)
{
    for (uint32_t b = zone->first; b < zone->first + zone->count; b++) {
        for (uint32_t i = bands[b].first; i < bands[b].first + bands[b].count; i++) {
            const struct frag *frag = &layout->frags[ids[i]];
            if (frag->word_count == 0 || zone_part(zone, frag->box) != part)
                continue;
            const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;
            struct marker marker = marker_read(text, frag->word_count);
            return marker.kind == MARKER_NUMBER ? marker.number : 0;
        }
    }
    return 0;
}

/* Boxes beside and below each other that are numbered down the columns: the zone below goes on with
 * the columns of the one above. Takes it in. */
static bool
join_numbered(const struct layout *layout, const uint32_t *ids, const struct band *bands,
              uint32_t band_count, struct zone *zone)
{
    uint32_t end = zone->first + zone->count;

    if (end >= band_count || bands[end].gap_count == 0 || zone->gap_count != 1)
        return false;
    struct zone below = zone_find(layout, ids, bands, band_count, end);
    struct gap gap = {fmaxf(zone->gaps[0].x0, below.gaps[0].x0),
                      fminf(zone->gaps[0].x1, below.gaps[0].x1)};
    if (below.first != end || below.gap_count != 1 || gap.x0 >= gap.x1)
        return false;
    uint32_t left = number_of(layout, ids, bands, zone, 0);
    uint32_t right = number_of(layout, ids, bands, zone, 1);
    uint32_t left_below = number_of(layout, ids, bands, &below, 0);
    uint32_t right_below = number_of(layout, ids, bands, &below, 1);
    if (left == 0 || left_below <= left || right <= left_below || right_below <= right)
        return false;
    zone->count += below.count;
    zone->gaps[0] = gap;
    return true;
}

/* Cuts the zone where a table begins in it, unless it is text in columns. False without memory. */
static bool
end_above_table(struct layout *layout, const uint32_t *ids, const struct band *bands,
                uint32_t band_count, struct zone *zone)
{
    uint32_t below = zone_find_below(layout, ids, bands, band_count, zone), n = 0;

    if (below == zone->first)
        return true;
    for (uint32_t i = zone->first; i < zone->first + zone->count; i++)
        n += bands[i].count;
    uint32_t *copy = arena_array(layout->arena, n, sizeof(*copy));
    uint32_t *ends = arena_array(layout->arena, n, sizeof(*ends));
    if (copy == NULL || ends == NULL)
        return false;
    memcpy(copy, ids + bands[zone->first].first, n * sizeof(*copy));
    if (zone_judge(layout, copy, n, ends, zone) == ZONE_ROWS)
        zone->count = below - zone->first;
    return true;
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
    uint32_t count = zone_bands(layout, ids, n, bands);
    for (uint32_t i = 0; ok && i < count;) {
        struct zone zone = {0};
        if (depth < DEPTH_MAX && bands[i].gap_count > 0)
            zone = zone_find(layout, ids, bands, count, i);
        if (zone.count == 0 || !zone_has_sides(bands, &zone)) {
            i += zone.count > 0 ? zone.count : 1;
            continue;
        }
        if (zone_numbers_formulas(layout, ids, bands, &zone)) {
            i++;
            continue;
        }
        bool numbered = join_numbered(layout, ids, bands, count, &zone);
        if (!numbered && !end_above_table(layout, ids, bands, count, &zone))
            return false;
        i = zone.first + zone.count;
        zone_extend_up(layout, ids, bands, plain, &zone);
        ok = put_rows(layout, ids + bands[plain].first,
                      bands[zone.first].first - bands[plain].first, ends, NULL);
        uint32_t first = bands[zone.first].first;
        uint32_t end = i < count ? bands[i].first : n;
        ok = ok && (numbered ? put_columns(layout, ids + first, end - first, &zone, true, depth)
                             : put_zone(layout, ids + first, end - first, ends, &zone, depth));
        plain = i;
    }
    if (ok && plain < count)
        ok = put_rows(layout, ids + bands[plain].first, n - bands[plain].first, ends, NULL);
    return ok;
}

/* A page number that stands alone; years are none. */
static bool
is_page_number(const struct layout *layout, const struct frag *frag)
{
    enum { DIGITS_MAX = 3 };

    if (frag->word_count != 1)
        return false;
    const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;
    return marker_is_page_number(text) && strspn(text, "0123456789") <= DIGITS_MAX;
}

/* How many of ids (re-ordered, those first) are the running head: the highest line of the page,
 * with a page number at one end and space below it. What stands in it is of no column. */
static uint32_t
take_head(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends)
{
    static const float height_most = 0.13f, space_least = 0.8f;
    const struct frag *frags = layout->frags;
    uint32_t rows = lines_rows(layout, ids, n, ends), numeric = 0;

    if (rows < 2 || ends[0] < 2 || ends[0] > 3)
        return 0;
    struct box head = column_of(layout, ids, ends[0]);
    for (uint32_t i = 0; i < ends[0]; i++)
        numeric += frags[ids[i]].numeric;
    if (head.y1 > height_most * layout->page->height || numeric > 1 ||
        (!is_page_number(layout, &frags[ids[0]]) &&
         !is_page_number(layout, &frags[ids[ends[0] - 1]])))
        return 0;
    for (uint32_t i = ends[0]; i < n; i++) {
        if (frags[ids[i]].box.y0 < head.y1 + space_least * layout->body_size)
            return 0;
    }
    return ends[0];
}

/* Labels of pictures, picture by picture, each row by row. */
static bool
put_pictures(struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends)
{
    for (uint32_t from = 0, count; from < n; from += count) {
        count = pictures_next(layout, ids + from, n - from);
        uint32_t first = layout->item_count;
        if (!put_rows(layout, ids + from, count, ends, NULL))
            return false;
        for (uint32_t i = first; i < layout->item_count; i++)
            layout->items[i].labels = true;
    }
    return true;
}

/* Tables that the file names and grids first, each at its height among the rest; labels of pictures
 * last. */
enum err_code
order_page(struct layout *layout, struct err *err)
{
    uint32_t n = 0;
    uint32_t *ids = arena_array(layout->arena, layout->frag_cap, sizeof(*ids));
    bool *taken = arena_array(layout->arena, layout->frag_cap, sizeof(*taken));
    bool ok = ids != NULL && taken != NULL && tagged_find(layout, taken) &&
              ruled_find(layout, taken) && striped_find(layout, taken);
    /* Values of a form are drawn after all else. */
    bool drawn = layout->exact && layout->page->field_count == 0;

    for (uint32_t i = 0; ok && i < layout->frag_count; i++) {
        if (!taken[i])
            ids[n++] = i;
    }
    uint32_t *ends = arena_array(layout->arena, n, sizeof(*ends));
    ok = ok && ends != NULL;
    uint32_t text = ok ? pictures_part(layout, ids, n, ends) : 0;
    layout->listing = text == layout->frag_count && listing_is(layout);
    uint32_t head = ok && !layout->listing ? take_head(layout, ids, text, ends) : 0;
    ok = ok && put_rows(layout, ids, head, ends, NULL) &&
         (layout->listing
              ? put_rows(layout, ids, text, ends, NULL)
              : order_set(layout, ids + head, text - head, 0) && (!drawn || drawn_order(layout))) &&
         put_pictures(layout, ids + text, n - text, ends);
    if (!ok)
        return err_set(err, ERR_LIMIT, "page %u: layout needs too much memory",
                       layout->page->index + 1);
    return ERR_OK;
}
