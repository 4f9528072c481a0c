/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/groups.h"

#include "base/order.h"
#include "base/sets.h"

#include <math.h>
#include <stdlib.h>

/* Of the letter height: what may be a letter, x-heights and headlines included. */
static const float low_least = 0.55F, high_most = 10;
static const float pixels_least = 3.5F; /* height in pixels below which letters are dust */

/* Neighbours: gap and difference in height, of the smaller one's height. */
static const float gap_most = 1.3F, ratio_most = 2.6F;
static const float overlap_least = 0.5F;

/* Writing: letters at least, share of the parts near the median height, share of ink in the box of
 * the line and in those of the parts. */
static const uint32_t letters_least = 4;
static const float near_low = 0.6F, near_high = 1.6F, near_share = 0.6F;
static const float ink_least = 0.06F, ink_most = 0.6F, solid_most = 0.78F;
static const float letter_width = 0.8F; /* of its height, space beside it included */
static const float line_height_most = 2.6F;

/* Blurred words, each one part, in a row: width of one beside its height, share of ink, letters
 * they could be, height of all beside its own, and beside that of the page's letters. */
static const float smear_aspect_least = 1.5F, smear_ink_most = 0.8F, smear_height_most = 1.4F,
                   smear_high = 3;
static const uint32_t smear_letters_least = 8;

/* Bars of a code: so many parts, most of them so much higher than wide. */
static const uint32_t bars_least = 8;
static const float bar_aspect = 4, bars_share = 0.7F;

/* Stretches into which leaning lines are cut, and rows in them: of the letters' height. */
static const float stretch_width = 14, row_gap = 0.45F;
static const uint32_t stretch_parts = 400;

/* A single part that is a whole word: smeared print or joined letters. Alone, its strokes must be
 * as thick beside its height as those of letters are. */
static const float blob_aspect_least = 3.5F, blob_low = 0.8F, blob_high = 2.2F;
static const float blob_ink_least = 0.18F, blob_ink_most = 0.6F;
static const float lone_aspect_least = 3, lone_low = 0.65F, lone_ink_most = 0.75F;
static const float lone_stroke_least = 0.1F, lone_stroke_most = 0.45F;

/* Groups on one line are one: gap, of their height; height of all, of their letters'. */
static const float line_gap = 3, line_overlap = 0.5F, line_tall = 3.2F;

enum { WORK_MAX = 12000000 }; /* pairs looked at; more is texture */

static float
height_of(const struct ink_part *p)
{
    return box_height(p->box);
}

static int
compare_left(const void *a, const void *b)
{
    const struct ink_part *left = a, *right = b;

    if (left->box.x0 != right->box.x0)
        return left->box.x0 < right->box.x0 ? -1 : 1;
    return left->box.y0 < right->box.y0 ? -1 : left->box.y0 > right->box.y0;
}

static bool
are_neighbours(const struct ink_part *a, const struct ink_part *b)
{
    float ha = height_of(a), hb = height_of(b);
    float smaller = fminf(ha, hb), larger = fmaxf(ha, hb);
    float overlap = fminf(a->box.y1, b->box.y1) - fmaxf(a->box.y0, b->box.y0);

    return larger <= ratio_most * smaller && overlap >= overlap_least * smaller &&
           b->box.x0 - a->box.x1 <= gap_most * larger;
}

static void
chain_up(const struct ink_part *parts, uint32_t n, uint32_t *chains)
{
    uint32_t work = 0;

    for (uint32_t i = 0; i < n; i++) {
        float reach = parts[i].box.x1 + gap_most * ratio_most * height_of(&parts[i]);
        for (uint32_t k = i + 1; k < n && parts[k].box.x0 <= reach && work < WORK_MAX; k++) {
            work++;
            if (!are_neighbours(&parts[i], &parts[k]))
                continue;
            (void)sets_join(chains, i, k);
        }
    }
}

static bool
is_blob(const struct ink_part *p, float letter)
{
    float w = box_width(p->box), h = height_of(p), fill = p->ink / (w * h);

    return w >= blob_aspect_least * h && h >= blob_low * letter && h <= blob_high * letter &&
           fill >= blob_ink_least && fill <= blob_ink_most;
}

struct judging {
    const struct ink_part *parts;
    float *heights; /* scratch, as many as parts */
    float letter;
    struct group *groups;
    uint32_t count;
};

/* Sums up the members [n], indices into parts. */
static struct group
sum_up(struct judging *j, const uint32_t *members, uint32_t n, float *ret_solid, bool *ret_blob)
{
    struct group g = {.box = j->parts[members[0]].box, .parts = n};
    float letters = 0;

    *ret_solid = 0;
    *ret_blob = false;
    for (uint32_t i = 0; i < n; i++) {
        const struct ink_part *p = &j->parts[members[i]];
        float h = height_of(p);
        j->heights[i] = h;
        g.box = box_union(g.box, p->box);
        g.ink += p->ink;
        *ret_solid += box_area(p->box);
        letters += fmaxf(1, roundf(box_width(p->box) / (letter_width * h)));
        *ret_blob = *ret_blob || is_blob(p, j->letter);
    }
    qsort(j->heights, n, sizeof(*j->heights), order_floats);
    g.height = j->heights[n / 2];
    g.letters = (uint32_t)letters;
    return g;
}

static bool
are_bars(const struct judging *j, const uint32_t *members, uint32_t n)
{
    uint32_t bars = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct ink_part *p = &j->parts[members[i]];
        bars += height_of(p) >= bar_aspect * box_width(p->box);
    }
    return n >= bars_least && (float)bars >= bars_share * (float)n;
}

static bool
are_smears(const struct judging *j, const struct group *g, const uint32_t *members, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        const struct ink_part *p = &j->parts[members[i]];
        float w = box_width(p->box), h = height_of(p), fill = p->ink / (w * h);
        if (w < smear_aspect_least * h || fill < blob_ink_least || fill > smear_ink_most ||
            h < blob_low * j->letter || h > smear_high * j->letter)
            return false;
    }
    return n > 1 && g->letters >= smear_letters_least &&
           box_height(g->box) <= smear_height_most * g->height;
}

/* Adds the members as a group if they are writing. */
static void
judge(struct judging *j, const uint32_t *members, uint32_t n)
{
    float solid;
    uint32_t near = 0;
    bool blob;
    struct group g = sum_up(j, members, n, &solid, &blob);
    float fill = g.ink / fmaxf(box_area(g.box), 1e-3F);

    for (uint32_t i = 0; i < n; i++)
        near += j->heights[i] >= near_low * g.height && j->heights[i] <= near_high * g.height;
    bool smeared = are_smears(j, &g, members, n);
    if (fill < ink_least || are_bars(j, members, n) ||
        (!smeared && (fill > ink_most || g.ink > solid_most * solid)))
        return;
    bool is_line = g.letters >= letters_least && (float)near >= near_share * (float)n &&
                   box_height(g.box) <= line_height_most * g.height;
    g.smeared = smeared;
    if (smeared || (n < 3 ? blob : is_line))
        j->groups[j->count++] = g;
}

static float
center_of(const struct ink_part *p)
{
    return (p->box.y0 + p->box.y1) / 2;
}

/* Judges the members [n] of one stretch row by row. */
static void
judge_rows(struct judging *j, uint32_t *members, uint32_t n, float height)
{
    for (uint32_t i = 1; i < n; i++)
        for (uint32_t k = i;
             k > 0 && center_of(&j->parts[members[k - 1]]) > center_of(&j->parts[members[k]]);
             k--) {
            uint32_t kept = members[k];
            members[k] = members[k - 1];
            members[k - 1] = kept;
        }
    for (uint32_t first = 0, i = 1; i <= n; i++) {
        if (i < n && center_of(&j->parts[members[i]]) - center_of(&j->parts[members[i - 1]]) <=
                         row_gap * height)
            continue;
        judge(j, members + first, i - first);
        first = i;
    }
}

/* Whether a part with nothing beside it may be a word. */
static bool
is_lone_word(const struct ink_part *p, float letter)
{
    float w = box_width(p->box), h = height_of(p), fill = p->ink / (w * h);

    return w >= lone_aspect_least * h && h >= lone_low * letter && h <= blob_high * letter &&
           fill >= blob_ink_least && fill <= lone_ink_most && p->stroke >= lone_stroke_least * h &&
           p->stroke <= lone_stroke_most * h;
}

static void
judge_lone(struct judging *j, const uint32_t *members, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        float solid;
        bool blob;
        if (!is_lone_word(&j->parts[members[i]], j->letter))
            continue;
        j->groups[j->count] = sum_up(j, members + i, 1, &solid, &blob);
        j->groups[j->count++].lone = true;
    }
}

/* A chain that is no line as it stands may be a long one that leans, or several that touch: it is
 * cut into short stretches, and these into rows. */
static void
judge_chain(struct judging *j, uint32_t *members, uint32_t n)
{
    float solid;
    bool blob;
    struct group all = sum_up(j, members, n, &solid, &blob);

    if (n < 3 && !are_smears(j, &all, members, n)) { /* one or two parts may be anything */
        judge_lone(j, members, n);
        return;
    }
    if (box_height(all.box) <= line_height_most * all.height) {
        judge(j, members, n);
        return;
    }
    for (uint32_t first = 0, i = 1; i <= n; i++) {
        float start = j->parts[members[first]].box.x0;
        if (i < n && i - first < stretch_parts &&
            j->parts[members[i]].box.x1 - start <= stretch_width * all.height)
            continue;
        judge_rows(j, members + first, i - first, all.height);
        first = i;
    }
}

/* Brings the members of each chain together: members[] holds part numbers, sorted by their roots,
 * starts[root] where they begin. */
static void
sort_members(uint32_t *chains, uint32_t n, uint32_t *starts, uint32_t *members)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < n; i++)
        starts[sets_root(chains, i)]++;
    for (uint32_t i = 0; i < n; i++) {
        uint32_t count = starts[i];
        starts[i] = sum;
        sum += count;
    }
    starts[n] = sum;
    for (uint32_t i = 0; i < n; i++)
        members[starts[sets_root(chains, i)]++] = i;
    for (uint32_t i = n; i > 0; i--)
        starts[i] = starts[i - 1];
    starts[0] = 0;
}

enum err_code
groups_find(struct arena *scratch, struct ink_part *parts, uint32_t n, float letter, float pixel,
            struct group **ret, uint32_t *ret_count, struct err *err)
{
    float low = fmaxf(low_least * letter, pixels_least * pixel), high = high_most * letter;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < n; i++) {
        float h = height_of(&parts[i]);
        if (!parts[i].is_rule && h >= low && h <= high && box_width(parts[i].box) <= 40 * h)
            parts[kept++] = parts[i];
    }
    uint32_t *chains = arena_array(scratch, (size_t)kept + 1, sizeof(*chains));
    uint32_t *starts = arena_array(scratch, (size_t)kept + 2, sizeof(*starts));
    uint32_t *members = arena_array(scratch, (size_t)kept + 1, sizeof(*members));
    float *heights = arena_array(scratch, (size_t)kept + 1, sizeof(*heights));
    struct group *groups = arena_array(scratch, (size_t)kept + 1, sizeof(*groups));
    if (chains == NULL || starts == NULL || members == NULL || heights == NULL || groups == NULL)
        return err_set(err, ERR_LIMIT, "no room to look for writing among %u parts of ink", n);
    qsort(parts, kept, sizeof(*parts), compare_left);
    sets_init(chains, kept);
    chain_up(parts, kept, chains);
    sort_members(chains, kept, starts, members);
    struct judging j = {.parts = parts, .heights = heights, .letter = letter, .groups = groups};
    for (uint32_t i = 0; i < kept; i++)
        if (starts[i + 1] > starts[i])
            judge_chain(&j, members + starts[i], starts[i + 1] - starts[i]);
    *ret = groups;
    *ret_count = j.count;
    return ERR_OK;
}

static bool
on_one_line(const struct group *a, const struct group *b)
{
    float ha = box_height(a->box), hb = box_height(b->box);
    float overlap = fminf(a->box.y1, b->box.y1) - fmaxf(a->box.y0, b->box.y0);
    float gap = fmaxf(a->box.x0, b->box.x0) - fminf(a->box.x1, b->box.x1);

    float both = fmaxf(a->box.y1, b->box.y1) - fminf(a->box.y0, b->box.y0);

    return a->drawn == b->drawn && overlap >= line_overlap * fminf(ha, hb) &&
           gap <= line_gap * fmaxf(ha, hb) && both <= line_tall * fmaxf(a->height, b->height);
}

void
groups_merge(struct group *groups, uint32_t *count)
{
    bool again = true;

    while (again) {
        again = false;
        for (uint32_t i = 0; i < *count; i++)
            for (uint32_t k = i + 1; k < *count;) {
                if (!on_one_line(&groups[i], &groups[k])) {
                    k++;
                    continue;
                }
                groups[i].box = box_union(groups[i].box, groups[k].box);
                groups[i].ink += groups[k].ink;
                groups[i].letters += groups[k].letters;
                groups[i].parts += groups[k].parts;
                groups[i].lone = groups[i].lone && groups[k].lone;
                groups[k] = groups[--*count];
                again = true;
            }
    }
}
