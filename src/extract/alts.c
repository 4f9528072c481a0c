/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Where check digits, sums or the form speak against what was read, the recogniser's other readings
 * of the word are tried: one that makes the proof hold is taken, with the proof. */
#include "extract/solve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 160, TOKENS_MAX = 10 };

/* Share of the score that an unproved other reading has; a proof lifts it. */
static const float reading_share = 0.3F;

/* The same of one that is the only one of the right form. */
static const float form_share = 0.55F;

/* The tokens joined, the one at `which` in its other reading. False: too long. */
static bool
join(const struct solve *solve, uint32_t first, uint32_t count, uint32_t which, const char *other,
     char text[TEXT_MAX])
{
    size_t used = 0;

    text[0] = '\0';
    for (uint32_t i = first; i < first + count; i++) {
        const char *part = i == which ? other : solve->doc->tokens[i].text;
        size_t len = strlen(part);
        if (used + len + 2 > TEXT_MAX)
            return false;
        memcpy(text + used, part, len + 1);
        used += len;
        text[used++] = ' ';
        text[used] = '\0';
    }
    return true;
}

static size_t
parse(enum concept_type type, const char *text, char *ret_text, size_t cap, bool *ret_proved)
{
    return type == TYPE_IBAN ? iban_parse(text, ret_text, cap, ret_proved)
                             : vat_parse(text, ret_text, cap, ret_proved);
}

/* An identifier whose check digits hold with a word read otherwise. */
struct identifier {
    char text[48];
    uint32_t count; /* tokens; 0: none */
    const char *reading;
};

/* Tokens [first, last) begin with one where the token at `which` is read so. */
static bool
read_identifier(const struct solve *solve, enum concept_type type, uint32_t first, uint32_t last,
                uint32_t which, const char *reading, struct identifier *ret)
{
    char text[TEXT_MAX];
    bool proved = false;

    *ret = (struct identifier){.reading = reading};
    if (!join(solve, first, last - first, which, reading, text))
        return false;
    size_t used = parse(type, text, ret->text, sizeof(ret->text), &proved);
    for (size_t at = 0; at < used && first + ret->count < last; ret->count++)
        at += strlen(first + ret->count == which ? reading
                                                 : solve->doc->tokens[first + ret->count].text) +
              1;
    return used > 0 && proved && first + ret->count > which;
}

/* Tokens from first on as an identifier, with one of them read otherwise. One false digit in ten
 * passes the check of some: where two readings hold, neither is taken. */
static void
try_identifier(struct solve *solve, struct field *field, uint32_t first)
{
    const struct doc *doc = solve->doc;
    uint32_t last = first + TOKENS_MAX < doc->token_count ? first + TOKENS_MAX : doc->token_count;
    struct identifier found = {.count = 0}, other;

    for (uint32_t t = first; t < last && doc->tokens[t].line == doc->tokens[first].line; t++) {
        uint32_t n;
        const struct page_alt *alts = token_readings(doc, t, &n);
        for (uint32_t a = 0; a < n; a++) {
            if (!read_identifier(solve, field->type, first, last, t, alts[a].text, &other))
                continue;
            if (found.count > 0 && strcmp(found.text, other.text) != 0)
                return;
            found = found.count > 0 ? found : other;
        }
    }
    if (found.count == 0)
        return;
    struct value *value =
        make_string(solve, field, found.text, first, found.count, NORM_READING, 0.9F);
    if (value != NULL) {
        value->proof = "check digits hold";
        value->reading = found.reading;
    }
    offer(field, value, 1.2F, first, found.count, NULL); /* above any label */
}

static bool
is_proved(const struct solve *solve, const struct field *field)
{
    uint8_t kind = field->type == TYPE_IBAN ? ITEM_IBAN : ITEM_VAT;

    for (uint32_t k = 0; k < solve->items->count; k++)
        if (solve->items->items[k].kind == kind && solve->items->items[k].proved)
            return true;
    return false;
}

static void
alts_of_identifiers(struct solve *solve, struct field *field)
{
    if (is_proved(solve, field))
        return;
    for (uint32_t i = 0; i < solve->doc->token_count && !solve->full; i++) {
        const char *text = solve->doc->tokens[i].text;
        bool country = text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';
        if (country || solve->doc->tokens[i].word->alt_count > 0)
            try_identifier(solve, field, i);
    }
}

/* The token alone has digits of the candidate's. */
static bool
holds_number(const struct solve *solve, const struct candidate *candidate, uint32_t token)
{
    for (uint32_t i = candidate->first; i < candidate->first + candidate->count; i++)
        if (i != token && strpbrk(solve->doc->tokens[i].text, "0123456789") != NULL)
            return false;
    return true;
}

/* Each candidate of a sum in its other readings, low until a proof lifts it. */
static void
alts_of_amounts(struct solve *solve, struct field *field)
{
    uint32_t had = field->candidate_count;

    for (uint32_t i = 0; i < had && i < field->candidate_count; i++) {
        const struct candidate from = field->candidates[i];
        for (uint32_t t = from.first; t < from.first + from.count && !from.reading; t++) {
            uint32_t n;
            if (!holds_number(solve, &from, t))
                continue;
            const struct page_alt *alts = token_readings(solve->doc, t, &n);
            for (uint32_t a = 0; a < n; a++) {
                struct number number;
                if (number_parse(alts[a].text, &number) != strlen(alts[a].text) ||
                    number.style == '?')
                    continue;
                struct value *value = make_reading(solve, field, &number, t, alts[a].text, 0.3F);
                if (value != NULL)
                    offer_reading(field, value, from.score * reading_share, &from, number.value);
            }
        }
    }
}

/* --- what the form alone settles --- */

static struct value *
date_reading(struct solve *solve, const struct field *field, uint32_t token, const char *reading)
{
    struct item item = {.kind = ITEM_DATE, .first = token, .count = 1};
    struct date *date = &item.date;

    if (date_parse(reading, date) != strlen(reading))
        return NULL;
    if (solve->items->month_first && date->other_month > 0) {
        date->day = date->other_day;
        date->month = date->other_month;
    }
    item.text = arena_printf(solve->arena, "%04d-%02d-%02d", date->year, date->month, date->day);
    struct value *value = item.text == NULL ? NULL : make_item(solve, field, &item, 0.5F);
    if (value != NULL) {
        value->norm = NORM_READING;
        value->reading = reading;
    }
    return value;
}

/* The token in the one other reading that is a date, or an amount with cents; NULL: there is none,
 * or there are several that differ. */
static struct value *
only_reading(struct solve *solve, const struct field *field, uint32_t token, double *ret_number)
{
    struct value *only = NULL;
    uint32_t n;
    const struct page_alt *alts = token_readings(solve->doc, token, &n);

    for (uint32_t a = 0; a < n; a++) {
        struct number number = {.style = 0};
        struct value *value = NULL;
        if (field->type == TYPE_DATE)
            value = date_reading(solve, field, token, alts[a].text);
        else if (number_parse(alts[a].text, &number) == strlen(alts[a].text) &&
                 number.decimals == 2 && number.style == solve->items->decimal)
            value = make_reading(solve, field, &number, token, alts[a].text, 0.5F);
        if (value == NULL)
            continue;
        if (only != NULL && strcmp(only->json, value->json) != 0)
            return NULL;
        only = only == NULL ? value : only;
        *ret_number = number.value;
    }
    return only;
}

bool
offer_readings(struct solve *solve, struct field *field, const struct place *place, float score,
               const struct label *label)
{
    bool money = field->type == TYPE_MONEY;

    if (!money && field->type != TYPE_DATE)
        return false;
    for (uint32_t t = place->first; t < place->first + place->count && t < place->first + 3; t++) {
        const struct candidate from = {.first = t, .count = 1, .label = label};
        double number = (double)NAN;
        struct value *value = strpbrk(solve->doc->tokens[t].text, "0123456789") == NULL
                                  ? NULL
                                  : only_reading(solve, field, t, &number);
        if (value == NULL)
            continue;
        value->proof =
            money ? "the only reading that is an amount" : "the only reading that is a date";
        if (money)
            offer_reading(field, value, score * form_share, &from, number);
        else
            offer(field, value, score * form_share, t, 1, label);
        return true;
    }
    return false;
}

/* --- sums of lines --- */

/* A leaf of a list, and the other reading of its word that the sum asks for. */
struct line_total {
    struct node *leaf;
    const struct field *field;
    struct number number;
    const char *reading;
};

static bool
is_total(const struct solve *solve, const struct field *field, const struct node *leaf,
         double *ret_number)
{
    char *end;

    if (leaf->value == NULL || !field_is(solve, field, "item_total"))
        return false;
    *ret_number = strtod(leaf->value->json, &end);
    return end != leaf->value->json;
}

/* The only total of a line that another reading brings from its own number by as much as the sum
 * lacks; NULL reading: there is none, or several. */
static struct line_total
find_line_total(const struct solve *solve, const struct table_field *table, double lacks)
{
    struct line_total found = {0};

    for (uint32_t i = 0; i < table->node->child_count; i++)
        for (uint32_t k = 0; k < table->node->children[i]->child_count; k++) {
            struct node *leaf = table->node->children[i]->children[k];
            const struct field *field = &solve->fields[table->first_field + k];
            double own;
            uint32_t n = 0;
            if (!is_total(solve, field, leaf, &own) || leaf->value->proof != NULL ||
                leaf->value->token_count != 1)
                continue;
            const struct page_alt *alts = token_readings(solve->doc, leaf->value->tokens[0], &n);
            for (uint32_t a = 0; a < n; a++) {
                struct number number;
                if (number_parse(alts[a].text, &number) != strlen(alts[a].text) ||
                    number.style == '?' || fabs(number.value - own - lacks) > 0.004)
                    continue;
                if (found.leaf != NULL && found.leaf != leaf)
                    return (struct line_total){0};
                found = (struct line_total){leaf, field, number, alts[a].text};
            }
        }
    return found;
}

void
settle_lines(struct solve *solve, double net)
{
    for (uint32_t t = 0; t < solve->table_count; t++) {
        const struct table_field *table = &solve->tables[t];
        double sum = 0, own;
        bool any = false;
        for (uint32_t i = 0; i < table->node->child_count; i++)
            for (uint32_t k = 0; k < table->node->children[i]->child_count; k++)
                if (is_total(solve, &solve->fields[table->first_field + k],
                             table->node->children[i]->children[k], &own)) {
                    sum += own;
                    any = true;
                }
        if (!any)
            continue;
        if (fabs(sum - net) < 0.011)
            return;
        struct line_total found = find_line_total(solve, table, net - sum);
        struct value *value = found.leaf == NULL
                                  ? NULL
                                  : make_reading(solve, found.field, &found.number,
                                                 found.leaf->value->tokens[0], found.reading, 0.9F);
        if (value != NULL) {
            value->proof = "sum of lines = net";
            found.leaf->value = value;
        }
        return;
    }
}

void
find_in_alts(struct solve *solve)
{
    static const char *const sums[] = {"total_net", "total_tax", "total_gross"};

    for (uint32_t i = 0; i < solve->field_count && !solve->full; i++) {
        struct field *field = &solve->fields[i];
        if (field->item || field->many)
            continue;
        if ((field->type == TYPE_IBAN || field->type == TYPE_VAT) && field->node != NULL)
            alts_of_identifiers(solve, field);
        for (size_t n = 0; n < sizeof(sums) / sizeof(*sums); n++)
            if (field->concept != 0 &&
                strcmp(solve->lexicon->concepts[field->concept].name, sums[n]) == 0)
                alts_of_amounts(solve, field);
    }
}
