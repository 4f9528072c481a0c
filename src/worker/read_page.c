/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which witness to believe. A sound text layer is taken as it is, and only pictures in which it has
 * no words are read besides. A page without a layer is read from its pixels. Where the layer is
 * doubtful both are read, and the pixels win unless they could hardly be read themselves. */
#include "worker/worker_internal.h"

#include "ocr/barcode.h"

#include <math.h>
#include <string.h>

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

/* Below it letters of ordinary size cannot be read: a page that would have to be, is too large. */
static const float dpi_least = 50;

/* Lines read from a picture on a digital page with less are texture taken for letters. */
static const float picture_line_confidence_least = 0.5F;

/* Pixels read with less say less than even a doubtful layer. */
static const float pixels_confidence_least = 0.55F;

/* A layer that only OCR's failure speaks for. */
static const float doubt_confidence_most = 0.5F;

enum { PICTURES_MAX = 24 };

/* Comparing each word with each: more than this many pairs is a hostile page, and is left out. */
static const uint64_t pairs_max = 20000000;

static enum err_code
pick_dpi(const struct page_reader *reader, float native, float width, float height, float *ret_dpi,
         struct err *err)
{
    float dpi = ocr_pick_dpi(native, width, height);
    double pixels = (double)width / 72 * dpi * ((double)height / 72 * dpi);

    if (pixels > (double)reader->pixels_max)
        dpi *= (float)(sqrt((double)reader->pixels_max / pixels) * 0.99); /* 0.99: rounding up */
    if (dpi < dpi_least)
        return err_set(err, ERR_PIXELS, "the page is too large: %.0f x %.0f pt, limit %llu pixels",
                       (double)width, (double)height, (unsigned long long)reader->pixels_max);
    *ret_dpi = dpi;
    return ERR_OK;
}

/* Renders clip (NULL: the page) and reads it into seen. */
static enum err_code
read_pixels(struct page_reader *reader, const struct box *clip, float native, struct page *seen,
            struct err *err)
{
    struct pixmap picture;
    bool writing = false;
    float dpi = 0;
    float width = clip != NULL ? box_width(*clip) : seen->width;
    float height = clip != NULL ? box_height(*clip) : seen->height;
    enum err_code rc = pick_dpi(reader, native, width, height, &dpi, err);

    if (rc != ERR_OK)
        return rc;
    arena_reset(reader->pixels);
    rc = doc_render(reader->doc, seen->index, dpi, clip, reader->pixels, &picture, err);
    if (rc == ERR_OK && !look_is_blank(&picture))
        rc = ledger_see(reader->ledger, &picture, reader->pixels, &writing, err);
    if (rc == ERR_OK && (writing || clip == NULL)) /* before it: ocr_read may change the pixels */
        rc = barcode_read(&picture, seen, err);
    if (rc == ERR_OK && writing)
        rc = ocr_read(reader->ocr, &picture, seen, err);
    if (rc == ERR_OK)
        seen->dpi = dpi;
    return rc;
}

static enum err_code
read_whole(struct page_reader *reader, struct page *page, struct err *err)
{
    float native = 0;
    enum err_code rc = doc_native_dpi(reader->doc, page->index, &native, err);

    if (rc == ERR_OK)
        rc = read_pixels(reader, NULL, native, page, err);
    if (rc == ERR_OK)
        page->from_pixels = page->word_count > 0;
    return rc;
}

/* --- pictures on a page with a sound layer --- */

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
is_worth_reading(const struct page *page, struct box picture)
{
    float covered = 0;

    if (box_area(picture) < picture_area_least || box_width(picture) < picture_side_least ||
        box_height(picture) < picture_side_least)
        return false;
    for (uint32_t i = 0; i < page->code_count; i++)
        if (box_area(box_cut(page->codes[i].box, picture)) >= code_share_least * box_area(picture))
            return false;
    for (uint32_t i = 0; i < page->word_count; i++)
        covered += box_area(box_cut(page->words[i].box, picture));
    return covered <= layer_share_most * box_area(picture);
}

static bool
center_is_in(struct box inner, struct box outer)
{
    float x = (inner.x0 + inner.x1) / 2, y = (inner.y0 + inner.y1) / 2;

    return x >= outer.x0 && x <= outer.x1 && y >= outer.y0 && y <= outer.y1;
}

/* One of the first n words of the page at the same place, or NULL. */
static const struct page_word *
find_word_at(const struct page *page, uint32_t n, struct box box)
{
    for (uint32_t i = 0; i < n; i++)
        if (center_is_in(box, page->words[i].box) || center_is_in(page->words[i].box, box))
            return &page->words[i];
    return NULL;
}

static float
line_confidence(const struct page *page, const struct page_line *line)
{
    float sum = 0;

    for (uint32_t i = 0; i < line->word_count; i++)
        sum += page->words[line->first_word + i].confidence;
    return line->word_count > 0 ? sum / (float)line->word_count : 0;
}

/* Appends a line of seen to page, without words that the layer has at the same place. */
static enum err_code
append_line(struct page *page, uint32_t layer_words, const struct page *seen,
            const struct page_line *line, struct err *err)
{
    uint32_t first = page->word_count;

    for (uint32_t i = 0; i < line->word_count; i++) {
        const struct page_word *word = &seen->words[line->first_word + i];
        if (find_word_at(page, layer_words, word->box) != NULL)
            continue;
        struct page_word *added = page_add_word(page);
        if (added == NULL)
            return err_set(err, ERR_LIMIT, "page %u has too many words", page->index + 1);
        *added = *word;
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

static enum err_code
read_picture(struct page_reader *reader, struct page *page, struct box box, uint32_t layer_words,
             struct err *err)
{
    struct pixmap small;
    float native = 0;
    struct page *seen = page_new(page->arena, page->index, page->width, page->height);

    if (seen == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    arena_reset(reader->pixels);
    enum err_code rc =
        doc_render(reader->doc, page->index, look_dpi, &box, reader->pixels, &small, err);
    if (rc != ERR_OK || !look_may_hold_text(&small))
        return rc;
    if (box_area(box) >= whole_page_share * page->width * page->height)
        rc = doc_native_dpi(reader->doc, page->index, &native, err);
    if (rc == ERR_OK)
        rc = read_pixels(reader, &box, native, seen, err);
    for (uint32_t i = 0; rc == ERR_OK && i < seen->line_count; i++)
        if (line_confidence(seen, &seen->lines[i]) >= picture_line_confidence_least)
            rc = append_line(page, layer_words, seen, &seen->lines[i], err);
    if (rc == ERR_OK)
        rc = codes_take(page, seen, err);
    if (rc == ERR_OK && seen->dpi > page->dpi)
        page->dpi = seen->dpi;
    return rc;
}

static enum err_code
read_pictures(struct page_reader *reader, struct page *page, struct err *err)
{
    struct box boxes[PICTURES_MAX];
    uint32_t layer_words = page->word_count;
    size_t n = find_pictures(page, boxes);
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        if (is_worth_reading(page, boxes[i]))
            rc = read_picture(reader, page, boxes[i], layer_words, err);
    if (page->word_count > layer_words)
        page->from_pixels = true;
    return rc;
}

static enum err_code
read_sound(struct page_reader *reader, struct page *page, struct err *err)
{
    enum err_code rc = codes_find(reader, page, err);

    return rc == ERR_OK ? read_pictures(reader, page, err) : rc;
}

/* --- a layer in doubt --- */

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

/* Words on which layer and pixels agree have two witnesses; half the doubt goes. */
static void
note_agreement(struct page *page, const struct page *other)
{
    if ((uint64_t)page->word_count * other->word_count > pairs_max)
        return;
    for (uint32_t i = 0; i < page->word_count; i++) {
        struct page_word *word = &page->words[i];
        const struct page_word *found = find_word_at(other, other->word_count, word->box);
        if (found == NULL || strcmp(found->text, word->text) != 0)
            continue;
        word->witness = WITNESS_BOTH;
        word->confidence = (1 + word->confidence) / 2;
    }
}

/* What was seen takes the place of the layer's words and lines; regions and links stay. */
static enum err_code
take_seen(struct page *page, const struct page *seen, struct err *err)
{
    page->words = seen->words;
    page->word_count = seen->word_count;
    page->word_cap = seen->word_cap;
    page->lines = seen->lines;
    page->line_count = seen->line_count;
    page->line_cap = seen->line_cap;
    page->dpi = seen->dpi;
    page->from_pixels = true;
    page->from_layer = false;
    for (uint32_t i = 0; i < seen->region_count; i++) {
        struct page_region *region = page_add_region(page);
        if (region == NULL)
            return err_set(err, ERR_LIMIT, "page %u has too many regions", page->index + 1);
        *region = seen->regions[i];
    }
    return codes_take(page, seen, err);
}

static enum err_code
settle_doubt(struct page_reader *reader, struct page *page, struct err *err)
{
    struct page *seen = page_new(page->arena, page->index, page->width, page->height);

    if (seen == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", page->index + 1);
    enum err_code rc = read_whole(reader, seen, err);
    if (rc != ERR_OK)
        return rc;
    if (seen->turned != 0)
        page_turn(page, seen->turned);
    if (seen->skew != 0)
        page_level(page, seen->skew);
    if (seen->word_count > 0 && mean_confidence(seen) >= pixels_confidence_least) {
        note_agreement(seen, page);
        return take_seen(page, seen, err);
    }
    for (uint32_t i = 0; i < page->word_count; i++)
        page->words[i].confidence = fminf(page->words[i].confidence, doubt_confidence_most);
    note_agreement(page, seen);
    page->dpi = seen->dpi;
    return codes_take(page, seen, err);
}

enum err_code
read_page(struct page_reader *reader, uint32_t index, struct arena *arena, struct page **ret_page,
          struct err *err)
{
    struct page *page = NULL;
    enum doc_trust trust = TRUST_NONE;
    enum err_code rc = doc_load_text(reader->doc, index, arena, &page, &trust, err);

    if (rc != ERR_OK)
        return rc;
    reader->ledger = ledger_new(page);
    if (reader->ledger == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", index + 1);
    page->from_layer = trust != TRUST_NONE && page->word_count > 0;
    if (trust == TRUST_LAYER)
        rc = read_sound(reader, page, err);
    else if (trust == TRUST_DOUBT)
        rc = settle_doubt(reader, page, err);
    else
        rc = read_whole(reader, page, err);
    if (rc == ERR_OK)
        *ret_page = page;
    return rc;
}
