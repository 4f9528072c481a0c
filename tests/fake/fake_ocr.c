/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fake_ocr.c - ocr/ocr.h that finds the text which fake_doc.c hid in the first row of a picture.
 * Text that begins with a question mark is read with little confidence. */
#include "ocr/barcode.h"
#include "ocr/ocr.h"

#include <stdlib.h>
#include <string.h>

struct ocr {
    int nothing;
};

unsigned fake_ocr_reads; /* how often a picture was read */

enum err_code
ocr_open(const struct ocr_config *config, struct ocr **ret, struct err *err)
{
    if (config->languages != NULL && strcmp(config->languages, "missing") == 0)
        return err_set(err, ERR_NOT_FOUND, "missing.traineddata is missing");
    *ret = calloc(1, sizeof(**ret));
    return *ret == NULL ? err_set(err, ERR_MEMORY, "no memory") : ERR_OK;
}

void
ocr_close(struct ocr **ocr)
{
    free(*ocr);
    *ocr = NULL;
}

const char *
ocr_describe(const struct ocr *ocr)
{
    (void)ocr;
    return "fake 1.0, eng";
}

const float barcode_dpi = 200;

bool
ocr_knows(struct ocr *ocr, const char *language, const char *word)
{
    (void)ocr, (void)language, (void)word;
    return false;
}

float
ocr_pick_dpi(float native_dpi, float page_width_pt, float page_height_pt)
{
    (void)page_width_pt;
    (void)page_height_pt;
    return native_dpi > 0 ? native_dpi : 200;
}

/* A picture that begins with "code:" is a bar code of what follows, up to the white. */
enum err_code
barcode_read(const struct pixmap *picture, struct page *page, struct err *err)
{
    const char *text = (const char *)picture->pixels;
    const uint8_t *end = memchr(text, 255, picture->width);

    (void)err;
    if (picture->width < 6 || memcmp(text, "code:", 5) != 0 || end == NULL)
        return ERR_OK;
    struct page_code *code = page_add_code(page);
    *code = (struct page_code){
        .box = {picture->x0, picture->y0, picture->x0 + 50, picture->y0 + 50},
        .symbology = "QR-Code",
        .text = arena_strndup(page->arena, text + 5, (size_t)((const char *)end - text) - 5)};
    return ERR_OK;
}

enum err_code
ocr_read(struct ocr *ocr, struct pixmap *picture, struct page *page, struct err *err)
{
    const char *text = (const char *)picture->pixels;
    size_t left = strnlen(text, picture->width);
    struct page_line *line = page_add_line(page);
    float x = picture->x0 + 50;

    (void)ocr;
    (void)err;
    fake_ocr_reads++;
    line->first_word = page->word_count;
    for (size_t i = 0; i < left; i++)
        if (picture->pixels[i] == 255)
            left = i;
    while (left > 0) {
        const char *space = memchr(text, ' ', left);
        size_t len = space == NULL ? left : (size_t)(space - text);
        struct page_word *word = page_add_word(page);
        word->text = arena_strndup(page->arena, text, len);
        word->box = (struct box){x, picture->y0 + 100, x + 40, picture->y0 + 112};
        word->confidence = text[0] == '?' ? 0.2F : 0.9F;
        word->witness = WITNESS_PIXELS;
        line->box = line->word_count == 0 ? word->box : box_union(line->box, word->box);
        line->word_count++;
        x += 50;
        len += space != NULL;
        text += len;
        left -= len;
    }
    return ERR_OK;
}

enum err_code
ocr_glance(struct ocr *ocr, struct pixmap *picture, struct page *page, struct err *err)
{
    return ocr_read(ocr, picture, page, err);
}

void
ocr_begin_page(struct ocr *ocr)
{
    (void)ocr;
}

uint64_t
ocr_spent(const struct ocr *ocr)
{
    (void)ocr;
    return 0;
}
