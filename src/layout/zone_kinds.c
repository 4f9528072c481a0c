/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/zone_kinds.c - what a zone is: text in columns, a table, labels with values, numbers
 * beside what they number. */
#include "layout/zones.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What makes a column of running text. */
static const float fill_share = 0.72f; /* of its width, by a full line */
static const uint32_t prose_characters = 18;

static const uint32_t margin_characters = 5; /* a marker with the space after it */
static const uint32_t column_lines_min = 3;

/* Rows farther apart are of different lists; in body sizes. */
static const float list_break = 3.2f;

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

/* Whether all parts but the first, of labels that may have several lines, share their baselines,
 * and one of them holds figures. */
static bool
has_values(const struct layout *layout, uint32_t *ids, uint32_t n, uint32_t *ends,
           const struct zone *zone, const struct part *parts)
{
    static const uint32_t rows_least = 3;
    uint32_t rows = lines_rows(layout, ids, n, ends), valued = 0, shared = 0, figures = 0;

    for (uint32_t part = 1; part <= zone->gap_count; part++)
        figures +=
            parts[part].lines >= rows_least && parts[part].numeric * 10 >= parts[part].lines * 6;
    for (uint32_t row = 0, i = 0; row < rows; row++) {
        uint32_t first = 0, last = 0;
        for (; i < ends[row]; i++) {
            last = zone_part(zone, layout->frags[ids[i]].box);
            first = first == 0 ? last : first;
        }
        valued += last > 0;
        shared += last > first;
    }
    return figures > 0 && shared >= rows_least && shared * 10 >= valued * 8;
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

/* Whether one part is a single line that stands beside a line of the others. ids: as lines_rows
 * leaves them. */
static bool
has_lone_line(const struct layout *layout, const uint32_t *ids, const uint32_t *ends, uint32_t rows,
              const struct zone *zone)
{
    uint32_t held[GAPS_MAX + 1] = {0}, beside[GAPS_MAX + 1] = {0};

    for (uint32_t row = 0, i = 0; row < rows; i = ends[row++]) {
        uint32_t first = zone_part(zone, layout->frags[ids[i]].box);
        uint32_t last = zone_part(zone, layout->frags[ids[ends[row] - 1]].box);
        for (uint32_t k = i; k < ends[row]; k++) {
            uint32_t part = zone_part(zone, layout->frags[ids[k]].box);
            if (k > i && part == zone_part(zone, layout->frags[ids[k - 1]].box))
                continue;
            held[part]++;
            beside[part] += first != last;
        }
    }
    for (uint32_t part = 0; part <= zone->gap_count; part++)
        if (held[part] == 1 && beside[part] == 1)
            return true;
    return false;
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
    if (shared < 0.34f && zone->gap_count >= 2 && prose < 2 &&
        has_values(layout, ids, n, ends, zone, parts))
        return ZONE_TABLE;
    if (shared < 0.34f && prose == 0 && layout->exact &&
        has_lone_line(layout, ids, ends, lines_rows(layout, ids, n, ends), zone))
        return ZONE_ROWS;
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
        if (step <= list_break * layout->body_size) {
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
