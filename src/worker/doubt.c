/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/doubt.c - reads what a text layer may have wrong, and no more than that.
 *
 * Fonts whose characters look like no text: only their lines are rendered and read, as blocks, and
 * the page whole where that is most of it. An invisible layer over a scan: a few of its lines are
 * read first; if they are what the layer says, the layer is taken as it is, unless there is ink
 * that it has no words for. */
#include "worker/worker_internal.h"

#include "base/utf8.h"
#include "ledger/witness.h"
#include "ocr/barcode.h"

#include <math.h>
#include <string.h>

/* Share of the words in doubt from which the page is read whole, if these are more than a few
 * characters. */
static const float whole_share = 0.5F;
enum { WHOLE_LEAST = 8 };

/* Where they are not, no layout analysis of the page tells drawings from letters: what is read of
 * most of the words with less says nothing. */
static const float few_confidence_least = 0.8F;

/* Lines in doubt this near (of their height) are read as one block, with so much around it. */
static const float block_gap = 1.2F, block_margin = 0.4F;
enum { BLOCKS_MAX = 24 };

/* Pixels read with less say less than even a doubtful layer. */
static const float pixels_confidence_least = 0.55F;

/* A layer that only the recogniser's failure speaks for. */
static const float doubt_confidence_most = 0.5F;

/* Of an invisible layer: lines read as a sample, alike at least so far that the layer is as good as
 * our own reading would be; and at least so far that it is of this page at all. */
enum { SAMPLE_LINES = 6, SAMPLE_WORDS_LEAST = 3, SAMPLE_LINES_LEAST = 3 };
static const float sample_alike_least = 0.95F, believed_alike_least = 0.5F;

/* A sample that was read so surely shows what the layer has wrong: it must be alike so far. */
static const float sample_sure = 0.93F, sure_alike_least = 0.985F;
static const float sample_margin = 0.35F; /* around a line, of its height */

/* Confidence of a word of a layer whose sample was so much alike: about its fifth power is the
 * share of words of five letters without a mistake. */
static const float word_letters = 5;

static enum err_code
too_much(const struct page *page, struct err *err)
{
    return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
}

/* Mean confidence weighted by length. */
static float
mean_confidence(const struct page *page)
{
    double sum = 0, weight = 0;

    for (uint32_t i = 0; i < page->word_count; i++) {
        double len = (double)strlen(page->words[i].text);
        sum += len * (double)page->words[i].confidence;
        weight += len;
    }
    return weight > 0 ? (float)(sum / weight) : 0;
}

/* ---- fonts in doubt ---- */

static bool
is_doubted(const struct doc_layer *layer, uint32_t word)
{
    return word < layer->word_count && layer->doubts[layer->fonts[word]] != DOUBT_NONE;
}

static struct box
grown(struct box b, float margin)
{
    return (struct box){b.x0 - margin, b.y0 - margin, b.x1 + margin, b.y1 + margin};
}

/* Adds the box of a line in doubt to the blocks; past BLOCKS_MAX to the last. */
static void
add_block(struct box blocks[BLOCKS_MAX], size_t *count, struct box line)
{
    float reach = block_gap * box_height(line);
    struct box wide = grown(line, reach);

    for (size_t i = 0; i < *count;) {
        if (box_area(box_cut(wide, blocks[i])) <= 0) {
            i++;
            continue;
        }
        line = box_union(line, blocks[i]);
        wide = grown(line, reach);
        blocks[i] = blocks[--*count];
        i = 0;
    }
    if (*count == BLOCKS_MAX)
        blocks[BLOCKS_MAX - 1] = box_union(blocks[BLOCKS_MAX - 1], line);
    else
        blocks[(*count)++] = line;
}

/* The blocks that the lines in doubt make; whether most of the words are in doubt, and whether it
 * is better to read the page whole. */
static size_t
find_blocks(const struct doc_layer *layer, const struct page *page, struct box blocks[BLOCKS_MAX],
            bool *ret_most, bool *ret_whole)
{
    size_t count = 0;
    uint32_t doubted = 0, characters = 0;

    for (uint32_t l = 0; l < page->line_count; l++) {
        const struct page_line *line = &page->lines[l];
        bool any = false;
        for (uint32_t i = line->first_word; i < line->first_word + line->word_count; i++)
            if (is_doubted(layer, i)) {
                any = true;
                doubted++;
                characters +=
                    (uint32_t)utf8_length(page->words[i].text, strlen(page->words[i].text));
            }
        if (any)
            add_block(blocks, &count, grown(line->box, block_margin * box_height(line->box)));
    }
    *ret_most = (float)doubted >= whole_share * (float)page->word_count;
    *ret_whole = *ret_most && characters >= WHOLE_LEAST;
    return count;
}

static enum err_code
read_blocks(struct page_reader *reader, const struct page *page, const struct box *blocks,
            size_t count, struct page *seen, struct err *err)
{
    const struct box whole = {0, 0, page->width, page->height};
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < count; i++) {
        struct box clip = box_cut(blocks[i], whole);
        if (box_width(clip) > 1 && box_height(clip) > 1)
            rc = read_pixels(reader, &clip, 0, seen, err);
    }
    return rc;
}

static enum err_code
settle_fonts(struct page_reader *reader, struct page *page, struct page *seen, struct err *err)
{
    const struct doc_layer *layer = doc_layer(reader->doc);
    bool doubted[WITNESS_FONTS_MAX], swapped[WITNESS_FONTS_MAX];
    struct witness_swap *swaps =
        arena_array(page->arena, (size_t)layer->swap_count + 1, sizeof(*swaps));
    struct witness_case c = {.page = page,
                             .seen = seen,
                             .fonts = layer->fonts,
                             .doubted = doubted,
                             .swapped = swapped,
                             .swaps = swaps,
                             .swap_count = layer->swap_count,
                             .scratch = reader->pixels};

    for (size_t i = 0; i < WITNESS_FONTS_MAX; i++) {
        doubted[i] = layer->doubts[i] != DOUBT_NONE;
        swapped[i] = layer->doubts[i] == DOUBT_NAMES;
    }
    if (swaps == NULL)
        return too_much(page, err);
    for (uint32_t i = 0; i < layer->swap_count; i++)
        swaps[i] =
            (struct witness_swap){layer->swaps[i].from, layer->swaps[i].to, layer->swaps[i].font};
    arena_reset(reader->pixels);
    page_turn_as(page, seen);
    enum err_code rc = witness_settle(&c, err);
    if (rc == ERR_OK)
        rc = codes_take(page, seen, err);
    page->dpi = seen->dpi;
    page->from_pixels = page->from_pixels || seen->word_count > 0;
    return rc;
}

enum err_code
read_doubted(struct page_reader *reader, struct page *page, struct err *err)
{
    struct box blocks[BLOCKS_MAX];
    bool most = false, whole = false;
    struct page *seen = NULL;
    enum err_code rc = ERR_OK;
    size_t count = find_blocks(doc_layer(reader->doc), page, blocks, &most, &whole);

    if (count > 0) {
        seen = page_new(page->arena, page->index, page->width, page->height);
        if (seen == NULL)
            return too_much(page, err);
        rc = want_models(reader, page, err);
        if (rc != ERR_OK)
            return rc;
        if (whole)
            rc = read_whole(reader, seen, err);
        else
            rc = read_blocks(reader, page, blocks, count, seen, err);
        if (rc == ERR_OK && most && !whole && mean_confidence(seen) < few_confidence_least)
            seen->word_count = seen->line_count = 0;
        if (rc == ERR_OK)
            rc = settle_fonts(reader, page, seen, err);
        if (rc != ERR_OK || whole)
            return rc; /* whole: pictures were read with it */
    }
    rc = codes_find(reader, page, err);
    if (rc == ERR_OK)
        rc = read_outlines(reader, page, err);
    if (rc == ERR_OK)
        rc = read_pictures(reader, page, err);
    return rc;
}

/* ---- a layer in doubt as a whole ---- */

/* The regions that reading found go with its words. */
static enum err_code
take_regions(struct page *page, const struct page *seen, struct err *err)
{
    for (uint32_t i = 0; i < seen->region_count; i++) {
        struct page_region *region = page_add_region(page);
        if (region == NULL)
            return too_much(page, err);
        *region = seen->regions[i];
    }
    return codes_take(page, seen, err);
}

struct knower {
    struct ocr *ocr;
    const char *language;
};

static bool
knows_word(void *ctx, const char *word)
{
    const struct knower *knower = ctx;

    return ocr_knows(knower->ocr, knower->language, word);
}

/* Both were read: who is it? */
static enum err_code
weigh_whole(struct page_reader *reader, struct page *page, struct page *seen, struct err *err)
{
    const bool *shown = doc_layer(reader->doc)->shown;
    struct knower knower = {reader->ocr, seen->language};
    const struct witness_lexicon lexicon = {knows_word, &knower};
    float alike = 0;
    bool drawn = false;

    arena_reset(reader->pixels);
    page_turn_as(page, seen);
    page->dpi = seen->dpi;
    enum err_code rc = witness_alike(page, seen, reader->pixels, &alike, err);
    if (rc != ERR_OK)
        return rc;
    if (seen->word_count == 0 ||
        (mean_confidence(seen) < pixels_confidence_least && !(alike >= believed_alike_least))) {
        for (uint32_t i = 0; i < page->word_count; i++)
            if (shown == NULL || !shown[i])
                page->words[i].confidence = fminf(page->words[i].confidence, doubt_confidence_most);
        return codes_take(page, seen, err);
    }
    if (shown != NULL)
        rc = witness_take_shown(page, shown, seen, &drawn, err);
    if (rc == ERR_OK)
        rc = witness_merge(page, seen, alike >= believed_alike_least, &lexicon, err);
    page->from_pixels = true;
    page->from_layer = drawn || alike >= believed_alike_least;
    return rc == ERR_OK ? take_regions(page, seen, err) : rc;
}

/* ---- a sample of an invisible layer ---- */

/* The part of a picture of the page in box, sharing its pixels; false if that is nothing. */
static bool
cut_part(const struct pixmap *whole, struct box box, struct pixmap *ret)
{
    float scale = whole->dpi / 72;
    int64_t x0 = (int64_t)((box.x0 - whole->x0) * scale),
            x1 = (int64_t)((box.x1 - whole->x0) * scale);
    int64_t y0 = (int64_t)((box.y0 - whole->y0) * scale),
            y1 = (int64_t)((box.y1 - whole->y0) * scale);

    x0 = x0 > 0 ? x0 : 0;
    y0 = y0 > 0 ? y0 : 0;
    x1 = x1 < whole->width ? x1 : whole->width;
    y1 = y1 < whole->height ? y1 : whole->height;
    if (x1 - x0 < 8 || y1 - y0 < 8)
        return false;
    *ret = *whole;
    ret->pixels = whole->pixels + (size_t)y0 * whole->stride + (size_t)x0;
    ret->width = (uint32_t)(x1 - x0);
    ret->height = (uint32_t)(y1 - y0);
    ret->x0 = whole->x0 + (float)x0 / scale;
    ret->y0 = whole->y0 + (float)y0 / scale;
    return true;
}

/* Lines of the layer, spread over the page, read into seen; chosen gets copies of them. */
static enum err_code
read_sample(struct page_reader *reader, const struct page *page, const struct pixmap *picture,
            struct page *seen, struct page *chosen, struct err *err)
{
    uint32_t fit = 0, taken = 0;
    enum err_code rc = ERR_OK;

    for (uint32_t l = 0; l < page->line_count; l++)
        fit += page->lines[l].word_count >= SAMPLE_WORDS_LEAST && !page->lines[l].vertical;
    for (uint32_t l = 0, k = 0; rc == ERR_OK && l < page->line_count; l++) {
        struct page_line line = page->lines[l];
        struct pixmap part;
        if (line.word_count < SAMPLE_WORDS_LEAST || line.vertical)
            continue;
        /* The middle one of each of so many equal parts. */
        bool pick = taken < SAMPLE_LINES && k * SAMPLE_LINES * 2 >= (2 * taken + 1) * fit - fit % 2;
        k++;
        if (!pick ||
            !cut_part(picture, grown(line.box, sample_margin * box_height(line.box)), &part))
            continue;
        taken++;
        rc = ocr_read(reader->ocr, &part, seen, err);
        struct page_line *added = rc == ERR_OK ? page_add_line(chosen) : NULL;
        if (added == NULL)
            return rc != ERR_OK ? rc : too_much(page, err);
        *added = line;
    }
    chosen->words = page->words; /* only looked at */
    chosen->word_count = page->word_count;
    return rc;
}

/* Renders the page, notes its ink and reads a sample of the layer's lines. *ret_good: the layer can
 * be taken as it is. */
static enum err_code
try_sample(struct page_reader *reader, struct page *page, bool *ret_good, struct err *err)
{
    struct page *seen = page_new(page->arena, page->index, page->width, page->height);
    struct page *chosen = page_new(page->arena, page->index, page->width, page->height);
    struct pixmap picture;
    struct group *unread;
    uint32_t count = 0;
    float alike = -1;
    bool writing = false;

    *ret_good = false;
    if (seen == NULL || chosen == NULL)
        return too_much(page, err);
    enum err_code rc = render_page(reader, page, &picture, err);
    if (rc == ERR_OK && !look_is_blank(&picture))
        rc = ledger_see(reader->ledger, &picture, reader->pixels, &writing, err);
    if (rc == ERR_OK && writing)
        rc = read_sample(reader, page, &picture, seen, chosen, err);
    if (rc == ERR_OK && chosen->line_count >= SAMPLE_LINES_LEAST)
        rc = witness_alike(chosen, seen, reader->pixels, &alike, err);
    float least = mean_confidence(seen) >= sample_sure ? sure_alike_least : sample_alike_least;
    if (rc != ERR_OK || alike < least)
        return rc;
    rc = barcode_read(&picture, page, err);
    if (rc == ERR_OK)
        rc = ledger_find_unread(reader->ledger, page, false, reader->pixels, &unread, &count, err);
    *ret_good = rc == ERR_OK && count == 0;
    for (uint32_t i = 0; *ret_good && i < page->word_count; i++)
        page->words[i].confidence = powf(alike, word_letters);
    page->dpi = picture.dpi;
    return rc;
}

enum err_code
settle_doubt(struct page_reader *reader, struct page *page, struct err *err)
{
    struct page *seen = page_new(page->arena, page->index, page->width, page->height);
    bool good = false;
    enum err_code rc = want_models(reader, page, err);

    if (rc != ERR_OK)
        return rc;
    if (seen == NULL)
        return too_much(page, err);
    if (doc_layer(reader->doc)->invisible)
        rc = try_sample(reader, page, &good, err);
    if (rc != ERR_OK || good)
        return rc;
    rc = read_whole(reader, seen, err);
    return rc == ERR_OK ? weigh_whole(reader, page, seen, err) : rc;
}
