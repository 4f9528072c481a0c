/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Quantity x unit price = total: settles a row, and which reading of a doubtful word is meant where
 * one reading alone makes it hold. */
#include "extract/table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { FACTORS = 3, OPTIONS_MAX = 10 };

static const char *const concepts[FACTORS] = {"item_quantity", "item_unit_price", "item_total"};
static const char row_proof[] = "quantity x unit price = total";

/* A proof that needs another reading than the one that stands there. */
static const float proved_confidence = 0.97F, reading_confidence = 0.9F;

/* A number that a cell may say: as it was read, or with one word in another reading. */
struct option {
    double number;
    uint32_t token;
    const char *reading; /* NULL: as it was read */
    struct number parsed;
};

struct factor {
    int field; /* in the table, -1: none */
    struct option options[OPTIONS_MAX];
    uint32_t count;
};

bool
row_multiplies(double quantity, double price, double total)
{
    return fabs(quantity * price - total) <= 0.011 + 0.005 * fabs(quantity);
}

static double
number_of(const struct value *value)
{
    char *end;

    if (value == NULL || value->norm != NORM_NUMBER)
        return (double)NAN;
    double number = strtod(value->json, &end);
    return end != value->json ? number : (double)NAN;
}

/* What else the words of the cell may say. A word that holds the value is asked first; where there
 * is no value, any word of the cell may be one. */
static void
add_readings(const struct solve *solve, const struct cell *cell, const struct value *value,
             struct factor *factor)
{
    for (uint32_t i = 0; i < cell->count; i++) {
        uint32_t n;
        const struct page_alt *alts = token_readings(solve->doc, cell->tokens[i], &n);
        if (value != NULL && (value->token_count != 1 || value->tokens[0] != cell->tokens[i]))
            continue;
        for (uint32_t a = 0; a < n && factor->count < OPTIONS_MAX; a++) {
            struct option *option = &factor->options[factor->count];
            if (number_parse(alts[a].text, &option->parsed) != strlen(alts[a].text) ||
                option->parsed.style == '?' || option->parsed.percent)
                continue;
            option->number = option->parsed.value;
            option->token = cell->tokens[i];
            option->reading = alts[a].text;
            factor->count++;
        }
    }
}

static void
take_factors(const struct solve *solve, const struct table_field *table,
             const struct line_item *item, const int *column, struct value *const *values,
             struct factor factors[FACTORS])
{
    for (int k = 0; k < FACTORS; k++)
        factors[k] = (struct factor){.field = -1};
    for (uint32_t f = 0; f < table->field_count; f++)
        for (int k = 0; k < FACTORS; k++) {
            struct factor *factor = &factors[k];
            if (factor->field >= 0 ||
                !field_is(solve, &solve->fields[table->first_field + f], concepts[k]))
                continue;
            factor->field = (int)f;
            double number = number_of(values[f]);
            if (!isnan(number))
                factor->options[factor->count++] = (struct option){.number = number};
            if (column[f] >= 0 && (values[f] == NULL || !isnan(number)))
                add_readings(solve, &item->cells[column[f]], values[f], factor);
        }
}

/* The only way to make the row hold with one word read otherwise; of two that differ none is
 * proved. */
static bool
find_reading(const struct factor factors[FACTORS], int *ret_factor, uint32_t *ret_option)
{
    const struct option *found = NULL;

    for (int k = 0; k < FACTORS; k++)
        for (uint32_t i = 0; i < factors[k].count; i++) {
            double n[FACTORS];
            bool whole = factors[k].options[i].reading != NULL;
            for (int o = 0; o < FACTORS; o++) {
                whole = whole &&
                        (o == k || (factors[o].count > 0 && factors[o].options[0].reading == NULL));
                n[o] = o == k                 ? factors[k].options[i].number
                       : factors[o].count > 0 ? factors[o].options[0].number
                                              : (double)NAN;
            }
            if (!whole || n[2] == 0 || !row_multiplies(n[0], n[1], n[2]))
                continue;
            if (found != NULL && (*ret_factor != k || fabs(found->number - n[k]) > 0.0001))
                return false;
            if (found != NULL)
                continue; /* the same number, spelt otherwise */
            found = &factors[k].options[i];
            *ret_factor = k;
            *ret_option = i;
        }
    return found != NULL;
}

static void
put_proof(const struct factor factors[FACTORS], struct value **values, float confidence)
{
    for (int k = 0; k < FACTORS; k++) {
        struct value *value = values[factors[k].field];
        value->proof = row_proof;
        value->confidence = confidence;
    }
}

void
row_prove(struct solve *solve, const struct table_field *table, const struct line_item *item,
          const int *column, struct value **values)
{
    struct factor factors[FACTORS];
    double n[FACTORS];
    int which = 0;
    uint32_t at = 0;

    take_factors(solve, table, item, column, values, factors);
    for (int k = 0; k < FACTORS; k++) {
        if (factors[k].field < 0)
            return;
        n[k] = number_of(values[factors[k].field]);
    }
    if (!isnan(n[0]) && !isnan(n[1]) && !isnan(n[2]) && row_multiplies(n[0], n[1], n[2])) {
        put_proof(factors, values, proved_confidence);
        return;
    }
    if (!find_reading(factors, &which, &at))
        return;
    const struct option *option = &factors[which].options[at];
    const struct field *field = &solve->fields[table->first_field + (uint32_t)factors[which].field];
    struct value *value = make_reading(solve, field, &option->parsed, option->token,
                                       option->reading, reading_confidence);
    if (value == NULL)
        return;
    values[factors[which].field] = value;
    put_proof(factors, values, reading_confidence);
}
