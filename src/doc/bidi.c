/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/bidi.c - brings a line with right-to-left letters into the order in which it is read.
 *
 * Producers draw such lines in either order, so only positions count: glyphs are sorted as seen,
 * the line's direction is that of most of its letters, and runs of the other direction (numbers are
 * left-to-right) are turned. That undoes the common cases of the Unicode bidirectional algorithm
 * (UAX 9, rules N1, N2 and L2 with two levels); deeper nesting comes out in pieces. */
#include "doc/text_internal.h"

#include <stdlib.h>
#include <utf8proc.h>

enum side { SIDE_LEFT, SIDE_RIGHT, SIDE_NEUTRAL };

/* A glyph with the marks that belong to it. */
struct cluster {
    float at; /* along the line */
    uint16_t first, count;
    uint8_t side;
};

static enum side
side_of(uint32_t code)
{
    switch (utf8proc_get_property((utf8proc_int32_t)code)->bidi_class) {
    case UTF8PROC_BIDI_CLASS_R:
    case UTF8PROC_BIDI_CLASS_AL:
        return SIDE_RIGHT;
    case UTF8PROC_BIDI_CLASS_L:
    case UTF8PROC_BIDI_CLASS_EN:
    case UTF8PROC_BIDI_CLASS_AN:
        return SIDE_LEFT;
    default:
        return SIDE_NEUTRAL;
    }
}

static int
compare_clusters(const void *a, const void *b)
{
    const struct cluster *left = a, *right = b;

    if (left->at != right->at)
        return left->at < right->at ? -1 : 1;
    return (int)left->first - (int)right->first;
}

static bool
is_mark(const struct glyph *glyph)
{
    return glyph->follows ||
           utf8proc_category((utf8proc_int32_t)glyph->code) == UTF8PROC_CATEGORY_MN;
}

static size_t
make_clusters(const struct text *text, struct cluster *clusters)
{
    size_t n = 0;

    for (uint32_t i = 0; i < text->count; i++) {
        const struct glyph *g = &text->line[i];
        if (n > 0 && is_mark(g)) {
            clusters[n - 1].count++;
            continue;
        }
        float start = words_start(g), end = g->ex * g->dx + g->ey * g->dy;
        clusters[n++] = (struct cluster){.at = start < end ? start : end,
                                         .first = (uint16_t)i,
                                         .count = 1,
                                         .side = (uint8_t)side_of(g->code)};
    }
    return n;
}

/* Neutrals between two of one side take it; others take the line's. */
static void
resolve_neutrals(struct cluster *clusters, size_t n, enum side base)
{
    size_t i = 0;

    while (i < n) {
        if (clusters[i].side != SIDE_NEUTRAL) {
            i++;
            continue;
        }
        size_t end = i;
        while (end < n && clusters[end].side == SIDE_NEUTRAL)
            end++;
        uint8_t before = i > 0 ? clusters[i - 1].side : (uint8_t)base;
        uint8_t after = end < n ? clusters[end].side : (uint8_t)base;
        for (; i < end; i++)
            clusters[i].side = before == after ? before : (uint8_t)base;
    }
}

static uint32_t
put(struct text *text, uint32_t at, const struct cluster *cluster)
{
    for (uint16_t i = 0; i < cluster->count; i++)
        text->sorted[at++] = text->line[cluster->first + i];
    return at;
}

/* Writes clusters [0, n) as read: runs of the base side in its direction, the others turned. */
static void
write_order(struct text *text, const struct cluster *clusters, size_t n, enum side base)
{
    uint32_t at = 0;
    size_t done = 0;

    while (done < n) {
        size_t from = base == SIDE_LEFT ? done : n - 1 - done;
        size_t run = 0;
        while (done + run < n) {
            size_t next = base == SIDE_LEFT ? from + run : from - run;
            if (clusters[next].side != clusters[from].side)
                break;
            run++;
        }
        bool along = clusters[from].side == base;
        for (size_t k = 0; k < run; k++) {
            size_t step = along ? k : run - 1 - k;
            at = put(text, at, &clusters[base == SIDE_LEFT ? from + step : from - step]);
        }
        done += run;
    }
    struct glyph *spare = text->line;
    text->line = text->sorted;
    text->sorted = spare;
}

bool
bidi_order(struct text *text)
{
    struct cluster clusters[LINE_GLYPHS_MAX];
    size_t left = 0, right = 0;
    uint32_t i = 0;

    while (i < text->count && !unicode_is_rtl(text->line[i].code))
        i++;
    if (i == text->count)
        return false;
    size_t n = make_clusters(text, clusters);
    qsort(clusters, n, sizeof(*clusters), compare_clusters);
    for (size_t k = 0; k < n; k++) {
        left +=
            clusters[k].side == SIDE_LEFT && unicode_is_letter(text->line[clusters[k].first].code);
        right += clusters[k].side == SIDE_RIGHT;
    }
    enum side base = right >= left ? SIDE_RIGHT : SIDE_LEFT;
    resolve_neutrals(clusters, n, base);
    write_order(text, clusters, n, base);
    return base == SIDE_RIGHT;
}
