/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/solve.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const float sure_least = 0.85F;

static const struct schema_shape *
leaf_shape(const struct field *field)
{
    return field->many && field->shape->items != NULL ? field->shape->items : field->shape;
}

static struct value *
made(struct solve *solve, struct value *value)
{
    if (value == NULL)
        solve->full = true;
    return value;
}

bool
item_suits(const struct field *field, const struct item *item)
{
    switch (field->type) {
    case TYPE_MONEY:
        return item->kind == ITEM_NUMBER && !item->number.percent && !item->number.leading_zero &&
               item->number.digits <= 12;
    case TYPE_NUMBER:
    case TYPE_PAGES:
        return item->kind == ITEM_NUMBER;
    case TYPE_PERCENT:
        return item->kind == ITEM_NUMBER && item->number.value >= -100 && item->number.value <= 100;
    case TYPE_DATE:
        return item->kind == ITEM_DATE;
    case TYPE_TIME:
        return item->kind == ITEM_TIME;
    case TYPE_DURATION:
        return item->kind == ITEM_DURATION;
    case TYPE_IBAN: /* or, by its label, an account in another form */
        return item->kind == ITEM_IBAN ||
               (item->kind == ITEM_CODE && strlen(item->text) >= 12 && strlen(item->text) <= 34 &&
                isupper((unsigned char)item->text[0]) && isupper((unsigned char)item->text[1]) &&
                strspn(item->text + 2, "0123456789") >= 8);
    case TYPE_BIC:
        return item->kind == ITEM_BIC;
    case TYPE_VAT:
        return item->kind == ITEM_VAT || item->kind == ITEM_CODE;
    case TYPE_EMAIL:
        return item->kind == ITEM_EMAIL;
    case TYPE_URL:
        return item->kind == ITEM_URL;
    case TYPE_PHONE:
        return item->kind == ITEM_PHONE;
    case TYPE_ID:
    case TYPE_POSTCODE:
        return item->kind == ITEM_CODE;
    default:
        return false;
    }
}

static const char *
date_text(struct solve *solve, const struct field *field, const struct item *item)
{
    const char *format = field->wish.date_format;
    const char *wanted = leaf_shape(field)->format;
    const struct date *date = &item->date;

    if (format != NULL && wanted != NULL && strncmp(wanted, "date", 4) == 0) {
        solve->format_wins = true;
        format = NULL;
    }
    if (format == NULL)
        return item->text;
    if (strcmp(format, "DD.MM.YYYY") == 0)
        return arena_printf(solve->arena, "%02d.%02d.%04d", date->day, date->month, date->year);
    if (strcmp(format, "DD/MM/YYYY") == 0)
        return arena_printf(solve->arena, "%02d/%02d/%04d", date->day, date->month, date->year);
    if (strcmp(format, "MM/DD/YYYY") == 0)
        return arena_printf(solve->arena, "%02d/%02d/%04d", date->month, date->day, date->year);
    return item->text;
}

/* The words of a date or number without what does not belong to it. */
static const char *
printed(struct solve *solve, const struct item *item)
{
    char *text = doc_text(solve->doc, item->first, item->count);

    if (text == NULL)
        return NULL;
    while (*text != '\0' && strchr(":( ;,", *text) != NULL)
        text++;
    size_t len = strlen(text);
    while (len > 0 && strchr(",;:|)", text[len - 1]) != NULL)
        text[--len] = '\0';
    return text;
}

/* Ends of a date inside its last word are cut: "25/12/2018(Tue)". */
static const char *
printed_date(struct solve *solve, const struct item *item)
{
    char *text = (char *)(uintptr_t)printed(solve, item);
    struct date date;

    if (text == NULL)
        return NULL;
    size_t n = date_parse(text, &date);
    if (n > 0)
        text[n] = '\0';
    return text;
}

static bool
wants_number(const struct schema_shape *shape)
{
    unsigned types = shape->types & ~(unsigned)SCHEMA_NULL;

    return (types & SCHEMA_INTEGER) != 0 &&
           ((types & SCHEMA_STRING) == 0 || types == SCHEMA_ANY || (types & SCHEMA_NUMBER) != 0);
}

/* 1.00 for a field of whole numbers is 1; 1.50 is none. */
static const char *
number_json(struct solve *solve, const struct schema_shape *shape, const char *text)
{
    const char *point = strchr(text, '.');

    if ((shape->types & SCHEMA_NUMBER) != 0 || point == NULL)
        return text;
    if (strspn(point + 1, "0") != strlen(point + 1))
        return NULL;
    return arena_strndup(solve->arena, text, (size_t)(point - text));
}

struct value *
make_string(struct solve *solve, const struct field *field, const char *str, uint32_t first,
            uint32_t count, enum normalization norm, float confidence)
{
    const struct schema_shape *shape = leaf_shape(field);

    if (str == NULL || (shape->types & SCHEMA_STRING) == 0)
        return NULL;
    if ((field->wish.upper || field->wish.lower) && norm != NORM_ENUM && norm != NORM_CURRENCY) {
        char *copy = arena_strdup(solve->arena, str);
        if (copy != NULL) {
            for (char *c = copy; *c != '\0'; c++)
                *c = (char)(field->wish.upper ? toupper((unsigned char)*c)
                                              : tolower((unsigned char)*c));
            norm = strcmp(copy, str) != 0 ? NORM_CASE : norm;
            str = copy;
        }
    }
    return made(solve, value_new(solve->doc, value_quote(solve->arena, str), first, count, norm,
                                 confidence));
}

/* Check digits that do not hold: words of a text layer, and those
 * read without doubt, are printed so; others were misread. */
static void
mark_unproved(const struct solve *solve, struct value *value)
{
    value->doubt = "its check digits do not hold";
    for (uint32_t i = 0; i < value->token_count; i++) {
        const struct page_word *word = solve->doc->tokens[value->tokens[i]].word;
        bool sure = word->witness == WITNESS_LAYER || word->confidence >= sure_least;
        value->fails = value->fails || !sure;
    }
}

struct value *
make_item(struct solve *solve, const struct field *field, const struct item *item, float confidence)
{
    const struct schema_shape *shape = leaf_shape(field);
    uint32_t first = item->first, count = item->count;

    if (item->kind == ITEM_NUMBER) {
        if (wants_number(shape)) {
            const char *json = number_json(solve, shape, item->text);
            return json == NULL ? NULL
                                : made(solve, value_new(solve->doc, json, first, count, NORM_NUMBER,
                                                        confidence));
        }
        if (field->wish.printed && !field->wish.decimal)
            return make_string(solve, field, printed(solve, item), first, count, NORM_TRIMMED,
                               confidence);
        return make_string(solve, field, item->text, first, count, NORM_NUMBER, confidence);
    }
    if (item->kind == ITEM_DATE) {
        if (field->wish.printed && (shape->format == NULL || strcmp(shape->format, "date") != 0))
            return make_string(solve, field, printed_date(solve, item), first, count, NORM_TRIMMED,
                               confidence);
        return make_string(solve, field, date_text(solve, field, item), first, count, NORM_DATE,
                           confidence);
    }
    if (item->kind == ITEM_TIME && (shape->format == NULL || strcmp(shape->format, "time") != 0))
        return make_string(solve, field, printed(solve, item), first, count, NORM_TRIMMED,
                           confidence);
    enum normalization norm = item->kind == ITEM_IBAN || item->kind == ITEM_VAT ? NORM_COMPACT
                              : item->kind == ITEM_TIME                         ? NORM_TIME
                              : item->kind == ITEM_DURATION                     ? NORM_DURATION
                                                                                : NORM_TRIMMED;
    if (item->kind == ITEM_CODE && wants_number(shape)) {
        if (strspn(item->text, "0123456789") != strlen(item->text) || strlen(item->text) > 15)
            return NULL;
        return made(solve,
                    value_new(solve->doc, item->text, first, count, NORM_NUMBER, confidence));
    }
    struct value *value = make_string(solve, field, item->text, first, count, norm, confidence);
    if (value != NULL && field->type == TYPE_IBAN && !item->proved)
        mark_unproved(solve, value);
    return value;
}

struct value *
make_reading(struct solve *solve, const struct field *field, const struct number *number,
             uint32_t token, const char *reading, float confidence)
{
    struct item item = {.kind = ITEM_NUMBER, .first = token, .count = 1, .number = *number};

    item.text = arena_strdup(solve->arena, number->text);
    struct value *value = item.text == NULL ? NULL : make_item(solve, field, &item, confidence);
    if (value == NULL)
        return NULL;
    value->norm = NORM_READING;
    value->reading = reading;
    return value;
}

struct value *
make_text(struct solve *solve, const struct field *field, uint32_t first, uint32_t count,
          float confidence)
{
    char *text = count == 0 ? NULL : doc_text(solve->doc, first, count);
    const struct doc *doc = solve->doc;

    if (text == NULL)
        return NULL;
    size_t len = strlen(text), before = len;
    while (len > 0 && strchr(",;:|", text[len - 1]) != NULL)
        text[--len] = '\0';
    while (*text != '\0' && strchr(":;,| =", *text) != NULL)
        text++;
    bool lines = doc->tokens[first].line != doc->tokens[first + count - 1].line;
    enum normalization norm = lines ? NORM_LINES : len < before ? NORM_TRIMMED : NORM_TEXT;
    return *text == '\0' ? NULL : make_string(solve, field, text, first, count, norm, confidence);
}

struct value *
make_tokens(struct solve *solve, const struct field *field, const uint32_t *tokens, uint32_t count,
            float confidence)
{
    const struct doc *doc = solve->doc;
    uint32_t *copy = arena_array(solve->arena, count + 1, sizeof(*copy));
    char *text = doc_join(doc, tokens, count);

    if (copy == NULL || text == NULL || count == 0) {
        solve->full = solve->full || count > 0;
        return NULL;
    }
    memcpy(copy, tokens, count * sizeof(*copy));
    struct value *value = make_string(solve, field, text, copy[0], 1, NORM_LINES, confidence);
    if (value == NULL)
        return NULL;
    bool one = doc->tokens[copy[0]].line == doc->tokens[copy[count - 1]].line;
    value->norm = one ? NORM_TEXT : NORM_LINES;
    value->tokens = copy;
    value->token_count = count;
    return value;
}

/* More digits than letters: the number of a company, not its name. */
static bool
is_numbered(const char *json)
{
    size_t digits = 0, letters = 0;

    for (const char *s = json; *s != '\0'; s++) {
        digits += isdigit((unsigned char)*s) != 0;
        letters += isalpha((unsigned char)*s) || (unsigned char)*s >= 0x80;
    }
    return digits > letters;
}

void
offer(struct field *field, struct value *value, float score, uint32_t first, uint32_t count,
      const struct label *label)
{
    uint32_t at = field->candidate_count;

    if (value == NULL || score <= 0.02F)
        return;
    if (field->type == TYPE_NAME && is_numbered(value->json))
        score *= 0.4F;
    for (uint32_t i = 0; i < field->candidate_count; i++) {
        struct candidate *known = &field->candidates[i];
        if (known->first != first || known->count != count ||
            strcmp(known->value->json, value->json) != 0)
            continue;
        if (known->score >= score)
            return;
        memmove(known, known + 1, (field->candidate_count - i - 1) * sizeof(*known));
        field->candidate_count--;
        at--;
        break;
    }
    while (at > 0 && field->candidates[at - 1].score < score)
        at--;
    if (at == CANDIDATES_MAX)
        return;
    uint32_t move = field->candidate_count - at;
    if (field->candidate_count == CANDIDATES_MAX)
        move--;
    else
        field->candidate_count++;
    memmove(&field->candidates[at + 1], &field->candidates[at], move * sizeof(struct candidate));
    field->candidates[at] = (struct candidate){.value = value,
                                               .score = score,
                                               .first = first,
                                               .count = count,
                                               .label = label,
                                               .by_label = label != NULL};
}

void
offer_reading(struct field *field, struct value *value, float score, const struct candidate *from,
              double number)
{
    offer(field, value, score, from->first, from->count, from->label);
    for (uint32_t i = 0; i < field->candidate_count; i++)
        if (field->candidates[i].value == value) {
            field->candidates[i].reading = true;
            field->candidates[i].number = number;
        }
}
