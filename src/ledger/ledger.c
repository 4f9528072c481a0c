/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/ledger_internal.h"

#include "base/order.h"
#include "ledger/bleed.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Ink is looked for this far around a word: descenders, commas, slack of boxes; of its height. */
static const float word_margin = 0.2F;

/* A box that its letters cannot fill, width of one in heights of the line: no word's. */
static const float letter_narrow = 0.12F, letter_wide = 4;

/* An unsure word so much higher than the letters of the page is a picture taken for one. */
static const float huge_most = 8, huge_confidence = 0.8F;
static const float large_most = 3.5F, large_confidence = 0.6F;

/* Ink in the shape of letters is dust where sure words are so many times as high; how many tell. */
static const float sure_word = 0.8F, dust_most = 2.5F;
enum { SURE_WORDS_LEAST = 8 };

/* Ink in the box of a word of the text layer, whose pixels nobody looked at: share of its area. */
static const float usual_ink = 0.2F;

/* Rules lie this far from where they were said to, pt; and are this long. */
static const float rule_margin = 2, rule_least = 8;

/* Parts of one kind this near are one region; of noise, those in one part of the page. */
static const float join_gap = 6;
enum { NOISE_TILES = 4, JOIN_MAX = 300 };

/* Edges of a picture looked at twice, pt. */
static const float same_frame = 2;

/* A picture of more of the page is a layout analysis that gave up. */
static const float whole_share = 0.5F;

struct ledger *
ledger_new(struct page *page)
{
    struct ledger *ledger = arena_alloc(page->arena, sizeof(*ledger));

    if (ledger == NULL)
        return NULL;
    ledger->arena = page->arena;
    page_size_as_seen(page, &ledger->width, &ledger->height);
    return ledger;
}

/* What was looked at once more counts once: the later picture is the better one. */
static void
post_ink(struct ledger *ledger, struct box frame, struct ink ink)
{
    uint32_t at = 0;

    while (at < ledger->seen_count && (fabsf(ledger->frames[at].x0 - frame.x0) > same_frame ||
                                       fabsf(ledger->frames[at].y0 - frame.y0) > same_frame ||
                                       fabsf(ledger->frames[at].x1 - frame.x1) > same_frame ||
                                       fabsf(ledger->frames[at].y1 - frame.y1) > same_frame))
        at++;
    if (at == LEDGER_PICTURES_MAX)
        return;
    ledger->frames[at] = frame;
    ledger->seen[at] = ink;
    ledger->seen_count = at == ledger->seen_count ? at + 1 : ledger->seen_count;
}

/* The ink of the picture without the reverse side's. */
static enum err_code
find_front_ink(struct ledger *ledger, struct pixmap *picture, struct arena *scratch,
               struct ink *ret, struct err *err)
{
    enum err_code rc = ink_find(ledger->arena, scratch, picture, ret, err);

    if (rc == ERR_OK && bleed_lift(ret, picture))
        rc = ink_find(ledger->arena, scratch, picture, ret, err);
    return rc;
}

enum err_code
ledger_see(struct ledger *ledger, struct pixmap *picture, struct arena *scratch, bool *ret_writing,
           struct err *err)
{
    struct ink ink;
    struct group *groups;
    uint32_t count;
    float unit = 72 / picture->dpi;
    enum err_code rc = find_front_ink(ledger, picture, scratch, &ink, err);

    if (rc != ERR_OK)
        return rc;
    struct ink_part *parts = arena_array(scratch, (size_t)ink.count + 1, sizeof(*parts));
    if (parts == NULL)
        return err_set(err, ERR_LIMIT, "no room to look at the ink of a page");
    memcpy(parts, ink.parts, ink.count * sizeof(*parts));
    float letter = ink.part_height > 0 ? ink.part_height : 4 * ink.pixel;
    rc = groups_find(scratch, parts, ink.count, letter, ink.pixel, &groups, &count, err);
    if (rc != ERR_OK)
        return rc;
    *ret_writing = ink.part_height > 0;
    for (uint32_t i = 0; i < count; i++)
        *ret_writing = *ret_writing || !groups[i].lone;
    post_ink(ledger,
             (struct box){picture->x0, picture->y0, picture->x0 + (float)picture->width * unit,
                          picture->y0 + (float)picture->height * unit},
             ink);
    return ERR_OK;
}

void
ledger_leave(struct ledger *ledger, struct box box)
{
    struct box *last = &ledger->left[LEDGER_LEFT_MAX - 1];

    if (ledger->left_count == LEDGER_LEFT_MAX)
        *last = box_union(*last, box);
    else
        ledger->left[ledger->left_count++] = box;
}

/* ---- settling ---- */

struct account {
    const struct ledger *ledger;
    struct page *page;
    struct arena *scratch;
    struct owners words, pictures;
    bool *owning; /* [word_count] */
    float letter; /* height of one, pt; 0: unknown */
    double good, poor, unread;
};

static enum err_code
no_room(const struct page *page, struct err *err)
{
    return err_set(err, ERR_LIMIT, "no room to account for the ink of page %u", page->index + 1);
}

/* As the ink says, unless sure words are far higher: then most of what has a letter's shape is dust
 * and grain. False: scratch is full. */
static bool
find_letter(struct account *a)
{
    const struct page *page = a->page;
    float *sides = arena_array(a->scratch, (size_t)page->word_count + 1, sizeof(*sides));
    uint32_t n = 0;

    if (sides == NULL)
        return false;
    for (uint32_t i = 0; i < a->ledger->seen_count; i++)
        a->letter = fmaxf(a->letter, a->ledger->seen[i].part_height);
    for (uint32_t i = 0; i < page->word_count; i++)
        if (page->words[i].confidence >= sure_word)
            sides[n++] = fminf(box_width(page->words[i].box), box_height(page->words[i].box));
    float side = n >= SURE_WORDS_LEAST ? order_median(sides, n) : 0;
    if (a->letter > 0 && side > dust_most * a->letter)
        a->letter = side;
    return true;
}

static bool
is_filled(const struct account *a, const struct page_word *word)
{
    float along = box_width(word->box), across = box_height(word->box), letter = a->letter;
    size_t letters = 0;
    float side = fminf(along, across);
    if (letter > 0 && ((word->confidence < huge_confidence && side > huge_most * letter) ||
                       (word->confidence < large_confidence && side > large_most * letter)))
        return false;
    for (const char *c = word->text; *c != '\0'; c++)
        letters += ((unsigned char)*c & 0xc0) != 0x80;
    if (letters == 0)
        return false;
    float level = along / (float)letters, upright = across / (float)letters;
    return (level >= letter_narrow * across && level <= letter_wide * across) ||
           (upright >= letter_narrow * along && upright <= letter_wide * along);
}

/* Larger boxes first, so that a word inside of another's box keeps its ink. */
static int
compare_areas(const void *a, const void *b, void *page)
{
    const struct page_word *words = ((const struct page *)page)->words;
    uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
    float area = box_area(words[left].box), other = box_area(words[right].box);

    if (area != other)
        return area > other ? -1 : 1;
    return left < right ? -1 : left > right;
}

static bool
paint_words(struct account *a)
{
    struct page *page = a->page;
    uint32_t *order = arena_array(a->scratch, (size_t)page->word_count + 1, sizeof(*order));

    if (order == NULL || !find_letter(a))
        return false;
    for (uint32_t i = 0; i < page->word_count; i++)
        order[i] = i;
    qsort_r(order, page->word_count, sizeof(*order), compare_areas, page);
    for (uint32_t i = 0; i < page->word_count; i++) {
        struct box b = page->words[order[i]].box;
        float margin = word_margin * fminf(box_height(b), box_width(b));
        if (is_filled(a, &page->words[order[i]]))
            owners_paint(&a->words,
                         (struct box){b.x0 - margin, b.y0 - margin, b.x1 + margin, b.y1 + margin},
                         order[i]);
    }
    return true;
}

static bool
open_account(struct account *a)
{
    struct page *page = a->page;

    a->owning = arena_array(a->scratch, (size_t)page->word_count + 1, sizeof(*a->owning));
    if (a->owning == NULL)
        return false;
    if (a->ledger->seen_count == 0) /* no ink that could be anybody's */
        return true;
    if (!owners_new(a->scratch, page, &a->words) || !owners_new(a->scratch, page, &a->pictures) ||
        !paint_words(a))
        return false;
    for (uint32_t i = 0; i < page->region_count; i++)
        if (page->regions[i].kind == REGION_PICTURE &&
            box_area(page->regions[i].box) < whole_share * page->width * page->height)
            owners_paint(&a->pictures, page->regions[i].box, i);
    return true;
}

static bool
add_region(struct page *page, enum region_kind kind, struct box box, float ink)
{
    struct page_region *region = page_add_region(page);

    if (region == NULL)
        return false;
    *region = (struct page_region){.kind = (uint8_t)kind, .box = box, .ink = ink};
    return true;
}

/* Ink of rules goes to the rule it lies in; a rule that nobody noted becomes a region. */
static bool
post_rules(struct account *a, const struct sorted *sorted)
{
    struct page *page = a->page;
    struct owners rules;

    if (sorted->rule_count == 0)
        return true;
    if (!owners_new(a->scratch, page, &rules))
        return false;
    for (uint32_t i = 0; i < page->region_count; i++) {
        struct box b = page->regions[i].box;
        if (page->regions[i].kind == REGION_RULE)
            owners_paint(&rules,
                         (struct box){b.x0 - rule_margin, b.y0 - rule_margin, b.x1 + rule_margin,
                                      b.y1 + rule_margin},
                         i);
    }
    for (uint32_t i = 0; i < sorted->rule_count; i++) {
        const struct ink_part *part = &sorted->rules[i];
        uint32_t owner = owners_find(&rules, part->box);
        if (owner != 0)
            page->regions[owner - 1].ink += part->ink;
        else if (fmaxf(box_width(part->box), box_height(part->box)) >= rule_least &&
                 !add_region(page, REGION_RULE, part->box, part->ink))
            return false;
    }
    return true;
}

static bool
are_near(struct box a, struct box b)
{
    return a.x0 <= b.x1 + join_gap && b.x0 <= a.x1 + join_gap && a.y0 <= b.y1 + join_gap &&
           b.y0 <= a.y1 + join_gap;
}

/* Parts of pictures: to the region that is there, or joined to new ones; of stamps, which layout
 * knows only as pictures, always to new ones. */
static bool
post_joined(struct account *a, enum region_kind kind, const struct ink_part *parts, uint32_t n)
{
    struct page *page = a->page;
    struct ink_part *joined = arena_array(a->scratch, JOIN_MAX, sizeof(*joined));
    uint32_t count = 0;

    if (joined == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        struct ink_part part = parts[i];
        uint32_t owner = kind == REGION_STAMP ? 0 : owners_find(&a->pictures, part.box);
        if (owner != 0) {
            page->regions[owner - 1].ink += part.ink;
            continue;
        }
        for (uint32_t k = 0; k < count;) {
            if (!are_near(part.box, joined[k].box) && count < JOIN_MAX) {
                k++;
                continue;
            }
            part.box = box_union(part.box, joined[k].box);
            part.ink += joined[k].ink;
            joined[k] = joined[--count];
            k = 0;
        }
        joined[count++] = part;
    }
    for (uint32_t k = 0; k < count; k++)
        if (!add_region(page, kind, joined[k].box, joined[k].ink))
            return false;
    return true;
}

static bool
post_noise(struct account *a, const struct sorted *sorted, uint32_t seen)
{
    struct ink_part tiles[NOISE_TILES * NOISE_TILES] = {0};
    struct page *page = a->page;

    for (uint32_t i = 0; i < sorted->noise_count; i++) {
        struct box b = sorted->noise[i].box;
        float fx = (b.x0 + b.x1) / 2 / fmaxf(page->width, 1) * NOISE_TILES;
        float fy = (b.y0 + b.y1) / 2 / fmaxf(page->height, 1) * NOISE_TILES;
        size_t x = fx > 0 ? (size_t)fminf(fx, NOISE_TILES - 1) : 0;
        size_t y = fy > 0 ? (size_t)fminf(fy, NOISE_TILES - 1) : 0;
        struct ink_part *tile = &tiles[y * NOISE_TILES + x];
        tile->box = tile->ink > 0 ? box_union(tile->box, b) : b;
        tile->ink += sorted->noise[i].ink;
    }
    float specks = a->ledger->seen[seen].specks;
    for (size_t k = 0; k < ARRAY_LEN(tiles); k++) {
        if (tiles[k].ink <= 0)
            continue;
        if (!add_region(page, REGION_NOISE, tiles[k].box, tiles[k].ink + specks))
            return false;
        specks = 0; /* dots all over the page: told once */
    }
    return true;
}

static enum err_code
post_seen(struct account *a, uint32_t seen, struct err *err)
{
    struct sorted sorted;
    enum err_code rc = kinds_sort(a->ledger, seen, a->page, &a->words, &a->pictures, a->scratch,
                                  a->owning, &sorted, err);

    if (rc != ERR_OK)
        return rc;
    a->good += sorted.good;
    a->poor += sorted.poor;
    for (uint32_t i = 0; i < sorted.unread_count; i++) {
        const struct group *line = &sorted.unread[i];
        if (line->lone || line->drawn) { /* there is room: its parts were counted nowhere */
            struct ink_part part = {.box = line->box, .ink = line->ink};
            if (line->drawn)
                sorted.pictures[sorted.picture_count++] = part;
            else
                sorted.noise[sorted.noise_count++] = part;
            continue;
        }
        a->unread += (double)line->ink;
        if (!add_region(a->page, sorted.by_hand[i] ? REGION_HANDWRITING : REGION_UNREAD, line->box,
                        line->ink))
            return no_room(a->page, err);
    }
    if (!post_rules(a, &sorted) ||
        !post_joined(a, REGION_PICTURE, sorted.pictures, sorted.picture_count) ||
        !post_joined(a, REGION_STAMP, sorted.stamps, sorted.stamp_count) ||
        !post_noise(a, &sorted, seen))
        return no_room(a->page, err);
    return ERR_OK;
}

/* Whether somebody looked at the pixels there. */
static bool
was_seen(const struct account *a, struct box box)
{
    const struct ledger *ledger = a->ledger;
    struct box seen = page_box_as_seen(a->page, box);
    float x = (seen.x0 + seen.x1) / 2, y = (seen.y0 + seen.y1) / 2;

    for (uint32_t i = 0; i < ledger->seen_count; i++) {
        struct box f = ledger->frames[i];
        if (x >= f.x0 && x <= f.x1 && y >= f.y0 && y <= f.y1)
            return true;
    }
    return false;
}

/* Words whose pixels nobody looked at, and places that were left. */
static bool
post_unseen(struct account *a)
{
    struct page *page = a->page;

    for (uint32_t i = 0; i < page->word_count; i++) {
        const struct page_word *word = &page->words[i];
        if (a->owning[i] || was_seen(a, word->box))
            continue;
        double ink = (double)(usual_ink * box_area(word->box));
        *(word->confidence >= ledger_good ? &a->good : &a->poor) += ink;
    }
    for (uint32_t i = 0; i < page->region_count; i++) {
        struct page_region *region = &page->regions[i];
        if (region->kind == REGION_RULE && region->ink <= 0 && !was_seen(a, region->box))
            region->ink = box_area(region->box);
        if (region->kind == REGION_MISSING) /* had it been there, it might have said something */
            a->unread += (double)(usual_ink * box_area(region->box));
    }
    for (uint32_t i = 0; i < a->ledger->left_count; i++) {
        struct box box = page_box_as_read(page, a->ledger->left[i]);
        float ink = usual_ink * box_area(box);
        a->unread += (double)ink;
        if (!add_region(page, REGION_UNREAD, box, ink))
            return false;
    }
    return true;
}

enum err_code
ledger_settle(const struct ledger *ledger, struct page *page, struct arena *scratch,
              struct err *err)
{
    struct account a = {.ledger = ledger, .page = page, .scratch = scratch};
    enum err_code rc = ERR_OK;

    if (!open_account(&a))
        return no_room(page, err);
    for (uint32_t i = 0; rc == ERR_OK && i < ledger->seen_count; i++)
        rc = post_seen(&a, i, err);
    if (rc == ERR_OK && !post_unseen(&a))
        rc = no_room(page, err);
    if (rc != ERR_OK)
        return rc;
    double all = a.good + a.poor + a.unread;
    page->coverage = all > 0 ? (float)fmin(1, a.good / all) : 1;
    if (a.unread > 0)
        page->confidence = fminf(page->confidence * (float)(1 - a.unread / all), ledger_cap);
    return ERR_OK;
}

enum err_code
ledger_find_unread(const struct ledger *ledger, const struct page *page, bool lone,
                   struct arena *scratch, struct group **ret, uint32_t *ret_count, struct err *err)
{
    struct page copy = *page; /* kinds_sort and open_account only read it */
    struct account a = {.ledger = ledger, .page = &copy, .scratch = scratch};
    struct sorted *sorted = arena_array(scratch, (size_t)ledger->seen_count + 1, sizeof(*sorted));
    struct group *groups =
        arena_array(scratch, (size_t)ledger->seen_count * UNREAD_MAX + 1, sizeof(*groups));
    uint32_t count = 0;
    enum err_code rc = ERR_OK;

    if (sorted == NULL || groups == NULL || !open_account(&a))
        return no_room(page, err);
    for (uint32_t i = 0; rc == ERR_OK && i < ledger->seen_count; i++)
        rc = kinds_sort(ledger, i, page, &a.words, &a.pictures, scratch, a.owning, &sorted[i], err);
    if (rc != ERR_OK)
        return rc;
    for (int pass = 0; pass <= lone; pass++)
        for (uint32_t i = 0; i < ledger->seen_count; i++)
            for (uint32_t k = 0; k < sorted[i].unread_count; k++)
                if (sorted[i].unread[k].lone == (pass > 0))
                    groups[count++] = sorted[i].unread[k];
    *ret = groups;
    *ret_count = count;
    return ERR_OK;
}
