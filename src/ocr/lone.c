/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/lone.h"

#include <math.h>
#include <string.h>

/* Of the height of letters: how far apart two of an entry may be (a point between them is no
 * letter), and how far one end or the middle is from that of those below. */
static const float gap_most = 0.8F, edge_most = 0.6F;

/* Another one so near beside it, of the height of letters, makes it a part of a longer text. */
static const float alone_least = 2;

/* How far its foot is from the line that the row stands on. */
static const float foot_most = 0.35F;

/* Rows are as high as that at the most: what is higher is no line of such letters. */
static const float row_most = 4;

/* What is around an entry when it is read, of the height of letters: its point, and the edges. */
static const float around = 0.1F;

enum {
    LETTERS_MOST = 3, /* longer ones make rows of their own (rest.h) */
    COLUMN_LEAST = 3  /* entries of a column */
};

struct entry {
    struct box box;
    uint32_t letters;
    size_t row; /* that it is level with; SIZE_MAX: none */
    bool in_column;
};

static bool
are_level(struct box entry, struct box letter, float apart)
{
    float gap = fmaxf(entry.x0, letter.x0) - fminf(entry.x1, letter.x1);
    float y = fminf(entry.y1, letter.y1) - fmaxf(entry.y0, letter.y0);

    return gap <= apart && y >= 0.5F * fminf(box_height(entry), box_height(letter));
}

/* Entries of the letters; 0 if there are too many. owner [n]: of which each letter is. */
static size_t
join_letters(const struct box *letters, size_t n, float height, struct entry *entries,
             size_t *owner)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        size_t at = SIZE_MAX;
        for (size_t k = 0; k < count; k++) {
            if (!are_level(entries[k].box, letters[i], gap_most * height))
                continue;
            if (at != SIZE_MAX) { /* it stands between two that are one, then */
                entries[at].box = box_union(entries[at].box, entries[k].box);
                entries[at].letters += entries[k].letters;
                for (size_t j = 0; j < i; j++)
                    owner[j] = owner[j] == k ? at : owner[j];
                entries[k].box = (struct box){0};
                continue;
            }
            at = k;
            entries[k].box = box_union(entries[k].box, letters[i]);
            entries[k].letters++;
        }
        if (at == SIZE_MAX && count == LONE_MOST)
            return 0;
        if (at == SIZE_MAX)
            entries[at = count++] = (struct entry){.box = letters[i], .letters = 1};
        owner[i] = at;
    }
    return count;
}

/* The nearest row that the entry is level with. */
static size_t
find_row(const struct tess_rows *rows, struct box entry, float height)
{
    float nearest = INFINITY;
    size_t found = SIZE_MAX;

    for (size_t i = 0; i < rows->count; i++) {
        const struct tess_row *row = &rows->rows[i];
        float gap = fmaxf(row->box.x0, entry.x0) - fminf(row->box.x1, entry.x1);
        if (row->turn != 0 || row->row.count == 0 || gap < 0 || gap >= nearest ||
            box_height(row->box) > row_most * height)
            continue;
        const struct lstm_row_word *last = &row->row.words[row->row.count - 1];
        float foot = entry.x0 > row->box.x1 ? (float)last->baseline_y1
                                            : (float)row->row.words[0].baseline_y0;
        if (fabsf(entry.y1 - foot) > foot_most * height)
            continue;
        nearest = gap;
        found = i;
    }
    return found;
}

static bool
is_alone(const struct entry *entries, size_t count, size_t i, float height)
{
    for (size_t k = 0; k < count; k++)
        if (k != i && box_area(entries[k].box) > 0 &&
            are_level(entries[i].box, entries[k].box, alone_least * height))
            return false;
    return box_area(entries[i].box) > 0 && entries[i].letters <= LETTERS_MOST;
}

static bool
are_aligned(struct box a, struct box b, float height)
{
    float off = fminf(fabsf(a.x0 - b.x0), fabsf(a.x1 - b.x1));

    return fminf(off, fabsf(a.x0 + a.x1 - b.x0 - b.x1) / 2) <= edge_most * height;
}

static void
mark_columns(struct entry *entries, size_t count, float height)
{
    for (size_t i = 0; i < count; i++) {
        size_t same = 1;
        if (entries[i].row == SIZE_MAX)
            continue;
        for (size_t k = 0; k < count; k++)
            same += k != i && entries[k].row != SIZE_MAX && entries[k].row != entries[i].row &&
                    are_aligned(entries[i].box, entries[k].box, height);
        entries[i].in_column = same >= COLUMN_LEAST;
    }
}

/* The row of an entry: as the row that it is level with, but for its place. */
static bool
make_row(const struct tess_row *beside, struct box box, float height, struct arena *arena,
         struct tess_row *ret)
{
    struct lstm_row_word *word = arena_alloc(arena, sizeof(*word));
    float margin = around * height;
    int32_t foot = (int32_t)lroundf(box.y1);

    if (word == NULL)
        return false;
    box.x0 -= margin;
    box.x1 += margin;
    *word = (struct lstm_row_word){
        .box = {(int32_t)box.x0, (int32_t)box.y0, (int32_t)box.x1, (int32_t)box.y1},
        .baseline_x0 = (int32_t)box.x0,
        .baseline_y0 = foot,
        .baseline_x1 = (int32_t)box.x1,
        .baseline_y1 = foot};
    *ret = *beside;
    ret->row.words = word;
    ret->row.count = 1;
    ret->box =
        (struct box){box.x0, fminf(box.y0, beside->box.y0), box.x1, fmaxf(box.y1, beside->box.y1)};
    ret->baseline = (float)foot;
    return true;
}

bool
lone_find(const struct tess_rows *rows, const struct box *letters, size_t n, float height,
          struct arena *arena, struct tess_rows *ret)
{
    struct entry *entries = arena_array(arena, LONE_MOST, sizeof(*entries));
    size_t *owner = arena_array(arena, n + 1, sizeof(*owner));

    *ret = (struct tess_rows){0};
    if (entries == NULL || owner == NULL)
        return false;
    size_t count = join_letters(letters, n, height, entries, owner);
    for (size_t i = 0; i < count; i++)
        entries[i].row =
            is_alone(entries, count, i, height) ? find_row(rows, entries[i].box, height) : SIZE_MAX;
    mark_columns(entries, count, height);
    ret->rows = arena_array(arena, count + 1, sizeof(*ret->rows));
    if (ret->rows == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        if (entries[i].in_column && !make_row(&rows->rows[entries[i].row], entries[i].box, height,
                                              arena, &ret->rows[ret->count++]))
            return false;
    return true;
}
