/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Cards: groups of labels and values that return, below or beside one another. A card reaches from
 * its first label to the next card's in both directions. */
#include "extract/blocks.h"

#include <math.h>
#include <string.h>

/* More segments than that are no cards; so many labels are compared. */
enum { CARDS_MAX = 200, CARD_SEGS_MAX = 8000, CARD_LABELS_MAX = 600 };

/* What belongs to a card follows so close, in letter heights. */
static const float gap_most = 3.2F, title_gap_most = 1.4F;

struct card {
    uint32_t seg; /* its first label */
    struct box box;
};

struct dealing {
    struct solve *solve;
    const uint32_t *segs;
    uint32_t count;
    uint32_t *field_of;  /* [count]: field that the segment is a label of, or NONE */
    const char **key_of; /* [count]: words of the label that it begins with, or NULL */
    struct card cards[CARDS_MAX];
    uint32_t card_count;
};

/* The first label that begins with the token or behind it. */
static uint32_t
first_label(const struct labels *labels, uint32_t token)
{
    uint32_t low = 0, high = labels->label_count;

    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (labels->labels[middle].first < token)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The words of the run from the token on. */
static const char *
key_from(const struct solve *solve, const struct run *run, uint32_t token)
{
    char key[LEXICON_KEY_MAX + 1] = "";

    if (token == run->first)
        return run->key;
    for (uint32_t t = token; t < run->first + run->count; t++) {
        if (strlen(key) + strlen(solve->doc->tokens[t].key) > LEXICON_KEY_MAX)
            return "";
        strcat(key, solve->doc->tokens[t].key);
    }
    const char *copy = arena_strdup(solve->arena, key);
    return copy == NULL ? "" : copy;
}

uint32_t
card_label(const struct solve *solve, const struct field *field, uint32_t token)
{
    const struct labels *labels = solve->labels;
    uint32_t r = labels->run_of[token];

    if (r == NONE)
        return 0;
    const struct run *run = &labels->runs[r];
    /* A run may begin with the last words of the value before it: "Leeds Carrier:". */
    bool whole = run->first == token, last = run->colon && run->first + run->count - token <= 3;
    if (!(whole ? run->colon || (run->starts_seg && run->ends_seg && run->count <= 4) : last))
        return 0;
    const char *key = key_from(solve, run, token), *slot = field->slot;
    const char *said = lexicon_word(solve->lexicon, LEXICON_SLOT, key);
    bool own = (field->own_key != NULL && strcmp(key, field->own_key) == 0) ||
               (field->title_key != NULL && strcmp(key, field->title_key) == 0) ||
               (slot != NULL && said != NULL && strcmp(slot, said) == 0);
    for (uint32_t i = first_label(labels, token);
         !own && field->concept != 0 && i < labels->label_count && labels->labels[i].run == r;
         i++) {
        own = labels->labels[i].concept == field->concept &&
              (whole ? labels->labels[i].exact >= 0.75F
                     : labels->labels[i].first == token &&
                           token + labels->labels[i].count == run->first + run->count);
    }
    return own ? run->first + run->count : 0;
}

static void
find_labels(struct dealing *dealing, const struct table_field *table)
{
    const struct labels *labels = dealing->solve->labels;

    for (uint32_t i = 0; i < dealing->count; i++) {
        const uint32_t first = dealing->solve->doc->segs[dealing->segs[i]].first;
        const uint32_t run = labels->run_of[first];
        dealing->field_of[i] = NONE;
        for (uint32_t f = 0; f < table->field_count && dealing->field_of[i] == NONE; f++)
            if (card_label(dealing->solve, &dealing->solve->fields[table->first_field + f],
                           dealing->solve->doc->segs[dealing->segs[i]].first) > 0)
                dealing->field_of[i] = f;
        bool label = run != NONE && labels->runs[run].first == first &&
                     (dealing->field_of[i] != NONE ||
                      (labels->runs[run].colon && labels->runs[run].count <= 4));
        dealing->key_of[i] = label ? labels->runs[run].key : NULL;
    }
}

static uint32_t
count_key(const struct dealing *dealing, const char *key)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < dealing->count; i++)
        n += dealing->key_of[i] != NULL && strcmp(dealing->key_of[i], key) == 0;
    return n;
}

/* The label that begins each card: the most frequent one, the first of those that are. NULL: no
 * two fields have labels that return. */
static const char *
choose_starter(const struct dealing *dealing, uint32_t fields)
{
    uint32_t most = 1, again = 0;
    const char *best = NULL;

    for (uint32_t f = 0; f < fields; f++) {
        uint32_t n = 0;
        for (uint32_t i = 0; i < dealing->count; i++)
            n += dealing->field_of[i] == f;
        again += n >= 2;
    }
    for (uint32_t i = 0, seen = 0; again >= 2 && i < dealing->count && seen < CARD_LABELS_MAX;
         i++) {
        uint32_t n = dealing->key_of[i] == NULL ? 0 : count_key(dealing, dealing->key_of[i]);
        seen += dealing->key_of[i] != NULL;
        if (n > most) {
            most = n;
            best = dealing->key_of[i];
        }
    }
    return best;
}

/* No card reaches into the next one below it. */
static void
end_above_next(struct dealing *dealing)
{
    const struct doc *doc = dealing->solve->doc;

    for (uint32_t a = 0; a < dealing->card_count; a++)
        for (uint32_t b = 0; b < dealing->card_count; b++) {
            struct box *own = &dealing->cards[a].box;
            const struct box *other = &dealing->cards[b].box;
            if (doc->segs[dealing->cards[a].seg].page == doc->segs[dealing->cards[b].seg].page &&
                other->y0 > own->y0 + 4 && other->x0 < own->x1 && own->x0 < other->x1)
                own->y1 = fminf(own->y1, other->y0);
        }
}

static void
lay_out(struct dealing *dealing, const char *starter)
{
    const struct doc *doc = dealing->solve->doc;

    for (uint32_t i = 0; i < dealing->count && dealing->card_count < CARDS_MAX; i++)
        if (dealing->key_of[i] != NULL && strcmp(dealing->key_of[i], starter) == 0) {
            const struct seg *seg = &doc->segs[dealing->segs[i]];
            dealing->cards[dealing->card_count++] = (struct card){
                .seg = dealing->segs[i], .box = {seg->box.x0 - 4, seg->box.y0 - 2, 1e6F, 1e6F}};
        }
    for (uint32_t a = 0; a < dealing->card_count; a++)
        for (uint32_t b = 0; b < dealing->card_count; b++) {
            struct box *own = &dealing->cards[a].box;
            const struct seg *at = &doc->segs[dealing->cards[a].seg];
            const struct seg *other = &doc->segs[dealing->cards[b].seg];
            if (a == b || at->page != other->page)
                continue;
            bool level = fabsf(other->box.y0 - at->box.y0) < 2 * at->size;
            if (level && other->box.x0 > at->box.x1)
                own->x1 = fminf(own->x1, other->box.x0 - 4);
        }
    end_above_next(dealing);
}

/* The line right above a card's first label is its title, if it stands nearer to it than to what
 * is above. */
static void
add_title(struct dealing *dealing, struct card *card)
{
    const struct doc *doc = dealing->solve->doc;
    const struct seg *at = &doc->segs[card->seg];
    const struct seg *title = NULL;

    for (uint32_t i = 0; i < dealing->count; i++) {
        const struct seg *seg = &doc->segs[dealing->segs[i]];
        float gap = at->box.y0 - seg->box.y1;
        if (seg->page == at->page && seg->box.x0 >= card->box.x0 - 4 &&
            seg->box.x0 < fminf(card->box.x1, at->box.x0 + 20) && gap > -3 &&
            gap < title_gap_most * at->size && dealing->key_of[i] == NULL)
            title = seg;
    }
    if (title == NULL)
        return;
    float own = at->box.y0 - title->box.y1, above = 1000;
    bool value = dealing->solve->labels->run_of[title->first] != NONE &&
                 dealing->solve->labels->runs[dealing->solve->labels->run_of[title->first]].colon;
    for (uint32_t i = 0; i < dealing->count; i++) {
        const struct seg *seg = &doc->segs[dealing->segs[i]];
        if (seg->page == title->page && seg->box.y1 <= title->box.y0 + 2 &&
            seg->box.x0 < title->box.x1 && seg->box.x1 > title->box.x0)
            above = fminf(above, title->box.y0 - seg->box.y1);
    }
    if (!value && above > own + 1)
        card->box.y0 = title->box.y0 - 2;
}

static bool
gather(struct dealing *dealing, const struct card *card, struct block_records *ret)
{
    const struct doc *doc = dealing->solve->doc;
    uint32_t *mine = arena_array(dealing->solve->arena, dealing->count + 1, sizeof(*mine));
    uint32_t n = 0;
    struct bands bands;
    float bottom = card->box.y0;

    if (mine == NULL)
        return false;
    for (uint32_t i = 0; i < dealing->count; i++) {
        const struct seg *seg = &doc->segs[dealing->segs[i]];
        float middle = (seg->box.y0 + seg->box.y1) / 2;
        if (seg->page == doc->segs[card->seg].page && seg->box.x0 >= card->box.x0 &&
            seg->box.x0 < card->box.x1 && middle > card->box.y0 && middle < card->box.y1)
            mine[n++] = dealing->segs[i];
    }
    bands_make(dealing->solve, mine, n, &bands);
    for (uint32_t i = 0; i < bands.count; i++) {
        if (i > 0 && bands.bands[i].box.y0 - bottom > gap_most * doc->size)
            bands.count = i;
        else
            bottom = fmaxf(bottom, bands.bands[i].box.y1);
    }
    return bands.count == 0 || records_add(dealing->solve, ret, bands.bands, bands.count);
}

/* Cards that are cut by the titles of the cards below them. */
static void
part_titles(struct dealing *dealing)
{
    for (uint32_t a = 0; a < dealing->card_count; a++)
        add_title(dealing, &dealing->cards[a]);
    end_above_next(dealing);
}

static void
all_segs(struct dealing *dealing)
{
    const struct doc *doc = dealing->solve->doc;
    uint32_t *segs = arena_array(dealing->solve->arena, doc->seg_count + 1, sizeof(*segs));

    for (uint32_t r = 0; segs != NULL && r < doc->row_count; r++)
        for (uint32_t i = 0; i < doc->rows[r].count; i++) {
            uint32_t index = doc->row_segs[doc->rows[r].first + i];
            uint8_t block = doc->lines[doc->segs[index].line].block;
            if (!block_is_furniture(block))
                segs[dealing->count++] = index;
        }
    dealing->segs = segs;
}

bool
cards_cut(struct solve *solve, const struct table_field *table, const uint32_t *segs,
          uint32_t count, struct block_records *ret)
{
    struct dealing *dealing = arena_alloc(solve->arena, sizeof(*dealing));

    *ret = (struct block_records){.records = NULL};
    if (dealing == NULL) {
        solve->full = true;
        return false;
    }
    *dealing = (struct dealing){.solve = solve, .segs = segs, .count = count};
    if (segs == NULL)
        all_segs(dealing);
    if (dealing->count > CARD_SEGS_MAX)
        return false;
    dealing->field_of = arena_array(solve->arena, dealing->count + 1, sizeof(uint32_t));
    dealing->key_of = arena_array(solve->arena, dealing->count + 1, sizeof(char *));
    if (dealing->field_of == NULL || dealing->key_of == NULL || dealing->segs == NULL) {
        solve->full = true;
        return false;
    }
    find_labels(dealing, table);
    const char *starter = choose_starter(dealing, table->field_count);
    if (starter == NULL)
        return false;
    lay_out(dealing, starter);
    part_titles(dealing);
    for (uint32_t a = 0; a < dealing->card_count; a++)
        if (!gather(dealing, &dealing->cards[a], ret))
            break;
    return ret->count >= 2;
}
