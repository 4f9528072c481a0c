/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/solve.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

/* Whose thing it is matters for these. */
static bool
has_owner(enum concept_type type, const char *concept)
{
    switch (type) {
    case TYPE_NAME:
    case TYPE_PERSON:
    case TYPE_ADDRESS:
    case TYPE_STREET:
    case TYPE_POSTCODE:
    case TYPE_CITY:
    case TYPE_COUNTRY:
    case TYPE_EMAIL:
    case TYPE_PHONE:
    case TYPE_URL:
    case TYPE_VAT:
        return true;
    default:
        return strcmp(concept, "tax_number") == 0 || strcmp(concept, "register_number") == 0 ||
               strcmp(concept, "gln") == 0;
    }
}

static float
role_factor(const struct solve *solve, const struct field *field, const struct label *label)
{
    const struct concept *concept = &solve->lexicon->concepts[label->concept];
    uint16_t role = label->role;

    if (!has_owner(concept->type, concept->name))
        return 1;
    if (field->role == 0)
        return role == 0 ? 1 : 0.85F;
    if (role == field->role)
        return 1;
    if (role != 0)
        return 0.12F;
    float strength;
    role = section_role(solve, label->first, &strength);
    if (role == 0)
        return 0.55F;
    return role == field->role ? 0.8F + 0.18F * strength : 0.45F - 0.3F * strength;
}
/* Earlier pages and upper lines a little before later ones. */
static float
place_prior(const struct solve *solve, uint32_t token)
{
    const struct token *at = &solve->doc->tokens[token];
    float height = fmaxf(solve->doc->pages[at->page]->height, 1);

    return 1 - fminf(0.02F * (float)at->page, 0.2F) - 0.03F * at->box.y0 / height;
}

bool
is_kind_word(const struct solve *solve, const char *key)
{
    size_t len = strlen(key);

    for (size_t skip = 0; skip == 0 || (len > skip && len - skip >= 7); skip++)
        for (const struct phrase *phrase = lexicon_find(solve->lexicon, key + skip); phrase != NULL;
             phrase = lexicon_next(solve->lexicon, phrase))
            if (phrase->kind)
                return true;
    return false;
}

static uint32_t
doc_seg_end(const struct solve *solve, const struct run *run)
{
    const struct seg *seg = &solve->doc->segs[solve->doc->tokens[run->first].seg];

    return seg->first + seg->count;
}

/* Number or date in the title of the document: "Invoice no. 4711 of 3 May". */
static bool
is_title(const struct solve *solve, const struct label *label)
{
    const char *name = solve->lexicon->concepts[label->concept].name;
    const struct token *token = &solve->doc->tokens[label->first];

    if (strcmp(name, "document_number") != 0 && strcmp(name, "document_date") != 0)
        return false;
    const struct flow_line *line = &solve->doc->lines[token->line];
    if (line->count > 14 || solve->labels->runs[label->run].colon)
        return false;
    for (uint32_t i = line->first; i < line->first + 3 && i < line->first + line->count; i++) {
        if (i > label->first + 1)
            break;
        if (is_kind_word(solve, solve->doc->tokens[i].key))
            return i < label->first || strcmp(name, "document_number") == 0;
    }
    return false;
}

/* The words behind the phrase narrow it. */
static bool
is_joined(const struct solve *solve, uint32_t end, uint32_t run_end)
{
    static const char *const joints[] = {"of",    "der", "des", "du",  "del",
                                         "della", "do",  "da",  "van", "for"};

    for (size_t i = 0; end + 1 < run_end && i < ARRAY_LEN(joints); i++)
        if (strcmp(solve->doc->tokens[end].text, joints[i]) == 0)
            return true;
    return false;
}

/* A single word inside a sentence that happens to be one of a label: "to IBAN ..., reference 17".
 */
static bool
in_sentence(const struct solve *solve, const struct label *label)
{
    const struct doc *doc = solve->doc;
    const struct flow_line *line = &doc->lines[doc->tokens[label->first].line];
    uint32_t small = 0;

    if (label->count > 1 || line->count < 7 || solve->labels->runs[label->run].colon ||
        label->first < line->first + 2 ||
        doc->tokens[label->first].seg != doc->tokens[label->first - 1].seg)
        return false;
    for (uint32_t i = line->first + 1; i < label->first; i++)
        small += islower((unsigned char)doc->tokens[i].text[0]) != 0;
    return small >= 2;
}

/* "of 3 May" says little unless what it is of is the document itself. */
static bool
is_dated_otherwise(const struct solve *solve, const struct label *label)
{
    const struct flow_line *line = &solve->doc->lines[solve->doc->tokens[label->first].line];
    const struct labels *labels = solve->labels;
    uint32_t other = NONE, own = NONE;

    if (strlen(solve->doc->tokens[label->first].key) > 5 || label->count > 1)
        return false;
    for (uint32_t i = line->first; i < label->first; i++)
        if (is_kind_word(solve, solve->doc->tokens[i].key))
            own = i;
    for (uint32_t i = 0; i < labels->label_count; i++) {
        const struct label *at = &labels->labels[i];
        const char *name = solve->lexicon->concepts[at->concept].name;
        if (at->first < line->first || at->first >= label->first ||
            solve->lexicon->concepts[at->concept].type != TYPE_ID)
            continue;
        if (strcmp(name, "document_number") == 0)
            own = own == NONE || at->first > own ? at->first : own;
        else
            other = at->first;
    }
    return (other != NONE && (own == NONE || other > own)) ||
           (own == NONE && label->first > line->first);
}

static void
by_concept(struct solve *solve, struct field *field)
{
    const struct labels *labels = solve->labels;

    for (uint32_t k = labels->concept_first[field->concept];
         k < labels->concept_first[field->concept + 1] && !solve->full; k++) {
        const struct label *label = &labels->labels[labels->by_concept[k]];
        const struct run *run = &labels->runs[label->run];
        float exact = label->exact;
        uint32_t end = label->first + label->count;
        uint32_t run_end = run->first + run->count;
        /* Words behind the phrase may be the value itself. */
        bool named = field->type == TYPE_NAME || field_is(solve, field, "bank_name");
        if (named && !run->colon && label->first == run->first && end < run_end && exact < 0.75F)
            exact *= 0.4F; /* "University of ...": part of the name */
        if (is_joined(solve, end, run_end))
            exact *= 0.6F; /* "Name of the boat" is another thing */
        else if (label->first == run->first && !run->colon && end < run_end && exact < 0.75F)
            exact = fmaxf(exact, 0.45F);
        /* The words right before a value name it, whatever sentence they end. */
        if (end == run_end && run_end < doc_seg_end(solve, run) && exact < 0.6F && label->count > 1)
            exact = 0.6F;
        if (is_title(solve, label))
            exact = fmaxf(exact, 0.95F);
        float score = exact < 0.4F ? exact * 0.7F : 0.35F + 0.65F * exact;
        score *= role_factor(solve, field, label);
        if (field_is(solve, field, "document_date") && is_dated_otherwise(solve, label))
            score *= 0.6F;
        if ((field->type == TYPE_ID || field->type == TYPE_TEXT) && !is_title(solve, label) &&
            in_sentence(solve, label))
            score *= 0.3F;
        if (field->type == TYPE_MONEY) /* the last of them is the sum */
            score *= 0.97F + 0.03F * (2 - place_prior(solve, label->first) - 1);
        else
            score *= place_prior(solve, label->first);
        offer_places(solve, field, run, exact > label->exact ? end : run_end, score, label);
    }
}

/* Properties that the lexicon does not know: their own words as label. */
/* "... pays a monthly fee of USD | 4,250.00": the name stands among the last words before a value.
 */
static bool
ends_with_name(const struct solve *solve, const struct field *field, const struct run *run)
{
    enum { LAST_WORDS = 5 };
    const struct doc *doc = solve->doc;
    uint32_t end = run->first + run->count;

    if (field->own_key == NULL || strlen(field->own_key) < 6 || end == doc_seg_end(solve, run) ||
        run->count < 4)
        return false;
    for (uint32_t i = end > run->first + LAST_WORDS ? end - LAST_WORDS : run->first; i < end; i++) {
        size_t at = 0, len = strlen(field->own_key);
        for (uint32_t k = i; k < end && at < len; k++) {
            size_t n = strlen(doc->tokens[k].key);
            if (n > len - at || memcmp(field->own_key + at, doc->tokens[k].key, n) != 0)
                break;
            at += n;
        }
        if (at == len)
            return true;
    }
    return false;
}

static void
by_own_words(struct solve *solve, struct field *field, float share, float least)
{
    const struct labels *labels = solve->labels;

    for (uint32_t r = 0; r < labels->run_count && !solve->full; r++) {
        const struct run *run = &labels->runs[r];
        float score = field_says(field, run->key);
        float part = score >= 0.95F ? fmaxf(share, 0.98F) : share; /* the very words */
        if (score < 0.75F && ends_with_name(solve, field, run))
            score = part = 0.87F;
        if (score >= least)
            offer_places(solve, field, run, run->first + run->count,
                         part * score * place_prior(solve, run->first), NULL);
    }
}

void
find_by_labels(struct solve *solve)
{
    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        struct field *field = &solve->fields[i];
        if (field->item || field->type == TYPE_BOOL || field->shape->enum_count > 0)
            continue;
        if (field->concept != 0 && !field->generic)
            by_concept(solve, field);
        if (field->generic || field->concept == 0)
            by_own_words(solve, field, 1, 0.5F);
        else if (field->node != NULL)
            by_own_words(solve, field, 0.8F, 0.66F);
    }
}
