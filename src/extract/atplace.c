/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What stands at the places of a label, offered to a field: items of its type, else the text. */
#include "extract/solve.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { TEXT_TOKENS_MAX = 16, CODE_GROUPS_MAX = 8 };

/* The date up to which something may be deducted: not the last one for paying. */
static bool
with_discount(const struct solve *solve, const struct item *item)
{
    static const char *const words[] = {"skonto",    "dlscount", "escompte", "sconto",
                                        "descuento", "desconto", "kortlng",  "rabat"};
    const struct doc *doc = solve->doc;
    uint32_t end = item->first + item->count;

    for (uint32_t i = end; i < end + 8 && i < doc->token_count; i++) {
        if (doc->tokens[i].line != doc->tokens[item->first].line ||
            items_have(solve->items, i, 1, ITEM_DATE))
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
        return with_discount(solve, item) && field_is(solve, field, "due_date") ? 0.7F : 1;
    case TYPE_MONEY:
        if (items_have(solve->items, item->first, 1, ITEM_DATE) ||
            items_have(solve->items, item->first, 1, ITEM_DURATION))
            return 0.2F;
        if (number->decimals == 2 || number->currency[0] != '\0')
            return 1;
        return number->decimals == 0 ? 0.7F : 0.8F;
    case TYPE_NUMBER:
        return items_have(solve->items, item->first, 1, ITEM_DATE) ? 0.2F : 1;
    case TYPE_PERCENT:
        return number->percent ? 1 : 0.8F;
    case TYPE_ID:
        if (items_have(solve->items, item->first, 1, ITEM_DATE) ||
            items_have(solve->items, item->first, 1, ITEM_TIME))
            return 0.25F;
        if (items_have(solve->items, item->first, 1, ITEM_EMAIL) ||
            items_have(solve->items, item->first, 1, ITEM_URL))
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
        return items_have(solve->items, item->first, 1, ITEM_DATE) ? 0.2F : 1;
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
    while ((digits || upper) && end < stop && end - first < CODE_GROUPS_MAX) {
        const char *next = doc->tokens[end].text;
        bool word = upper && strlen(next) <= 4 &&
                    strspn(next, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") == strlen(next) &&
                    end + 1 == stop;
        if ((!word && (strspn(next, "0123456789/-") != strlen(next) ||
                       strpbrk(next, "0123456789") == NULL)) ||
            doc->tokens[end].seg != doc->tokens[first].seg ||
            items_have(solve->items, end, 1, ITEM_DATE))
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
    if (field->type == TYPE_PARTY || field_is(solve, field, "jurisdiction")) {
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
        score *= field_is(solve, field, "project_number") && label != NULL ? 0.7F : 0.25F;
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

void
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
        if (!any)
            any = offer_readings(solve, field, &places[i], s, label);
        if (!any && is_textual(field->type))
            offer_text(solve, field, &places[i], s, label);
        found = found || any || is_textual(field->type);
    }
}
