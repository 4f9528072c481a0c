/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "worker/piece.h"

#include "ledger/confidence.h"
#include "ledger/witness.h"
#include "page/makeup.h"
#include "worker/cut.h"

#include <math.h>
#include <string.h>

/* Height of the letters when they are read, pixels; not enlarged by more than that. */
static const float letter_pixels = 26, enlarged_most = 2;

/* For one piece; a larger one is none. */
static const size_t work_bytes = MiB(96);
static const float pixels_most = 1500000;

/* Around the letters, of their height: paper; and of what is on the page there, around a line with
 * others above and below it. */
static const float margin = 0.45F, line_margin = 0.25F;

/* Lines of less are texture: of what stands as the page does, more is believed. A reading of more
 * needs no look from the other side. Letters read, of the parts of ink that were taken for some,
 * and at least. */
static const float line_sure_least = 0.7F, level_sure_least = 0.5F, sure_enough = 0.9F;
static const float read_least = 0.5F;
enum { LETTERS_LEAST = 3 };

/* A rule along a line of print is no thicker than so much of the letters' height. */
static const float rule_most = 0.3F;

/* Print lower than so much of the letters' height is not theirs. */
static const float small_most = 0.5F;

/* Lean from which a line counts as slanted, as in text layers. */
static const float slanted_least = 8;

static enum err_code
too_much(const struct page *page, struct err *err)
{
    return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
}

/* ---- what was read there for want of knowing how it runs ---- */

/* The middle of a box of the page, in pixels of the cut-out as it was first cut. */
static void
find_middle(const struct page *page, const struct cut *cut, struct box box, float *ret_x,
            float *ret_y)
{
    struct box b = page_box_as_seen(page, box);
    float x = (b.x0 + b.x1) / 2, y = (b.y0 + b.y1) / 2;

    *ret_x = (x * cut->c + y * cut->s - cut->box.x0) / cut->unit;
    *ret_y = (y * cut->c - x * cut->s - cut->box.y0) / cut->unit;
}

static bool
is_inside(const struct page *page, const struct cut *cut, struct box box)
{
    float x, y;

    find_middle(page, cut, box, &x, &y);
    return x >= 0 && y >= 0 && x * cut->unit <= box_width(cut->box) &&
           y * cut->unit <= box_height(cut->box);
}

/* Words that are not settled, and lines of letters of that size that lie in the cut-out from end to
 * end. Print over which something was stamped is smaller, or goes on beside it. */
static bool
find_spurious(const struct page *page, float letter, struct cut *cut)
{
    cut->spurious = arena_array(page->arena, (size_t)page->word_count + 1, sizeof(bool));
    if (cut->spurious == NULL)
        return false;
    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        bool whole = !line->slanted && !line->vertical;
        for (uint32_t i = 0; whole && i < line->word_count; i++) {
            struct box box = page->words[line->first_word + i].box;
            whole = is_inside(page, cut, box) && box_height(box) >= small_most * letter;
        }
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++)
            cut->spurious[i] = whole || !askew_is_settled(page, line, i);
    }
    return true;
}

/* ---- the print of the page goes out of the picture ---- */

static bool
remove_print(const struct sheet *sheet, const struct cut *cut, struct pixmap *picture)
{
    const struct page *page = sheet->page;
    uint32_t longer = picture->width > picture->height ? picture->width : picture->height;
    uint8_t *row = arena_array(sheet->work, (size_t)longer + 1, 1);

    for (uint32_t l = 0; row != NULL && l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++)
            if (!line->slanted && !cut->spurious[i])
                cut_close(picture, page_box_as_seen(page, page->words[i].box), row);
    }
    return row != NULL;
}

/* ---- cutting out ---- */

/* Around the letters, so much of their height. */
static struct box
box_to_cut(const struct askew *askew, float share)
{
    float around = share * askew->letter;

    return (struct box){askew->box.x0 - around, askew->box.y0 - around, askew->box.x1 + around,
                        askew->box.y1 + around};
}

/* False if there is nothing to be read, or it is too large to be writing. */
static bool
cut_out(const struct sheet *sheet, const struct askew *askew, struct cut *ret)
{
    struct pixmap part;
    struct box inner = box_to_cut(askew, sheet->upright ? line_margin : margin);
    struct cut cut = {.s = sinf(askew->angle * (float)M_PI / 180),
                      .c = cosf(askew->angle * (float)M_PI / 180),
                      .box = box_to_cut(askew, margin)};

    cut.unit = fmaxf(askew->letter / letter_pixels, 72 / (sheet->picture.dpi * enlarged_most));
    if (sheet->upright) {
        float letter = askew->letter / cut.unit;
        cut.line = (struct cut_line){
            .rule = rule_most * letter, .edge = margin * letter, .around = line_margin * letter};
    }
    if (box_area(cut.box) > pixels_most * cut.unit * cut.unit ||
        !find_spurious(sheet->page, askew->letter, &cut) ||
        !cut_copy(sheet->work, &sheet->picture, cut_around(inner, cut.s, cut.c), &part) ||
        !remove_print(sheet, &cut, &part) || !cut_turn(sheet->work, &part, &cut))
        return false;
    cut.picture.dpi = ocr_dpi_per_letter_pixel * askew->letter / cut.unit;
    *ret = cut;
    return true;
}

/* ---- reading ---- */

/* From a cut-out's points to the page as it is read: the box that goes around it there, which is of
 * the same size where the cut-out stands as the page does. */
static struct box
way_back(const struct sheet *sheet, const struct cut *cut, struct box b)
{
    const struct page *page = sheet->page;
    float pixel = cut->picture.dpi / 72;
    float width = (float)cut->picture.width, height = (float)cut->picture.height;
    struct box p = {b.x0 * pixel, b.y0 * pixel, b.x1 * pixel, b.y1 * pixel};

    if (cut->reversed)
        p = (struct box){width - p.x1, height - p.y1, width - p.x0, height - p.y0};
    struct box turned = {cut->box.x0 + p.x0 * cut->unit, cut->box.y0 + p.y0 * cut->unit,
                         cut->box.x0 + p.x1 * cut->unit, cut->box.y0 + p.y1 * cut->unit};
    if (!sheet->upright)
        return page_box_as_read(page, cut_around(turned, cut->s, cut->c));
    float x = (turned.x0 + turned.x1) / 2, y = (turned.y0 + turned.y1) / 2;
    float w = box_width(turned) / 2, h = box_height(turned) / 2;
    struct box middle =
        page_box_as_read(page, cut_around((struct box){x, y, x, y}, cut->s, cut->c));
    return (struct box){middle.x0 - w, middle.y0 - h, middle.x0 + w, middle.y0 + h};
}

static uint32_t
count_letters(const struct page *seen, const struct page_line *line)
{
    uint32_t letters = 0;

    for (uint32_t i = 0; i < line->word_count; i++) {
        struct makeup m = makeup_of(seen->words[line->first_word + i].text);
        letters += m.letters + m.digits;
    }
    return letters;
}

static bool
is_kept(const struct sheet *sheet, const struct page *seen, const struct page_line *line)
{
    float least = sheet->upright ? level_sure_least : line_sure_least;

    return !line->vertical && line_confidence(seen, line) >= least &&
           count_letters(seen, line) >= LETTERS_LEAST;
}

/* Letters of the lines that would be kept, and times their confidence. */
static float
weigh(const struct sheet *sheet, const struct page *seen, uint32_t *ret_letters)
{
    float sure = 0;

    *ret_letters = 0;
    for (uint32_t l = 0; l < seen->line_count; l++) {
        uint32_t letters = count_letters(seen, &seen->lines[l]);
        if (!is_kept(sheet, seen, &seen->lines[l]))
            continue;
        *ret_letters += letters;
        sure += (float)letters * line_confidence(seen, &seen->lines[l]);
    }
    return sure;
}

static enum err_code
read_cut(const struct sheet *sheet, const struct cut *cut, struct page **ret, struct err *err)
{
    const struct page *page = sheet->page;
    struct page_lexicon words;
    struct pixmap copy = cut->picture; /* reading may change the pixels */
    size_t bytes = (size_t)copy.stride * copy.height;
    float side = (float)(copy.width + copy.height) * 72 / copy.dpi;
    /* Larger than the cut-out, so that this counts as a part of a page, which is not turned. */
    struct page *seen = page_new(page->arena, page->index, 2 * side, 2 * side);

    copy.pixels = arena_alloc(sheet->work, bytes);
    if (seen == NULL || copy.pixels == NULL)
        return too_much(page, err);
    memcpy(copy.pixels, cut->picture.pixels, bytes);
    seen->language = page->language;
    enum err_code rc = ocr_glance(sheet->reader->ocr, &copy, seen, err);
    if (rc == ERR_OK) {
        confidence_calibrate(seen, 0, copy.dpi, page_lexicon(sheet->reader, seen, &words));
        *ret = seen;
    }
    return rc;
}

/* The reading of the cut-out, or, if that is surer and it may stand upside down, of its other side.
 */
static enum err_code
read_ways(const struct sheet *sheet, struct cut *cut, struct page **ret, uint32_t *ret_letters,
          struct err *err)
{
    uint32_t letters = 0, others = 0;
    struct page *other = NULL;
    enum err_code rc = read_cut(sheet, cut, ret, err);

    if (rc != ERR_OK)
        return rc;
    float sure = weigh(sheet, *ret, &letters);
    *ret_letters = letters;
    if (sheet->upright || (letters > 0 && sure >= sure_enough * (float)letters))
        return ERR_OK;
    cut_reverse(cut);
    rc = read_cut(sheet, cut, &other, err);
    if (rc != ERR_OK)
        return rc;
    if (weigh(sheet, other, &others) > sure) {
        *ret = other;
        *ret_letters = others;
    } else
        cut_reverse(cut);
    return rc;
}

/* ---- onto the page ---- */

struct replaced {
    const struct sheet *sheet;
    const struct cut *cut;
    const struct page *seen;
    uint32_t until; /* the page's words of before */
};

/* Whether the place lies in one of the lines that were read out of the cut-out. */
static bool
is_replaced(const struct replaced *r, const struct page *page, struct box box)
{
    const struct cut *cut = r->cut;
    float x, y, pixel = 72 / cut->picture.dpi;

    find_middle(page, cut, box, &x, &y);
    x = (cut->reversed ? (float)cut->picture.width - x : x) * pixel;
    y = (cut->reversed ? (float)cut->picture.height - y : y) * pixel;
    for (uint32_t l = 0; l < r->seen->line_count; l++) {
        struct box line = r->seen->lines[l].box;
        if (is_kept(r->sheet, r->seen, &r->seen->lines[l]) && x >= line.x0 && x <= line.x1 &&
            y >= line.y0 && y <= line.y1)
            return true;
    }
    return false;
}

static bool
keeps(void *ctx, const struct page *page, uint32_t word)
{
    const struct replaced *r = ctx;

    return word >= r->until || !r->cut->spurious[word] ||
           !is_replaced(r, page, page->words[word].box);
}

static enum err_code
add_line(const struct sheet *sheet, const struct askew *askew, const struct cut *cut,
         const struct page *seen, const struct page_line *from, struct err *err)
{
    struct page *page = sheet->page;
    struct page_line *line = page_add_line(page);
    float size = cut->unit * cut->picture.dpi / 72;

    if (line == NULL)
        return too_much(page, err);
    *line = *from;
    line->box = way_back(sheet, cut, from->box);
    line->size *= size;
    line->baseline = line->box.y1 - (sheet->upright ? (from->box.y1 - from->baseline) * size : 0);
    line->first_word = page->word_count;
    line->vertical = askew->lean > 89;
    line->slanted = !line->vertical && fabsf(askew->lean) >= slanted_least;
    line->source = -1;
    for (uint32_t i = 0; i < from->word_count; i++) {
        struct page_word *word = witness_take_word(page, seen, from->first_word + i);
        if (word == NULL)
            return too_much(page, err);
        word->box = way_back(sheet, cut, word->box);
        word->size *= size;
    }
    return ERR_OK;
}

enum err_code
sheet_read(const struct sheet *sheet, const struct askew *askew, bool *ret_read, struct err *err)
{
    struct page *page = sheet->page, *seen = NULL;
    struct cut cut;
    uint32_t letters = 0;

    *ret_read = false;
    arena_reset(sheet->work);
    if (!cut_out(sheet, askew, &cut))
        return ERR_OK;
    enum err_code rc = read_ways(sheet, &cut, &seen, &letters, err);
    if (rc != ERR_OK || (float)letters < read_least * (float)askew->parts)
        return rc;
    struct replaced replaced = {
        .sheet = sheet, .cut = &cut, .seen = seen, .until = page->word_count};
    page_keep_words(page, keeps, &replaced);
    for (uint32_t l = 0; rc == ERR_OK && l < seen->line_count; l++)
        if (is_kept(sheet, seen, &seen->lines[l]))
            rc = add_line(sheet, askew, &cut, seen, &seen->lines[l], err);
    *ret_read = true;
    return rc;
}

/* ---- the sheet ---- */

enum err_code
sheet_open(struct page_reader *reader, struct page *page, const struct askew *pieces, uint32_t n,
           struct sheet *ret, struct err *err)
{
    struct sheet sheet = {.reader = reader, .page = page};
    struct box clip = {0}, seen = {0};

    for (uint32_t i = 0; i < n; i++) {
        float angle = pieces[i].angle * (float)M_PI / 180;
        struct box box = cut_around(box_to_cut(&pieces[i], margin), sinf(angle), cosf(angle));
        clip = i == 0 ? box : box_union(clip, box);
    }
    page_size_as_seen(page, &seen.x1, &seen.y1);
    clip = box_cut(clip, seen);
    sheet.work = arena_new(work_bytes);
    if (sheet.work == NULL)
        return err_set(err, ERR_MEMORY, "no memory to read page %u", page->index + 1);
    arena_reset(reader->pixels);
    enum err_code rc =
        doc_render(reader->doc, page->index, page->dpi, &clip, reader->pixels, &sheet.picture, err);
    if (rc == ERR_OK)
        *ret = sheet;
    else
        arena_drop(&sheet.work);
    return rc;
}

void
sheet_close(struct sheet *sheet)
{
    arena_drop(&sheet->work);
}
