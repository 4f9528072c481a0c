/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/ledger_internal.h"

#include "base/order.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Letter height where neither words nor parts tell it, pt. */
static const float letter_usual = 5;
static const uint32_t heights_least = 12; /* parts in words whose heights tell it */

/* Of the letter height: what is no letter any more. */
static const float picture_height = 10, picture_wide = 14, picture_wide_height = 3.5F;

/* A ring: as wide as high or nearly, mostly empty; larger is a chart, smaller a letter. */
static const float ring_aspect = 1.7F, ring_fill = 0.3F, ring_off_center = 0.08F, ring_least = 7,
                   ring_most = 150;

/* Strips at the edges of the paper where scanners leave shadows, share of the shorter side. */
static const float edge_share = 0.012F;

/* Texture of a picture must look more like writing than loose ink must, or stand by itself: ink
 * around it of its own, so many of its letters' heights away. */
static const uint32_t picture_letters_least = 7, picture_parts_least = 5;
static const float alone_reach = 1.2F, alone_ink = 0.15F;
static const float like_height = 1.4F; /* letters of one size: the higher to the lower */

/* Lines that run up or down must be longer than level ones: what stacks up is often no writing. */
static const uint32_t upright_letters_least = 7, upright_parts_least = 5;

/* How far from a line of writing loose parts belong to it, and how high they may be, of its
 * letters' height. */
static const float tail_gap = 1.6F, tail_high = 2.6F;
enum { TAIL_PASSES = 12 };

/* How far above and below a group other parts make it a texture, of its letters' height (in
 * pictures: of its own); how many, of its letters. */
static const float crowd_reach = 0.75F, picture_crowd_reach = 0.6F, crowd_most = 0.5F,
                   crowd_high = 0.4F;

/* Height of a line with what hangs on it, of its letters' height. */
static const float line_tall = 3.2F;

struct sorter {
    const struct ledger *ledger;
    const struct ink *ink;
    const struct page *page;
    struct sorted *to;
    struct arena *scratch;
    struct ink_part *rest; /* what no word holds */
    uint32_t rest_count;
    float letter;
    float stroke; /* of the letters that words hold, pt; 0: too few */
};

/* Gives each part to its word; leaves the others in rest. Letter height from what words hold. */
static bool
give_to_words(struct sorter *s, const struct owners *words, bool *owning)
{
    const struct ink *ink = s->ink;
    float *heights = arena_array(s->scratch, (size_t)ink->count + 1, sizeof(*heights));
    float *strokes = arena_array(s->scratch, (size_t)ink->count + 1, sizeof(*strokes));
    uint32_t n = 0;

    s->rest = arena_array(s->scratch, (size_t)ink->count + 1, sizeof(*s->rest));
    if (heights == NULL || strokes == NULL || s->rest == NULL)
        return false;
    for (uint32_t i = 0; i < ink->count; i++) {
        struct ink_part part = ink->parts[i];
        part.box = page_box_as_read(s->page, part.box);
        uint32_t owner = owners_find(words, part.box);
        if (owner == 0) {
            s->rest[s->rest_count++] = part;
            continue;
        }
        const struct page_word *word = &s->page->words[owner - 1];
        owning[owner - 1] = true;
        if (word->confidence >= ledger_good)
            s->to->good += (double)part.ink;
        else
            s->to->poor += (double)part.ink;
        float h = box_height(part.box), w = box_width(part.box);
        if (part.is_rule || h <= 3 * ink->pixel || w >= 3 * h || h >= 6 * w)
            continue;
        strokes[n] = part.stroke;
        heights[n++] = h;
    }
    qsort(heights, n, sizeof(*heights), order_floats);
    qsort(strokes, n, sizeof(*strokes), order_floats);
    if (n >= heights_least) {
        s->letter = heights[n / 2];
        s->stroke = strokes[n / 2];
    } else {
        s->letter = ink->part_height > 0 ? ink->part_height : letter_usual;
    }
    return true;
}

static bool
is_picture(const struct sorter *s, const struct ink_part *p)
{
    float w = box_width(p->box), h = box_height(p->box);

    return h > picture_height * s->letter ||
           (w > picture_wide * s->letter && h > picture_wide_height * s->letter);
}

static bool
is_ring(const struct sorter *s, const struct ink_part *p)
{
    float w = box_width(p->box), h = box_height(p->box);

    return w <= ring_aspect * h && h <= ring_aspect * w && p->ink <= ring_fill * w * h &&
           p->off_center <= ring_off_center && fminf(w, h) >= ring_least * s->letter &&
           fmaxf(w, h) <= ring_most;
}

/* Whether the box touches the strip at the edge of what was seen where that is the page's edge. */
static bool
is_at_edge(const struct sorter *s, struct box box)
{
    float edge = edge_share * fminf(s->page->width, s->page->height);

    return box.x0 < edge || box.y0 < edge || box.x1 > s->page->width - edge ||
           box.y1 > s->page->height - edge;
}

static bool
is_in_any(const struct ink_part *parts, uint32_t n, struct box box)
{
    for (uint32_t i = 0; i < n; i++)
        if (box_holds_center(parts[i].box, box))
            return true;
    return false;
}

static bool
is_in_code(const struct sorter *s, struct box box)
{
    for (uint32_t i = 0; i < s->page->code_count; i++)
        if (box_holds_center(s->page->codes[i].box, box))
            return true;
    return false;
}

/* Takes rules, pictures, bar codes, rings and edges out of the rest. */
static bool
sort_large(struct sorter *s, const struct owners *pictures)
{
    struct sorted *to = s->to;
    uint32_t kept = 0;
    size_t room = (size_t)s->rest_count + 1;

    to->rules = arena_array(s->scratch, room, sizeof(*to->rules));
    to->pictures = arena_array(s->scratch, room, sizeof(*to->pictures));
    to->stamps = arena_array(s->scratch, room, sizeof(*to->stamps));
    to->noise = arena_array(s->scratch, room, sizeof(*to->noise));
    if (to->rules == NULL || to->pictures == NULL || to->stamps == NULL || to->noise == NULL)
        return false;
    for (uint32_t i = 0; i < s->rest_count; i++) {
        struct ink_part part = s->rest[i];
        bool large = is_picture(s, &part);
        if (is_in_code(s, part.box) || (part.is_rule && owners_find(pictures, part.box) != 0))
            to->pictures[to->picture_count++] = part;
        else if (part.is_rule)
            to->rules[to->rule_count++] = part;
        else if (large && is_at_edge(s, part.box))
            to->noise[to->noise_count++] = part;
        else if (is_ring(s, &part))
            to->stamps[to->stamp_count++] = part;
        else if (large)
            to->pictures[to->picture_count++] = part;
        else
            s->rest[kept++] = part;
    }
    s->rest_count = kept;
    return true;
}

/* Whether as many parts lie close above and below the group as in it: a texture. Between lines of
 * print there is white, or a row of dots, which are too low to count. */
static bool
is_crowded(const struct sorter *s, const struct group *g, float reach)
{
    uint32_t near = 0;

    for (uint32_t i = 0; i < s->rest_count; i++) {
        struct box b = s->rest[i].box;
        float x = (b.x0 + b.x1) / 2, y = (b.y0 + b.y1) / 2;
        near += box_height(b) >= crowd_high * g->height && x >= g->box.x0 && x <= g->box.x1 &&
                ((y >= g->box.y0 - reach && y < g->box.y0) ||
                 (y > g->box.y1 && y <= g->box.y1 + reach));
    }
    return (float)near > crowd_most * (float)g->letters;
}

/* Whether there is next to nothing around the group: a word on its own in a picture, no texture. */
static bool
is_alone(const struct sorter *s, const struct group *g)
{
    float reach = alone_reach * g->height, ink = 0;
    struct box wide = {g->box.x0 - reach, g->box.y0 - reach, g->box.x1 + reach, g->box.y1 + reach};

    for (uint32_t i = 0; i < s->rest_count; i++)
        if (box_holds_center(wide, s->rest[i].box) && !box_holds_center(g->box, s->rest[i].box))
            ink += s->rest[i].ink;
    return ink <= alone_ink * g->ink;
}

static bool
is_in_picture(const struct sorter *s, const struct owners *pictures, struct box box, uint32_t rings)
{
    return owners_find(pictures, box) != 0 || is_in_any(s->to->stamps, rings, box) ||
           is_in_any(s->to->pictures, s->to->picture_count, box);
}

/* Whether a group is text that should have been read, and not part of something that was named. */
static bool
is_unread(const struct sorter *s, const struct owners *pictures, const struct group *g,
          uint32_t rings)
{
    if (is_at_edge(s, g->box) || is_crowded(s, g, crowd_reach * g->height))
        return false;
    if (!is_in_picture(s, pictures, g->box, rings))
        return true;
    return !g->lone && g->letters >= picture_letters_least &&
           (is_alone(s, g) || (g->parts >= picture_parts_least &&
                               !is_crowded(s, g, picture_crowd_reach * box_height(g->box))));
}

/* Whether a group that is_unread passed over lies in a picture with writing of its size, which so
 * is no picture: a box around a table. */
static bool
is_beside_writing(const struct sorter *s, const struct owners *pictures, const struct group *g,
                  uint32_t passed, bool drawn)
{
    uint32_t picture = owners_find(pictures, g->box);

    if (picture == 0 || g->lone || is_at_edge(s, g->box) ||
        is_crowded(s, g, crowd_reach * g->height))
        return false;
    for (uint32_t i = 0; i < passed; i++) {
        const struct group *other = &s->to->unread[i];
        if (other->drawn == drawn &&
            fmaxf(g->height, other->height) <= like_height * fminf(g->height, other->height) &&
            owners_find(pictures, other->box) == picture)
            return true;
    }
    return false;
}

/* Whether a loose part carries on the group's line. */
static bool
carries_on(const struct group *g, const struct ink_part *part)
{
    struct box b = part->box, all = box_union(g->box, b);
    float y = (b.y0 + b.y1) / 2, h = box_height(b);
    float gap = fmaxf(b.x0 - g->box.x1, g->box.x0 - b.x1);

    return y >= g->box.y0 && y <= g->box.y1 && gap <= tail_gap * g->height &&
           h <= tail_high * g->height && box_height(all) <= line_tall * g->height;
}

/* A line of writing goes on in parts that by themselves would tell nothing: short words, words
 * whose letters touch, full stops. taken [rest_count]: by this line or another. */
static void
complete_lines(struct sorter *s, bool *taken)
{
    struct sorted *to = s->to;

    for (uint32_t i = 0; i < to->unread_count; i++)
        for (uint32_t k = 0; k < s->rest_count; k++)
            taken[k] = taken[k] || box_holds_center(to->unread[i].box, s->rest[k].box);
    for (uint32_t i = 0; i < to->unread_count; i++) {
        bool again = true;
        for (int pass = 0; again && pass < TAIL_PASSES; pass++) {
            again = false;
            for (uint32_t k = 0; k < s->rest_count; k++) {
                if (taken[k] || !carries_on(&to->unread[i], &s->rest[k]))
                    continue;
                to->unread[i].box = box_union(to->unread[i].box, s->rest[k].box);
                taken[k] = again = true;
            }
        }
    }
}

/* Each part of ink goes to the first box that it lies in. */
static void
weigh_unread(struct sorter *s, bool *taken)
{
    memset(taken, 0, s->rest_count * sizeof(*taken));
    for (uint32_t i = 0; i < s->to->unread_count; i++) {
        struct group *g = &s->to->unread[i];
        g->ink = 0;
        for (uint32_t k = 0; k < s->rest_count; k++) {
            if (taken[k] || !box_holds_center(g->box, s->rest[k].box))
                continue;
            g->ink += s->rest[k].ink;
            taken[k] = true;
        }
    }
}

static enum err_code
no_room(const struct sorter *s, struct err *err)
{
    return err_set(err, ERR_LIMIT, "no room to account for the ink of page %u", s->page->index + 1);
}

/* The page's other diagonal up: lines that run up or down lie level. */
static struct box
transposed(struct box b)
{
    return (struct box){b.y0, b.x0, b.y1, b.x1};
}

/* Writing that runs up or down, among what is not taken yet: labels of axes, stamps in margins. */
static enum err_code
find_upright(struct sorter *s, const struct owners *pictures, const bool *taken, uint32_t rings,
             struct err *err)
{
    struct sorted *to = s->to;
    struct sorter lying = *s;
    struct group *found;
    uint32_t count = 0;
    struct ink_part *copy = arena_array(s->scratch, (size_t)s->rest_count + 1, sizeof(*copy));

    lying.rest = arena_array(s->scratch, (size_t)s->rest_count + 1, sizeof(*lying.rest));
    lying.rest_count = 0;
    if (copy == NULL || lying.rest == NULL)
        return no_room(s, err);
    for (uint32_t i = 0; i < s->rest_count; i++) {
        struct ink_part part = s->rest[i];
        part.box = transposed(part.box);
        if (taken[i])
            continue;
        copy[lying.rest_count] = part;
        lying.rest[lying.rest_count++] = part;
    }
    enum err_code rc = groups_find(s->scratch, copy, lying.rest_count, s->letter, s->ink->pixel,
                                   &found, &count, err);
    for (uint32_t i = 0; rc == ERR_OK && i < count && to->unread_count < UNREAD_MAX; i++) {
        struct group g = found[i];
        bool crowded = is_crowded(&lying, &g, crowd_reach * g.height);
        g.drawn = print_is_scattered(&g, lying.rest, lying.rest_count);
        g.box = transposed(g.box);
        if (!g.lone && g.letters >= upright_letters_least &&
            (g.smeared || g.parts >= upright_parts_least) && !crowded && !is_at_edge(s, g.box) &&
            !is_in_picture(s, pictures, g.box, rings))
            to->unread[to->unread_count++] = g;
    }
    return rc;
}

static int
compare_places(const void *a, const void *b)
{
    const struct group *left = a, *right = b;

    if (left->box.y0 != right->box.y0)
        return left->box.y0 < right->box.y0 ? -1 : 1;
    return left->box.x0 < right->box.x0 ? -1 : left->box.x0 > right->box.x0;
}

/* False: scratch is full. */
static bool
choose_unread(struct sorter *s, const struct owners *pictures, struct group *groups, uint32_t n,
              uint32_t rings)
{
    struct sorted *to = s->to;
    struct group *inside = arena_array(s->scratch, (size_t)n + 1, sizeof(*inside));
    uint32_t left = 0, inside_count = 0;

    if (inside == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (!is_unread(s, pictures, &groups[i], rings))
            groups[left++] = groups[i];
        else if (is_in_picture(s, pictures, groups[i].box, rings))
            inside[inside_count++] = groups[i];
        else
            to->unread[to->unread_count++] = groups[i];
    }
    if (!print_mark(s->scratch, s->rest, s->rest_count, s->ink->pixel, inside, inside_count))
        return false;
    for (uint32_t i = 0; i < inside_count; i++)
        to->unread[to->unread_count++] = inside[i];
    uint32_t passed = to->unread_count;
    for (uint32_t i = 0; i < left && passed <= UNREAD_MAX; i++) {
        groups[i].drawn = !is_beside_writing(s, pictures, &groups[i], passed, false);
        if (!groups[i].drawn || is_beside_writing(s, pictures, &groups[i], passed, true))
            to->unread[to->unread_count++] = groups[i];
    }
    if (to->unread_count > UNREAD_MAX)
        to->unread_count = 0; /* a texture: its parts become noise */
    return true;
}

/* What is no writing: of a stamp or a picture that it lies in or makes, or noise. */
static bool
name_rest(struct sorter *s, const bool *taken, uint32_t rings, uint32_t large)
{
    struct sorted *to = s->to;
    struct ink_part *loose = arena_array(s->scratch, (size_t)s->rest_count + 1, sizeof(*loose));
    bool *drawn = arena_array(s->scratch, (size_t)s->rest_count + 1, sizeof(*drawn));
    uint32_t n = 0;

    if (loose == NULL || drawn == NULL)
        return false;
    for (uint32_t i = 0; i < s->rest_count; i++) {
        if (taken[i])
            continue;
        if (is_in_any(to->stamps, rings, s->rest[i].box))
            to->stamps[to->stamp_count++] = s->rest[i];
        else if (is_in_any(to->pictures, large, s->rest[i].box))
            to->pictures[to->picture_count++] = s->rest[i];
        else if (is_at_edge(s, s->rest[i].box))
            to->noise[to->noise_count++] = s->rest[i];
        else
            loose[n++] = s->rest[i];
    }
    if (!clumps_find(s->scratch, s->page, s->letter, loose, n, drawn))
        return false;
    for (uint32_t i = 0; i < n; i++) {
        if (drawn[i])
            to->pictures[to->picture_count++] = loose[i];
        else
            to->noise[to->noise_count++] = loose[i];
    }
    return true;
}

/* What is small: writing, or noise, or the texture of a picture or stamp. */
static enum err_code
sort_small(struct sorter *s, const struct owners *pictures, struct err *err)
{
    struct sorted *to = s->to;
    uint32_t found = 0, rings = to->stamp_count, large = to->picture_count;
    struct group *groups = NULL;
    struct ink_part *copy = arena_array(s->scratch, (size_t)s->rest_count + 1, sizeof(*copy));
    bool *taken = arena_array(s->scratch, (size_t)s->rest_count + 1, sizeof(*taken));

    if (copy == NULL || taken == NULL)
        return no_room(s, err);
    for (uint32_t i = 0; i < s->rest_count; i++)
        copy[i] = s->rest[i];
    enum err_code rc = groups_find(s->scratch, copy, s->rest_count, s->letter, s->ink->pixel,
                                   &groups, &found, err);
    if (rc != ERR_OK)
        return rc;
    to->unread = arena_array(s->scratch, (size_t)found + UNREAD_MAX, sizeof(*to->unread));
    if (to->unread == NULL)
        return no_room(s, err);
    if (!choose_unread(s, pictures, groups, found, rings))
        return no_room(s, err);
    qsort(to->unread, to->unread_count, sizeof(*to->unread), compare_places);
    complete_lines(s, taken);
    groups_merge(to->unread, &to->unread_count);
    for (uint32_t i = 0; i < to->unread_count; i++)
        to->unread[i].drawn =
            to->unread[i].drawn || print_is_scattered(&to->unread[i], s->rest, s->rest_count);
    weigh_unread(s, taken);
    rc = find_upright(s, pictures, taken, rings, err);
    if (rc != ERR_OK)
        return rc;
    weigh_unread(s, taken);
    qsort(to->unread, to->unread_count, sizeof(*to->unread), compare_places);
    to->by_hand = arena_array(s->scratch, (size_t)to->unread_count + 1, sizeof(*to->by_hand));
    if (to->by_hand == NULL)
        return no_room(s, err);
    for (uint32_t i = 0; i < to->unread_count; i++)
        to->by_hand[i] = hand_is(&to->unread[i], s->rest, s->rest_count, s->letter, s->stroke);
    return name_rest(s, taken, rings, large) ? ERR_OK : no_room(s, err);
}

enum err_code
kinds_sort(const struct ledger *ledger, uint32_t seen, const struct page *page,
           const struct owners *words, const struct owners *pictures, struct arena *scratch,
           bool *owning, struct sorted *ret, struct err *err)
{
    struct sorter s = {
        .ledger = ledger, .ink = &ledger->seen[seen], .page = page, .to = ret, .scratch = scratch};

    *ret = (struct sorted){0};
    if (!give_to_words(&s, words, owning) || !sort_large(&s, pictures))
        return no_room(&s, err);
    return sort_small(&s, pictures, err);
}
