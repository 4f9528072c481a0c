/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/left.c - what looks like writing and was passed over is read once more, by itself.
 *
 * Layout analysis of a whole page loses lines now and then: under a heading that leans, beside a
 * picture, in a corner. Cut out, the same lines are found. */
#include "worker/worker_internal.h"

#include "ledger/confidence.h"

/* Lines read so with less are texture after all. */
static const float line_confidence_least = 0.7F;

/* Lines this near (pt) are one block; around a block, so much. */
static const float block_gap = 14, block_margin = 6;
enum { BLOCKS_MAX = 8 };

/* Puts the lines together to blocks; past BLOCKS_MAX the rest stay unread. */
static size_t
join_blocks(const struct box *lines, uint32_t n, struct box blocks[BLOCKS_MAX])
{
    size_t count = 0;

    for (uint32_t i = 0; i < n; i++) {
        struct box box = lines[i];
        for (size_t k = 0; k < count;) {
            struct box wide = {box.x0 - block_gap, box.y0 - block_gap, box.x1 + block_gap,
                               box.y1 + block_gap};
            if (box_area(box_cut(wide, blocks[k])) <= 0) {
                k++;
                continue;
            }
            box = box_union(box, blocks[k]);
            blocks[k] = blocks[--count];
            k = 0;
        }
        if (count < BLOCKS_MAX)
            blocks[count++] = box;
    }
    return count;
}

static enum err_code
read_block(struct page_reader *reader, const struct page *page, struct box box, struct page *seen,
           struct err *err)
{
    struct pixmap picture;
    uint32_t first_line = seen->line_count;
    struct box clip = box_cut((struct box){box.x0 - block_margin, box.y0 - block_margin,
                                           box.x1 + block_margin, box.y1 + block_margin},
                              (struct box){0, 0, page->width, page->height});

    arena_reset(reader->pixels);
    enum err_code rc =
        doc_render(reader->doc, page->index, page->dpi, &clip, reader->pixels, &picture, err);
    if (rc == ERR_OK)
        rc = ocr_glance(reader->ocr, &picture, seen, err);
    if (rc == ERR_OK)
        confidence_calibrate(seen, first_line, seen->dpi);
    return rc;
}

enum err_code
read_left(struct page_reader *reader, struct page *page, struct err *err)
{
    struct box *lines, blocks[BLOCKS_MAX];
    struct page *seen = page_new(page->arena, page->index, page->width, page->height);
    uint32_t n = 0, words = page->word_count;

    if (page->turned != 0 || page->skew != 0 || page->dpi <= 0)
        return ERR_OK; /* what is left there lies sideways in the document */
    if (seen == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    seen->language = page->language;
    arena_reset(reader->pixels);
    enum err_code rc = ledger_find_unread(reader->ledger, page, reader->pixels, &lines, &n, err);
    size_t count = rc == ERR_OK ? join_blocks(lines, n, blocks) : 0;
    if (rc == ERR_OK && count > 0)
        rc = want_models(reader, page, err);
    for (size_t i = 0; rc == ERR_OK && i < count; i++)
        rc = read_block(reader, page, blocks[i], seen, err);
    for (uint32_t i = 0; rc == ERR_OK && i < seen->line_count; i++)
        if (line_confidence(seen, &seen->lines[i]) >= line_confidence_least)
            rc = append_line(page, words, seen, &seen->lines[i], err);
    return rc;
}
