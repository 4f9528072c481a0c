/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/ledger_internal.h"

#include <math.h>

/* Cells along the longer side: of A4, 1.2 pt each. */
static const float cells_most = 700;

/* Points of a box that are asked, along each side. */
enum { SAMPLES = 5 };

bool
owners_new(struct arena *scratch, const struct page *page, struct owners *ret)
{
    float longer = fmaxf(page->width, page->height);

    ret->cell = fmaxf(longer / cells_most, 1e-3F);
    ret->across = (uint32_t)fmaxf(page->width / ret->cell, 0) + 1;
    ret->down = (uint32_t)fmaxf(page->height / ret->cell, 0) + 1;
    ret->cells = arena_array(scratch, (size_t)ret->across * ret->down, sizeof(*ret->cells));
    return ret->cells != NULL;
}

/* The cell in which v lies, of count. */
static uint32_t
cell_at(const struct owners *owners, float v, uint32_t count)
{
    float cell = v / owners->cell;

    if (!(cell > 0))
        return 0;
    return cell < (float)count ? (uint32_t)cell : count - 1;
}

void
owners_paint(struct owners *owners, struct box box, uint32_t number)
{
    uint32_t x0 = cell_at(owners, box.x0, owners->across);
    uint32_t x1 = cell_at(owners, box.x1, owners->across);
    uint32_t y0 = cell_at(owners, box.y0, owners->down);
    uint32_t y1 = cell_at(owners, box.y1, owners->down);

    for (uint32_t y = y0; y <= y1; y++)
        for (uint32_t x = x0; x <= x1; x++)
            owners->cells[(size_t)y * owners->across + x] = number + 1;
}

uint32_t
owners_find(const struct owners *owners, struct box box)
{
    uint32_t found[SAMPLES * SAMPLES], votes = 0, best = 0, most = 0;

    for (int k = 0; k < SAMPLES * SAMPLES; k++) {
        float fx = ((float)(k % SAMPLES) + 0.5F) / SAMPLES;
        float fy = ((float)(k / SAMPLES) + 0.5F) / SAMPLES;
        uint32_t x = cell_at(owners, box.x0 + fx * box_width(box), owners->across);
        uint32_t y = cell_at(owners, box.y0 + fy * box_height(box), owners->down);
        found[k] = owners->cells[(size_t)y * owners->across + x];
        votes += found[k] != 0;
    }
    if (2 * votes < SAMPLES * SAMPLES)
        return 0;
    for (int k = 0; k < SAMPLES * SAMPLES; k++) {
        uint32_t same = 0;
        for (int j = 0; j < SAMPLES * SAMPLES; j++)
            same += found[j] == found[k];
        if (found[k] != 0 && same > most) {
            most = same;
            best = found[k];
        }
    }
    return best;
}
