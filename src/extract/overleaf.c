/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Line items over pages: sums carried from one page to the next, and tables whose titles are not
 * printed again. */
#include "extract/table.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static const double cent = 0.006;

/* A table without titles is the items' if that many of its rows, as a share, have figures where
 * they have, and words where the goods stand. */
static const float like_rows = 0.8F;
enum { LIKE_ROWS_LEAST = 2 };

/* The one amount of a row of words and it; NULL: it is no such row. */
static const struct item *
amount_of(const struct solve *solve, const struct row *row)
{
    const struct doc *doc = solve->doc;
    const struct item *amount = NULL;
    uint32_t numbers = 0, words = 0;

    if (row->count > 3)
        return NULL;
    for (uint32_t s = 0; s < row->count; s++) {
        const struct seg *seg = &doc->segs[doc->row_segs[row->first + s]];
        for (uint32_t t = seg->first; t < seg->first + seg->count; t++) {
            const struct item *number = cells_number_at(solve, t);
            if (number != NULL && number->number.decimals > 0) {
                amount = number;
                numbers++;
            }
            words += cells_is_word(&doc->tokens[t]);
        }
    }
    return numbers == 1 && words > 0 ? amount : NULL;
}

/* "Carried forward", "Zwischensumme Seite 2": what the items so far come to, by its words. */
static bool
says_carried(const struct solve *solve, const struct row *row)
{
    enum { WORDS_MOST = 4 };
    const struct seg *seg = &solve->doc->segs[solve->doc->row_segs[row->first]];
    char key[LEXICON_KEY_MAX] = "";

    for (uint32_t i = 0; i < seg->count && i < WORDS_MOST; i++) {
        const char *word = solve->doc->tokens[seg->first + i].key;
        if (strlen(key) + strlen(word) + 1 > sizeof(key))
            return false;
        strcat(key, word);
        const char *group = lexicon_word(solve->lexicon, LEXICON_WORDS, key);
        if (group != NULL && strcmp(group, "carried") == 0)
            return true;
    }
    return false;
}

/* Whether the amount is what the items so far come to. */
static bool
is_so_far(const struct solve *solve, const struct head *head, const struct line_items *items,
          double amount)
{
    int column = column_find(solve, head, "item_total");
    double sum = 0;

    for (uint32_t i = 0; column >= 0 && i < items->count; i++) {
        double total = cell_number(solve, &items->items[i].cells[column]);
        sum += isnan(total) ? 0 : total;
    }
    return items->count >= 2 && fabs(sum - amount) < cent;
}

bool
overleaf_is_sum(const struct solve *solve, const struct head *head, const struct line_items *items,
                const struct row *row, bool *ret_said)
{
    const struct item *amount = amount_of(solve, row);

    if (amount == NULL)
        return false;
    *ret_said = says_carried(solve, row);
    return *ret_said || is_so_far(solve, head, items, amount->number.value);
}

/* The first table of the page, or NULL. */
static const struct page_table *
first_table(const struct page *page)
{
    for (uint32_t i = 0; i < page->block_count; i++)
        if (page->blocks[i].kind == BLOCK_TABLE && page->blocks[i].table >= 0)
            return &page->tables[page->blocks[i].table];
    return NULL;
}

/* What stands in the cell: figures, or words. */
static void
look_at(const struct page *page, const struct page_cell *cell, bool *ret_figures, bool *ret_words)
{
    *ret_figures = *ret_words = false;
    for (uint32_t l = cell->first_line; l < cell->first_line + cell->line_count; l++)
        for (uint32_t w = 0; w < page->lines[l].word_count; w++) {
            const char *text = page->words[page->lines[l].first_word + w].text;
            *ret_figures |= *text >= '0' && *text <= '9';
            *ret_words |= isalpha((unsigned char)*text) || (unsigned char)*text >= 0x80;
        }
}

/* Where each column of the table stands, by its cells; false: its rows are not those of items. */
static bool
fits(const struct solve *solve, const struct page *page, const struct page_table *table,
     const struct head *head, struct box *ret_columns)
{
    int goods = column_find(solve, head, "item_description");
    int total = column_find(solve, head, "item_total");
    uint32_t rows_with_figures = 0, rows_with_words = 0;

    if (table->columns != head->column_count || goods < 0 || total < 0)
        return false;
    for (uint32_t i = 0; i < table->columns; i++)
        ret_columns[i] = (struct box){INFINITY, 0, -INFINITY, 0};
    for (uint32_t i = 0; i < table->cell_count; i++) {
        const struct page_cell *cell = &page->cells[table->first_cell + i];
        bool figures, words;
        if (cell->column_span != 1 || cell->line_count == 0)
            continue;
        struct box *column = &ret_columns[cell->column];
        column->x0 = fminf(column->x0, cell->box.x0);
        column->x1 = fmaxf(column->x1, cell->box.x1);
        look_at(page, cell, &figures, &words);
        if (cell->row == 0 && cell->column == total && !figures)
            return false; /* a title: whatever the lines around it say, titles have no figures */
        rows_with_figures += cell->column == total && figures;
        rows_with_words += cell->column == goods && words;
    }
    for (uint32_t i = 0; i < table->columns; i++)
        if (ret_columns[i].x0 >= ret_columns[i].x1)
            return false;
    return rows_with_words >= LIKE_ROWS_LEAST &&
           (float)rows_with_figures >= like_rows * (float)rows_with_words;
}

bool
overleaf_follow(const struct solve *solve, uint32_t page, struct head *head, float *ret_top)
{
    const struct page *tree = solve->doc->pages[page];
    const struct page_table *table = first_table(tree);
    struct box columns[COLUMNS_MAX];

    if (table == NULL || !fits(solve, tree, table, head, columns))
        return false;
    for (uint32_t i = 0; i < head->column_count; i++) {
        head->columns[i].box.x0 = columns[i].x0;
        head->columns[i].box.x1 = columns[i].x1;
    }
    *ret_top = table->box.y0;
    return true;
}
