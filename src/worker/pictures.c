/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/pictures.c - reads what a page with a sound text layer shows without a font: pictures, and
 * drawings that may be letters. */
#include "worker/worker_internal.h"

#include "ledger/groups.h"
#include "ledger/witness.h"

#include <math.h>

/* Smaller pictures are logos, icons and rules: 1.5 square inches, no side under a quarter inch. */
static const float picture_area_least = 1.5F * 72 * 72;
static const float picture_side_least = 18;

/* Strips of a sliced picture lie this close, pt. */
static const float strip_gap = 2;

/* A picture of which layer words cover more is a background that has its text in the layer. A
 * stamped page number on a scan covers a tenth of it. */
static const float layer_share_most = 0.02F;

/* A picture of which a bar code takes more is that code: its bars are no letters. */
static const float code_share_least = 0.15F;

/* A picture this large is the page: its own resolution counts. */
static const float whole_page_share = 0.60F;

/* For the cheap look at a picture. */
static const float look_dpi = 72;

/* Lines read from a picture on a digital page with less are texture taken for letters. */
static const float picture_line_confidence_least = 0.5F;

enum { PICTURES_MAX = 64, PICTURES_READ_MAX = 24 };

/* At which a picture that has text of the layer on it is looked over for other writing. */
static const float over_dpi = 100;

/* Filled shapes that together look like writing: a letter's height where nothing tells it, the
 * share of its box that ink takes, and how many of them are worth a look. */
static const float outline_letter = 6, outline_ink = 0.35F;
static const uint32_t outline_letters_least = 12;
static const float outline_margin = 6; /* pt */

static bool
touch(struct box a, struct box b)
{
    return a.x0 <= b.x1 + strip_gap && b.x0 <= a.x1 + strip_gap && a.y0 <= b.y1 + strip_gap &&
           b.y0 <= a.y1 + strip_gap;
}

/* The page's pictures, touching ones united. Those past PICTURES_MAX are left unread. */
static size_t
find_pictures(const struct page *page, struct box boxes[PICTURES_MAX])
{
    const struct box whole = {0, 0, page->width, page->height};
    size_t n = 0;

    for (uint32_t i = 0; i < page->region_count; i++) {
        if (page->regions[i].kind != REGION_PICTURE)
            continue;
        struct box box = box_cut(page->regions[i].box, whole);
        for (size_t k = 0; k < n;) {
            if (!touch(box, boxes[k])) {
                k++;
                continue;
            }
            box = box_union(box, boxes[k]); /* now larger: all the others are asked again */
            boxes[k] = boxes[--n];
            k = 0;
        }
        if (n < PICTURES_MAX)
            boxes[n++] = box;
    }
    return n;
}

static bool
is_large(struct box picture)
{
    return box_area(picture) >= picture_area_least && box_width(picture) >= picture_side_least &&
           box_height(picture) >= picture_side_least;
}

static bool
is_code(const struct page *page, struct box picture)
{
    for (uint32_t i = 0; i < page->code_count; i++)
        if (box_area(box_cut(page->codes[i].box, picture)) >= code_share_least * box_area(picture))
            return true;
    return false;
}

/* Whether the layer has words on the picture. */
static bool
is_written_on(const struct page *page, struct box picture)
{
    float covered = 0;

    for (uint32_t i = 0; i < page->word_count; i++)
        covered += box_area(box_cut(page->words[i].box, picture));
    return covered > layer_share_most * box_area(picture);
}

/* One of the first n words of the page at the same place, or NULL. */
static const struct page_word *
find_word_at(const struct page *page, uint32_t n, struct box box)
{
    for (uint32_t i = 0; i < n; i++)
        if (box_holds_center(page->words[i].box, box) || box_holds_center(box, page->words[i].box))
            return &page->words[i];
    return NULL;
}

float
line_confidence(const struct page *page, const struct page_line *line)
{
    float sum = 0;

    for (uint32_t i = 0; i < line->word_count; i++)
        sum += page->words[line->first_word + i].confidence;
    return line->word_count > 0 ? sum / (float)line->word_count : 0;
}

enum err_code
append_line(struct page *page, uint32_t layer_words, const struct page *seen,
            const struct page_line *line, struct err *err)
{
    uint32_t first = page->word_count;

    for (uint32_t i = 0; i < line->word_count; i++) {
        const struct page_word *word = &seen->words[line->first_word + i];
        if (find_word_at(page, layer_words, word->box) != NULL)
            continue;
        if (witness_take_word(page, seen, line->first_word + i) == NULL)
            return err_set(err, ERR_LIMIT, "page %u has too many words", page->index + 1);
    }
    if (page->word_count == first)
        return ERR_OK;
    struct page_line *added = page_add_line(page);
    if (added == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too many lines", page->index + 1);
    *added = *line;
    added->first_word = first;
    added->word_count = page->word_count - first;
    return ERR_OK;
}

static float
fitting(const struct page_reader *reader, float dpi, struct box box)
{
    return dpi_that_fits(reader, dpi, box_width(box), box_height(box));
}

/* Whether a picture under words of the layer may have other writing as well: a form or a scan of
 * which the layer has a part only. Its ink is accounted for either way. */
static enum err_code
look_over(struct page_reader *reader, const struct page *page, struct box box, bool *ret_more,
          struct err *err)
{
    struct pixmap picture;
    struct group *unread;
    uint32_t count = 0;
    bool writing = false;

    arena_reset(reader->pixels);
    enum err_code rc = doc_render(reader->doc, page->index, fitting(reader, over_dpi, box), &box,
                                  reader->pixels, &picture, err);
    if (rc == ERR_OK && !look_is_blank(&picture))
        rc = ledger_see(reader->ledger, &picture, reader->pixels, &writing, err);
    if (rc == ERR_OK && writing)
        rc = ledger_find_unread(reader->ledger, page, false, reader->pixels, &unread, &count, err);
    *ret_more = false;
    for (uint32_t i = 0; rc == ERR_OK && i < count; i++)
        *ret_more = *ret_more || box_holds_center(box, unread[i].box);
    *ret_more = *ret_more && look_may_hold_text(&picture);
    return rc;
}

static enum err_code
look_at(struct page_reader *reader, const struct page *page, struct box box, bool *ret_more,
        struct err *err)
{
    struct pixmap small;

    arena_reset(reader->pixels);
    enum err_code rc = doc_render(reader->doc, page->index, fitting(reader, look_dpi, box), &box,
                                  reader->pixels, &small, err);
    *ret_more = rc == ERR_OK && look_may_hold_text(&small);
    return rc;
}

/* What is written and coded in the box, unless a page before had the same there. */
static enum err_code
read_once(struct page_reader *reader, const struct page *page, struct box box,
          const struct page **ret_seen, struct err *err)
{
    struct page *seen =
        page_new(again_arena(reader, page->arena), page->index, page->width, page->height);
    struct drawn_picture drawn;
    float native = 0;
    uint64_t hash = 0;
    enum err_code rc = ERR_OK;

    if (seen == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    if (box_area(box) >= whole_page_share * page->width * page->height)
        rc = doc_native_dpi(reader->doc, page->index, &native, err);
    if (rc == ERR_OK)
        rc = draw_pixels(reader, &box, native, seen, &drawn, err);
    if (rc != ERR_OK)
        return rc;
    hash = again_hash(&drawn.picture, AGAIN_READ);
    *ret_seen = again_find(reader, hash, box);
    if (*ret_seen != NULL)
        return ERR_OK;
    rc = read_drawn(reader, &drawn, seen, err);
    if (rc == ERR_OK)
        again_keep(reader, hash, box, seen);
    *ret_seen = seen;
    return rc;
}

static enum err_code
read_picture(struct page_reader *reader, struct page *page, struct box box, uint32_t layer_words,
             struct err *err)
{
    const struct page *seen = NULL;
    enum err_code rc = read_once(reader, page, box, &seen, err);

    if (rc == ERR_PIXELS) { /* too large to be read: what the layer has is not lost for that */
        ledger_leave(reader->ledger, box);
        return ERR_OK;
    }
    for (uint32_t i = 0; rc == ERR_OK && i < seen->line_count; i++)
        if (line_confidence(seen, &seen->lines[i]) >= picture_line_confidence_least)
            rc = append_line(page, layer_words, seen, &seen->lines[i], err);
    if (rc == ERR_OK)
        rc = codes_take(page, seen, err);
    if (rc == ERR_OK && seen->dpi > page->dpi)
        page->dpi = seen->dpi;
    return rc;
}

enum err_code
read_pictures(struct page_reader *reader, struct page *page, struct err *err)
{
    struct box boxes[PICTURES_MAX];
    uint32_t layer_words = page->word_count, taken = 0;
    size_t n = find_pictures(page, boxes);
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        bool more = false;
        if (!is_large(boxes[i]) || is_code(page, boxes[i]))
            continue;
        if (taken++ == PICTURES_READ_MAX) {
            ledger_leave(reader->ledger, boxes[i]);
            break;
        }
        rc = is_written_on(page, boxes[i]) ? look_over(reader, page, boxes[i], &more, err)
                                           : look_at(reader, page, boxes[i], &more, err);
        if (rc == ERR_OK && more)
            rc = read_picture(reader, page, boxes[i], layer_words, err);
    }
    if (page->word_count > layer_words)
        page->from_pixels = true;
    return rc;
}

/* --- text drawn without a font --- */

/* The filled shapes as if they were ink. */
static struct ink_part *
outline_parts(struct page_reader *reader, const struct doc_layer *layer, uint32_t *ret_count)
{
    struct ink_part *parts =
        arena_array(reader->pixels, (size_t)layer->outline_count + 1, sizeof(*parts));
    uint32_t n = 0;

    for (uint32_t i = 0; parts != NULL && i < layer->outline_count; i++) {
        struct box box = layer->outlines[i];
        parts[n++] = (struct ink_part){.box = box, .ink = outline_ink * box_area(box)};
    }
    *ret_count = n;
    return parts;
}

enum err_code
read_outlines(struct page_reader *reader, struct page *page, struct err *err)
{
    const struct doc_layer *layer = doc_layer(reader->doc);
    struct group *groups;
    uint32_t parts_count, count = 0, letters = 0, layer_words = page->word_count;
    struct box all = {0};
    bool more = false;

    if (layer->outline_count < outline_letters_least)
        return ERR_OK;
    arena_reset(reader->pixels);
    struct ink_part *parts = outline_parts(reader, layer, &parts_count);
    if (parts == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    enum err_code rc =
        groups_find(reader->pixels, parts, parts_count, outline_letter, 0, &groups, &count, err);
    for (uint32_t i = 0; rc == ERR_OK && i < count; i++) {
        if (find_word_at(page, layer_words, groups[i].box) != NULL)
            continue;
        all = letters == 0 ? groups[i].box : box_union(all, groups[i].box);
        letters += groups[i].letters;
    }
    if (rc != ERR_OK || letters < outline_letters_least)
        return rc;
    all = (struct box){all.x0 - outline_margin, all.y0 - outline_margin, all.x1 + outline_margin,
                       all.y1 + outline_margin};
    all = box_cut(all, (struct box){0, 0, page->width, page->height});
    rc = look_at(reader, page, all, &more, err);
    if (rc == ERR_OK && more)
        rc = read_picture(reader, page, all, layer_words, err);
    if (page->word_count > layer_words)
        page->from_pixels = true;
    return rc;
}
