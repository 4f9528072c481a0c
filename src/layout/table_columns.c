/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/table_columns.c - the columns of a table without a grid: white space that goes through
 * the rows that have the most entries, and the lines drawn in it. */
#include "layout/table_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BINS = 1024, HEAD_ROWS_MOST = 3 };

static const float separator_min = 0.4f;   /* width of white space between columns, sizes */
static const float crossing_share = 0.08f; /* of the full rows may reach across a separator */
static const float full_share = 0.6f;      /* of the entries of the fullest rows, in a full row */
static const float wide_share = 0.8f;      /* of the table's width, by a line across */
static const uint32_t few_rows = 6;
static const float rule_thick_max_pt = 4;
static const float wall_slack_pt = 1;
static const float same_height_pt = 2; /* lines drawn in parts */
static const float reach = 2.0f;       /* of the drawing around the text, sizes */

uint32_t
table_column_of(const struct table_grid *grid, float x)
{
    uint32_t column = 0;

    while (column + 1 < grid->columns && x > grid->separators[column])
        column++;
    return column;
}

uint32_t
table_last_column(const struct table_grid *grid, struct box box)
{
    return table_column_of(grid, fmaxf(box.x1 - separator_min * grid->size, box.x0));
}

/* One that leans over a separator belongs where its middle is. */
uint32_t
table_first_column(const struct table_grid *grid, struct box box)
{
    uint32_t begin = table_column_of(grid, box.x0);
    uint32_t middle = table_column_of(grid, (box.x0 + box.x1) / 2);
    bool leans = middle == begin + 1 && table_last_column(grid, box) == middle &&
                 box.x0 > grid->separators[begin] - separator_min * grid->size;

    return leans ? middle : begin;
}

static int
by_height(const void *a, const void *b)
{
    const struct table_rule *x = a, *y = b;

    if (x->y != y->y)
        return x->y < y->y ? -1 : 1;
    return x->x0 < y->x0 ? -1 : x->x0 > y->x0;
}

bool
table_find_rules(struct table_grid *grid)
{
    const struct page *page = grid->layout->page;
    float y0 = grid->rows[0].baseline - reach * grid->size;
    float y1 = grid->rows[grid->row_count - 1].baseline + reach * grid->size;

    grid->rules = arena_array(grid->layout->arena, TABLE_RULES_MAX, sizeof(*grid->rules));
    if (grid->rules == NULL)
        return false;
    for (uint32_t i = 0; i < page->region_count && grid->rule_count < TABLE_RULES_MAX; i++) {
        struct box b = page->regions[i].box;
        if (page->regions[i].kind != REGION_RULE || box_height(b) > rule_thick_max_pt ||
            box_width(b) < 2 * box_height(b) || b.y0 < y0 || b.y1 > y1 || b.x1 < grid->x0 ||
            b.x0 > grid->x1)
            continue;
        grid->rules[grid->rule_count++] = (struct table_rule){(b.y0 + b.y1) / 2, b.x0, b.x1};
    }
    qsort(grid->rules, grid->rule_count, sizeof(*grid->rules), by_height);
    return true;
}

bool
table_has_wide_rule(const struct table_grid *grid, float y0, float y1)
{
    float width = grid->x1 - grid->x0, right = grid->size + grid->x0;

    for (uint32_t i = 0; i < grid->rule_count; i++) {
        const struct table_rule *first = &grid->rules[i];
        float covered = 0, left = INFINITY;
        if (first->y <= y0 || first->y > y1)
            continue;
        for (uint32_t k = i; k < grid->rule_count; k++) {
            const struct table_rule *rule = &grid->rules[k];
            if (rule->y > first->y + same_height_pt)
                break;
            left = fminf(left, rule->x0);
            covered += fminf(rule->x1, grid->x1) - fmaxf(rule->x0, grid->x0);
        }
        if (left < right && covered >= wide_share * width)
            return true;
    }
    return false;
}

/* "$" before an amount set apart from it, or "%" and ")" behind. 0: something else. */
static char
symbol_of(const struct table_grid *grid, const struct frag *frag)
{
    static const char *const before[] = {"$",        "(",  "\xe2\x82\xac", "\xc2\xa3",
                                         "\xc2\xa5", "$(", "US$"};
    static const char *const behind[] = {"%", ")", ")%", "*", "%)"};
    const struct layout *layout = grid->layout;

    if (frag->word_count != 1)
        return 0;
    const char *text = layout->page->words[layout->word_ids[frag->first_word]].text;
    for (size_t i = 0; i < ARRAY_LEN(before); i++) {
        if (strcmp(text, before[i]) == 0)
            return '$';
    }
    for (size_t i = 0; i < ARRAY_LEN(behind); i++) {
        if (strcmp(text, behind[i]) == 0)
            return '%';
    }
    return 0;
}

/* Entries of a row; signs that stand apart from their figures do not count. */
static uint32_t
entries_of(const struct table_grid *grid, const struct table_row *row)
{
    uint32_t n = 0;

    for (uint32_t i = row->first; i < row->end; i++)
        n += symbol_of(grid, &grid->pieces[i]) == 0;
    return n;
}

static int
by_value(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

    return x < y ? -1 : x > y;
}

/* Entries that a row must have to say where columns are; headings over several columns have fewer.
 */
static bool
count_full(const struct table_grid *grid, uint32_t *ret)
{
    uint32_t *counts = arena_array(grid->layout->arena, grid->row_count, sizeof(*counts));
    uint32_t n = 0;

    if (counts == NULL)
        return false;
    for (uint32_t r = 0; r < grid->row_count; r++) {
        uint32_t entries = entries_of(grid, &grid->rows[r]);
        if (entries >= 2)
            counts[n++] = entries;
    }
    if (n > 0)
        qsort(counts, n, sizeof(*counts), by_value);
    float most = n > 0 ? (float)counts[n * 3 / 4 < n ? n * 3 / 4 : n - 1] : 2;
    *ret = (uint32_t)fmaxf(2, ceilf(full_share * most));
    return true;
}

/* Adds what the rows with `least` entries or more cover to the profile; returns their number. */
static uint32_t
add_rows(const struct table_grid *grid, uint32_t least, float scale, int32_t *delta)
{
    uint32_t voters = 0;

    for (uint32_t r = 0; r < grid->row_count; r++) {
        const struct table_row *row = &grid->rows[r];
        if (entries_of(grid, row) < least)
            continue;
        voters++;
        for (uint32_t i = row->first; i < row->end; i++) {
            struct box box = grid->pieces[i].box;
            uint32_t from = (uint32_t)fminf(fmaxf((box.x0 - grid->x0) * scale, 0), BINS - 1);
            uint32_t to = (uint32_t)fminf(fmaxf(ceilf((box.x1 - grid->x0) * scale), 0), BINS);
            delta[from]++;
            delta[to > from ? to : from + 1]--;
        }
    }
    return voters;
}

/* The longest part of bins [from, to) that the fewest rows cover: *ret_from, *ret_to. */
static void
narrow(const int32_t *covered, uint32_t from, uint32_t to, uint32_t *ret_from, uint32_t *ret_to)
{
    int32_t least = INT32_MAX;
    uint32_t longest = 0;

    for (uint32_t bin = from; bin < to; bin++)
        least = covered[bin] < least ? covered[bin] : least;
    for (uint32_t bin = from, run = 0; bin < to; bin++) {
        run = covered[bin] == least ? run + 1 : 0;
        if (run > longest) {
            longest = run;
            *ret_from = bin + 1 - run;
            *ret_to = bin + 1;
        }
    }
}

bool
table_find_columns(struct table_grid *grid)
{
    int32_t full[BINS + 1] = {0}, all[BINS + 1] = {0};
    float scale = BINS / fmaxf(grid->x1 - grid->x0, 1);
    uint32_t least, gap_from = 0;
    bool in_gap = false;

    if (!count_full(grid, &least))
        return false;
    uint32_t voters = add_rows(grid, least, scale, full);
    int32_t allowed = (int32_t)((float)voters * crossing_share);
    grid->columns = 1;
    if (voters < (grid->row_count > few_rows ? 3 : 2))
        return true; /* what one row says is chance */
    add_rows(grid, 2, scale, all);
    for (uint32_t bin = 1; bin < BINS; bin++) {
        full[bin] += full[bin - 1];
        all[bin] += all[bin - 1];
    }
    for (uint32_t bin = 0; bin < BINS; bin++) {
        bool free = full[bin] <= allowed;
        if (free && !in_gap)
            gap_from = bin;
        if (!free && in_gap && gap_from > 0 && grid->columns < TABLE_COLUMNS_MAX &&
            (float)(bin - gap_from) / scale >= separator_min * grid->size) {
            uint32_t from = gap_from, to = bin, k = grid->columns++ - 1;
            narrow(all, gap_from, bin, &from, &to);
            grid->separators[k] = grid->x0 + (float)(from + to) / 2 / scale;
            grid->gap_from[k] = grid->x0 + (float)gap_from / scale;
            grid->gap_to[k] = grid->x0 + (float)bin / scale;
        }
        in_gap = free;
    }
    return true;
}

void
table_add_wall(struct table_grid *grid, float x)
{
    uint32_t n = grid->columns - 1, k = 0;

    if (x <= grid->x0 || x >= grid->x1)
        return;
    while (k < n && grid->gap_to[k] + wall_slack_pt < x)
        k++;
    if (k == n || grid->gap_from[k] - wall_slack_pt > x) {
        if (grid->columns == TABLE_COLUMNS_MAX)
            return;
        for (uint32_t i = n; i > k; i--) {
            grid->separators[i] = grid->separators[i - 1];
            grid->gap_from[i] = grid->gap_from[i - 1];
            grid->gap_to[i] = grid->gap_to[i - 1];
            grid->walls[i] = grid->walls[i - 1];
        }
        grid->columns++;
    }
    grid->separators[k] = grid->gap_from[k] = grid->gap_to[k] = x;
    grid->walls[k] = true;
}

/* Word of the piece before which it is cut, at the first separator where two words stand apart; 0:
 * nowhere. */
static uint32_t
find_cut(const struct table_grid *grid, const struct frag *piece)
{
    const struct layout *layout = grid->layout;

    for (uint32_t w = 1; w < piece->word_count; w++) {
        const uint32_t *id = &layout->word_ids[piece->first_word + w];
        struct box a = layout->page->words[id[-1]].box, b = layout->page->words[id[0]].box;
        for (uint32_t k = 0; k + 1 < grid->columns; k++) {
            struct gap gap = {grid->gap_from[k], grid->gap_to[k]};
            if (grid->walls[k] ? a.x1 <= gap.x1 && b.x0 >= gap.x0
                               : lines_part_words(a, b, gap, piece->size))
                return w;
        }
    }
    return 0;
}

bool
table_cut_pieces(struct table_grid *grid)
{
    struct layout *layout = grid->layout;
    uint32_t words = 0, n = 0;

    for (uint32_t i = 0; i < grid->piece_count; i++)
        words += grid->pieces[i].word_count;
    struct frag *pieces = arena_array(layout->arena, words, sizeof(*pieces));
    uint32_t *origins = arena_array(layout->arena, words, sizeof(*origins));
    if (pieces == NULL || origins == NULL)
        return false;
    for (uint32_t r = 0; r < grid->row_count; r++) {
        struct table_row *row = &grid->rows[r];
        uint32_t first = n;
        for (uint32_t i = row->first; i < row->end; i++) {
            struct frag rest = grid->pieces[i];
            uint32_t cut;
            while (table_first_column(grid, rest.box) != table_last_column(grid, rest.box) &&
                   (cut = find_cut(grid, &rest)) > 0) {
                pieces[n] = rest;
                pieces[n].word_count = cut;
                lines_measure(layout, &pieces[n]);
                origins[n++] = grid->origins[i];
                rest.first_word += cut;
                rest.word_count -= cut;
                lines_measure(layout, &rest);
            }
            pieces[n] = rest;
            origins[n++] = grid->origins[i];
        }
        row->first = first;
        row->end = n;
    }
    grid->pieces = pieces;
    grid->origins = origins;
    grid->piece_count = n;
    return true;
}

static void
keep_separator(struct table_grid *grid, uint32_t from, uint32_t to)
{
    grid->walls[to] = grid->walls[from];
    grid->separators[to] = grid->separators[from];
    grid->gap_from[to] = grid->gap_from[from];
    grid->gap_to[to] = grid->gap_to[from];
}

void
table_merge_symbols(struct table_grid *grid)
{
    uint32_t entries[TABLE_COLUMNS_MAX] = {0}, before[TABLE_COLUMNS_MAX] = {0},
             behind[TABLE_COLUMNS_MAX] = {0};
    uint32_t kept = 0;

    for (uint32_t i = 0; i < grid->piece_count; i++) {
        const struct frag *piece = &grid->pieces[i];
        uint32_t column = table_column_of(grid, (piece->box.x0 + piece->box.x1) / 2);
        char symbol = symbol_of(grid, piece);
        entries[column]++;
        before[column] += symbol == '$';
        behind[column] += symbol == '%';
    }
    for (uint32_t k = 0; k + 1 < grid->columns; k++) {
        bool leads = entries[k] > 0 && before[k] * 10 >= entries[k] * 8;
        bool trails = entries[k + 1] > 0 && behind[k + 1] * 10 >= entries[k + 1] * 8;
        if (leads || trails)
            continue;
        keep_separator(grid, k, kept++);
    }
    grid->columns = kept + 1;
}

/* Whether one of two columns has the head alone and the other what stands below it. */
static bool
are_head_and_body(const struct table_grid *grid, uint32_t head, uint32_t body)
{
    uint32_t first = UINT32_MAX, last = 0, heads = 0, entries = 0;

    for (uint32_t r = 0; r < grid->row_count; r++)
        for (uint32_t i = grid->rows[r].first; i < grid->rows[r].end; i++) {
            struct box box = grid->pieces[i].box;
            uint32_t column = table_column_of(grid, (box.x0 + box.x1) / 2);
            heads += column == head;
            last = column == head ? r : last;
            entries += column == body;
            first = column == body && first == UINT32_MAX ? r : first;
        }
    return heads == 1 && entries >= 2 && last < first && last < HEAD_ROWS_MOST;
}

void
table_merge_heads(struct table_grid *grid)
{
    uint32_t kept = 0, columns = grid->columns;
    bool merged[TABLE_COLUMNS_MAX] = {false};

    for (uint32_t k = 0; k + 1 < columns; k++)
        merged[k] = (k == 0 || !merged[k - 1]) && !grid->walls[k] &&
                    (are_head_and_body(grid, k, k + 1) || are_head_and_body(grid, k + 1, k));
    for (uint32_t k = 0; k + 1 < columns; k++)
        if (!merged[k])
            keep_separator(grid, k, kept++);
    grid->columns = kept + 1;
}
