/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the name of a property means: concepts and roles by its words. */
#include "extract/name.h"

#include <stdio.h>
#include <string.h>

struct meaning {
    uint16_t concept, role;
    size_t concept_len, known, all;
    bool role_only;   /* one phrase was both */
    bool bare_number; /* "number" of something that is no kind of document */
};

/* The concept's values have the type that the schema asks for; 0: it does not say. */
static bool
suits(enum concept_type type, unsigned types)
{
    bool numeric =
        type == TYPE_MONEY || type == TYPE_NUMBER || type == TYPE_PERCENT || type == TYPE_PAGES;

    types &= ~(unsigned)SCHEMA_NULL;
    if (types == 0 || ((types & SCHEMA_STRING) != 0 && (types & SCHEMA_INTEGER) != 0))
        return true;
    return numeric == ((types & SCHEMA_INTEGER) != 0);
}

static bool
is_named(const struct solve *solve, uint16_t concept, const char *name)
{
    return strcmp(solve->lexicon->concepts[concept].name, name) == 0;
}

static bool
is_end(const struct solve *solve, uint16_t concept)
{
    return is_named(solve, concept, "period_start") || is_named(solve, concept, "period_end");
}

static void
take_phrase(const struct solve *solve, const struct phrase *phrase, bool item, unsigned types,
            struct meaning *meaning, size_t len)
{
    uint16_t best = 0, role = 0;
    int best_rank = -1;

    for (; phrase != NULL; phrase = lexicon_next(solve->lexicon, phrase)) {
        const struct concept *concept = &solve->lexicon->concepts[phrase->concept];
        if (phrase->kind)
            continue;
        if (concept->type == TYPE_ROLE) {
            role = role == 0 ? phrase->concept : role;
            continue;
        }
        int rank =
            (concept->item == item) * 8 + suits(concept->type, types) * 4 + phrase->prop * 2 + 1;
        if (concept->item && !item)
            rank = 0;
        if (rank > best_rank) {
            best_rank = rank;
            best = phrase->concept;
        }
    }
    if (role != 0 && meaning->role == 0)
        meaning->role = role;
    if (best != 0 && meaning->concept != 0) { /* "periodeFin": one end of it */
        if (is_named(solve, meaning->concept, "period") && is_end(solve, best))
            meaning->concept_len = 0;
        else if (is_named(solve, best, "period") && is_end(solve, meaning->concept))
            return;
    }
    if (best != 0 && best_rank > 0 && len >= meaning->concept_len) {
        meaning->concept = best;
        meaning->concept_len = len;
    }
}

static const struct phrase *
phrase_of(const struct solve *solve, const char *key)
{
    char other[NAME_WORDS_MAX * WORD_MAX];
    const struct phrase *phrase = lexicon_find(solve->lexicon, key);

    while (phrase != NULL && phrase->kind)
        phrase = lexicon_next(solve->lexicon, phrase);
    if (phrase != NULL || strlen(key) >= sizeof(other))
        return phrase;
    strcpy(other, key);
    if (!name_contract(other))
        return NULL;
    phrase = lexicon_find(solve->lexicon, other);
    while (phrase != NULL && phrase->kind)
        phrase = lexicon_next(solve->lexicon, phrase);
    return phrase;
}

/* "numeroConta", "dateNaissance": the page says "número de conta", "date de naissance". */
static const struct phrase *
with_joint(const struct solve *solve, const char *first, const char *rest)
{
    static const char *const joints[] = {"de", "dl", "da", "do", "du", "del", "della", "d"};
    char key[NAME_WORDS_MAX * WORD_MAX + 8];

    for (size_t i = 0; i < ARRAY_LEN(joints); i++) {
        snprintf(key, sizeof(key), "%s%s%s", first, joints[i], rest);
        const struct phrase *phrase = phrase_of(solve, key);
        if (phrase != NULL)
            return phrase;
    }
    return NULL;
}

static bool
is_kind(const struct solve *solve, const char *key)
{
    for (const struct phrase *phrase = lexicon_find(solve->lexicon, key); phrase != NULL;
         phrase = lexicon_next(solve->lexicon, phrase))
        if (phrase->kind)
            return true;
    return false;
}

static bool
is_number_word(const char *key)
{
    static const char *const words[] = {"number", "numero", "nummer", "numer", "no", "nr", "n"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(key, words[i]) == 0)
            return true;
    return false;
}

float
fields_meaning(const struct solve *solve, const char *name, bool item, unsigned types,
               uint16_t *ret_concept, uint16_t *ret_role)
{
    struct name_words words;
    struct meaning meaning = {0};
    uint32_t numbers = 0, other = 0;
    char keys[NAME_WORDS_MAX][WORD_MAX];

    name_split(name, &words);
    for (size_t i = 0; i < words.count; i++) {
        char *key = fold_key(solve->arena, words.word[i], strlen(words.word[i]));
        keys[i][0] = '\0';
        if (key != NULL && strlen(key) < WORD_MAX) {
            fold_skeleton(key);
            memcpy(keys[i], key, strlen(key) + 1);
        }
        meaning.all += name_is_filler(keys[i]) ? 0 : strlen(keys[i]);
    }
    for (size_t i = 0; i < words.count;) {
        char key[NAME_WORDS_MAX * WORD_MAX] = "";
        const struct phrase *best = NULL;
        size_t taken = 0, len = 0;
        for (size_t n = 0; i + n < words.count; n++) {
            strcat(key, keys[i + n]);
            const struct phrase *phrase = phrase_of(solve, key);
            if (phrase == NULL && n > 0)
                phrase = with_joint(solve, keys[i], key + strlen(keys[i]));
            if (phrase != NULL) {
                best = phrase;
                taken = n + 1;
                len = strlen(key);
            }
        }
        if (best != NULL) {
            other += !is_number_word(best->key) && !is_kind(solve, best->key);
            numbers += is_number_word(best->key);
            take_phrase(solve, best, item, types, &meaning, len);
            meaning.known += len;
        } else if (is_kind(solve, keys[i])) { /* "numeroDevis": of the document itself */
            meaning.known += strlen(keys[i]);
        }
        i += taken > 0 ? taken : 1;
    }
    meaning.bare_number = numbers > 0 && other > 0 && meaning.role == 0 && meaning.concept != 0 &&
                          is_named(solve, meaning.concept, "document_number");
    *ret_concept = meaning.concept;
    *ret_role = meaning.role;
    if (meaning.bare_number) /* "numeroLigne": of something, but not of the document */
        return 0.5F;
    return meaning.all > 0 ? (float)meaning.known / (float)meaning.all : 0;
}

bool
field_is(const struct solve *solve, const struct field *field, const char *concept)
{
    return strcmp(solve->lexicon->concepts[field->concept].name, concept) == 0;
}
