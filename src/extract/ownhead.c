/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Tables of any subject - results of a laboratory, courses and grades, open invoices: their titles
 * are the words of the properties, or labels of the same concepts. */
#include "extract/table.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

enum { TITLE_TOKENS_MAX = 6, TITLE_KEY_MAX = 80, ROWS_SEEN = 40 };

/* Less is no title of the property. */
static const float says_least = 0.55F;

float
title_says(const struct solve *solve, const struct field *field, const struct column *column)
{
    const struct labels *labels = solve->labels;
    uint32_t run = column->count == 0 ? NONE : labels->run_of[column->first];
    const char *key = column->key != NULL ? column->key : run == NONE ? "" : labels->runs[run].key;

    return field_says(field, key);
}

/* The words of a title, folded, without units and remarks in brackets. NULL: it is none. */
static const char *
title_key(struct solve *solve, const struct seg *seg)
{
    char key[TITLE_KEY_MAX] = "";
    bool inside = false;

    if (seg->count > TITLE_TOKENS_MAX)
        return NULL;
    for (uint32_t i = seg->first; i < seg->first + seg->count; i++) {
        const struct token *token = &solve->doc->tokens[i];
        if (isdigit((unsigned char)token->text[0]) ||
            strlen(key) + strlen(token->key) + 1 > sizeof(key))
            return NULL;
        inside = inside || token->text[0] == '(' || token->text[0] == '[';
        if (!inside)
            strcat(key, token->key);
        if (strpbrk(token->text, ")]") != NULL)
            inside = false;
    }
    return key[0] == '\0' ? NULL : arena_strdup(solve->arena, key);
}

/* The columns that a row of titles would make; false: it is no such row. */
static bool
columns_of(struct solve *solve, uint32_t row, struct head *ret)
{
    const struct doc *doc = solve->doc;
    const struct row *at = &doc->rows[row];
    const struct labels *labels = solve->labels;

    *ret =
        (struct head){.first_row = row, .row_count = 1, .page = at->page, .own = true, .lead = -1};
    if (at->count < 2 || at->count > COLUMNS_MAX)
        return false;
    for (uint32_t i = 0; i < at->count; i++) {
        const struct seg *seg = &doc->segs[doc->row_segs[at->first + i]];
        const char *key = title_key(solve, seg);
        const char *last = doc->tokens[seg->first + seg->count - 1].text;
        if (key == NULL || last[strlen(last) - 1] == ':')
            return false;
        struct column *column = &ret->columns[ret->column_count++];
        *column =
            (struct column){.box = seg->box, .first = seg->first, .count = seg->count, .key = key};
        for (uint32_t k = 0; k < labels->label_count; k++) {
            const struct label *label = &labels->labels[k];
            if (label->first >= seg->first && label->first < seg->first + seg->count &&
                label->exact >= (solve->lexicon->concepts[label->concept].item ? 0.7F : 0.85F) &&
                column->concept_count < CONCEPTS_OF_COLUMN) {
                column->concepts[column->concept_count] = label->concept;
                column->exact[column->concept_count++] = label->exact;
            }
        }
    }
    return true;
}

static float
says(const struct solve *solve, const struct field *field, const struct column *column)
{
    float best = title_says(solve, field, column);

    for (uint32_t k = 0; !field->generic && k < column->concept_count; k++)
        if (column->concepts[k] == field->concept)
            best = fmaxf(best, column->exact[k]);
    return best;
}

/* How many properties the titles name, each title one. */
static uint32_t
match(const struct solve *solve, const struct table_field *table, const struct head *head,
      float *ret_sum)
{
    bool used[COLUMNS_MAX] = {false};
    uint32_t matched = 0;

    *ret_sum = 0;
    for (uint32_t f = table->first_field; f < table->first_field + table->field_count; f++) {
        float best = says_least;
        int which = -1;
        for (uint32_t i = 0; i < head->column_count; i++) {
            float score = used[i] ? 0 : says(solve, &solve->fields[f], &head->columns[i]);
            if (score > best) {
                best = score;
                which = (int)i;
            }
        }
        if (which < 0)
            continue;
        used[which] = true;
        *ret_sum += best;
        matched++;
    }
    return matched;
}

/* What the rows below have in the columns: which are numbers, which one is always filled. False:
 * no row below has two of them. */
static bool
see_rows(const struct solve *solve, struct head *head)
{
    const struct doc *doc = solve->doc;
    uint32_t filled[COLUMNS_MAX] = {0}, numbers[COLUMNS_MAX] = {0}, rows = 0, dates = 0;
    float bottom = doc->rows[head->first_row].box.y1;

    for (uint32_t r = head->first_row + 1; r < doc->row_count && r <= head->first_row + ROWS_SEEN;
         r++) {
        const struct row *row = &doc->rows[r];
        uint32_t here = 0;
        bool in[COLUMNS_MAX] = {false};
        if (row->page != head->page || row->box.y0 - bottom > 3 * doc->size)
            break;
        bottom = row->box.y1;
        for (uint32_t s = 0; s < row->count; s++) {
            const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
            for (uint32_t i = 0; i < head->column_count; i++) {
                struct box box = head->columns[i].box;
                if (seg->box.x1 < box.x0 - doc->size || seg->box.x0 > box.x1 + doc->size || in[i])
                    continue;
                in[i] = true;
                numbers[i] += items_have(solve->items, seg->first, 1, ITEM_NUMBER);
                dates += i == 0 && items_have(solve->items, seg->first, 1, ITEM_DATE);
                here++;
                break;
            }
        }
        if (here < 2)
            continue;
        rows++;
        for (uint32_t i = 0; i < head->column_count; i++)
            filled[i] += in[i];
    }
    for (uint32_t i = 0; i < head->column_count; i++) {
        head->columns[i].numeric = numbers[i] * 3 >= filled[i] * 2 && numbers[i] > 0;
        if (head->lead < 0 && filled[i] * 5 >= rows * 2 && rows > 0) /* sums stand below it */
            head->lead = (int)i;
    }
    if (dates > 0 && dates * 4 >= filled[0] * 3) /* what has no date there is a balance */
        head->lead = 0;
    return rows > 0;
}

bool
own_head_find(struct solve *solve, const struct table_field *table, struct head *ret_head,
              uint32_t *ret_matched)
{
    float best = 0;

    for (uint32_t r = 0; r < solve->doc->row_count; r++) {
        struct head head;
        float sum;
        if (!columns_of(solve, r, &head))
            continue;
        uint32_t matched = match(solve, table, &head, &sum);
        if (matched < 2 || matched * 2 < head.column_count ||
            matched * 5 < table->field_count * 2 || sum <= best || !see_rows(solve, &head))
            continue;
        best = sum;
        head.score = sum;
        *ret_head = head;
        *ret_matched = matched;
    }
    return best > 0;
}

bool
own_head_again(const struct solve *solve, const struct head *head, uint32_t row,
               struct head *ret_head)
{
    const struct doc *doc = solve->doc;
    const struct row *at = &doc->rows[row];

    if (at->count != head->column_count)
        return false;
    *ret_head = *head;
    ret_head->first_row = row;
    ret_head->page = at->page;
    for (uint32_t i = 0; i < at->count; i++) {
        const struct seg *seg = &doc->segs[doc->row_segs[at->first + i]];
        struct column *column = &ret_head->columns[i];
        if (seg->count != column->count)
            return false;
        for (uint32_t t = 0; t < seg->count; t++)
            if (strcmp(doc->tokens[seg->first + t].key, doc->tokens[column->first + t].key) != 0)
                return false;
        column->box = seg->box;
    }
    return true;
}
