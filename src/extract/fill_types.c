/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Fields of a record that are known by the form of what stands there: amounts, codes, periods,
 * doses, addresses. */
#include "extract/fill_internal.h"

#include <ctype.h>
#include <string.h>

/* --- by type --- */

/* An amount has decimals or a currency; a code a digit and no form of something else. */
static bool
has_form(const struct filling *filling, const struct field *field, const struct item *item)
{
    const struct items *items = filling->solve->items;

    if (field->type == TYPE_MONEY)
        return item->number.decimals == 2 || item->number.currency[0] != '\0';
    if (field->type == TYPE_PERCENT)
        return item->number.percent;
    for (uint32_t k = items->at[item->first];
         field->type == TYPE_ID && k < items->at[item->first + 1]; k++)
        if (items->items[k].kind == ITEM_DATE || items->items[k].kind == ITEM_PHONE ||
            items->items[k].kind == ITEM_EMAIL || items->items[k].kind == ITEM_URL ||
            items->items[k].kind == ITEM_TIME ||
            (items->items[k].kind == ITEM_NUMBER &&
             (items->items[k].number.decimals == 2 || items->items[k].number.percent ||
              items->items[k].number.currency[0] != '\0')))
            return false;
    return true;
}

static void
take_typed(const struct filling *filling, uint32_t f, const struct seg *seg)
{
    const struct items *items = filling->solve->items;
    const struct field *field = fill_field(filling, f);

    for (uint32_t t = seg->first; t < seg->first + seg->count; t++)
        for (uint32_t k = items->at[t]; k < items->at[t + 1]; k++) {
            const struct item *item = &items->items[k];
            if (*fill_value(filling, f) != NULL || !item_suits(field, item) ||
                !fill_is_free(filling, item->first, item->count) || !has_form(filling, field, item))
                continue;
            fill_put(filling, f, make_item(filling->solve, field, item, sure_type));
        }
}

void
fill_by_types(const struct filling *filling)
{
    const struct block_record *record = fill_record(filling);
    static const char *const words[] = {"start", "end",   "name", "title",
                                        "org",   "place", "body", "level"};

    for (uint32_t f = 0; f < filling->table->field_count; f++) {
        const struct field *field = fill_field(filling, f);
        bool by_slot = false;
        for (size_t i = 0; i < ARRAY_LEN(words); i++)
            by_slot = by_slot || fill_is_slot(filling, f, words[i]);
        if (*fill_value(filling, f) != NULL || !field_has_form(field) || by_slot)
            continue;
        for (uint32_t b = 0; b < record->count; b++)
            for (uint32_t s = 0; s < record->bands[b].seg_count; s++)
                take_typed(filling, f, &filling->solve->doc->segs[record->bands[b].segs[s]]);
    }
}

/* "400 mg": a number and its unit. */
static void
take_dose(const struct filling *filling, uint32_t f)
{
    const struct doc *doc = filling->solve->doc;
    const struct block_record *record = fill_record(filling);

    for (uint32_t b = 0; b < record->count; b++)
        for (uint32_t s = 0; s < record->bands[b].seg_count; s++) {
            const struct seg *seg = &doc->segs[record->bands[b].segs[s]];
            for (uint32_t t = seg->first; t < seg->first + seg->count; t++) {
                bool next = t + 1 < seg->first + seg->count;
                const char *unit = next ? lexicon_word(filling->solve->lexicon, LEXICON_WORDS,
                                                       doc->tokens[t + 1].key)
                                        : NULL;
                const char *text = doc->tokens[t].text;
                size_t n = strspn(text, "0123456789.,/");
                bool glued = n > 0 && text[n] != '\0' && isalpha((unsigned char)text[n]);
                if (*fill_value(filling, f) != NULL || n == 0 || filling->used[t])
                    continue;
                if (unit != NULL && strcmp(unit, "unit") == 0 && text[n] == '\0')
                    fill_put(filling, f,
                             make_text(filling->solve, fill_field(filling, f), t, 2, sure_type));
                else if (glued && strlen(text + n) <= 3)
                    fill_put(filling, f,
                             make_text(filling->solve, fill_field(filling, f), t, 1, sure_type));
            }
        }
}

/* Lines of an address: street, and postal code with its place. */
static void
take_address(const struct filling *filling, uint32_t f)
{
    const struct solve *solve = filling->solve;
    const struct block_record *record = fill_record(filling);
    uint32_t tokens[FILL_TOKENS_MAX], n = 0;

    for (uint32_t b = 0; b < record->count; b++)
        for (uint32_t s = 0; s < record->bands[b].seg_count; s++) {
            const struct seg *seg = &solve->doc->segs[record->bands[b].segs[s]];
            struct part line = {seg->first, seg->count}, code, city;
            bool street = address_is_street(solve, line);
            if (filling->used[seg->first] || (!street && !address_find(solve, line, &code, &city)))
                continue;
            for (uint32_t t = seg->first; t < seg->first + seg->count && n < FILL_TOKENS_MAX; t++)
                if (!filling->used[t])
                    tokens[n++] = t;
        }
    if (n > 1)
        fill_put(filling, f,
                 make_tokens(filling->solve, fill_field(filling, f), tokens, n, sure_rest));
}

void
fill_by_forms(const struct filling *filling)
{
    for (uint32_t f = 0; f < filling->table->field_count; f++) {
        if (*fill_value(filling, f) == NULL && fill_is_slot(filling, f, "dose"))
            take_dose(filling, f);
        if (*fill_value(filling, f) == NULL && fill_field(filling, f)->type == TYPE_ADDRESS &&
            !fill_is_slot(filling, f, "place"))
            take_address(filling, f);
    }
}

/* --- periods --- */

static const struct period *
period_of(const struct filling *filling)
{
    const struct block_record *record = fill_record(filling);
    const struct period *first = NULL;

    for (uint32_t b = 0; b < record->count; b++) {
        const struct band *band = &record->bands[b];
        if (band->period.count == 0 || (b > 0 && (band->prose || band->bullet)))
            continue;
        if (band->period.range)
            return &band->period;
        first = first == NULL ? &band->period : first;
    }
    return first;
}

/* One end of a period in the form that the field wants: a full date, a year, or as printed. */
static struct value *
moment_value(const struct filling *filling, const struct field *field, const struct moment *moment)
{
    const struct items *items = filling->solve->items;
    const char *format = field->shape->format;

    if (moment->count == 0)
        return NULL;
    if (format != NULL && strncmp(format, "date", 4) == 0) {
        for (uint32_t t = moment->first; t < moment->first + moment->count; t++)
            for (uint32_t k = items->at[t]; k < items->at[t + 1]; k++)
                if (items->items[k].kind == ITEM_DATE)
                    return make_item(filling->solve, field, &items->items[k], sure_period);
        return NULL;
    }
    if ((field->shape->types & SCHEMA_STRING) != 0)
        return make_string(filling->solve, field, moment->text, moment->first, moment->count,
                           NORM_TRIMMED, sure_period);
    size_t len = strlen(moment->text), n = 0;
    while (n < len && isdigit((unsigned char)moment->text[len - 1 - n]))
        n++;
    if (n != 4)
        return NULL;
    return value_new(filling->solve->doc, moment->text + len - 4, moment->first, moment->count,
                     NORM_NUMBER, sure_period);
}

static struct value *
period_value(const struct filling *filling, const struct field *field, const struct period *period)
{
    bool dated = field->shape->format != NULL && strncmp(field->shape->format, "date", 4) == 0;

    if (!period->range || dated || (field->shape->types & SCHEMA_STRING) == 0)
        return moment_value(filling, field,
                            period->range && period->end.count > 0 ? &period->end : &period->start);
    char *text = doc_text(filling->solve->doc, period->first, period->count);
    if (text == NULL)
        return NULL;
    const char *from = strstr(text, period->start.text);
    text = from == NULL ? text : (char *)(uintptr_t)from;
    size_t len = strlen(text);
    while (len > 0 && strchr(")],;:|", text[len - 1]) != NULL)
        text[--len] = '\0';
    return make_string(filling->solve, field, text, period->first, period->count, NORM_TRIMMED,
                       sure_period);
}

void
fill_by_periods(const struct filling *filling)
{
    const struct period *period = period_of(filling);

    if (period == NULL)
        return;
    for (uint32_t f = 0; f < filling->table->field_count; f++) {
        const struct field *field = fill_field(filling, f);
        if (*fill_value(filling, f) != NULL)
            continue;
        if (fill_is_slot(filling, f, "start") && period->range)
            fill_put(filling, f, moment_value(filling, field, &period->start));
        else if (fill_is_slot(filling, f, "end"))
            fill_put(filling, f,
                     moment_value(filling, field, period->range ? &period->end : &period->start));
        else if (fill_is_slot(filling, f, "period"))
            fill_put(filling, f, period_value(filling, field, period));
    }
    fill_use(filling, period->first, period->count);
}
