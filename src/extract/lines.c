/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/table.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CLAIMS_MAX = 16, CODE_TOKENS_MAX = 3, NAME_TOKENS_MAX = 6 };

static const struct item *
item_in(const struct solve *solve, const struct field *field, const struct cell *cell)
{
    const struct items *items = solve->items;

    for (uint32_t i = 0; i < cell->count; i++)
        for (uint32_t k = items->at[cell->tokens[i]]; k < items->at[cell->tokens[i] + 1]; k++)
            if (item_suits(field, &items->items[k]))
                return &items->items[k];
    return NULL;
}

/* Tokens of a cell as text. */
static struct value *
cell_text(struct solve *solve, const struct field *field, const struct cell *cell, uint32_t count)
{
    return make_tokens(solve, field, cell->tokens, count, 0.85F);
}

/* A line of a cell that is not the description itself: "GTIN: 4012345001235", "- blue". */
static bool
is_remark(const struct solve *solve, const struct cell *cell, uint32_t at)
{
    const struct labels *labels = solve->labels;
    uint32_t run = labels->run_of[cell->tokens[at]];
    const char *text = solve->doc->tokens[cell->tokens[at]].text;

    if (strcmp(text, "-") == 0 || strcmp(text, "•") == 0 || strcmp(text, "*") == 0)
        return true;
    if (run == NONE || labels->runs[run].first != cell->tokens[at] || labels->runs[run].count > 4 ||
        text[0] == '(')
        return false;
    uint32_t end = labels->runs[run].first + labels->runs[run].count; /* "Price :4,00" */
    bool apart = end < solve->doc->token_count && solve->doc->tokens[end].text[0] == ':' &&
                 solve->doc->tokens[end].seg == solve->doc->tokens[end - 1].seg;
    return labels->runs[run].colon || apart;
}

/* The row begins with such a line in another column: "Price:" left of "4,00". */
static bool
is_remark_row(const struct solve *solve, uint32_t token)
{
    const struct doc *doc = solve->doc;
    const struct row *row = &doc->rows[doc->segs[doc->tokens[token].seg].row];
    const struct seg *first = &doc->segs[doc->row_segs[row->first]];
    uint32_t run = solve->labels->run_of[first->first];

    return doc->row_segs[row->first] != doc->tokens[token].seg && run != NONE &&
           solve->labels->runs[run].colon && solve->labels->runs[run].count == first->count;
}

/* Tokens of a description: its lines up to a gap or a remark. */
static uint32_t
description_end(const struct solve *solve, const struct cell *cell)
{
    const struct doc *doc = solve->doc;

    for (uint32_t i = 1; i < cell->count; i++) {
        const struct token *last = &doc->tokens[cell->tokens[i - 1]];
        const struct token *next = &doc->tokens[cell->tokens[i]];
        if (doc->segs[next->seg].row == doc->segs[last->seg].row)
            continue;
        float gap = next->box.y0 - last->box.y1;
        if ((next->page == last->page && gap > 0.55F * doc->size) || is_remark(solve, cell, i) ||
            is_remark_row(solve, cell->tokens[i]))
            return i;
    }
    return cell->count;
}

static struct value *
cell_value(struct solve *solve, const struct field *field, const struct cell *cell)
{
    if (cell->count == 0)
        return NULL;
    bool words = field->type == TYPE_TEXT || field->type == TYPE_NAME;
    if (words || (field->generic && field->type == TYPE_ID))
        return cell_text(solve, field, cell, description_end(solve, cell));
    const struct item *item = item_in(solve, field, cell);
    if (item != NULL && field->type == TYPE_ID && item->first != cell->tokens[0] &&
        !solve->lexicon->concepts[field->concept].item && cell->count <= NAME_TOKENS_MAX &&
        item->kind == ITEM_CODE) /* "Pump station 4" */
        return cell_text(solve, field, cell, cell->count);
    if (item != NULL)
        return make_item(solve, field, item, 0.85F);
    if (field->type == TYPE_DATE)
        return day_in_cell(solve, field, cell);
    if (field->type == TYPE_URL && field->shape->format == NULL) /* "site": where else */
        return cell_text(solve, field, cell, cell->count);
    if (field->type == TYPE_ID && cell->count <= CODE_TOKENS_MAX) /* "EA"; "A-" */
        return cell_text(solve, field, cell, cell->count);
    return NULL;
}

static double
number_in(const struct solve *solve, const struct cell *cell)
{
    const struct items *items = solve->items;

    for (uint32_t i = 0; i < cell->count; i++)
        for (uint32_t k = items->at[cell->tokens[i]]; k < items->at[cell->tokens[i] + 1]; k++)
            if (items->items[k].kind == ITEM_NUMBER)
                return items->items[k].number.value;
    return (double)NAN;
}

/* Most cells hold one word with digits: "Article" may head the numbers or the names. */
static bool
is_coded(const struct solve *solve, const struct line_items *found, uint32_t column)
{
    uint32_t codes = 0, others = 0;

    for (uint32_t k = 0; k < found->count; k++) {
        const struct cell *cell = &found->items[k].cells[column];
        const char *text = cell->count > 0 ? solve->doc->tokens[cell->tokens[0]].text : "";
        bool code = cell->count == 1 && strlen(text) >= 3 && strpbrk(text, "0123456789") != NULL;
        codes += code;
        others += cell->count > 0 && !code;
    }
    return codes > others;
}

/* What a title says for a field; what stands below it may speak against it, or for its number. */
static float
title_score(const struct solve *solve, const struct field *field, const struct column *column,
            bool coded)
{
    float score = 0;

    for (uint32_t k = 0; !field->generic && k < column->concept_count; k++) {
        if (column->concepts[k] == field->concept)
            score =
                column->exact[k] * (coded && field_is(solve, field, "item_description") ? 0.6F : 1);
        else if (coded && score == 0 && field_is(solve, field, "item_number") &&
                 strcmp(solve->lexicon->concepts[column->concepts[k]].name, "item_description") ==
                     0)
            score = 0.55F;
    }
    if (score > 0) /* of several of a concept the one whose own words stand there */
        return score + 0.1F * title_says(solve, field, column);
    float says = title_says(solve, field, column);
    return says >= 0.55F ? (field->generic || field->concept == 0 ? says : 0.8F * says) : 0;
}

/* One field and one column of the same form that are left over belong together. */
static void
match_rest(const struct solve *solve, const struct table_field *table,
           const struct line_items *found, const bool *used, int *ret_column)
{
    const struct head *head = found->head;

    for (int numeric = 0; numeric < 2; numeric++) {
        int field = -1, column = -1, fields = 0, columns = 0;
        for (uint32_t f = 0; f < table->field_count; f++) {
            enum concept_type type = solve->fields[table->first_field + f].type;
            bool number = type == TYPE_MONEY || type == TYPE_NUMBER || type == TYPE_PERCENT;
            if (ret_column[f] >= 0 || number != (numeric == 1) ||
                (!number && type != TYPE_TEXT && type != TYPE_NAME))
                continue;
            field = (int)f;
            fields++;
        }
        for (uint32_t i = 0; i < head->column_count; i++) {
            uint32_t filled = 0, numbers = 0;
            for (uint32_t k = 0; k < found->count; k++) {
                const struct cell *cell = &found->items[k].cells[i];
                filled += cell->count > 0;
                numbers += !isnan(number_in(solve, cell));
            }
            bool is_number = numbers * 3 > filled * 2;
            if (used[i] || filled * 5 < found->count * 4 || is_number != (numeric == 1))
                continue;
            column = (int)i;
            columns++;
        }
        if (fields == 1 && columns == 1)
            ret_column[field] = column;
    }
}

/* The column of each field: by concept, the most exact title first; each column serves one. */
static void
match_columns(const struct solve *solve, const struct table_field *table,
              const struct line_items *found, int *ret_column)
{
    const struct head *head = found->head;
    bool used[COLUMNS_MAX] = {false}, numbered[COLUMNS_MAX] = {false}, coded[COLUMNS_MAX];

    for (uint32_t i = 0; i < head->column_count; i++) /* positions are numbers */
        for (uint32_t k = 0; k < found->count; k++) {
            const struct cell *cell = &found->items[k].cells[i];
            numbered[i] = numbered[i] ||
                          (cell->count > 0 && cell->count <= 2 &&
                           isdigit((unsigned char)solve->doc->tokens[cell->tokens[0]].text[0]));
        }

    for (uint32_t i = 0; i < head->column_count; i++)
        coded[i] = is_coded(solve, found, i);
    for (uint32_t f = 0; f < table->field_count; f++)
        ret_column[f] = -1;
    for (;;) {
        float best = 0;
        uint32_t which = 0;
        int column = -1;
        for (uint32_t f = 0; f < table->field_count; f++) {
            const struct field *field = &solve->fields[table->first_field + f];
            for (uint32_t i = 0; ret_column[f] < 0 && i < head->column_count; i++) {
                if (used[i] || (field_is(solve, field, "item_position") && !numbered[i]))
                    continue;
                float score = title_score(solve, field, &head->columns[i], coded[i]);
                if (score > 0 && field_is(solve, field, "item_total"))
                    score += 0.01F * (float)i;
                uint32_t run = head->columns[i].count == 0
                                   ? NONE
                                   : solve->labels->run_of[head->columns[i].first];
                if (run != NONE && field->own_key != NULL &&
                    strcmp(solve->labels->runs[run].key, field->own_key) == 0)
                    score = 1.2F;
                if (score > best) {
                    best = score;
                    which = f;
                    column = (int)i;
                }
            }
        }
        if (column < 0)
            break;
        ret_column[which] = column;
        used[column] = true;
    }
    match_rest(solve, table, found, used, ret_column);
}

/* --- columns settled by arithmetic --- */

/* Rows in which the columns multiply, those with a one less: they prove little. */
static float
rows_that_hold(const struct solve *solve, const struct line_items *found, const int c[3])
{
    float sum = 0;

    for (uint32_t i = 0; i < found->count; i++) {
        double q = number_in(solve, &found->items[i].cells[c[0]]);
        double p = number_in(solve, &found->items[i].cells[c[1]]);
        double t = number_in(solve, &found->items[i].cells[c[2]]);
        if (isnan(q) || isnan(p) || isnan(t) || !row_multiplies(q, p, t))
            continue;
        sum += fabs(q - 1) < 0.001 || fabs(p - 1) < 0.001 || t == 0 ? 0.35F : 1;
    }
    return sum;
}

/* Where the titles leave quantity, price or total open, or the rows speak against them, columns
 * that multiply in most rows are taken. */
static void
settle_columns(const struct solve *solve, const struct table_field *table,
               const struct line_items *found, int *column)
{
    static const char *const names[] = {"item_quantity", "item_unit_price", "item_total"};
    int field[3] = {-1, -1, -1}, now[3] = {-1, -1, -1}, best[3] = {-1, -1, -1};
    float held = 0, most = 0;

    for (uint32_t f = 0; f < table->field_count; f++)
        for (int n = 0; n < 3; n++)
            if (field_is(solve, &solve->fields[table->first_field + f], names[n])) {
                field[n] = (int)f;
                now[n] = column[f];
            }
    if (field[0] < 0 || field[1] < 0 || field[2] < 0)
        return;
    if (now[0] >= 0 && now[1] >= 0 && now[2] >= 0)
        held = rows_that_hold(solve, found, now);
    int n = (int)found->head->column_count;
    for (int q = 0; q < n; q++)
        for (int p = 0; p < n; p++)
            for (int t = 0; t < n; t++) {
                const int c[3] = {q, p, t};
                if (q == p || p == t || q == t)
                    continue;
                float holds = rows_that_hold(solve, found, c);
                for (int k = 0; k < 3; k++) /* titles tip the scales */
                    holds += now[k] == c[k] ? 0.3F : 0;
                if (holds > most) {
                    most = holds;
                    memcpy(best, c, sizeof(best));
                }
            }
    if (best[0] < 0 || most < held + 1 || most < 0.5F * (float)found->count)
        return;
    for (int k = 0; k < 3; k++)
        column[field[k]] = best[k];
}

/* "[FURN_7777] Office Chair": a code in brackets before the name is the article's number. */
static void
split_code(struct solve *solve, const struct table_field *table, struct value **values)
{
    int code = -1, name = -1;

    for (uint32_t f = 0; f < table->field_count; f++) {
        const struct field *field = &solve->fields[table->first_field + f];
        code = field_is(solve, field, "item_number") ? (int)f : code;
        name = field_is(solve, field, "item_description") ? (int)f : name;
    }
    if (code < 0 || name < 0 || values[code] != NULL || values[name] == NULL ||
        values[name]->token_count < 2)
        return;
    const struct value *whole = values[name];
    const char *text = solve->doc->tokens[whole->tokens[0]].text;
    size_t len = strlen(text);
    bool bracket = text[0] == '[' && text[len - 1] == ']';
    bool star = text[0] == '*' && text[len - 1] == '*';
    if (len < 4 || (!bracket && !star))
        return;
    values[code] = make_string(solve, &solve->fields[table->first_field + (uint32_t)code],
                               arena_strndup(solve->arena, text + 1, len - 2), whole->tokens[0], 1,
                               NORM_TRIMMED, 0.8F);
    struct cell rest = {.count = 0};
    for (uint32_t i = 1; i < whole->token_count && rest.count < CELL_TOKENS_MAX; i++)
        rest.tokens[rest.count++] = whole->tokens[i];
    values[name] =
        cell_text(solve, &solve->fields[table->first_field + (uint32_t)name], &rest, rest.count);
}

/* "500 pcs" below the quantity: its word is the unit. */
static void
split_unit(struct solve *solve, const struct table_field *table, struct value **values,
           const struct line_item *item, const int *column)
{
    int unit = -1, quantity = -1;

    for (uint32_t f = 0; f < table->field_count; f++) {
        const struct field *field = &solve->fields[table->first_field + f];
        unit = field_is(solve, field, "item_unit") ? (int)f : unit;
        quantity = field_is(solve, field, "item_quantity") ? (int)f : quantity;
    }
    if (unit < 0 || quantity < 0 || values[unit] != NULL || values[quantity] == NULL ||
        column[quantity] < 0 || values[quantity]->token_count != 1)
        return;
    const struct cell *cell = &item->cells[column[quantity]];
    if (cell->count != 2 || cell->tokens[0] != values[quantity]->tokens[0])
        return;
    const char *text = solve->doc->tokens[cell->tokens[1]].text;
    if (strpbrk(text, "0123456789") != NULL || strlen(text) > 8)
        return;
    const struct cell word = {.tokens = {cell->tokens[1]}, .count = 1};
    values[unit] = cell_text(solve, &solve->fields[table->first_field + (uint32_t)unit], &word, 1);
}

void
table_put_row(struct solve *solve, const struct table_field *table, struct value *const *values)
{
    struct node *row = node_add(solve->arena, table->node, NODE_OBJECT, NULL);

    for (uint32_t f = 0; row != NULL && f < table->field_count; f++) {
        const struct field *field = &solve->fields[table->first_field + f];
        struct node *leaf = node_add(solve->arena, row, NODE_LEAF, field->shape->name);
        if (leaf == NULL) {
            solve->full = true;
            return;
        }
        leaf->shape = field->shape;
        if (values[f] != NULL)
            values[f]->confidence = words_lessen(solve, values[f], values[f]->confidence);
        leaf->value = values[f];
        for (uint32_t t = 0; values[f] != NULL && t < values[f]->token_count; t++)
            solve->taken[values[f]->tokens[t]] = true;
    }
    if (row == NULL)
        solve->full = true;
    else
        row->shape = table->shape->items;
}

/* Rows of the pages serve one list of the schema. */
struct claims {
    uint32_t rows[CLAIMS_MAX]; /* where the items begin */
    uint32_t count;
};

/* The list is about something else: too few of its columns are there, or its rows are another's. */
static bool
is_other(const struct table_field *table, const int *column, uint32_t first_row,
         struct claims *claims)
{
    uint32_t matched = 0;

    for (uint32_t f = 0; f < table->field_count; f++)
        matched += column[f] >= 0;
    if (matched * 4 < table->field_count)
        return true;
    for (uint32_t i = 0; i < claims->count; i++)
        if (claims->rows[i] == first_row)
            return true;
    if (claims->count < CLAIMS_MAX)
        claims->rows[claims->count++] = first_row;
    return false;
}

/* The list is one of goods: quantities or prices are asked for. */
static bool
sells(const struct solve *solve, const struct table_field *table)
{
    for (uint32_t f = table->first_field; f < table->first_field + table->field_count; f++)
        if (field_is(solve, &solve->fields[f], "item_quantity") ||
            field_is(solve, &solve->fields[f], "item_unit_price"))
            return true;
    return false;
}

/* Properties that a title of the header means. */
static uint32_t
titles_met(const struct solve *solve, const struct table_field *table, const struct head *head)
{
    uint32_t met = 0;

    for (uint32_t f = table->first_field; f < table->first_field + table->field_count; f++) {
        float best = 0;
        for (uint32_t i = 0; i < head->column_count; i++)
            best = fmaxf(best, title_score(solve, &solve->fields[f], &head->columns[i], false));
        met += best >= 0.5F;
    }
    return met;
}

static void
read_table(struct solve *solve, struct table_field *table, struct claims *claims)
{
    struct head head;
    struct line_items found;

    if (table->field_count > COLUMNS_MAX * 2)
        return;
    int column[COLUMNS_MAX * 2];
    found.count = 0;
    struct head own;
    uint32_t named = 0;
    bool known = table_head_find(solve, table, &head);
    bool other = own_head_find(solve, table, &own, &named);
    uint32_t met = known ? titles_met(solve, table, &head) : 0;
    if (other && (named > met || (named == met && !sells(solve, table)))) {
        head = own;
        known = true;
    }
    if (known)
        body_read(solve, &head, &found);
    table->headless = found.count == 0;
    if (found.count == 0 && !bare_read(solve, &head, &found))
        return;
    match_columns(solve, table, &found, column);
    settle_columns(solve, table, &found, column);
    if (is_other(table, column, found.items[0].row, claims))
        return;
    struct value **values = arena_array(solve->arena, table->field_count + 1, sizeof(void *));
    if (values == NULL) {
        solve->full = true;
        return;
    }
    for (uint32_t i = 0; i < found.count && !solve->full; i++) {
        uint32_t any = 0;
        for (uint32_t f = 0; f < table->field_count; f++) {
            const struct field *field = &solve->fields[table->first_field + f];
            values[f] = labelled_in_item(solve, field, &found.items[i], head.column_count);
            if (values[f] == NULL && column[f] >= 0)
                values[f] = cell_value(solve, field, &found.items[i].cells[column[f]]);
            any += values[f] != NULL;
        }
        split_code(solve, table, values);
        split_unit(solve, table, values, &found.items[i], column);
        row_prove(solve, table, &found.items[i], column, values);
        if (any >= 2 || (any == 1 && table->field_count == 1))
            table_put_row(solve, table, values);
    }
}

/* How many columns of line items the list asks for: the one with most of them comes first. */
static uint32_t
known(const struct solve *solve, const struct table_field *table)
{
    uint32_t n = 0;

    for (uint32_t f = table->first_field; f < table->first_field + table->field_count; f++)
        n += solve->lexicon->concepts[solve->fields[f].concept].item && !solve->fields[f].generic;
    return n;
}

static uint32_t
known_most(const struct solve *solve)
{
    uint32_t most = 0;

    for (uint32_t i = 0; i < solve->table_count; i++)
        if (known(solve, &solve->tables[i]) > most)
            most = known(solve, &solve->tables[i]);
    return most;
}

void
find_tables(struct solve *solve)
{
    solve->taken = arena_array(solve->arena, solve->doc->token_count + 1, sizeof(bool));
    if (solve->taken == NULL) {
        solve->full = true;
        return;
    }
    struct claims claims = {.count = 0};
    find_blocks(solve, true);
    for (uint32_t n = known_most(solve); n != NONE && !solve->full; n = n == 0 ? NONE : n - 1)
        for (uint32_t i = 0; i < solve->table_count; i++)
            if (solve->tables[i].node->child_count == 0 &&
                !taxes_are_wanted(solve, &solve->tables[i]) && known(solve, &solve->tables[i]) == n)
                read_table(solve, &solve->tables[i], &claims);
    for (uint32_t i = 0; i < solve->table_count && !solve->full; i++)
        if (taxes_are_wanted(solve, &solve->tables[i]))
            taxes_read(solve, &solve->tables[i]);
    find_blocks(solve, false);
}
