/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/left.c - what looks like writing and was passed over is read once more, by itself.
 *
 * Layout analysis of a whole page loses lines now and then: under a heading that leans, beside a
 * picture, in a corner, a word alone in its row. Cut out, the same lines are read. */
#include "worker/piece.h"

#include "ledger/confidence.h"

#include <math.h>

/* Lines this near (pt) are one block; around a block, so much. A block of so many lines is a part
 * of the page that its layout analysis took for a picture. */
static const float block_gap = 14, block_margin = 6;
enum { BLOCKS_MAX = 8, BLOCK_LINES_LEAST = 5 };

/* Of the page: by itself a larger block looks as the page did. */
static const float block_share_most = 0.6F;

/* Lines of a block read so with less are texture after all. */
static const float line_confidence_least = 0.7F;

/* More lines, or lines that say nothing, are a texture; of what is less like writing, fewer. */
enum { LINES_MOST = 40, MISSED_MOST = 8, LONE_MISSED_MOST = 4 };

/* A line that is as much higher than its letters runs up or down: askew.c reads it. */
static const float upright_least = 3.2F;

/* Of the height of a word that is one part: with all that goes up and down. */
static const float lone_letter = 0.7F;

/* The line as a piece of the page as it is seen: the page was turned to be read. */
static struct askew
piece_of(const struct page *page, const struct group *line)
{
    struct box at = line->box;
    float turned = -page_turn_at(page, (at.x0 + at.x1) / 2, (at.y0 + at.y1) / 2);
    float radians = turned * (float)M_PI / 180;
    struct box b = page_box_as_seen(page, line->box);
    float x = (b.x0 + b.x1) / 2, y = (b.y0 + b.y1) / 2, s = sinf(radians), c = cosf(radians);
    float u = x * c + y * s, v = y * c - x * s;
    float w = box_width(line->box) / 2, h = box_height(line->box) / 2;

    return (struct askew){.angle = turned,
                          .box = {u - w, v - h, u + w, v + h},
                          .letter = (line->lone ? lone_letter : 1) * line->height,
                          .parts = line->parts};
}

/* Lines that run level: pieces [LINES_MOST]; lone: of those of that kind. */
static uint32_t
choose_lines(const struct page *page, const struct group *lines, uint32_t n, bool lone,
             struct askew *pieces)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < n && count < LINES_MOST; i++)
        if (lines[i].lone == lone && box_height(lines[i].box) <= upright_least * lines[i].height)
            pieces[count++] = piece_of(page, &lines[i]);
    return count;
}

/* ---- blocks ---- */

struct block {
    struct box box;
    uint32_t lines;
};

/* Puts the lines together to blocks; past BLOCKS_MAX the rest stay lines. */
static size_t
join_blocks(const struct group *lines, uint32_t n, struct block blocks[BLOCKS_MAX])
{
    size_t count = 0;

    for (uint32_t i = 0; i < n && !lines[i].lone; i++) {
        struct block block = {.box = lines[i].box, .lines = 1};
        for (size_t k = 0; k < count;) {
            struct box wide = {block.box.x0 - block_gap, block.box.y0 - block_gap,
                               block.box.x1 + block_gap, block.box.y1 + block_gap};
            if (box_area(box_cut(wide, blocks[k].box)) <= 0) {
                k++;
                continue;
            }
            block.box = box_union(block.box, blocks[k].box);
            block.lines += blocks[k].lines;
            blocks[k] = blocks[--count];
            k = 0;
        }
        if (count < BLOCKS_MAX)
            blocks[count++] = block;
    }
    return count;
}

static bool
is_worth_reading(const struct page *page, const struct block *block)
{
    return block->lines >= BLOCK_LINES_LEAST &&
           box_area(block->box) <= block_share_most * page->width * page->height;
}

static enum err_code
read_block(struct page_reader *reader, const struct page *page, struct box box, struct page *seen,
           struct err *err)
{
    struct pixmap picture;
    struct page_lexicon words;
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
        confidence_calibrate(seen, first_line, seen->dpi, page_lexicon(reader, seen, &words));
    return rc;
}

/* Reads blocks of lines with a layout analysis of their own. */
static enum err_code
read_blocks(struct page_reader *reader, struct page *page, const struct group *lines, uint32_t n,
            struct err *err)
{
    struct block blocks[BLOCKS_MAX];
    struct page *seen = page_new(page->arena, page->index, page->width, page->height);
    uint32_t words = page->word_count;
    size_t count = join_blocks(lines, n, blocks);
    enum err_code rc = ERR_OK;

    if (seen == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    seen->language = page->language;
    for (size_t i = 0; rc == ERR_OK && i < count; i++)
        if (is_worth_reading(page, &blocks[i]))
            rc = read_block(reader, page, blocks[i].box, seen, err);
    for (uint32_t i = 0; rc == ERR_OK && i < seen->line_count; i++)
        if (line_confidence(seen, &seen->lines[i]) >= line_confidence_least)
            rc = append_line(page, words, seen, &seen->lines[i], err);
    return rc;
}

/* ---- lines ---- */

static enum err_code
read_lines(struct page_reader *reader, struct page *page, const struct group *lines, uint32_t n,
           struct err *err)
{
    struct askew pieces[2 * LINES_MOST];
    struct sheet sheet;
    uint32_t sure = choose_lines(page, lines, n, false, pieces), missed = 0;
    uint32_t count = sure + choose_lines(page, lines, n, true, pieces + sure);

    if (count == 0)
        return ERR_OK;
    enum err_code rc = sheet_open(reader, page, pieces, count, &sheet, err);
    if (rc != ERR_OK)
        return rc;
    sheet.upright = true;
    for (uint32_t i = 0; rc == ERR_OK && i < count; i++) {
        bool read;
        missed = i == sure ? 0 : missed;
        if (missed >= (i < sure ? MISSED_MOST : LONE_MISSED_MOST))
            continue;
        rc = sheet_read(&sheet, &pieces[i], &read, err);
        missed += !read;
    }
    sheet_close(&sheet);
    return rc;
}

static enum err_code
find_left(struct page_reader *reader, const struct page *page, struct group **ret, uint32_t *ret_n,
          struct err *err)
{
    arena_reset(reader->pixels);
    return ledger_find_unread(reader->ledger, page, true, reader->pixels, ret, ret_n, err);
}

enum err_code
read_left(struct page_reader *reader, struct page *page, struct err *err)
{
    struct group *lines;
    uint32_t n = 0;

    if (page->dpi <= 0)
        return ERR_OK;
    enum err_code rc = find_left(reader, page, &lines, &n, err);
    if (rc != ERR_OK || n == 0 || (lines[0].lone && !page->from_pixels))
        return rc;
    rc = want_models(reader, page, err);
    if (rc == ERR_OK && n >= BLOCK_LINES_LEAST && page->turned == 0 && page->skew == 0 &&
        page->warp == NULL) {
        rc = read_blocks(reader, page, lines, n, err);
        if (rc == ERR_OK)
            rc = find_left(reader, page, &lines, &n, err);
    }
    return rc == ERR_OK ? read_lines(reader, page, lines, n, err) : rc;
}
