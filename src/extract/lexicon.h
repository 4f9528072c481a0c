/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/lexicon.h - the concepts that documents carry, with the words for them in eight
 * languages.
 *
 * Comes from src/extract/lexicon, .txt, which are embedded at build time: a concept begins with
 * "@ name type", its lines are "prop:" (names of properties) and "en:", "de:" and so on (labels on
 * the page), split by ";", with "~" before one that says little alone. "! name" begins a kind of
 * document. Everything is compared as fold_key and fold_skeleton leave it, so accents, blanks, dots
 * and hyphens do not count. */
#pragma once

#include "base/arena.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum concept_type {
    TYPE_TEXT,
    TYPE_ID,
    TYPE_DATE,
    TYPE_TIME,
    TYPE_MONEY,
    TYPE_NUMBER,
    TYPE_PERCENT,
    TYPE_NAME, /* of a company or person */
    TYPE_PERSON,
    TYPE_PARTY,
    TYPE_ADDRESS,
    TYPE_STREET,
    TYPE_POSTCODE,
    TYPE_CITY,
    TYPE_COUNTRY,
    TYPE_EMAIL,
    TYPE_PHONE,
    TYPE_URL,
    TYPE_IBAN,
    TYPE_BIC,
    TYPE_VAT,
    TYPE_CURRENCY,
    TYPE_DURATION,
    TYPE_BOOL,
    TYPE_KIND,
    TYPE_LANGUAGE,
    TYPE_PAGES,
    TYPE_BODY, /* all that stands there */
    TYPE_ROLE,
    TYPE_COUNT
};

enum { CONCEPTS_MAX = 224, CONCEPT_NONE = 0 };

struct concept {
    const char *name;
    enum concept_type type;
    bool item; /* a column of line items */
};

/* One phrase: its key and what it stands for. */
struct phrase {
    const char *key;
    uint16_t concept; /* or index of the kind */
    bool label, prop, kind;
    bool weak; /* "~" before it: says little alone */
    uint16_t len;
    uint32_t next; /* in its chain; UINT32_MAX: the last */
};

struct lexicon {
    struct concept concepts[CONCEPTS_MAX]; /* [0] is none */
    uint16_t concept_count;
    const char *kinds[32];
    uint16_t kind_count;
    struct phrase *phrases;
    uint32_t phrase_count, phrase_cap;
    uint32_t *chains; /* by hash */
    uint32_t *shapes; /* chains for fuzzy search: phrases by length */
};

MUST_CHECK
enum err_code lexicon_load(struct arena *arena, struct lexicon **ret_lexicon, struct err *err);

/* 0: there is no such concept. */
uint16_t lexicon_concept(const struct lexicon *lexicon, const char *name);

/* The first phrase with the key; more by next with an equal key. NULL: none. */
const struct phrase *lexicon_find(const struct lexicon *lexicon, const char *key);
const struct phrase *lexicon_next(const struct lexicon *lexicon, const struct phrase *phrase);
