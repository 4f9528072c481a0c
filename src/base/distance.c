/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/distance.h"

#include <string.h>

static int
least_of(int a, int b)
{
    return a < b ? a : b;
}

/* Levenshtein's table, a row at a time; a row that is all over the bound ends it. */
int
distance_edits(const char *a, const char *b, int most)
{
    size_t n = strlen(a), m = strlen(b);
    int row[DISTANCE_BYTES_MAX + 1];

    if (n > DISTANCE_BYTES_MAX || m > DISTANCE_BYTES_MAX)
        return strcmp(a, b) == 0 ? 0 : most + 1;
    if ((n > m ? n - m : m - n) > (size_t)most)
        return most + 1;
    for (size_t j = 0; j <= m; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= n; i++) {
        int corner = row[0], best = (int)i;
        row[0] = (int)i;
        for (size_t j = 1; j <= m; j++) {
            int changed = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            row[j] = least_of(changed, least_of(corner, row[j - 1]) + 1);
            best = least_of(best, row[j]);
        }
        if (best > most)
            return most + 1;
    }
    return least_of(row[m], most + 1);
}
