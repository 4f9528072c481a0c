/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/labels.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A label of more words is a sentence. */
/* What a phrase counts that is a label only where nothing better stands ("no", "vom"). */
static const float weak_share = 0.7F;

enum { PHRASE_TOKENS_MAX = 8, RUN_TOKENS_MAX = 24, KEY_MAX = 160 };

struct find {
    const struct doc *doc;
    const struct items *items;
    const struct lexicon *lexicon;
    struct labels *found;
    bool full;
};

static bool
has_digit(const char *text)
{
    for (; *text != '\0'; text++)
        if (isdigit((unsigned char)*text))
            return true;
    return false;
}

static bool
ends_in_colon(const char *text)
{
    size_t len = strlen(text);

    return len > 0 && text[len - 1] == ':';
}

/* Currency, percent and bracketed remarks say how, not what. */
static bool
is_unit(const struct token *token)
{
    char code[4];
    size_t money = currency_at(token->text, code);

    if (token->key[0] == '\0' || (money > 0 && token->text[money] == '\0'))
        return true;
    return token->text[0] == '(' && strchr(token->text, ')') != NULL && strlen(token->text) < 8;
}

/* A value begins here: a digit, unless it is a rate inside a label ("19 % MwSt", "6%"). */
static bool
is_value(const struct find *find, uint32_t i)
{
    const struct token *token = &find->doc->tokens[i];

    if (!has_digit(token->text))
        return false;
    for (uint32_t k = find->items->at[i]; k < find->items->at[i + 1]; k++)
        if (find->items->items[k].kind == ITEM_NUMBER && find->items->items[k].number.percent)
            return false;
    return true;
}

static bool
add_run(struct find *find, uint32_t first, uint32_t count, bool starts, bool ends)
{
    const struct doc *doc = find->doc;
    char key[KEY_MAX];
    size_t used = 0, plain = 0;
    bool inside = false;

    for (uint32_t i = first; i < first + count; i++) {
        const struct token *token = &doc->tokens[i];
        size_t len = strlen(token->key);
        inside = inside || token->text[0] == '(' || token->text[0] == '[';
        if (!inside && !is_unit(token) && !has_digit(token->text))
            plain += len;
        if (strpbrk(token->text, ")]") != NULL)
            inside = false;
        if (is_unit(token) || has_digit(token->text) || used + len + 1 > sizeof(key))
            continue;
        memcpy(key + used, token->key, len);
        used += len;
    }
    key[used] = '\0';
    if (used == 0)
        return true;
    char *copy = arena_strdup(doc->arena, key);
    if (copy == NULL)
        return false;
    for (uint32_t i = first; i < first + count; i++)
        find->found->run_of[i] = find->found->run_count;
    find->found->runs[find->found->run_count++] =
        (struct run){.first = first,
                     .count = count,
                     .key = copy,
                     .plain = plain > 0 ? plain : used,
                     .colon = ends_in_colon(doc->tokens[first + count - 1].text),
                     .starts_seg = starts,
                     .ends_seg = ends};
    return true;
}

static bool
runs_of_seg(struct find *find, const struct seg *seg)
{
    uint32_t end = seg->first + seg->count;

    for (uint32_t i = seg->first; i < end;) {
        if (is_value(find, i)) {
            i++;
            continue;
        }
        uint32_t first = i;
        while (i < end && !is_value(find, i)) {
            bool colon = ends_in_colon(find->doc->tokens[i].text);
            i++;
            if (colon || i - first == RUN_TOKENS_MAX)
                break;
        }
        /* A colon of its own closes the label before it. */
        if (!add_run(find, first, i - first, first == seg->first, i == end))
            return false;
    }
    return true;
}

/* --- phrases --- */

static bool
add_label(struct find *find, uint32_t first, uint32_t count, uint16_t concept, bool weak,
          size_t len)
{
    struct labels *found = find->found;
    uint32_t run = found->run_of[first];
    size_t whole = strlen(found->runs[run].key);

    if (len <= found->runs[run].plain) /* a remark in brackets does not lessen it */
        whole = found->runs[run].plain;
    if (found->label_count == found->label_cap) {
        void *more = arena_grow(find->doc->arena, found->labels, found->label_count,
                                found->label_cap * 2 + 128, sizeof(*found->labels));
        if (more == NULL)
            return false;
        found->labels = more;
        found->label_cap = found->label_cap * 2 + 128;
    }
    float exact = whole > 0 ? (float)len / (float)whole : 0;
    if (weak)
        exact *= weak_share;
    found->labels[found->label_count++] = (struct label){.first = first,
                                                         .count = count,
                                                         .run = run,
                                                         .concept = concept,
                                                         .exact = exact > 1 ? 1 : exact};
    return true;
}

/* Recognised text: a key that is one letter off is looked for too, by dropping or changing none of
 * its first two letters. Only long words are worth it. */
static const struct phrase *
find_near(const struct find *find, const char *key, size_t len)
{
    const struct lexicon *lexicon = find->lexicon;

    for (uint32_t i = 0; i < lexicon->phrase_count; i++) {
        const struct phrase *phrase = &lexicon->phrases[i];
        if (!phrase->label || phrase->len < 6 || phrase->len + 1U < len || len + 1 < phrase->len)
            continue;
        bool head = phrase->key[0] == key[0] && phrase->key[1] == key[1];
        bool tail = phrase->key[phrase->len - 1] == key[len - 1] &&
                    phrase->key[phrase->len - 2] == key[len - 2];
        if ((head || tail) &&
            fold_distance(phrase->key, key, len >= 11 ? 2 : 1) <= (len >= 11 ? 2 : 1))
            return phrase;
    }
    return NULL;
}

/* The longest phrase that begins with the token; the number of its tokens. 0: none. */
static uint32_t
longest_at(const struct find *find, uint32_t i, uint32_t end, const struct phrase **ret,
           size_t *ret_len)
{
    char key[KEY_MAX];
    size_t used = 0;
    uint32_t best = 0;

    for (uint32_t n = 0; n < PHRASE_TOKENS_MAX && i + n < end; n++) {
        const char *part = find->doc->tokens[i + n].key;
        size_t len = strlen(part);
        if (used + len + 1 > sizeof(key))
            break;
        memcpy(key + used, part, len + 1);
        used += len;
        if (used == 0)
            break;
        if (len == 0)
            continue;
        const struct phrase *phrase = lexicon_find(find->lexicon, key);
        while (phrase != NULL && (!phrase->label || phrase->kind))
            phrase = lexicon_next(find->lexicon, phrase);
        if (phrase != NULL) {
            best = n + 1;
            *ret = phrase;
            *ret_len = used;
        }
    }
    return best;
}

static bool
is_seen(const struct find *find, uint32_t i)
{
    return find->doc->tokens[i].word->witness == WITNESS_PIXELS ||
           find->doc->tokens[i].word->witness == WITNESS_CONFLICT;
}

/* The whole run as a phrase that was misread. */
static bool
near_run(struct find *find, uint32_t run)
{
    const struct run *at = &find->found->runs[run];
    size_t len = strlen(at->key);

    if (len < 8 || len > 40 || !is_seen(find, at->first))
        return true;
    const struct phrase *phrase = find_near(find, at->key, len);
    if (phrase == NULL)
        return true;
    char *key = arena_strdup(find->doc->arena, phrase->key);
    if (key == NULL)
        return false;
    for (phrase = lexicon_find(find->lexicon, key); phrase != NULL;
         phrase = lexicon_next(find->lexicon, phrase))
        if (phrase->label && !phrase->kind &&
            !add_label(find, at->first, at->count, phrase->concept, phrase->weak, len * 9 / 10))
            return false;
    return true;
}

static bool
labels_of_run(struct find *find, uint32_t run)
{
    const struct run *at = &find->found->runs[run];
    uint32_t end = at->first + at->count, before = find->found->label_count;

    for (uint32_t i = at->first; i < end;) {
        const struct phrase *phrase = NULL;
        size_t len = 0;
        uint32_t n = longest_at(find, i, end, &phrase, &len);
        if (n == 0) {
            i++;
            continue;
        }
        for (; phrase != NULL; phrase = lexicon_next(find->lexicon, phrase))
            if (phrase->label && !phrase->kind &&
                !add_label(find, i, n, phrase->concept, phrase->weak, len))
                return false;
        i += n;
    }
    float best = 0;
    for (uint32_t i = before; i < find->found->label_count; i++)
        best = fmaxf(best, find->found->labels[i].exact);
    return best >= 0.6F || near_run(find, run);
}

/* A role in a run narrows the labels beside it; they count as one. */
static void
join_roles(struct find *find)
{
    struct labels *found = find->found;

    for (uint32_t i = 0; i < found->label_count; i++) {
        struct label *role = &found->labels[i];
        if (find->lexicon->concepts[role->concept].type != TYPE_ROLE)
            continue;
        for (uint32_t k = i > 12 ? i - 12 : 0; k < found->label_count && k < i + 12; k++) {
            struct label *label = &found->labels[k];
            if (label->run != role->run || label->first == role->first || label->role != 0 ||
                find->lexicon->concepts[label->concept].type == TYPE_ROLE)
                continue;
            label->role = role->concept;
            label->exact = label->exact + role->exact > 1 ? 1 : label->exact + role->exact;
        }
    }
}

static bool
index_labels(struct find *find)
{
    struct labels *found = find->found;
    uint16_t concepts = find->lexicon->concept_count;
    uint32_t at = 0;

    found->by_concept =
        arena_array(find->doc->arena, found->label_count + 1, sizeof(*found->by_concept));
    found->concept_first =
        arena_array(find->doc->arena, (size_t)concepts + 1, sizeof(*found->concept_first));
    if (found->by_concept == NULL || found->concept_first == NULL)
        return false;
    uint32_t *count = found->concept_first;
    for (uint32_t i = 0; i < found->label_count; i++)
        count[found->labels[i].concept]++;
    for (uint16_t c = 0; c <= concepts; c++) {
        uint32_t n = c < concepts ? count[c] : 0;
        count[c] = at;
        at += n;
    }
    uint32_t *next = arena_array(find->doc->arena, (size_t)concepts + 1, sizeof(*next));
    if (next == NULL)
        return false;
    memcpy(next, count, ((size_t)concepts + 1) * sizeof(*next));
    for (uint32_t i = 0; i < found->label_count; i++)
        found->by_concept[next[found->labels[i].concept]++] = i;
    return true;
}

enum err_code
labels_find(const struct doc *doc, const struct items *items, const struct lexicon *lexicon,
            struct labels **ret_labels, struct err *err)
{
    struct labels *found = arena_alloc(doc->arena, sizeof(*found));
    struct find find = {.doc = doc, .items = items, .lexicon = lexicon, .found = found};
    bool fine = found != NULL;

    if (fine) {
        found->runs = arena_array(doc->arena, doc->token_count + 1, sizeof(*found->runs));
        found->run_of = arena_array(doc->arena, doc->token_count + 1, sizeof(*found->run_of));
        fine = found->runs != NULL && found->run_of != NULL;
    }
    if (fine)
        memset(found->run_of, 0xff, (doc->token_count + 1) * sizeof(*found->run_of));
    for (uint32_t i = 0; fine && i < doc->seg_count; i++)
        fine = runs_of_seg(&find, &doc->segs[i]);
    for (uint32_t i = 0; fine && i < found->run_count; i++)
        fine = labels_of_run(&find, i);
    if (fine) {
        join_roles(&find);
        fine = index_labels(&find);
    }
    if (!fine)
        return err_set(err, ERR_LIMIT, "the document has too many words");
    *ret_labels = found;
    return ERR_OK;
}
