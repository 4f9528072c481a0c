/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Text that the file draws for all to see over a scan: a number, a stamp, a publisher's line. */
#include "ledger/witness.h"

/* Share of a seen word at the place of a drawn one: a reading of the same print. */
static const float same_place = 0.5F;

static bool
is_shown(const struct page_line *line, const bool *shown)
{
    for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++)
        if (!shown[i])
            return false;
    return line->word_count > 0;
}

static bool
is_covered(const struct page *page, const bool *shown, struct box box)
{
    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        if (!is_shown(line, shown) || line->box.y1 < box.y0 || line->box.y0 > box.y1)
            continue;
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++)
            if (box_area(box_cut(page->words[i].box, box)) > same_place * box_area(box))
                return true;
    }
    return false;
}

struct shown_words {
    const struct page *page;
    const bool *shown;
};

static bool
stays_seen(void *ctx, const struct page *seen, uint32_t word)
{
    const struct shown_words *drawn = ctx;

    return !is_covered(drawn->page, drawn->shown, seen->words[word].box);
}

enum err_code
witness_take_shown(struct page *page, const bool *shown, struct page *seen, bool *ret_any,
                   struct err *err)
{
    uint32_t kept = 0, count = page->line_count;

    page_keep_words(seen, stays_seen, &(struct shown_words){page, shown});
    for (uint32_t l = 0; l < count; l++) {
        struct page_line line = page->lines[l];
        if (!is_shown(&line, shown)) {
            page->lines[kept++] = line;
            continue;
        }
        struct page_line *added = page_add_line(seen);
        bool ok = added != NULL;
        if (ok) {
            *added = line;
            added->first_word = seen->word_count;
        }
        for (uint32_t i = line.first_word; ok && i < line.first_word + line.word_count; i++)
            ok = witness_take_word(seen, page, i) != NULL;
        if (!ok)
            return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    }
    *ret_any = kept < count;
    page->line_count = kept;
    return ERR_OK;
}
