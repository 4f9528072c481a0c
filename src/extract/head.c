/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "extract/table.h"

#include <math.h>
#include <string.h>

/* A header has at least this weight in known columns. */
static const float score_least = 3.5F;

static float
weight_of(const struct solve *solve, uint16_t concept)
{
    static const struct {
        const char *name;
        float weight;
    } weights[] = {{"item_description", 2}, {"item_quantity", 2},   {"item_unit_price", 1.8F},
                   {"item_total", 1.5F},    {"item_number", 1.5F},  {"item_position", 1},
                   {"item_date", 1},        {"item_debit", 1.5F},   {"item_credit", 1.5F},
                   {"item_balance", 1.2F},  {"item_tax_rate", 0.6F}};

    for (size_t i = 0; i < sizeof(weights) / sizeof(*weights); i++)
        if (strcmp(solve->lexicon->concepts[concept].name, weights[i].name) == 0)
            return weights[i].weight;
    return 0.5F;
}

static void
add_concept(struct column *column, uint16_t concept, float exact)
{
    for (uint32_t i = 0; i < column->concept_count; i++)
        if (column->concepts[i] == concept) {
            column->exact[i] = fmaxf(column->exact[i], exact);
            return;
        }
    if (column->concept_count < CONCEPTS_OF_COLUMN) {
        column->concepts[column->concept_count] = concept;
        column->exact[column->concept_count++] = exact;
    }
}

static bool
side_by_side(struct box a, struct box b)
{
    return a.x1 < b.x0 || b.x1 < a.x0;
}

/* A title of a column, or another line of one that is known already. */
static void
add_title(struct head *head, struct box box, uint32_t first, uint32_t count, uint16_t concept,
          float exact)
{
    for (uint32_t i = 0; i < head->column_count; i++) {
        struct column *column = &head->columns[i];
        if (side_by_side(column->box, box))
            continue;
        bool inside = fminf(column->box.x1, box.x1) - fmaxf(column->box.x0, box.x0) >
                      0.3F * fminf(box_width(column->box), box_width(box));
        if (!inside)
            continue;
        if (concept != 0)
            add_concept(column, concept, exact);
        column->box.x0 = fminf(column->box.x0, box.x0);
        column->box.x1 = fmaxf(column->box.x1, box.x1);
        return;
    }
    if (head->column_count == COLUMNS_MAX)
        return;
    uint32_t at = head->column_count;
    while (at > 0 && head->columns[at - 1].box.x0 > box.x0)
        at--;
    memmove(&head->columns[at + 1], &head->columns[at],
            (head->column_count - at) * sizeof(struct column));
    head->columns[at] = (struct column){.box = box, .first = first, .count = count};
    if (concept != 0)
        add_concept(&head->columns[at], concept, exact);
    head->column_count++;
}

/* Titles in one segment: each phrase of its own, else the whole segment without a meaning. */
static uint32_t
titles_of_seg(const struct solve *solve, struct head *head, const struct seg *seg)
{
    const struct labels *labels = solve->labels;
    uint32_t found = 0, end = seg->first + seg->count;

    for (uint32_t i = 0; i < labels->label_count; i++) {
        const struct label *label = &labels->labels[i];
        if (label->first < seg->first || label->first >= end ||
            !solve->lexicon->concepts[label->concept].item)
            continue;
        struct box box = doc_box(solve->doc, label->first, label->count);
        if (label->exact >= 0.85F) /* the title with its remarks */
            box = seg->box;
        add_title(head, box, label->first, label->count, label->concept, label->exact);
        found++;
    }
    return found;
}

static bool
has_number(const struct solve *solve, const struct seg *seg)
{
    for (uint32_t i = seg->first; i < seg->first + seg->count; i++)
        if (strpbrk(solve->doc->tokens[i].text, "0123456789") != NULL)
            return true;
    return false;
}

static float
worth(const struct solve *solve, const struct head *head)
{
    bool seen[CONCEPTS_MAX] = {false};
    float sum = 0;
    uint32_t columns = 0;

    for (uint32_t i = 0; i < head->column_count; i++) {
        float best = 0;
        uint16_t which = 0;
        for (uint32_t k = 0; k < head->columns[i].concept_count; k++) {
            uint16_t concept = head->columns[i].concepts[k];
            float w = weight_of(solve, concept) * (0.4F + 0.6F * head->columns[i].exact[k]);
            if (!seen[concept] && w > best) {
                best = w;
                which = concept;
            }
        }
        seen[which] = which != 0;
        sum += best;
        columns += best > 0;
    }
    return columns >= 2 ? sum : 0;
}

/* The columns that the schema asks for count more; words of unknown columns count too. */
static float
wanted(const struct solve *solve, const struct table_field *table, struct head *head)
{
    float sum = 0;

    for (uint32_t f = table->first_field; f < table->first_field + table->field_count; f++) {
        const struct field *field = &solve->fields[f];
        float best = 0;
        for (uint32_t i = 0; i < head->column_count; i++) {
            struct column *column = &head->columns[i];
            for (uint32_t k = 0; k < column->concept_count; k++)
                if (field->concept != 0 && column->concepts[k] == field->concept)
                    best = fmaxf(best, column->exact[k]);
            uint32_t run = solve->labels->run_of[column->first];
            if (run != NONE && field->own_key != NULL &&
                strcmp(solve->labels->runs[run].key, field->own_key) == 0)
                best = 1;
        }
        sum += best;
    }
    return sum;
}

/* The rows from `row` on as a header: a row of titles, and those above and below it that only
 * add to them. */
static bool
head_at(const struct solve *solve, uint32_t row, struct head *ret)
{
    const struct doc *doc = solve->doc;

    *ret = (struct head){.first_row = row, .page = doc->rows[row].page};
    for (uint32_t n = 0; n < HEAD_ROWS_MAX && row + n < doc->row_count; n++) {
        const struct row *at = &doc->rows[row + n];
        if (at->page != ret->page)
            break;
        if (n > 0 && at->box.y0 - doc->rows[row + n - 1].box.y1 > doc->size * 0.9F)
            break;
        uint32_t known = 0, numbers = 0;
        struct head with = *ret;
        for (uint32_t i = 0; i < at->count; i++) {
            const struct seg *seg = &doc->segs[doc->row_segs[at->first + i]];
            uint32_t found = titles_of_seg(solve, &with, seg);
            bool number = has_number(solve, seg);
            known += found > 0 && !number;
            numbers += number;
            if (found == 0 && !number && seg->count <= 4)
                add_title(&with, seg->box, seg->first, seg->count, 0, 0);
        }
        if (numbers > 0 && numbers >= known)
            break;
        if (n > 0 && known == 0 && at->count > 2)
            break;
        if (n == 0 && known == 0)
            return false;
        *ret = with;
        ret->row_count = n + 1;
        if (known == 0 && n > 0 && at->count == 1 && doc->segs[doc->row_segs[at->first]].count > 4)
            break;
    }
    ret->score = worth(solve, ret);
    return ret->row_count > 0;
}

/* The first header of those that are printed again on each page. */
static void
go_back(const struct solve *solve, struct head *head)
{
    struct head first;

    for (uint32_t r = 0; r < head->first_row; r++)
        if (head_again(solve, head, r, &first)) {
            *head = first;
            return;
        }
}

bool
table_head_find(struct solve *solve, const struct table_field *table, struct head *ret_head)
{
    float best = score_least;
    bool found = false;

    for (uint32_t r = 0; r < solve->doc->row_count; r++) {
        struct head head;
        if (!head_at(solve, r, &head) || head.score < score_least)
            continue;
        float score = head.score + 0.8F * wanted(solve, table, &head);
        if (score <= best + 0.01F)
            continue;
        best = score;
        *ret_head = head;
        found = true;
    }
    if (found)
        go_back(solve, ret_head);
    return found;
}

enum { TITLES_LEAST = 3 }; /* that tell a header apart wherever its columns stand */

bool
head_again(const struct solve *solve, const struct head *head, uint32_t row, struct head *ret_head)
{
    uint32_t same = 0, named = 0, alike = 0;

    if (head->own)
        return own_head_again(solve, head, row, ret_head);
    if (!head_at(solve, row, ret_head) || ret_head->score < score_least)
        return false;
    for (uint32_t i = 0; i < head->column_count; i++)
        for (uint32_t k = 0; k < ret_head->column_count; k++)
            same += head->columns[i].concept_count > 0 && ret_head->columns[k].concept_count > 0 &&
                    head->columns[i].concepts[0] == ret_head->columns[k].concepts[0] &&
                    fabsf(head->columns[i].box.x0 - ret_head->columns[k].box.x0) < 30;
    if (same * 3 >= head->column_count * 2)
        return true;
    /* The same titles in the same order, in columns of other widths. */
    for (uint32_t i = 0; i < head->column_count; i++) {
        bool known = head->columns[i].concept_count > 0;
        named += known;
        alike += known && head->column_count == ret_head->column_count &&
                 ret_head->columns[i].concept_count > 0 &&
                 head->columns[i].concepts[0] == ret_head->columns[i].concepts[0];
    }
    return named >= TITLES_LEAST && alike == named;
}
