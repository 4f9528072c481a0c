/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Fields whose values the schema lists, and yes or no: the page's words choose among them. */
#include "extract/solve.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { KEY_MAX = 120, LISTED_WORDS_MAX = 6 }; /* words of a listed value */

/* --- kinds of documents --- */

struct title {
    uint32_t first, count;
    uint16_t kind;
    float score;
};

/* The words that name the kind of the document: high up, large, alone on their line. */
static struct title
find_title(const struct solve *solve)
{
    const struct doc *doc = solve->doc;
    struct title best = {0};

    for (uint32_t i = 0; i < doc->token_count && doc->tokens[i].page == 0; i++) {
        char key[KEY_MAX] = "";
        const struct flow_line *line = &doc->lines[doc->tokens[i].line];
        for (uint32_t n = 0; n < 5 && i + n < line->first + line->count; n++) {
            if (strlen(key) + strlen(doc->tokens[i + n].key) + 1 > sizeof(key))
                break;
            strcat(key, doc->tokens[i + n].key);
            size_t len = strlen(key);
            /* Compounds count by their last part: "Handelsrechnung". */
            for (size_t skip = 0; skip == 0 || (n == 0 && len > skip && len - skip >= 7); skip++)
                for (const struct phrase *phrase = lexicon_find(solve->lexicon, key + skip);
                     phrase != NULL; phrase = lexicon_next(solve->lexicon, phrase)) {
                    if (!phrase->kind)
                        continue;
                    float y = doc->tokens[i].box.y0 / fmaxf(doc->pages[0]->height, 1);
                    float large = box_height(doc->tokens[i].box) / fmaxf(doc->size, 1);
                    float score = 0.45F + 0.2F * fminf(large - 1, 1.5F) - 0.3F * y +
                                  0.012F * (float)len - (skip > 0 ? 0.05F : 0);
                    if (i == line->first)
                        score += 0.1F;
                    if (n + 1 == line->count)
                        score += 0.12F;
                    if (line->count > 9)
                        score -= 0.3F;
                    if (score > best.score)
                        best = (struct title){i, n + 1, phrase->concept, score};
                }
        }
    }
    return best;
}

static const char *
key_of(struct solve *solve, const char *text)
{
    char *key = text == NULL ? NULL : fold_key(solve->arena, text, strlen(text));

    if (key != NULL)
        fold_skeleton(key);
    return key == NULL ? "" : key;
}

/* The listed value that means the kind: "Invoice", "credit-note", "RECEIPT". */
static const struct schema_value *
value_of_kind(struct solve *solve, const struct schema_shape *shape, uint16_t kind)
{
    for (size_t i = 0; i < shape->enum_count; i++) {
        if (shape->enums[i].type != SCHEMA_STRING)
            continue;
        for (const struct phrase *phrase =
                 lexicon_find(solve->lexicon, key_of(solve, shape->enums[i].string));
             phrase != NULL; phrase = lexicon_next(solve->lexicon, phrase))
            if (phrase->kind && phrase->concept == kind)
                return &shape->enums[i];
    }
    return NULL;
}

static void
offer_kind(struct solve *solve, struct field *field, const struct title *title)
{
    const struct schema_value *value = value_of_kind(solve, field->shape, title->kind);

    if (title->score < 0.3F)
        return;
    if (value != NULL)
        offer(field,
              make_string(solve, field, value->string, title->first, title->count, NORM_ENUM,
                          fminf(title->score + 0.3F, 0.95F)),
              fminf(title->score + 0.3F, 0.95F), title->first, title->count, NULL);
    else if (field->shape->enum_count == 0)
        offer(field, make_text(solve, field, title->first, title->count, 0.8F), 0.8F, title->first,
              title->count, NULL);
}

/* One of the listed values is a kind of document; else they are types of something else. */
static bool
lists_kinds(struct solve *solve, const struct field *field)
{
    for (uint16_t k = 0; k < solve->lexicon->kind_count; k++)
        if (value_of_kind(solve, field->shape, k) != NULL)
            return true;
    return false;
}

/* --- listed values --- */

/* How much better a value is supported where it stands behind the field's label. */
static bool
near_label(const struct solve *solve, const struct field *field, uint32_t token)
{
    const struct labels *labels = solve->labels;
    struct place places[PLACES_MAX];

    for (uint32_t r = 0; r < labels->run_count; r++) {
        const struct run *run = &labels->runs[r];
        bool own = (field->own_key != NULL && strcmp(run->key, field->own_key) == 0) ||
                   (field->title_key != NULL && strcmp(run->key, field->title_key) == 0);
        for (uint32_t i = 0; !own && field->concept != 0 && i < labels->label_count; i++) {
            own = labels->labels[i].run == r && labels->labels[i].concept == field->concept &&
                  labels->labels[i].exact > 0.7F;
        }
        if (!own)
            continue;
        uint32_t n = places_of(solve, run, run->first + run->count, places);
        for (uint32_t k = 0; k < n; k++)
            if (token >= places[k].first && token < places[k].first + places[k].count)
                return true;
    }
    return false;
}

/* A filled box, a cross or a tick; empty: a box without. */
static int
tick_of(const char *text)
{
    static const char *const full[] = {"☑",   "☒",   "✓",   "✔",   "✗", "✘", "⊠",
                                       "[x]", "[X]", "(x)", "(X)", "■", "●", "◉"};
    static const char *const empty[] = {"☐", "□", "[]", "()", "○", "❑", "❏", "◯"};

    for (size_t i = 0; i < sizeof(full) / sizeof(*full); i++)
        if (strcmp(text, full[i]) == 0)
            return 1;
    for (size_t i = 0; i < sizeof(empty) / sizeof(*empty); i++)
        if (strcmp(text, empty[i]) == 0)
            return 0;
    return -1;
}

/* The tick that belongs to the words [first, first + count): before them, or behind. */
static int
tick_at(const struct solve *solve, uint32_t first, uint32_t count, uint32_t *ret_token)
{
    const struct doc *doc = solve->doc;

    *ret_token = first;
    if (first > 0 && doc->tokens[first - 1].line == doc->tokens[first].line &&
        tick_of(doc->tokens[first - 1].text) >= 0) {
        *ret_token = first - 1;
        return tick_of(doc->tokens[first - 1].text);
    }
    uint32_t next = first + count;
    if (next < doc->token_count && doc->tokens[next].seg == doc->tokens[first].seg &&
        tick_of(doc->tokens[next].text) >= 0) {
        *ret_token = next;
        return tick_of(doc->tokens[next].text);
    }
    return -1;
}

/* The first byte of each word's key: most words of a long document are told from most of a long
 * list by it. NULL without memory. */
static char *
first_bytes(struct solve *solve)
{
    const struct doc *doc = solve->doc;
    char *first = arena_alloc(solve->arena, (size_t)doc->token_count + 1);

    for (uint32_t i = 0; first != NULL && i < doc->token_count; i++)
        first[i] = doc->tokens[i].key[0];
    return first;
}

/* So many words from the first on, together, are the key that is wanted; 0: they are not. */
static uint32_t
words_that_say(const struct doc *doc, uint32_t first, const char *wanted, size_t len)
{
    size_t at = 0;
    uint32_t n = 0;

    while (at < len && n < LISTED_WORDS_MAX && first + n < doc->token_count) {
        const char *key = doc->tokens[first + n].key;
        size_t key_len = strlen(key);
        if (key_len > len - at || memcmp(key, wanted + at, key_len) != 0)
            return 0;
        at += key_len;
        n++;
    }
    return at == len ? n : 0;
}

/* Another listed value stands in the same row: both are printed for somebody to choose. */
static bool
is_offered(struct solve *solve, const struct field *field, size_t but, uint32_t row)
{
    const struct doc *doc = solve->doc;
    const struct row *at = &doc->rows[row];

    for (size_t v = 0; v < field->shape->enum_count; v++) {
        const struct schema_value *value = &field->shape->enums[v];
        if (v == but || value->type != SCHEMA_STRING || value->len < 3)
            continue;
        const char *wanted = key_of(solve, value->string);
        size_t len = strlen(wanted);
        for (uint32_t s = 0; len > 0 && s < at->count; s++) {
            const struct seg *seg = &doc->segs[doc->row_segs[at->first + s]];
            for (uint32_t i = seg->first; i < seg->first + seg->count; i++)
                if (words_that_say(doc, i, wanted, len) > 0)
                    return true;
        }
    }
    return false;
}

static void
offer_listed(struct solve *solve, struct field *field, const char *first)
{
    const struct doc *doc = solve->doc;

    for (size_t v = 0; v < field->shape->enum_count; v++) {
        const struct schema_value *value = &field->shape->enums[v];
        if (value->type != SCHEMA_STRING || value->len == 0)
            continue;
        const char *wanted = key_of(solve, value->string);
        size_t len = strlen(wanted);
        for (uint32_t i = 0; len > 0 && i < doc->token_count; i++) {
            if (tick_of(doc->tokens[i].text) >= 0) /* the mark is looked for beside the words */
                continue;
            uint32_t n = 0;
            if (first[i] == wanted[0] || first[i] == '\0') /* a mark may stand before it */
                n = words_that_say(doc, i, wanted, len);
            if (n == 0)
                continue;
            uint32_t mark;
            int tick = tick_at(solve, i, n, &mark);
            float score = tick == 1   ? 0.93F
                          : tick == 0 ? 0.03F
                          : is_offered(solve, field, v, doc->segs[doc->tokens[i].seg].row)
                              ? 0.2F /* one of those to choose from */
                          : near_label(solve, field, i) ? 0.88F
                          : len >= 4                    ? 0.4F
                                                        : 0.31F;
            offer(field, make_string(solve, field, value->string, i, n, NORM_ENUM, score), score, i,
                  n, NULL);
        }
    }
    if (field->type == TYPE_CURRENCY && solve->items->currency[0] != '\0') /* by its sign */
        for (size_t v = 0; v < field->shape->enum_count; v++)
            if (field->shape->enums[v].type == SCHEMA_STRING &&
                strcmp(field->shape->enums[v].string, solve->items->currency) == 0)
                for (uint32_t k = 0; k < solve->items->count; k++) {
                    const struct item *item = &solve->items->items[k];
                    if (item->kind != ITEM_NUMBER ||
                        strcmp(item->number.currency, solve->items->currency) != 0)
                        continue;
                    offer(field,
                          make_string(solve, field, solve->items->currency, item->first,
                                      item->count, NORM_ENUM, 0.85F),
                          0.85F, item->first, item->count, NULL);
                    break;
                }
}

/* --- yes or no --- */

static int
word_of_truth(const char *key)
{
    static const char *const yes[] = {"yes", "ja", "oul", "sl", "slm", "tak", "true", "y", "x"};
    static const char *const no[] = {"no", "neln", "non", "nao", "nee", "nle", "false", "n"};

    for (size_t i = 0; i < sizeof(yes) / sizeof(*yes); i++)
        if (strcmp(key, yes[i]) == 0)
            return 1;
    for (size_t i = 0; i < sizeof(no) / sizeof(*no); i++)
        if (strcmp(key, no[i]) == 0)
            return 0;
    return -1;
}

static void
offer_truth(struct solve *solve, struct field *field, int truth, uint32_t first, uint32_t count,
            float score)
{
    struct value *value =
        value_new(solve->doc, truth == 1 ? "true" : "false", first, count, NORM_BOOLEAN, score);

    if (value == NULL)
        solve->full = true;
    offer(field, value, score, first, count, NULL);
}

/* A label stands between the two in the row: "Meals: Yes   Bus: No" are two answers. */
static bool
is_parted(const struct doc *doc, const struct row *row, uint32_t a, uint32_t b)
{
    float left = fminf(doc->tokens[a].box.x0, doc->tokens[b].box.x0);
    float right = fmaxf(doc->tokens[a].box.x0, doc->tokens[b].box.x0);

    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        for (uint32_t i = seg->first; i < seg->first + seg->count; i++) {
            const char *text = doc->tokens[i].text;
            if (text[0] != '\0' && text[strlen(text) - 1] == ':' && doc->tokens[i].box.x0 > left &&
                doc->tokens[i].box.x0 < right)
                return true;
        }
    }
    return false;
}

/* "Yes   No", both printed and none marked, is no answer. */
static bool
has_other_truth(const struct solve *solve, uint32_t token, int truth)
{
    const struct doc *doc = solve->doc;
    const struct row *row = &doc->rows[doc->segs[doc->tokens[token].seg].row];

    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        for (uint32_t i = seg->first; i < seg->first + seg->count; i++)
            if (word_of_truth(doc->tokens[i].key) == 1 - truth && !is_parted(doc, row, token, i))
                return true;
    }
    return false;
}

static void
find_truth(struct solve *solve, struct field *field)
{
    const struct labels *labels = solve->labels;
    const struct doc *doc = solve->doc;
    struct place places[PLACES_MAX];

    for (uint32_t r = 0; r < labels->run_count; r++) {
        const struct run *run = &labels->runs[r];
        bool own = field->own_key != NULL && *field->own_key != '\0' &&
                   (strcmp(run->key, field->own_key) == 0 ||
                    (strlen(field->own_key) > 4 && strstr(run->key, field->own_key) != NULL));
        bool all = field->word_count > 0;
        for (uint32_t i = 0; i < field->word_count; i++)
            all = all && strlen(field->words[i]) > 2 && strstr(run->key, field->words[i]) != NULL;
        own = own || all || (field->title_key != NULL && strcmp(run->key, field->title_key) == 0);
        if (!own)
            continue;
        uint32_t mark;
        int tick = -1;
        for (uint32_t i = run->first; tick < 0 && i < run->first + run->count; i++) {
            tick = tick_of(doc->tokens[i].text);
            mark = i;
        }
        if (tick < 0)
            tick = tick_at(solve, run->first, run->count, &mark);
        if (tick >= 0)
            offer_truth(solve, field, tick, mark, 1, 0.92F);
        uint32_t n = places_of(solve, run, run->first + run->count, places);
        for (uint32_t k = 0; k < n; k++) {
            uint32_t own_label = labels->run_of[places[k].first];
            if (places[k].below && own_label != NONE && labels->runs[own_label].colon)
                continue; /* the answer to something else */
            for (uint32_t t = places[k].first; t < places[k].first + places[k].count; t++) {
                int truth = word_of_truth(doc->tokens[t].key);
                uint32_t box;
                int ticked = truth < 0 ? -1 : tick_at(solve, t, 1, &box);
                if (truth < 0 || ticked == 0 || (ticked < 0 && has_other_truth(solve, t, truth)))
                    continue;
                offer_truth(solve, field, truth, t, 1,
                            places[k].score * (ticked == 1 ? 0.95F : 0.85F) -
                                0.05F * (float)(t - places[k].first));
            }
        }
    }
}

/* Money was handed over and change given: a receipt, whatever it calls itself. */
static bool
is_receipt(const struct solve *solve)
{
    const struct labels *labels = solve->labels;
    uint16_t paid = lexicon_concept(solve->lexicon, "paid");
    uint16_t change = lexicon_concept(solve->lexicon, "change");
    bool has_paid = false, has_change = false;

    for (uint32_t i = 0; i < labels->label_count; i++) {
        has_paid =
            has_paid || (labels->labels[i].concept == paid && labels->labels[i].exact > 0.8F);
        has_change =
            has_change || (labels->labels[i].concept == change && labels->labels[i].exact > 0.8F);
    }
    return has_paid && has_change;
}

void
find_choices(struct solve *solve)
{
    struct title title = find_title(solve);
    const char *first = first_bytes(solve);

    if (first == NULL) {
        solve->full = true;
        return;
    }
    solve->till = is_receipt(solve);
    if (title.score < 0.3F && solve->till)
        solve->kind = "receipt";

    if (title.score >= 0.3F) {
        solve->kind = solve->lexicon->kinds[title.kind];
        solve->title_first = title.first;
        solve->title_count = title.count;
    }
    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        struct field *field = &solve->fields[i];
        if (field->item || field->node == NULL)
            continue;
        if (field->type == TYPE_KIND &&
            (field->shape->enum_count == 0 || lists_kinds(solve, field)))
            offer_kind(solve, field, &title);
        else if (field->shape->enum_count > 0)
            offer_listed(solve, field, first);
        else if (field->type == TYPE_BOOL)
            find_truth(solve, field);
    }
}
