/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/solve.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { TEXT_TOKENS_MAX = 16 };

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

static bool
has_kind(const struct solve *solve, uint32_t token, uint8_t kind)
{
    const struct items *items = solve->items;

    for (uint32_t k = items->at[token]; k < items->at[token + 1]; k++)
        if (items->items[k].kind == kind)
            return true;
    return false;
}

static bool
is_named(const struct solve *solve, const struct field *field, const char *name)
{
    return strcmp(solve->lexicon->concepts[field->concept].name, name) == 0;
}

/* The date up to which something may be deducted: not the last one for paying. */
static bool
with_discount(const struct solve *solve, const struct item *item)
{
    static const char *const words[] = {"skonto",    "dlscount", "escompte", "sconto",
                                        "descuento", "desconto", "kortlng",  "rabat"};
    const struct doc *doc = solve->doc;
    uint32_t end = item->first + item->count;

    for (uint32_t i = end; i < end + 8 && i < doc->token_count; i++) {
        if (doc->tokens[i].line != doc->tokens[item->first].line || has_kind(solve, i, ITEM_DATE))
            return false;
        for (size_t w = 0; w < sizeof(words) / sizeof(*words); w++)
            if (strcmp(doc->tokens[i].key, words[w]) == 0)
                return true;
    }
    return false;
}

/* How well an item that suits by its type suits by its form. */
static float
form_factor(const struct solve *solve, const struct field *field, const struct item *item)
{
    const struct number *number = &item->number;

    switch (field->type) {
    case TYPE_DATE:
        return with_discount(solve, item) && is_named(solve, field, "due_date") ? 0.7F : 1;
    case TYPE_MONEY:
        if (has_kind(solve, item->first, ITEM_DATE) || has_kind(solve, item->first, ITEM_DURATION))
            return 0.2F;
        if (number->decimals == 2 || number->currency[0] != '\0')
            return 1;
        return number->decimals == 0 ? 0.7F : 0.8F;
    case TYPE_NUMBER:
        return has_kind(solve, item->first, ITEM_DATE) ? 0.2F : 1;
    case TYPE_PERCENT:
        return number->percent ? 1 : 0.8F;
    case TYPE_ID:
        if (has_kind(solve, item->first, ITEM_DATE) || has_kind(solve, item->first, ITEM_TIME))
            return 0.25F;
        if (has_kind(solve, item->first, ITEM_EMAIL) || has_kind(solve, item->first, ITEM_URL))
            return 0.2F;
        if (strlen(item->text) < 2 || solve->doc->tokens[item->first].text[0] == '(')
            return 0.45F; /* a digit, or a remark in brackets */
        return strpbrk(item->text, ",%") != NULL ? 0.4F : 1;
    case TYPE_VAT:
        if (item->kind == ITEM_CODE && strpbrk(item->text, ",.%") != NULL)
            return 0.1F; /* the amount of the tax */
        return item->kind == ITEM_VAT ? 1 : strlen(item->text) >= 4 ? 0.75F : 0.2F;
    case TYPE_IBAN:
        return item->kind == ITEM_IBAN ? 1 : 0.65F;
    case TYPE_PHONE:
        return has_kind(solve, item->first, ITEM_DATE) ? 0.2F : 1;
    default:
        return 1;
    }
}

/* Identifiers printed in groups: "HRB 12345", "FR 05 987 654 321", "123 456 789". */
static void
offer_code(struct solve *solve, struct field *field, const struct item *item,
           const struct place *place, float score, const struct label *label)
{
    const struct doc *doc = solve->doc;
    uint32_t first = item->first, end = item->first + item->count;
    uint32_t stop = place->first + place->count;
    const char *text = doc->tokens[first].text;
    bool digits = strspn(text, "0123456789./-") == strlen(text);

    uint32_t limit = label != NULL ? label->first + label->count : place->first;
    while (first > limit && doc->tokens[first - 1].seg == doc->tokens[first].seg) {
        const char *before = doc->tokens[first - 1].text;
        size_t len = strlen(before);
        bool upper = len > 0 && len <= 4;
        for (size_t i = 0; i < len; i++)
            upper = upper && (isupper((unsigned char)before[i]) || before[i] == '-');
        if (!upper)
            break;
        first--;
    }
    bool upper = strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ/-") == strlen(text) &&
                 strlen(text) <= 8; /* "G4A 0071892", "4471 KLM" */
    while ((digits || upper) && end < stop && end - first < 8) {
        const char *next = doc->tokens[end].text;
        bool word = upper && strlen(next) <= 4 &&
                    strspn(next, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(next) &&
                    end + 1 == stop;
        if ((!word && (strspn(next, "0123456789/-") != strlen(next) ||
                       strpbrk(next, "0123456789") == NULL)) ||
            doc->tokens[end].seg != doc->tokens[first].seg || has_kind(solve, end, ITEM_DATE))
            break;
        end++;
    }
    if (first == item->first && end == item->first + item->count) {
        offer(field, make_item(solve, field, item, score), score, item->first, item->count, label);
        return;
    }
    offer(field, make_text(solve, field, first, end - first, score), score, first, end - first,
          label);
}

/* An amount with two decimals stands in the place: whole numbers beside it count something. */
static bool
has_cents(const struct solve *solve, const struct place *place)
{
    const struct items *items = solve->items;

    for (uint32_t i = place->first; i < place->first + place->count; i++)
        for (uint32_t k = items->at[i]; k < items->at[i + 1]; k++)
            if (items->items[k].kind == ITEM_NUMBER && items->items[k].number.decimals == 2)
                return true;
    return false;
}

/* The number or date of another document stands between: "Invoice for order no. 17 of 3 May". */
static bool
is_of_other(const struct solve *solve, const struct field *field, const struct label *label,
            uint32_t value)
{
    const struct labels *labels = solve->labels;
    uint32_t from = label == NULL ? NONE : label->first + label->count;

    for (uint32_t i = 0; from < value && i < labels->label_count; i++) {
        const struct label *other = &labels->labels[i];
        const struct concept *concept = &solve->lexicon->concepts[other->concept];
        if (other->first < from || other->first >= value || concept->type != TYPE_ID ||
            concept->item || other->concept == field->concept)
            continue;
        bool own = false; /* the same words are a label of the field, too */
        for (uint32_t k = 0; k < labels->label_count; k++)
            own = own || (labels->labels[k].first == other->first &&
                          labels->labels[k].concept == field->concept);
        if (!own)
            return true;
    }
    return false;
}

static bool
offer_items(struct solve *solve, struct field *field, const struct place *place, float score,
            const struct label *label)
{
    const struct items *items = solve->items;
    bool any = false, cents = has_cents(solve, place);
    int found = 0;

    /* "a monthly fee of USD | 4,250.00": the amount begins with its currency. */
    uint32_t from = place->first;
    if (from > 0 && !place->below && items->at[from - 1] < items->at[from] &&
        items->items[items->at[from - 1]].kind == ITEM_NUMBER &&
        items->items[items->at[from - 1]].count > 1)
        from--;
    for (uint32_t i = from; i < place->first + place->count && found < 3; i++)
        for (uint32_t k = items->at[i]; k < items->at[i + 1]; k++) {
            const struct item *item = &items->items[k];
            if (!item_suits(field, item) ||
                item->first + item->count > place->first + place->count + 4)
                continue;
            float far = 0.07F * (float)(i - from) + 0.15F * (float)found;
            float s = score * fmaxf(1 - far, 0.35F) * form_factor(solve, field, item);
            if (cents && field->type == TYPE_MONEY && item->number.decimals != 2)
                s *= 0.4F;
            if (place->below && solve->taken[item->first])
                s *= 0.55F; /* the title of a column, not of the document */
            if ((field->type == TYPE_ID || field->type == TYPE_DATE) && !place->below &&
                is_of_other(solve, field, label, item->first))
                s *= 0.4F;
            if (item->kind == ITEM_CODE && (field->type == TYPE_ID || field->type == TYPE_VAT))
                offer_code(solve, field, item, place, s, label);
            else
                offer(field, make_item(solve, field, item, s), s, item->first, item->count, label);
            any = true;
            found++;
            if (item->count > 1)
                i += item->count - 1;
            break;
        }
    return any;
}

/* Words up to the next label of the segment. */
static uint32_t
text_end(const struct solve *solve, const struct place *place)
{
    const struct labels *labels = solve->labels;
    uint32_t n = 0;

    while (n < place->count && n < TEXT_TOKENS_MAX) {
        uint32_t run = labels->run_of[place->first + n];
        if (n > 0 && run != NONE && labels->runs[run].colon &&
            labels->runs[run].first >= place->first) {
            /* The run may begin with the value's last words. */
            const struct run *at = &labels->runs[run];
            uint32_t label = at->first;
            for (uint32_t i = 0; i < labels->label_count; i++)
                if (labels->labels[i].run == run) {
                    label = labels->labels[i].first;
                    break;
                }
            return label > place->first ? label - place->first : n;
        }
        n++;
    }
    return n;
}

/* Names and places are no sentences. */
static bool
is_short(enum concept_type type)
{
    return type == TYPE_NAME || type == TYPE_PERSON || type == TYPE_STREET || type == TYPE_CITY ||
           type == TYPE_ADDRESS || type == TYPE_COUNTRY || type == TYPE_PARTY || type == TYPE_ID;
}

/* "Agnes Mazur, tel. 55 555 01 20": how to reach a person is no part of the name. */
static uint32_t
person_end(const struct solve *solve, uint32_t first, uint32_t count)
{
    const struct doc *doc = solve->doc;

    for (uint32_t i = 0; i + 1 < count; i++) {
        const char *text = doc->tokens[first + i].text;
        if (text[strlen(text) - 1] != ',')
            continue;
        for (uint32_t k = i + 1; k < count; k++)
            if (strpbrk(doc->tokens[first + k].text, "0123456789@") != NULL)
                return i + 1;
    }
    return count;
}

static void
offer_text(struct solve *solve, struct field *field, const struct place *place, float score,
           const struct label *label)
{
    uint32_t n = text_end(solve, place);
    const struct doc *doc = solve->doc;

    if (n == 0 || (is_short(field->type) && doc_is_prose(doc, place->first, n)))
        return;
    if (field->type == TYPE_PARTY || is_named(solve, field, "jurisdiction")) {
        /* Headings of clauses look like labels: what stands there is a sentence. */
        bool label_like = label != NULL && label->exact > 0.85F;
        if (!label_like || n > 7 || place->below)
            return;
    }
    const char *text = doc->tokens[place->first].text;
    if ((field->type == TYPE_NAME || field->type == TYPE_PERSON || field->type == TYPE_CITY) &&
        isdigit((unsigned char)text[0])) {
        if (field->type != TYPE_CITY || n < 2)
            score *= 0.4F;
    }
    if (field->type == TYPE_ID) /* without a digit */
        score *= is_named(solve, field, "project_number") && label != NULL ? 0.7F : 0.25F;
    if (field->type == TYPE_PERSON)
        n = person_end(solve, place->first, n);
    offer(field, make_text(solve, field, place->first, n, score), score, place->first, n, label);
}

static void
offer_currency(struct solve *solve, struct field *field, const struct place *place, float score,
               const struct label *label)
{
    for (uint32_t i = place->first; i < place->first + place->count && i < place->first + 4; i++) {
        char code[4];
        const char *text = solve->doc->tokens[i].text;
        size_t n = currency_at(text, code);
        if (n == 0 || isalpha((unsigned char)text[n]))
            continue;
        offer(field, make_string(solve, field, code, i, 1, NORM_CURRENCY, score), score, i, 1,
              label);
        return;
    }
}

static bool
is_textual(enum concept_type type)
{
    return type == TYPE_TEXT || type == TYPE_NAME || type == TYPE_PERSON || type == TYPE_STREET ||
           type == TYPE_CITY || type == TYPE_ADDRESS || type == TYPE_COUNTRY ||
           type == TYPE_PARTY || type == TYPE_ID;
}

static void
offer_places(struct solve *solve, struct field *field, const struct run *run, uint32_t end,
             float score, const struct label *label)
{
    struct place places[PLACES_MAX];
    uint32_t n = places_of(solve, run, end, places);
    bool found = false;

    for (uint32_t i = 0; i < n; i++) {
        float s = score * places[i].score * (found ? 0.8F : 1);
        if (field->type == TYPE_CURRENCY) {
            offer_currency(solve, field, &places[i], s, label);
            continue;
        }
        bool any = offer_items(solve, field, &places[i], s, label);
        if (!any && is_textual(field->type))
            offer_text(solve, field, &places[i], s, label);
        found = found || any || is_textual(field->type);
    }
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
        bool named = field->type == TYPE_NAME || is_named(solve, field, "bank_name");
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
        if (is_named(solve, field, "document_date") && is_dated_otherwise(solve, label))
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
