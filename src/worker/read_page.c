/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which witness to believe. A sound text layer is taken as it is, and only pictures in which it has
 * no words are read besides. A page without a layer is read from its pixels. Where fonts of a layer
 * give what looks like no text, their lines are read too and the two compared (doubt.c). */
#include "worker/worker_internal.h"

#include "ledger/confidence.h"
#include "ocr/barcode.h"

#include <math.h>

/* Below it letters of ordinary size cannot be read: a page that would have to be, is too large. */
static const float dpi_least = 50;

float
dpi_that_fits(const struct page_reader *reader, float dpi, float width, float height)
{
    double pixels = (double)width / 72 * dpi * ((double)height / 72 * dpi);

    if (pixels <= (double)reader->pixels_max)
        return dpi;
    return dpi * (float)(sqrt((double)reader->pixels_max / pixels) * 0.99); /* rounding up */
}

static enum err_code
pick_dpi(const struct page_reader *reader, float native, float width, float height, float *ret_dpi,
         struct err *err)
{
    float dpi = dpi_that_fits(reader, ocr_pick_dpi(native, width, height), width, height);

    if (dpi < dpi_least)
        return err_set(err, ERR_PIXELS, "the page is too large: %.0f x %.0f pt, limit %llu pixels",
                       (double)width, (double)height, (unsigned long long)reader->pixels_max);
    *ret_dpi = dpi;
    return ERR_OK;
}

enum err_code
want_models(const struct page_reader *reader, const struct page *page, struct err *err)
{
    return reader->ocr != NULL
               ? ERR_OK
               : err_set(err, ERR_UNAVAILABLE, "page %u: no models are loaded", page->index + 1);
}

enum err_code
draw_pixels(struct page_reader *reader, const struct box *clip, float native,
            const struct page *seen, struct drawn_picture *ret, struct err *err)
{
    float dpi = 0;
    float width = clip != NULL ? box_width(*clip) : seen->width;
    float height = clip != NULL ? box_height(*clip) : seen->height;
    enum err_code rc = pick_dpi(reader, native, width, height, &dpi, err);

    if (rc != ERR_OK)
        return rc;
    arena_reset(reader->pixels);
    *ret = (struct drawn_picture){.writing = false};
    rc = doc_render(reader->doc, seen->index, dpi, clip, reader->pixels, &ret->picture, err);
    if (rc != ERR_OK || look_is_blank(&ret->picture))
        return rc;
    rc = ledger_see(reader->ledger, &ret->picture, reader->pixels, &ret->writing, err);
    ret->coded = ret->writing || clip == NULL;
    return rc;
}

enum err_code
read_drawn(struct page_reader *reader, struct drawn_picture *drawn, struct page *seen,
           struct err *err)
{
    uint32_t first_line = seen->line_count;
    struct page_lexicon words;
    enum err_code rc = drawn->writing ? want_models(reader, seen, err) : ERR_OK;

    if (rc == ERR_OK && drawn->coded) /* before it: ocr_read may change the pixels */
        rc = barcode_read(&drawn->picture, seen, err);
    if (rc == ERR_OK && drawn->writing)
        rc = ocr_read(reader->ocr, &drawn->picture, seen, err);
    if (rc == ERR_OK) {
        float dpi = drawn->picture.dpi;
        confidence_calibrate(seen, first_line, seen->from_pixels ? seen->dpi : dpi,
                             page_lexicon(reader, seen, &words));
        seen->dpi = dpi;
    }
    return rc;
}

enum err_code
read_pixels(struct page_reader *reader, const struct box *clip, float native, struct page *seen,
            struct err *err)
{
    struct drawn_picture drawn;
    enum err_code rc = draw_pixels(reader, clip, native, seen, &drawn, err);

    return rc == ERR_OK ? read_drawn(reader, &drawn, seen, err) : rc;
}

enum err_code
render_page(struct page_reader *reader, const struct page *page, struct pixmap *ret,
            struct err *err)
{
    float native = 0, dpi = 0;
    enum err_code rc = doc_native_dpi(reader->doc, page->index, &native, err);

    if (rc == ERR_OK)
        rc = pick_dpi(reader, native, page->width, page->height, &dpi, err);
    if (rc != ERR_OK)
        return rc;
    arena_reset(reader->pixels);
    return doc_render(reader->doc, page->index, dpi, NULL, reader->pixels, ret, err);
}

enum err_code
read_whole(struct page_reader *reader, struct page *page, struct err *err)
{
    float native = 0;
    enum err_code rc = doc_native_dpi(reader->doc, page->index, &native, err);

    if (rc == ERR_OK && native > 0) /* a scan: it is not rendered to find that out */
        rc = want_models(reader, page, err);
    if (rc == ERR_OK)
        rc = read_pixels(reader, NULL, native, page, err);
    if (rc == ERR_OK)
        page->from_pixels = page->word_count > 0;
    return rc;
}

enum err_code
read_page(struct page_reader *reader, uint32_t index, struct arena *arena, struct page **ret_page,
          struct err *err)
{
    struct page *page = NULL;
    enum doc_trust trust = TRUST_NONE;
    again_begin_page(reader);
    if (reader->ocr != NULL)
        ocr_begin_page(reader->ocr);
    enum err_code rc = doc_load_text(reader->doc, index, arena, &page, &trust, err);

    if (rc != ERR_OK)
        return rc;
    reader->ledger = ledger_new(page);
    if (reader->ledger == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too much on it", index + 1);
    page->from_layer = trust != TRUST_NONE && page->word_count > 0;
    if (trust == TRUST_LAYER)
        rc = read_doubted(reader, page, err);
    else if (trust == TRUST_DOUBT)
        rc = settle_doubt(reader, page, err);
    else
        rc = read_whole(reader, page, err);
    if (rc == ERR_OK && trust == TRUST_NONE)
        rc = read_left(reader, page, err);
    if (rc == ERR_OK && trust != TRUST_LAYER)
        rc = read_askew(reader, page, err);
    if (rc == ERR_OK && page->from_pixels) {
        arena_reset(reader->pixels);
        rc = ledger_doubt_figures(reader->ledger, page, reader->pixels, err);
    }
    if (rc == ERR_OK)
        *ret_page = page;
    return rc;
}
