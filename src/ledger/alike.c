/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ledger/witness_internal.h"

#include "base/utf8.h"

#include <string.h>

void
codes_add_word(struct codes *codes, const struct page_word *word)
{
    const char *at = word->text;
    size_t left = strlen(at);

    if (codes->count > 0 && !word->glued && codes->count < LINE_CODES_MAX)
        codes->codes[codes->count++] = ' ';
    while (left > 0 && codes->count < LINE_CODES_MAX) {
        uint32_t code;
        size_t len = utf8_decode(at, left, &code);
        if (len == 0)
            return;
        codes->codes[codes->count++] = code;
        at += len;
        left -= len;
    }
}

uint32_t
seen_in(const struct page *seen, struct box box, uint32_t *ret, uint32_t cap)
{
    uint32_t n = 0;

    for (uint32_t l = 0; l < seen->line_count; l++) {
        const struct page_line *line = &seen->lines[l];
        if (line->box.y1 < box.y0 || line->box.y0 > box.y1 || line->box.x1 < box.x0 ||
            line->box.x0 > box.x1)
            continue;
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++) {
            if (n == cap || !box_holds_center(box, seen->words[i].box))
                continue;
            uint32_t k = n++;
            for (; k > 0 && seen->words[ret[k - 1]].box.x0 > seen->words[i].box.x0; k--)
                ret[k] = ret[k - 1];
            ret[k] = i;
        }
    }
    return n;
}

/* Without spaces, ASCII letters in one case. */
static uint32_t
squeeze(const struct codes *from, uint32_t *to)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < from->count; i++) {
        uint32_t c = from->codes[i];
        if (c != ' ')
            to[n++] = c >= 'A' && c <= 'Z' ? c | 0x20 : c;
    }
    return n;
}

float
codes_alike(const struct codes *a, const struct codes *b)
{
    uint32_t left[LINE_CODES_MAX], right[LINE_CODES_MAX];
    uint32_t row[LINE_CODES_MAX + 1];
    uint32_t n = squeeze(a, left), m = squeeze(b, right);

    for (uint32_t k = 0; k <= m; k++)
        row[k] = k;
    for (uint32_t i = 1; i <= n; i++) {
        uint32_t corner = row[0];
        row[0] = i;
        for (uint32_t k = 1; k <= m; k++) {
            uint32_t best = corner + (left[i - 1] != right[k - 1]);
            corner = row[k];
            best = best < row[k] + 1 ? best : row[k] + 1;
            row[k] = best < row[k - 1] + 1 ? best : row[k - 1] + 1;
        }
    }
    uint32_t longer = n > m ? n : m;
    return longer == 0 ? 0 : 1 - (float)row[m] / (float)longer;
}
