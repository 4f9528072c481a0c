/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/askew.h"

#include "base/order.h"
#include "base/sets.h"
#include "ledger/ledger_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What may be a letter: its larger side, of the usual height of letters and in pixels, and of the
 * page's shorter side; ink in its box; its sides to each other. */
static const float size_least = 0.7F, pixels_least = 5, size_most = 0.25F;
static const float fill_least = 0.06F, fill_most = 0.85F, aspect_most = 7;

/* Neighbours: distance of their middles, of the larger one's size; sizes, to each other. */
static const float reach = 1.6F, ratio_most = 2.2F;

/* Chains: letters at least, and past how many it is a texture. */
enum { PARTS_LEAST = 4, PARTS_MOST = 240, CANDIDATES_MOST = 6000, WORK_MOST = 4000000 };
static const float alike_low = 0.5F, alike_high = 1.7F, alike_share = 0.7F; /* of the median size */

/* Directions are asked in steps of degrees; pairs within that of a letter's height are in one row.
 */
enum { STEPS = 90, STEP = 180 / STEPS };
static const float row_width = 0.5F;

/* Of all pairs, those in one row along the best direction, as against the median direction; chains
 * of a few parts need more. */
static const float better_least = 2, few_share = 0.6F;
enum { FEW = 7 };

/* Degrees from level below which it is no matter of ours, and from upright within which it is. */
static const float lean_least = 6, upright_within = 5;

/* A letter's width, of its height; and the share of a piece of writing that letters fill at least:
 * texture is looser, or has no rows. */
static const float letter_width = 0.7F, dense_least = 0.2F;

/* What belongs to the line besides, of the letters' height: along it; and its size at most. */
static const float tail_gap = 1.3F, tail_high = 2, box_slack = 0.35F;
enum { TAIL_PASSES = 8, LETTERS_FEW = 2 };

/* Chains kept, and directions that are one. */
enum { CHAINS_MOST = 64 };
static const float alike_degrees = 5;

/* Of a part that a word covers. */
static const float owned_share = 0.4F;

struct candidate {
    float x, y, size; /* middle; root of its box's area */
    float w, h;       /* of its box */
};

struct finder {
    struct candidate *all; /* by x */
    uint32_t count;
    uint32_t *parents; /* chains of them (base/sets.h) */
    uint32_t *members; /* of the chain at hand */
    float turn;        /* degrees from the page as seen to the page as read */
    struct askew found[CHAINS_MOST];
    uint32_t found_count;
};

static size_t
letters_of(const char *text)
{
    size_t letters = 0;

    for (; *text != '\0'; text++)
        letters += ((unsigned char)*text & 0xc0) != 0x80;
    return letters;
}

bool
askew_is_settled(const struct page *page, const struct page_line *line, uint32_t word)
{
    if (page->words[word].confidence < askew_sure)
        return false;
    for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++)
        if (page->words[i].confidence >= askew_sure &&
            letters_of(page->words[i].text) > LETTERS_FEW)
            return true;
    return false;
}

static bool
paint_settled(const struct page *page, struct owners *owners)
{
    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++)
            if (askew_is_settled(page, line, i))
                owners_paint(owners, page->words[i].box, i);
    }
    return true;
}

static int
compare_places(const void *a, const void *b)
{
    const struct candidate *left = a, *right = b;

    if (left->x != right->x)
        return left->x < right->x ? -1 : 1;
    return left->y < right->y ? -1 : left->y > right->y;
}

/* Whether one settled word covers half of the part: many may lie over a large one. */
static bool
is_owned(const struct owners *owners, const struct page *page, struct box part)
{
    struct box box = page_box_as_read(page, part);
    uint32_t owner = owners_find(owners, box);

    return owner != 0 &&
           box_area(box_cut(page->words[owner - 1].box, box)) >= owned_share * box_area(box);
}

/* The parts of one picture of the page that may be letters and are no settled word's. */
static bool
gather(struct finder *f, const struct ink *ink, const struct page *page,
       const struct owners *owners, struct arena *scratch)
{
    float least = fmaxf(size_least * ink->part_height, pixels_least * ink->pixel);
    float most = size_most * fminf(page->width, page->height);

    f->count = 0;
    f->all = arena_array(scratch, CANDIDATES_MOST, sizeof(*f->all));
    f->parents = arena_array(scratch, CANDIDATES_MOST, sizeof(*f->parents));
    f->members = arena_array(scratch, CANDIDATES_MOST, sizeof(*f->members));
    if (f->all == NULL || f->parents == NULL || f->members == NULL)
        return false;
    for (uint32_t i = 0; i < ink->count && f->count < CANDIDATES_MOST; i++) {
        struct box b = ink->parts[i].box;
        float w = box_width(b), h = box_height(b);
        float larger = fmaxf(w, h), smaller = fminf(w, h), fill = ink->parts[i].ink / (w * h);
        if (ink->parts[i].is_rule || larger < least || larger > most ||
            larger > aspect_most * smaller || fill < fill_least || fill > fill_most ||
            is_owned(owners, page, b))
            continue;
        f->all[f->count++] = (struct candidate){
            .x = (b.x0 + b.x1) / 2, .y = (b.y0 + b.y1) / 2, .size = sqrtf(w * h), .w = w, .h = h};
    }
    if (f->count == CANDIDATES_MOST)
        f->count = 0; /* a texture */
    qsort(f->all, f->count, sizeof(*f->all), compare_places);
    sets_init(f->parents, f->count);
    return true;
}

static void
chain_up(struct finder *f)
{
    uint32_t work = 0;

    for (uint32_t i = 0; i < f->count; i++) {
        struct candidate *a = &f->all[i];
        for (uint32_t k = i + 1; k < f->count && work < WORK_MOST; k++) {
            struct candidate *b = &f->all[k];
            float dx = b->x - a->x, dy = b->y - a->y, larger = fmaxf(a->size, b->size);
            work++;
            if (dx > reach * ratio_most * a->size)
                break;
            if (larger > ratio_most * fminf(a->size, b->size) ||
                dx * dx + dy * dy > reach * reach * larger * larger)
                continue;
            (void)sets_join(f->parents, i, k);
        }
    }
}

/* Share of the pairs of members that stand in one row along the direction. */
static float
share_in_rows(const struct finder *f, uint32_t n, float degrees, float width)
{
    float s = sinf(degrees * (float)M_PI / 180), c = cosf(degrees * (float)M_PI / 180);
    float places[PARTS_MOST], sum = 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct candidate *part = &f->all[f->members[i]];
        places[i] = part->y * c - part->x * s;
    }
    qsort(places, n, sizeof(*places), order_floats);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = i + 1; k < n && places[k] - places[i] < width; k++)
            sum += 1 - (places[k] - places[i]) / width;
    return 2 * sum / (float)(n * (n - 1));
}

/* The median size of the members, if most are of one size; else 0. */
static float
common_size(const struct finder *f, uint32_t n)
{
    float sizes[PARTS_MOST];
    uint32_t alike = 0;

    for (uint32_t i = 0; i < n; i++)
        sizes[i] = f->all[f->members[i]].size;
    qsort(sizes, n, sizeof(*sizes), order_floats);
    for (uint32_t i = 0; i < n; i++)
        alike += sizes[i] >= alike_low * sizes[n / 2] && sizes[i] <= alike_high * sizes[n / 2];
    return (float)alike >= alike_share * (float)n ? sizes[n / 2] : 0;
}

/* Degrees of (-90, 90]. */
static float
straightened(float degrees)
{
    while (degrees > 90)
        degrees -= 180;
    while (degrees <= -90)
        degrees += 180;
    return degrees;
}

/* The direction of the members, if they have one. */
static bool
find_direction(const struct finder *f, uint32_t n, float size, float *ret_angle)
{
    float shares[STEPS], sorted[STEPS], width = row_width * size, fine = 0, most = -1;
    int best = 0;

    for (int k = 0; k < STEPS; k++) {
        sorted[k] = shares[k] = share_in_rows(f, n, (float)(k * STEP), width);
        best = shares[k] > shares[best] ? k : best;
    }
    qsort(sorted, STEPS, sizeof(*sorted), order_floats);
    if (shares[best] < better_least * sorted[STEPS / 2] || (n < FEW && shares[best] < few_share))
        return false;
    /* Many directions serve a short word as well: the middle of what is nearly as good. */
    for (int k = -2 * STEP * 4; k <= 2 * STEP * 4; k++) {
        float degrees = (float)(best * STEP) + (float)k / 4;
        float share = share_in_rows(f, n, degrees, width);
        if (share > most) {
            most = share;
            fine = degrees;
        }
    }
    *ret_angle = straightened(fine);
    return true;
}

/* A letter's height across the direction; its box stands straight. */
static float
height_of(const struct candidate *part, float s, float c)
{
    return (part->w + part->h) / ((1 + letter_width) * (fabsf(s) + fabsf(c)));
}

/* How long a part of that height is along the direction, if it runs along it; else 0. */
static float
length_of(const struct candidate *part, float height, float s, float c)
{
    float length = (part->w + part->h) / (fabsf(s) + fabsf(c)) - height;
    float w = length * fabsf(c) + height * fabsf(s), h = length * fabsf(s) + height * fabsf(c);
    bool runs = length > 0 && fabsf(w - part->w) <= box_slack * part->w &&
                fabsf(h - part->h) <= box_slack * part->h;

    return runs ? length : 0;
}

static struct box
place_of(const struct candidate *part, float length, float height, float s, float c)
{
    float u = part->x * c + part->y * s, v = part->y * c - part->x * s;

    return (struct box){u - length / 2, v - height / 2, u + length / 2, v + height / 2};
}

/* The lines go on in parts that by themselves would tell nothing: letters beyond a gap, and several
 * that touch. */
static void
complete(const struct finder *f, struct askew *askew, float s, float c)
{
    bool again = true;

    for (int pass = 0; again && pass < TAIL_PASSES; pass++) {
        again = false;
        for (uint32_t i = 0; i < f->count; i++) {
            float height = height_of(&f->all[i], s, c), length = height;
            if (height > tail_high * askew->letter)
                height = length = 0;
            float joined = length_of(&f->all[i], askew->letter, s, c);
            if (joined > length) {
                length = joined;
                height = askew->letter;
            }
            struct box b = place_of(&f->all[i], length, height, s, c), *to = &askew->box;
            float v = (b.y0 + b.y1) / 2, gap = fmaxf(b.x0 - to->x1, to->x0 - b.x1);
            if (length <= 0 || (b.x0 >= to->x0 && b.x1 <= to->x1) || v < to->y0 || v > to->y1 ||
                gap > tail_gap * askew->letter)
                continue;
            to->x0 = fminf(to->x0, b.x0);
            to->x1 = fmaxf(to->x1, b.x1);
            askew->filled += letter_width * box_area(b);
            again = true;
        }
    }
}

/* The box of b in the frame of a, which is turned by much the same. */
static struct box
box_in_frame(const struct askew *a, const struct askew *b)
{
    float s = sinf(b->angle * (float)M_PI / 180), c = cosf(b->angle * (float)M_PI / 180);
    float x = ((b->box.x0 + b->box.x1) * c - (b->box.y0 + b->box.y1) * s) / 2;
    float y = ((b->box.x0 + b->box.x1) * s + (b->box.y0 + b->box.y1) * c) / 2;
    float w = box_width(b->box) / 2, h = box_height(b->box) / 2;

    s = sinf(a->angle * (float)M_PI / 180);
    c = cosf(a->angle * (float)M_PI / 180);
    return (struct box){x * c + y * s - w, y * c - x * s - h, x * c + y * s + w, y * c - x * s + h};
}

/* Two chains that run alike, one within reach of the other, are one piece of writing: a takes b. */
static bool
unite(struct askew *a, const struct askew *b)
{
    float near = tail_gap * fminf(a->letter, b->letter);

    if (fabsf(a->angle - b->angle) > alike_degrees ||
        fmaxf(a->letter, b->letter) > ratio_most * fminf(a->letter, b->letter))
        return false;
    struct box box = box_in_frame(a, b);
    if (box.x1 < a->box.x0 - near || box.x0 > a->box.x1 + near || box.y1 < a->box.y0 - near ||
        box.y0 > a->box.y1 + near)
        return false;
    a->box = box_union(a->box, box);
    a->parts += b->parts;
    a->filled += b->filled;
    return true;
}

static int
compare_sizes(const void *a, const void *b)
{
    const struct askew *left = a, *right = b;
    float one = (float)left->parts * left->letter, other = (float)right->parts * right->letter;

    return one > other ? -1 : one < other;
}

/* Joins what is one, longest first; returns how many remain. */
static uint32_t
join(struct askew *found, uint32_t n)
{
    qsort(found, n, sizeof(*found), compare_sizes);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t k = i + 1; k < n;) {
            if (!unite(&found[i], &found[k])) {
                k++;
                continue;
            }
            memmove(&found[k], &found[k + 1], (n - k - 1) * sizeof(*found));
            n--;
            k = i + 1; /* it is longer now */
        }
    uint32_t kept = 0;
    for (uint32_t i = 0; i < n; i++)
        if (found[i].filled >= dense_least * box_area(found[i].box))
            found[kept++] = found[i];
    qsort(found, kept, sizeof(*found), compare_sizes);
    return kept;
}

/* Adds the chain of the members [n] if it is writing askew. */
static void
judge(struct finder *f, uint32_t n)
{
    float heights[PARTS_MOST], angle = 0;
    float size = n >= PARTS_LEAST && n <= PARTS_MOST ? common_size(f, n) : 0;

    if (size <= 0 || !find_direction(f, n, size, &angle))
        return;
    float lean = straightened(angle + f->turn);
    if (fabsf(lean) < lean_least)
        return;
    if (90 - fabsf(lean) < upright_within) {
        angle = straightened(angle + (lean > 0 ? 90 : -90) - lean);
        lean = 90;
    }
    float s = sinf(angle * (float)M_PI / 180), c = cosf(angle * (float)M_PI / 180);
    for (uint32_t i = 0; i < n; i++)
        heights[i] = height_of(&f->all[f->members[i]], s, c);
    qsort(heights, n, sizeof(*heights), order_floats);
    struct askew askew = {.angle = angle, .lean = lean, .letter = heights[n / 2], .parts = n};
    for (uint32_t i = 0; i < n; i++) {
        struct box b = place_of(&f->all[f->members[i]], askew.letter, askew.letter, s, c);
        askew.box = i == 0 ? b : box_union(askew.box, b);
    }
    askew.filled = (float)n * letter_width * askew.letter * askew.letter;
    complete(f, &askew, s, c);
    if (f->found_count < CHAINS_MOST)
        f->found[f->found_count++] = askew;
}

/* A chain is its root and what comes behind it: roots are the first of their chains. */
static void
judge_chains(struct finder *f, struct arena *scratch)
{
    uint32_t *next = arena_array(scratch, (size_t)f->count + 1, sizeof(*next));
    uint32_t *last = arena_array(scratch, (size_t)f->count + 1, sizeof(*last));

    if (next == NULL || last == NULL)
        return;
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t root = sets_root(f->parents, i);
        next[i] = UINT32_MAX;
        if (root != i)
            next[last[root]] = i;
        last[root] = i;
    }
    for (uint32_t i = 0; i < f->count; i++) {
        uint32_t n = 0;
        if (sets_root(f->parents, i) != i)
            continue;
        for (uint32_t k = i; k != UINT32_MAX; k = next[k])
            f->members[n++] = k;
        judge(f, n);
    }
}

enum err_code
askew_find(const struct ledger *ledger, const struct page *page, struct arena *scratch,
           struct askew ret[ASKEW_MOST], uint32_t *ret_count, struct err *err)
{
    struct finder f = {.turn = page->skew + (float)page->turned};
    struct owners owners;

    *ret_count = 0;
    if (ledger->seen_count == 0)
        return ERR_OK;
    if (!owners_new(scratch, page, &owners) || !paint_settled(page, &owners))
        return err_set(err, ERR_LIMIT, "no room to look at the ink of page %u", page->index + 1);
    for (uint32_t i = 0; i < ledger->seen_count; i++) {
        if (!gather(&f, &ledger->seen[i], page, &owners, scratch))
            return err_set(err, ERR_LIMIT, "no room to look at the ink of page %u",
                           page->index + 1);
        chain_up(&f);
        judge_chains(&f, scratch);
    }
    f.found_count = join(f.found, f.found_count);
    *ret_count = f.found_count < ASKEW_MOST ? f.found_count : ASKEW_MOST;
    memcpy(ret, f.found, *ret_count * sizeof(*ret));
    return ERR_OK;
}
