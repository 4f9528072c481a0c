/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Days without a year, as statements print them ("02 May", "28.04."): the year is that of the
 * period, or of the paper's own date, and its words count as words of the value. */
#include "extract/table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS_AFTER = 31 };

struct day {
    int month, day;
};

/* "02 May", "May 2", "02.05.", "5/2": both numbers alone are read in the order of the document. */
static bool
parse_day(struct solve *solve, const struct cell *cell, struct day *ret)
{
    const struct doc *doc = solve->doc;
    const char *text = doc->tokens[cell->tokens[0]].text;
    char *end;

    if (cell->count == 2) { /* with a leap year behind it, it is a date */
        struct date date;
        const char *whole =
            arena_printf(solve->arena, "%s %s 2000", text, doc->tokens[cell->tokens[1]].text);
        if (whole == NULL || date_parse(whole, &date) == 0 || !date.named_month)
            return false;
        *ret = (struct day){date.month, date.day};
        return true;
    }
    if (cell->count != 1 || !isdigit((unsigned char)*text))
        return false;
    long a = strtol(text, &end, 10);
    if ((*end != '.' && *end != '/' && *end != '-') || !isdigit((unsigned char)end[1]))
        return false;
    bool month_first = *end == '/' && solve->items->month_first;
    long b = strtol(end + 1, &end, 10);
    if (*end != '\0' && strcmp(end, ".") != 0)
        return false;
    *ret = month_first ? (struct day){(int)a, (int)b} : (struct day){(int)b, (int)a};
    return ret->month >= 1 && ret->month <= 12 && ret->day >= 1 && ret->day <= 31;
}

static int
number_of(int year, int month, int day)
{
    return (year * 12 + month) * 31 + day;
}

/* The latest date of the paper that does not lie long before the day, in its own year or the next:
 * the end of the period, or when it was written. */
static const struct item *
reference_of(const struct solve *solve, const struct day *day, int *ret_year)
{
    const struct item *best = NULL;
    int nearest = 0;

    for (uint32_t k = 0; k < solve->items->count; k++) {
        const struct item *item = &solve->items->items[k];
        if (item->kind != ITEM_DATE || item->date.year < 1970)
            continue;
        int at = number_of(item->date.year, item->date.month, item->date.day);
        for (int year = item->date.year - 1; year <= item->date.year; year++) {
            int far = at - number_of(year, day->month, day->day);
            int cost = far >= 0 ? far : -far * 4;
            if (far < -DAYS_AFTER || far > 12 * 31 || (best != NULL && cost >= nearest))
                continue;
            best = item;
            nearest = cost;
            *ret_year = year;
        }
    }
    return best;
}

/* A token of a date that says the year; those of the reference first. */
static uint32_t
year_token(struct solve *solve, const struct item *reference, int year)
{
    const char *text = arena_printf(solve->arena, "%04d", year);
    const struct items *items = solve->items;

    for (uint32_t k = 0; text != NULL && k <= items->count; k++) {
        const struct item *item = k == 0 ? reference : &items->items[k - 1];
        if (item->kind != ITEM_DATE || item->date.year != year)
            continue;
        for (uint32_t i = item->first; i < item->first + item->count; i++)
            if (strstr(solve->doc->tokens[i].text, text) != NULL)
                return i;
    }
    return NONE;
}

struct value *
day_in_cell(struct solve *solve, const struct field *field, const struct cell *cell)
{
    struct day day;
    int year = 0;

    if (cell->count == 0 || cell->count > 2 || !parse_day(solve, cell, &day))
        return NULL;
    const struct item *reference = reference_of(solve, &day, &year);
    uint32_t said = reference == NULL ? NONE : year_token(solve, reference, year);
    if (said == NONE)
        return NULL;
    struct item item = *reference;
    item.first = cell->tokens[0];
    item.count = cell->count;
    item.date = (struct date){.year = year, .month = day.month, .day = day.day};
    item.text = arena_printf(solve->arena, "%04d-%02d-%02d", year, day.month, day.day);
    uint32_t *tokens = arena_array(solve->arena, (size_t)cell->count + 1, sizeof(*tokens));
    if (item.text == NULL || tokens == NULL) {
        solve->full = true;
        return NULL;
    }
    struct value *value = make_item(solve, field, &item, 0.8F);
    if (value == NULL || value->norm != NORM_DATE)
        return value;
    for (uint32_t i = 0; i < cell->count; i++)
        tokens[i] = cell->tokens[i];
    tokens[cell->count] = said;
    value->tokens = tokens;
    value->token_count = cell->count + 1;
    return value;
}
