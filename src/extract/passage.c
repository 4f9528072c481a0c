/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The section of a list: from its heading to the next heading of the same column, over pages. */
#include "extract/blocks.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { HEADINGS_MAX = 400, HEADING_TOKENS_MAX = 8, SPACED_MAX = 40 };

/* Headings stand in one column if their left edges, middles or right edges are so near. */
static const float edge_near = 8, middle_near = 5;

struct heading {
    uint32_t seg, page;
    struct box box;
    const char *section;     /* NULL: a heading by its looks only */
    bool own;                /* it is that of the list */
    bool caps, bold, marked; /* marked: the layout took it for a heading */
    float size;
};

struct search {
    struct solve *solve;
    const struct table_field *table;
    const char *wanted; /* section; NULL: by the list's own words */
    const char *own_key, *title_key;
    struct heading headings[HEADINGS_MAX];
    uint32_t count;
};

static const char *
key_of(const struct solve *solve, const char *text)
{
    char *key = text == NULL ? NULL : fold_key(solve->arena, text, strlen(text));

    if (key != NULL)
        fold_skeleton(key);
    return key;
}

const char *
passage_name(const struct solve *solve, const struct table_field *table)
{
    const char *names[] = {table->shape->name, table->shape->title};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const char *key = key_of(solve, names[i]);
        const char *section =
            key == NULL ? NULL : lexicon_word(solve->lexicon, LEXICON_SECTION, key);
        if (section != NULL)
            return section;
    }
    return NULL;
}

static bool
is_caps(const struct solve *solve, const struct seg *seg)
{
    uint32_t upper = 0;

    for (uint32_t t = seg->first; t < seg->first + seg->count; t++)
        for (const char *s = solve->doc->tokens[t].text; *s != '\0'; s++) {
            if (islower((unsigned char)*s))
                return false;
            upper += isupper((unsigned char)*s) != 0;
        }
    return upper >= 3;
}

static bool
is_bold(const struct solve *solve, const struct seg *seg)
{
    for (uint32_t t = seg->first; t < seg->first + seg->count; t++)
        if ((solve->doc->tokens[t].word->style & STYLE_BOLD) == 0)
            return false;
    return true;
}

/* The words of the segment as one key, without a number in front ("2. Education"). */
static bool
key_of_seg(const struct solve *solve, const struct seg *seg, char key[LEXICON_KEY_MAX + 1])
{
    uint32_t t = seg->first, end = seg->first + seg->count;
    bool spaced = true; /* "E D U C A T I O N" */
    size_t used = 0;

    for (uint32_t i = seg->first; i < end; i++)
        spaced = spaced && strlen(solve->doc->tokens[i].key) <= 1;
    if (end - t > (spaced ? SPACED_MAX : HEADING_TOKENS_MAX))
        return false;
    while (t + 1 < end &&
           strspn(solve->doc->tokens[t].text, "0123456789IVX.)§-") ==
               strlen(solve->doc->tokens[t].text) &&
           !spaced)
        t++;
    for (; t < end; t++) {
        size_t len = strlen(solve->doc->tokens[t].key);
        if (used + len > LEXICON_KEY_MAX)
            return false;
        memcpy(key + used, solve->doc->tokens[t].key, len);
        used += len;
    }
    key[used] = '\0';
    return used >= 3;
}

static bool
has_own_row(const struct solve *solve, const struct seg *seg)
{
    const struct doc *doc = solve->doc;

    return doc->rows[seg->row].count == 1 && doc->lines[seg->line].count == seg->count;
}

static void
add_heading(struct search *search, uint32_t index)
{
    const struct solve *solve = search->solve;
    const struct seg *seg = &solve->doc->segs[index];
    uint8_t block = solve->doc->lines[seg->line].block;
    char key[LEXICON_KEY_MAX + 1];

    if (search->count == HEADINGS_MAX || !key_of_seg(solve, seg, key))
        return;
    struct heading made = {.seg = index,
                           .page = seg->page,
                           .box = seg->box,
                           .size = seg->size,
                           .caps = is_caps(solve, seg),
                           .bold = is_bold(solve, seg),
                           .marked = block == BLOCK_HEADING,
                           .section = lexicon_word(solve->lexicon, LEXICON_SECTION, key)};
    bool named = (search->own_key != NULL && strcmp(key, search->own_key) == 0) ||
                 (search->title_key != NULL && strcmp(key, search->title_key) == 0);
    bool styled = made.marked || made.caps || made.bold || seg->size > 1.1F * solve->doc->size;
    const char *last = solve->doc->tokens[seg->first + seg->count - 1].text;
    bool colon = last[strlen(last) - 1] == ':';
    if (!styled && !colon && !has_own_row(solve, seg))
        return;
    made.own = search->wanted != NULL && made.section != NULL
                   ? strcmp(search->wanted, made.section) == 0
                   : named;
    if (made.section != NULL || made.own || styled)
        search->headings[search->count++] = made;
}

static float
looks(const struct solve *solve, const struct heading *heading)
{
    return (heading->marked ? 2.0F : 0) + (heading->caps ? 1.0F : 0) + (heading->bold ? 1.0F : 0) +
           fminf(heading->size / solve->doc->size, 2);
}

static bool
same_look(const struct heading *a, const struct heading *b)
{
    return fabsf(a->size - b->size) <= 0.07F * a->size && a->bold == b->bold && a->caps == b->caps;
}

static bool
same_column(const struct heading *a, const struct heading *b)
{
    return fabsf(a->box.x0 - b->box.x0) < edge_near || fabsf(a->box.x1 - b->box.x1) < 4 ||
           fabsf(a->box.x0 + a->box.x1 - b->box.x0 - b->box.x1) < 2 * middle_near;
}

/* Another heading ends the section of the first. */
static bool
ends(const struct search *search, const struct heading *own, const struct heading *other)
{
    bool distinct = own->caps || own->size > 1.12F * search->solve->doc->size;

    if (other == own)
        return false;
    if (other->section != NULL)
        return same_look(own, other) ||
               (own->size <= 1.1F * other->size && other->bold == own->bold);
    return distinct && same_look(own, other) && same_column(own, other);
}

/* Left and right bounds of the heading's column: by the headings beside it. */
static void
bounds_of(const struct search *search, const struct heading *own, float *ret_left, float *ret_right)
{
    *ret_left = -1e6F;
    *ret_right = 1e6F;
    for (uint32_t i = 0; i < search->count; i++) {
        const struct heading *other = &search->headings[i];
        if (other->page != own->page || other->section == NULL || !ends(search, own, other) ||
            same_column(own, other))
            continue;
        if (other->box.x0 > own->box.x1)
            *ret_right = fminf(*ret_right, other->box.x0 - edge_near);
        else if (other->box.x1 < own->box.x0)
            *ret_left = own->box.x0 - edge_near;
    }
}

/* Where the section ends on the page: the top of the next heading; 1e6: it goes on. */
static float
bottom_of(const struct search *search, const struct heading *own, uint32_t page, float from,
          float left, float right)
{
    float bottom = 1e6F;

    for (uint32_t i = 0; i < search->count; i++) {
        const struct heading *other = &search->headings[i];
        if (other->page == page && other->box.y0 > from && ends(search, own, other) &&
            other->box.x0 > left && other->box.x0 < right && other->box.y0 < bottom)
            bottom = other->box.y0;
    }
    return bottom;
}

static bool
is_furniture(const struct solve *solve, const struct seg *seg)
{
    uint8_t block = solve->doc->lines[seg->line].block;

    return block_is_furniture(block);
}

static uint32_t
take_section(const struct search *search, const struct heading *own, uint32_t *segs, uint32_t n)
{
    const struct doc *doc = search->solve->doc;
    float left, right, from = own->box.y0 - 2;
    bool open = true;

    bounds_of(search, own, &left, &right);
    for (uint32_t page = own->page; open && page < doc->page_count; page++) {
        float bottom = bottom_of(search, own, page, from + 2, left, right);
        open = bottom >= 1e6F;
        for (uint32_t r = doc->page_first_row[page]; r < doc->page_first_row[page + 1]; r++)
            for (uint32_t i = 0; i < doc->rows[r].count; i++) {
                uint32_t index = doc->row_segs[doc->rows[r].first + i];
                const struct seg *seg = &doc->segs[index];
                float middle = (seg->box.y0 + seg->box.y1) / 2;
                if (index == own->seg || seg->box.x0 < left || seg->box.x0 >= right ||
                    middle < from || middle > bottom || is_furniture(search->solve, seg) ||
                    n == doc->seg_count)
                    continue;
                segs[n++] = index;
            }
        from = -1e6F;
    }
    return n;
}

bool
passage_find(struct solve *solve, const struct table_field *table, uint32_t **ret_segs,
             uint32_t *ret_count)
{
    struct search *search = arena_alloc(solve->arena, sizeof(*search));
    uint32_t *segs = arena_array(solve->arena, solve->doc->seg_count + 1, sizeof(*segs));
    uint32_t best = NONE, n = 0;

    if (search == NULL || segs == NULL) {
        solve->full = true;
        return false;
    }
    *search = (struct search){.solve = solve,
                              .table = table,
                              .wanted = passage_name(solve, table),
                              .own_key = key_of(solve, table->shape->name),
                              .title_key = key_of(solve, table->shape->title)};
    for (uint32_t i = 0; i < solve->doc->seg_count; i++)
        add_heading(search, i);
    for (uint32_t i = 0; i < search->count; i++)
        if (search->headings[i].own &&
            (best == NONE ||
             looks(solve, &search->headings[i]) > looks(solve, &search->headings[best]) + 0.2F))
            best = i;
    if (best == NONE)
        return false;
    for (uint32_t i = 0; i < search->count; i++) {
        const struct heading *heading = &search->headings[i];
        if (heading->own && (i == best || same_look(heading, &search->headings[best])) &&
            n < solve->doc->seg_count)
            n = take_section(search, heading, segs, n);
    }
    *ret_segs = segs;
    *ret_count = n;
    return n > 0;
}
