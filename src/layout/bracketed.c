/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/bracketed.c - words in brackets that end what stands left of them, and do not mark what
 * stands right of them: numbers of formulas, and units below the heads of columns. */
#include "layout/zones.h"

#include "layout/blocks_internal.h"

#include <stdlib.h>
#include <string.h>

enum { BRACKETED_MOST = 12 }; /* characters, with the brackets */

/* Whether the text is one word in brackets. */
static bool
is_bracketed(const char *text)
{
    size_t len = strnlen(text, BRACKETED_MOST + 1);

    return len > 2 && len <= BRACKETED_MOST && text[0] == '(' && text[len - 1] == ')';
}

/* Whether b stands right of a in its line. */
static bool
is_beside(struct box a, struct box b)
{
    float low = a.y1 < b.y1 ? a.y1 : b.y1, high = a.y0 > b.y0 ? a.y0 : b.y0;
    float least = box_height(a) < box_height(b) ? box_height(a) : box_height(b);

    return a.x1 <= b.x0 + least / 2 && low - high >= least / 2;
}

bool
bracketed_ends(const struct layout *layout, uint32_t word, uint32_t next)
{
    const struct page_word *words = layout->page->words;

    if (!layout->exact || word == 0 || !is_bracketed(words[word].text) ||
        !is_beside(words[word - 1].box, words[word].box) ||
        marker_read(words[word - 1].text, 2).kind != MARKER_NONE)
        return false;
    return next != word + 1 || is_bracketed(words[next].text);
}

/* The number of a formula, as "(3)", "(2.3)" or "(A.1)": its last figures, and how many characters
 * stand before them. */
static bool
read_number(const char *text, size_t *ret_stem, unsigned long *ret_number)
{
    size_t len = strlen(text), digits = 0;

    if (!is_bracketed(text))
        return false;
    while (text[len - 2 - digits] >= '0' && text[len - 2 - digits] <= '9')
        digits++;
    *ret_stem = len - 1 - digits;
    *ret_number = strtoul(text + *ret_stem, NULL, 10);
    return digits > 0 && (*ret_stem == 1 || text[*ret_stem - 1] == '.');
}

bool
zone_numbers_formulas(const struct layout *layout, const uint32_t *ids, const struct band *bands,
                      const struct zone *zone)
{
    const char *last = NULL;
    size_t stem = 0, stem_before = 0;
    unsigned long number = 0, before = 0;

    for (uint32_t b = zone->first; b < zone->first + zone->count; b++) {
        for (uint32_t i = bands[b].first; i < bands[b].first + bands[b].count; i++) {
            const struct frag *frag = &layout->frags[ids[i]];
            if (zone_part(zone, frag->box) != zone->gap_count)
                continue;
            const char *text = frag->word_count == 1
                                   ? layout->page->words[layout->word_ids[frag->first_word]].text
                                   : "";
            if (bands[b].count < 2 || !read_number(text, &stem, &number))
                return false;
            if (last != NULL &&
                (stem != stem_before || strncmp(text, last, stem) != 0 || number != before + 1))
                return false;
            last = text;
            stem_before = stem;
            before = number;
        }
    }
    return last != NULL;
}
