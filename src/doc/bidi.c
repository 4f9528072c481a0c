/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/bidi.c - brings a line with right-to-left letters into the order in which it is read.
 *
 * Producers draw such lines in either order, so only positions count: glyphs are sorted as seen,
 * and the order is found from that (page/bidi.h). */
#include "doc/text_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { LONE_NUMBER_MAX = 12 };

/* A glyph with the marks that belong to it. */
struct cluster {
    float start, end; /* along the line */
    uint16_t first, count;
};

struct marks {
    uint16_t glyph[LINE_GLYPHS_MAX];
    uint16_t next[LINE_GLYPHS_MAX];       /* of the same cluster, 1 + index; 0: none */
    uint16_t of_cluster[LINE_GLYPHS_MAX]; /* its first, likewise */
    size_t count;
};

static int
compare_clusters(const void *a, const void *b)
{
    const struct cluster *left = a, *right = b;

    if (left->start != right->start)
        return left->start < right->start ? -1 : 1;
    return (int)left->first - (int)right->first;
}

/* A mark that has a place of its own, which fonts of Arabic and Hebrew give it. */
static bool
is_mark(const struct glyph *glyph)
{
    return !glyph->follows &&
           utf8proc_category((utf8proc_int32_t)glyph->code) == UTF8PROC_CATEGORY_MN;
}

/* Glyphs without the marks, each with the characters that follow it. */
static size_t
make_clusters(const struct text *text, struct cluster *clusters, uint16_t *marks, size_t *ret_marks)
{
    size_t n = 0, m = 0;
    bool mark = false;

    for (uint32_t i = 0; i < text->count; i++) {
        const struct glyph *g = &text->line[i];
        mark = g->follows ? mark : is_mark(g);
        if (mark) {
            marks[m++] = (uint16_t)i;
            continue;
        }
        if (g->follows && n > 0) {
            clusters[n - 1].count++;
            continue;
        }
        float a = words_start(g), b = g->ex * g->dx + g->ey * g->dy;
        clusters[n++] = (struct cluster){fminf(a, b), fmaxf(a, b), (uint16_t)i, 1};
    }
    *ret_marks = m;
    return n;
}

/* The cluster over or under which the mark stands: the order of drawing may be that of reading or
 * its reverse, so only places tell. */
static size_t
bearer_of(const struct text *text, const struct cluster *clusters, size_t n, uint16_t mark)
{
    const struct glyph *g = &text->line[mark];
    float middle = ((g->box.x0 + g->box.x1) * g->dx + (g->box.y0 + g->box.y1) * g->dy) / 2;
    size_t low = 0, high = n, best = 0;
    float nearest = INFINITY;

    while (low < high) { /* the first that starts beyond the middle */
        size_t at = (low + high) / 2;
        if (clusters[at].start <= middle)
            low = at + 1;
        else
            high = at;
    }
    for (size_t i = low > 2 ? low - 2 : 0; i < n && i < low + 2; i++) {
        float off = fmaxf(clusters[i].start - middle, middle - clusters[i].end);
        if (off < nearest && clusters[i].count > 0 && text->line[clusters[i].first].code != ' ') {
            nearest = off;
            best = i;
        }
    }
    return best;
}

/* Gives each mark to its cluster; those of one in the order in which they were drawn. */
static void
give_marks(const struct text *text, const struct cluster *clusters, size_t n, struct marks *marks)
{
    memset(marks->of_cluster, 0, n * sizeof(*marks->of_cluster));
    for (size_t m = marks->count; m-- > 0;) {
        size_t at = bearer_of(text, clusters, n, marks->glyph[m]);
        marks->next[m] = marks->of_cluster[at];
        marks->of_cluster[at] = (uint16_t)(m + 1);
    }
}

static void
swap_lines(struct text *text)
{
    struct glyph *spare = text->line;

    text->line = text->sorted;
    text->sorted = spare;
}

/* Writes the clusters as they are read, each with its marks. */
static void
write_order(struct text *text, const struct cluster *clusters, const uint16_t *order, size_t n,
            const struct marks *marks)
{
    uint32_t at = 0;

    for (size_t k = 0; k < n; k++) {
        const struct cluster *cluster = &clusters[order[k]];
        if (cluster->count == 0) { /* a gap */
            text->sorted[at] = text->line[cluster->first];
            text->sorted[at++].code = ' ';
        }
        for (uint16_t i = 0; i < cluster->count; i++)
            text->sorted[at++] = text->line[cluster->first + i];
        for (uint16_t m = marks->of_cluster[order[k]]; m != 0; m = marks->next[m - 1]) {
            struct glyph mark = text->line[marks->glyph[m - 1]];
            const struct glyph *base = &text->line[cluster->first];
            mark.follows = true;
            mark.x = base->x; /* gaps are measured from the letter */
            mark.y = base->y;
            mark.ex = base->ex;
            mark.ey = base->ey;
            text->sorted[at++] = mark;
        }
    }
    text->count = at;
    swap_lines(text);
}

static enum bidi_side
side_around(const struct text *text)
{
    if (text->left_letters == text->right_letters)
        return BIDI_UNKNOWN;
    return text->right_letters > text->left_letters ? BIDI_RIGHT : BIDI_LEFT;
}

/* Puts a space where two clusters stand apart without one. Returns how many there are now. */
static size_t
space_out(const struct text *text, const struct cluster *from, size_t n, struct cluster *to)
{
    size_t made = 0;

    for (size_t i = 0; i < n; i++) {
        const struct glyph *g = &text->line[from[i].first];
        const struct glyph *last = i > 0 ? &text->line[from[i - 1].first] : g;
        bool apart = i > 0 && words_is_gap(last, g, from[i].start - from[i - 1].end);
        if (apart && last->code != ' ' && g->code != ' ' && made + n - i < LINE_GLYPHS_MAX)
            to[made++] = (struct cluster){from[i - 1].end, from[i].start, from[i].first, 0};
        to[made++] = from[i];
    }
    return made;
}

/* A number with the point after it, as it stands before an item of a list or at the end of a
 * paragraph, in a line of its own: its point is seen on the left. */
static bool
turn_marker(struct text *text)
{
    uint32_t n = text->count;

    if (n < 2 || n > LONE_NUMBER_MAX || side_around(text) != BIDI_RIGHT)
        return false;
    if (text->line[0].code != '.' && text->line[0].code != '(')
        return false;
    for (uint32_t i = 1; i < n; i++)
        if (text->line[i].code < '0' || text->line[i].code > '9')
            return false;
    struct glyph point = text->line[0];
    memmove(text->line, text->line + 1, (n - 1) * sizeof(point));
    text->line[n - 1] = point;
    text->line[n - 1].code = point.code == '(' ? ')' : '.';
    return true;
}

/* Whether there is nothing to put in order: no letter from right to left. */
static bool
is_plain(const struct text *text)
{
    uint32_t i = 0;

    while (i < text->count && !bidi_is_right(text->line[i].code))
        i++;
    return i == text->count;
}

bool
bidi_order(struct text *text, bool *ret_spaced)
{
    struct cluster drawn[LINE_GLYPHS_MAX], clusters[LINE_GLYPHS_MAX];
    struct marks marks;
    uint32_t seen[LINE_GLYPHS_MAX];
    uint16_t order[LINE_GLYPHS_MAX];
    bool right[LINE_GLYPHS_MAX];

    *ret_spaced = false;
    if (is_plain(text)) {
        *ret_spaced = turn_marker(text);
        text->left_letters += *ret_spaced ? 0 : text->count;
        return *ret_spaced;
    }
    size_t n = make_clusters(text, drawn, marks.glyph, &marks.count);
    if (n == 0)
        return false;
    qsort(drawn, n, sizeof(*drawn), compare_clusters);
    n = space_out(text, drawn, n, clusters);
    give_marks(text, clusters, n, &marks);
    for (size_t k = 0; k < n; k++)
        seen[k] = clusters[k].count == 0 ? ' ' : text->line[clusters[k].first].code;
    bool reads_right = bidi_read(seen, n, side_around(text), order, right) == BIDI_RIGHT;
    bidi_mend_brackets(seen, right, n, &text->brackets);
    for (size_t k = 0; k < n; k++)
        if (clusters[k].count > 0)
            text->line[clusters[k].first].code = seen[k];
    write_order(text, clusters, order, n, &marks);
    *ret_spaced = true;
    *(reads_right ? &text->right_letters : &text->left_letters) += n;
    return reads_right;
}
