/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/tilt.c - the tilt that is left in a photographed page.
 *
 * A photograph set straight as well as may be can still lean by a few degrees, which over the width
 * of a receipt is more than a line. The median over the lines' ends is blind to single descenders;
 * a page that leans differently in its parts is read with the mean. */
#include "layout/layout_internal.h"

#include "base/order.h"

#include <math.h>
#include <stdlib.h>

static const float reach_min = 3;    /* of a line that is asked, in its sizes */
static const float tilt_min = 0.01f; /* below it rows are found without */
static const float tilt_max = 0.2f;

enum { TILT_LINES_MAX = 512, TILT_LINES_LEAST = 4 };

float
tilt_measure(const struct page *page)
{
    float tilts[TILT_LINES_MAX];
    uint32_t n = 0;

    for (uint32_t i = 0; i < page->line_count && n < TILT_LINES_MAX; i++) {
        const struct page_line *line = &page->lines[i];
        if (line->vertical || line->word_count < 2 || line->first_word > page->word_count ||
            line->word_count > page->word_count - line->first_word)
            continue;
        struct box a = page->words[line->first_word].box;
        struct box b = page->words[line->first_word + line->word_count - 1].box;
        float reach = (b.x0 + b.x1 - a.x0 - a.x1) / 2;
        if (reach >= reach_min * line->size && reach > 0)
            tilts[n++] = (b.y1 - a.y1) / reach;
    }
    if (n < TILT_LINES_LEAST)
        return 0;
    qsort(tilts, n, sizeof(*tilts), order_floats);
    float tilt = tilts[n / 2], least = tilts[n / 4], most = tilts[n - 1 - n / 4];
    bool agreed = fabsf(tilt) >= tilt_min && fabsf(tilt) <= tilt_max && least * most > 0;
    return agreed ? tilt : 0;
}
