/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/rest.h"

#include <math.h>

/* Of the height of letters: how far apart two of a word may be, and how much of the lower one's
 * height they share. */
static const float gap_most = 1, beside_least = 0.5F;

/* Letters are looked at from top to bottom: those this far below the first are in no row with it.
 */
static const float below_most = 2.2F;

/* A row has this many letters at the least, and they take this share of its width. */
static const uint32_t row_letters_least = 2;
static const float row_share_least = 0.2F;

static bool
are_beside(struct box a, struct box b, float height)
{
    float y = fminf(a.y1, b.y1) - fmaxf(a.y0, b.y0);
    float gap = fmaxf(a.x0, b.x0) - fminf(a.x1, b.x1);

    return gap <= gap_most * height && y >= beside_least * fminf(box_height(a), box_height(b));
}

size_t
rest_keep_letters(struct box *letters, size_t n, float height)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        bool found = false;
        for (size_t k = i + 1; !found && k < n; k++) {
            if (letters[k].y0 > letters[i].y0 + below_most * height)
                break;
            found = are_beside(letters[i], letters[k], height);
        }
        for (size_t k = i; !found && k > 0; k--) { /* what was overwritten was beside none */
            if (letters[k - 1].y0 < letters[i].y0 - below_most * height)
                break;
            found = are_beside(letters[i], letters[k - 1], height);
        }
        if (found)
            letters[kept++] = letters[i];
    }
    return kept;
}

static bool
is_filled(struct box row, const struct box *letters, size_t n)
{
    uint32_t count = 0;
    float width = 0;

    for (size_t i = 0; i < n && letters[i].y0 < row.y1; i++) {
        float x = (letters[i].x0 + letters[i].x1) / 2, y = (letters[i].y0 + letters[i].y1) / 2;
        if (x < row.x0 || x > row.x1 || y < row.y0 || y > row.y1)
            continue;
        count++;
        width += box_width(letters[i]);
    }
    return count >= row_letters_least && width >= row_share_least * box_width(row);
}

void
rest_keep_rows(struct tess_rows *rows, const struct box *letters, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < rows->count; i++)
        if (is_filled(rows->rows[i].box, letters, n))
            rows->rows[kept++] = rows->rows[i];
    rows->count = kept;
}
