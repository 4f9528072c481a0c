/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/heads.h"

#include <math.h>
#include <string.h>

/* A head is this near to its row, of the row's height. */
static const float gap_most = 4;

/* Heads of one row share so much of the lower one's height. */
static const float beside_least = 0.5F;

/* Of a column: rows with a head; share of its letters that are none. */
enum { HEADS_LEAST = 3 };
static const float stray_most = 0.2F;

/* A full stop behind a head is no letter: room for it, of the row's height and of the gap. */
static const float stop_room = 0.45F, stop_gap = 0.4F;

static bool
is_upright(const struct tess_row *row)
{
    return row->turn == 90 || row->turn == 270;
}

bool
heads_may_be(const struct tess_rows *rows)
{
    size_t upright = 0, level = 0;

    for (size_t i = 0; i < rows->count; i++) {
        upright += is_upright(&rows->rows[i]);
        level += rows->rows[i].turn == 0;
    }
    return upright > 0 && level >= HEADS_LEAST;
}

/* The nearest level row at whose left the letter stands; its number, or SIZE_MAX. */
static size_t
find_row(const struct tess_rows *rows, struct box letter)
{
    float y = (letter.y0 + letter.y1) / 2, nearest = INFINITY;
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < rows->count; i++) {
        const struct tess_row *row = &rows->rows[i];
        float gap = row->box.x0 - letter.x1;
        if (row->turn != 0 || row->row.count == 0 || y < row->box.y0 || y > row->box.y1 ||
            gap < 0 || gap > gap_most * row->row.height || gap >= nearest)
            continue;
        nearest = gap;
        found = i;
    }
    return found;
}

struct head {
    struct box box;
    bool is_set;
};

/* The heads of a column, by the rows they belong to; false if it is none. */
static bool
find_heads(const struct tess_rows *rows, const struct tess_row *column, const struct box *letters,
           size_t n, struct head *heads)
{
    size_t all = 0, strays = 0, count = 0;

    memset(heads, 0, rows->count * sizeof(*heads));
    for (size_t i = 0; i < n; i++) {
        if (!box_holds_center(column->box, letters[i]))
            continue;
        size_t row = find_row(rows, letters[i]);
        struct head *head = row == SIZE_MAX ? NULL : &heads[row];
        all++;
        if (head == NULL || (head->is_set && fminf(head->box.y1, letters[i].y1) -
                                                     fmaxf(head->box.y0, letters[i].y0) <
                                                 beside_least * box_height(letters[i]))) {
            strays++;
            continue;
        }
        count += !head->is_set;
        head->box = head->is_set ? box_union(head->box, letters[i]) : letters[i];
        head->is_set = true;
    }
    return count >= HEADS_LEAST && (float)strays <= stray_most * (float)all;
}

/* Puts the head before the words of the row. */
static bool
join(struct tess_row *row, const struct head *head, struct arena *arena)
{
    struct lstm_row_word *words = arena_array(arena, row->row.count + 1, sizeof(*words));

    if (words == NULL)
        return false;
    struct box box = head->box;
    box.x1 += fminf(stop_room * row->row.height, stop_gap * (row->box.x0 - box.x1));
    int32_t baseline = row->row.words[0].baseline_y0;
    words[0] = (struct lstm_row_word){
        .box = {(int32_t)box.x0, (int32_t)box.y0, (int32_t)box.x1, (int32_t)box.y1},
        .baseline_x0 = (int32_t)box.x0,
        .baseline_y0 = baseline,
        .baseline_x1 = (int32_t)box.x1,
        .baseline_y1 = baseline};
    memcpy(words + 1, row->row.words, row->row.count * sizeof(*words));
    row->row.words = words;
    row->row.count++;
    row->box = box_union(row->box, box);
    return true;
}

bool
heads_join(struct tess_rows *rows, const struct box *letters, size_t n, struct arena *arena)
{
    struct head *heads = arena_array(arena, rows->count, sizeof(*heads));
    struct head *found = arena_array(arena, rows->count, sizeof(*found));
    size_t kept = 0;

    if (heads == NULL || found == NULL)
        return false;
    memset(found, 0, rows->count * sizeof(*found));
    for (size_t i = 0; i < rows->count; i++) {
        if (!is_upright(&rows->rows[i]) || !find_heads(rows, &rows->rows[i], letters, n, heads))
            continue;
        rows->rows[i].row.count = 0;
        for (size_t k = 0; k < rows->count; k++) {
            if (!heads[k].is_set)
                continue;
            found[k].box = found[k].is_set ? box_union(found[k].box, heads[k].box) : heads[k].box;
            found[k].is_set = true;
        }
    }
    for (size_t i = 0; i < rows->count; i++) {
        struct tess_row *row = &rows->rows[i];
        if (found[i].is_set && !join(row, &found[i], arena))
            return false;
        if (row->row.count > 0)
            rows->rows[kept++] = *row;
    }
    rows->count = kept;
    return true;
}
