/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/table_drawn.c - whether a text layer draws entries as those of a table are drawn.
 *
 * Row by row or column by column, programs draw a column's entries from top to bottom. The figures
 * along the axes of a chart, and the names of its points, come in any order: upwards as a rule. A
 * head may be drawn last, so that the first entry of a column does not count. */
#include "layout/table_internal.h"

#include <stdlib.h>

enum { LEAST_UPWARDS = 3 };

static int
by_column(const void *a, const void *b)
{
    const struct table_entry *x = a, *y = b;

    if (x->column != y->column)
        return x->column < y->column ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->drawn < y->drawn ? -1 : x->drawn > y->drawn;
}

bool
table_is_drawn_down(const struct layout *layout, struct table_entry *entries, uint32_t n)
{
    uint32_t pairs = 0, upwards = 0;

    if (!layout->exact || n == 0)
        return true;
    qsort(entries, n, sizeof(*entries), by_column);
    uint32_t head = entries[0].row;
    for (uint32_t i = 1; i < n; i++)
        head = entries[i].row < head ? entries[i].row : head;
    for (uint32_t i = 1; i < n; i++) {
        if (entries[i].column != entries[i - 1].column || entries[i].row == entries[i - 1].row ||
            entries[i - 1].row == head)
            continue;
        pairs++;
        upwards += entries[i].drawn < entries[i - 1].drawn;
    }
    return upwards < LEAST_UPWARDS || upwards * 3 <= pairs;
}
