/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/zones.c - bands of fragments, the zones that gutters make of them, and what zones are. */
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

/* What makes a column of running text. */
static const float fill_share = 0.72f; /* of its width, by a full line */
static const uint32_t prose_characters = 18;

static const uint32_t margin_characters = 5; /* a marker with the space after it */
static const uint32_t column_lines_min = 3;

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
        struct part *part = &parts[zone_part(zone, frag->box)];
        part->lines++;
        part->characters += frag->characters;
        part->numeric += frag->numeric;
        part->labels += is_label(layout, frag);
        part->x0 = fminf(part->x0, frag->box.x0);
        part->x1 = fmaxf(part->x1, frag->box.x1);
    }
    for (uint32_t i = 0; i < n; i++) {
        const struct frag *frag = &layout->frags[ids[i]];
        struct part *part = &parts[zone_part(zone, frag->box)];
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
        uint32_t first = zone_part(zone, layout->frags[ids[i]].box);
        bool two = false;
        for (; i < ends[row]; i++)
            two |= zone_part(zone, layout->frags[ids[i]].box) != first;
        shared += two;
    }
    return rows == 0 ? 0 : (float)shared / (float)rows;
}

/* A narrow column of markers or numbers left of the text that they number. */
static bool
is_margin(const struct part *part, const struct part *next)
{
    return part->lines > 0 && next->lines > 0 &&
           part->characters <= margin_characters * part->lines &&
           next->characters >= prose_characters * next->lines;
}

/* "1.1", "3.2.4.", "(2)", "7)": the number of a clause. levels: [LEVELS_MAX]; 0: it is none. */
enum { LEVELS_MAX = 6 };
static uint32_t
read_number(const char *text, uint32_t *levels)
{
    uint32_t n = 0;

    text += *text == '(';
    while (n < LEVELS_MAX && *text >= '0' && *text <= '9') {
        uint32_t value = 0;
        for (size_t digits = 0; *text >= '0' && *text <= '9' && digits < 4; digits++)
            value = value * 10 + (uint32_t)(*text++ - '0');
        levels[n++] = value;
        if (*text == '.' && text[1] != '\0')
            text++;
    }
    text += *text == '.' || *text == ')';
    return *text == '\0' ? n : 0;
}

/* Whether b comes after a as numbers of clauses do. */
static bool
is_later(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
    for (uint32_t i = 0; i < a_count && i < b_count; i++) {
        if (a[i] != b[i])
            return b[i] > a[i];
    }
    return b_count > a_count;
}

/* Numbers of clauses alone in the first part, each beside a line of the text that it numbers, going
 * up. rows: as lines_rows gives them. */
static bool
numbers_clauses(const struct layout *layout, const uint32_t *ids, const uint32_t *ends,
                uint32_t rows, const struct zone *zone)
{
    uint32_t before[LEVELS_MAX], before_count = 0, numbered = 0, deep = 0;

    for (uint32_t row = 0, i = 0; row < rows; i = ends[row++]) {
        const struct frag *frag = &layout->frags[ids[i]];
        uint32_t levels[LEVELS_MAX];
        if (zone_part(zone, frag->box) != 0)
            continue;
        uint32_t n =
            frag->word_count == 1
                ? read_number(layout->page->words[layout->word_ids[frag->first_word]].text, levels)
                : 0;
        if (n == 0 || ends[row] - i < 2 || zone_part(zone, layout->frags[ids[i + 1]].box) != 1 ||
            (before_count > 0 && !is_later(before, before_count, levels, n)))
            return false;
        memcpy(before, levels, sizeof(before));
        before_count = n;
        numbered++;
        deep += n > 1;
    }
    return numbered >= 2 && deep * 2 >= numbered;
}

/* What pixels show is uneven: a gutter counts only where it runs between several lines. */
static bool
is_gutter_sure(const struct layout *layout, const struct zone *zone, const struct part *parts)
{
    uint32_t sure = 0;

    if (layout->exact)
        return true;
    for (uint32_t i = 0; i <= zone->gap_count; i++)
        sure += parts[i].lines >= column_lines_min;
    return sure >= 2;
}

enum zone_kind
zone_judge(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends,
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
        return ZONE_TEXT;
    if (layout->exact && zone->gap_count == 1 && parts[1].numeric * 2 < parts[1].lines &&
        numbers_clauses(layout, ids, ends, lines_rows(layout, ids, n, ends), zone))
        return ZONE_MARGIN;
    float shared = shared_rows(layout, ids, n, ends, zone);
    /* Text beside text: most lines stand in prose, or the sides do not share their baselines. */
    if (prose >= 2 && prose_lines * 10 >= lines * 8)
        return ZONE_TEXT;
    if (!layout->exact && is_margin(&parts[0], &parts[1]))
        return ZONE_MARGIN;
    if (shared < 0.34f)
        return is_gutter_sure(layout, zone, parts) ? ZONE_COLUMNS : ZONE_ROWS;
    return zone->gap_count >= 2 || shared >= 0.5f ? ZONE_TABLE : ZONE_ROWS;
}

bool
zone_reads_by_column(const struct layout *layout, const uint32_t *ids, uint32_t n,
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

static int
by_drawing(const void *a, const void *b, void *context)
{
    const struct layout *layout = context;
    uint32_t wa = lines_drawn(layout, &layout->frags[*(const uint32_t *)a]);
    uint32_t wb = lines_drawn(layout, &layout->frags[*(const uint32_t *)b]);

    return wa < wb ? -1 : wa > wb;
}

bool
zone_is_drawn_by_column(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *scratch,
                        const struct zone *zone)
{
    uint32_t rows = lines_rows(layout, ids, n, scratch), part = 0;

    if (!layout->exact || rows < 2 || n < zone->gap_count + 2)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (layout->frags[ids[i]].word_count == 0)
            return false; /* a table stands among them */
    }
    qsort_r(ids, n, sizeof(*ids), by_drawing, (void *)(uintptr_t)layout);
    for (uint32_t i = 0; i < n; i++) {
        const struct frag *frag = &layout->frags[ids[i]];
        uint32_t here = zone_part(zone, frag->box);
        if (here < part || here > part + 1)
            return false;
        part = here;
    }
    return part == zone->gap_count;
}

/* Mean distance of the rows that follow one another closely enough to be of one list, pt. */
static float
mean_pitch(const struct layout *layout, const uint32_t *ids, const uint32_t *ends, uint32_t rows)
{
    float sum = 0;
    uint32_t n = 0;

    for (uint32_t row = 1; row < rows; row++) {
        float step = layout->frags[ids[ends[row - 1]]].baseline -
                     layout->frags[ids[row == 1 ? 0 : ends[row - 2]]].baseline;
        if (step <= zone_break * layout->body_size) {
            sum += step;
            n++;
        }
    }
    return n > 0 ? sum / (float)n : 0;
}

bool
zone_pairs_rows(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends,
                const struct zone *zone)
{
    static const uint32_t short_characters = 32;
    static const float pair_gutter = 1.5f, open_pitch = 1.7f; /* in body sizes */
    struct part parts[GAPS_MAX + 1];

    if (zone->gap_count != 1 ||
        zone->gaps[0].x1 - zone->gaps[0].x0 < pair_gutter * layout->body_size)
        return false;
    measure_parts(layout, ids, n, zone, parts);
    for (uint32_t i = 0; i < 2; i++) {
        if (parts[i].lines < 2 || parts[i].characters > short_characters * parts[i].lines)
            return false;
    }
    if (shared_rows(layout, ids, n, ends, zone) < 0.6f)
        return false;
    uint32_t rows = lines_rows(layout, ids, n, ends);
    return parts[1].numeric * 2 >= parts[1].lines ||
           mean_pitch(layout, ids, ends, rows) >= open_pitch * layout->body_size;
}
