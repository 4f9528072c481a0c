/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/barcode.h"

#include "base/utf8.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <zbar.h>

const float barcode_dpi = 200;

enum { CODES_PER_PICTURE_MAX = 64, CODE_BYTES_MAX = 4096, PAPER_STEP = 3 };

/* Grey levels from the paper's that are its grain. */
enum { GRAIN = 24 };

/* Lines of the grid lie this far apart, pt: six of them cross the flattest usual code. */
static const float grid_pt = 1;

/* Scan lines that have to agree on a code without a check digit of its own. */
static const int agreement_least = 3;

struct symbology {
    zbar_symbol_type_t type;
    int min_length;  /* 0: fixed by the symbology */
    bool is_checked; /* has a check digit or error correction */
};

static const struct symbology symbologies[] = {
    {ZBAR_EAN13, 0, true},   {ZBAR_EAN8, 0, true},    {ZBAR_UPCA, 0, true}, {ZBAR_UPCE, 0, true},
    {ZBAR_CODE128, 3, true}, {ZBAR_CODE39, 4, false}, {ZBAR_I25, 6, false}, {ZBAR_QRCODE, 0, true},
};

static const struct symbology *
symbology_of(zbar_symbol_type_t type)
{
    for (size_t i = 0; i < ARRAY_LEN(symbologies); i++)
        if (symbologies[i].type == type)
            return &symbologies[i];
    return NULL;
}

static zbar_image_scanner_t *
scanner_new(float dpi)
{
    zbar_image_scanner_t *scanner = zbar_image_scanner_create();
    int density = (int)(grid_pt * dpi / 72);

    if (scanner == NULL)
        return NULL;
    (void)zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_ENABLE, 0);
    (void)zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_X_DENSITY,
                                        density > 1 ? density : 1);
    (void)zbar_image_scanner_set_config(scanner, ZBAR_NONE, ZBAR_CFG_Y_DENSITY,
                                        density > 1 ? density : 1);
    for (size_t i = 0; i < ARRAY_LEN(symbologies); i++) {
        const struct symbology *s = &symbologies[i];
        (void)zbar_image_scanner_set_config(scanner, s->type, ZBAR_CFG_ENABLE, 1);
        if (s->min_length > 0)
            (void)zbar_image_scanner_set_config(scanner, s->type, ZBAR_CFG_MIN_LEN, s->min_length);
    }
    /* Bytes as they are: zbar's own guess of the character set opens files and is often wrong. */
    (void)zbar_image_scanner_set_config(scanner, ZBAR_QRCODE, ZBAR_CFG_BINARY, 1);
    return scanner;
}

/* The brightness that most pixels have. */
static int
paper_of(const struct pixmap *picture)
{
    uint32_t counts[256] = {0};
    int paper = 0;

    for (uint32_t y = 0; y < picture->height; y += PAPER_STEP)
        for (uint32_t x = 0; x < picture->width; x += PAPER_STEP)
            counts[picture->pixels[y * picture->stride + x]]++;
    for (int i = 1; i < 256; i++)
        paper = counts[i] > counts[paper] ? i : paper;
    return paper;
}

/* Rows without gaps, as zbar wants them. Grain of the paper is taken off: following each of its
 * edges is most of what zbar does on a scan. */
static uint8_t *
packed(const struct pixmap *picture)
{
    uint8_t *pixels = malloc((size_t)picture->width * picture->height), to[256];
    int paper = paper_of(picture);

    for (int i = 0; i < 256; i++)
        to[i] = (uint8_t)(abs(i - paper) <= GRAIN ? paper : i);
    for (uint32_t y = 0; pixels != NULL && y < picture->height; y++)
        for (uint32_t x = 0; x < picture->width; x++)
            pixels[(size_t)y * picture->width + x] = to[picture->pixels[y * picture->stride + x]];
    return pixels;
}

/* The content as UTF-8 in the arena; NULL if it is empty, too long, or memory is short. */
static const char *
text_of(struct arena *arena, const char *bytes, size_t len)
{
    if (len == 0 || len > CODE_BYTES_MAX || memchr(bytes, 0, len) != NULL)
        return NULL;
    if (utf8_valid(bytes, len))
        return arena_strndup(arena, bytes, len);
    char *text = arena_alloc(arena, 2 * len + 1), *at = text;
    for (size_t i = 0; text != NULL && i < len; i++)
        at += utf8_encode((unsigned char)bytes[i], at);
    if (text != NULL)
        *at = '\0';
    return text;
}

/* Where zbar crossed the symbol; a code of bars is one line, or a few, through it. */
static struct box
box_of(const zbar_symbol_t *symbol, const struct pixmap *picture)
{
    const float pt = 72 / picture->dpi;
    int x0 = INT_MAX, y0 = INT_MAX, x1 = INT_MIN, y1 = INT_MIN;

    for (unsigned i = 0; i < zbar_symbol_get_loc_size(symbol); i++) {
        int x = zbar_symbol_get_loc_x(symbol, i), y = zbar_symbol_get_loc_y(symbol, i);
        x0 = x < x0 ? x : x0;
        x1 = x > x1 ? x : x1;
        y0 = y < y0 ? y : y0;
        y1 = y > y1 ? y : y1;
    }
    if (x0 > x1)
        return (struct box){picture->x0, picture->y0, picture->x0, picture->y0};
    return (struct box){picture->x0 + (float)x0 * pt, picture->y0 + (float)y0 * pt,
                        picture->x0 + (float)(x1 + 1) * pt, picture->y0 + (float)(y1 + 1) * pt};
}

static bool
is_known(const struct page *page, struct box box, const char *text)
{
    for (uint32_t i = 0; i < page->code_count; i++) {
        struct box cut = box_cut(page->codes[i].box, box);
        if (strcmp(page->codes[i].text, text) == 0 && box_area(cut) > 0)
            return true;
    }
    return false;
}

static enum err_code
add_code(const zbar_symbol_t *symbol, const struct pixmap *picture, struct page *page,
         struct err *err)
{
    zbar_symbol_type_t type = zbar_symbol_get_type(symbol);
    const struct symbology *symbology = symbology_of(type);
    const char *bytes = zbar_symbol_get_data(symbol);

    if (symbology == NULL || bytes == NULL ||
        (!symbology->is_checked && zbar_symbol_get_quality(symbol) < agreement_least))
        return ERR_OK;
    const char *text = text_of(page->arena, bytes, zbar_symbol_get_data_length(symbol));
    struct box box = box_of(symbol, picture);
    if (text == NULL || is_known(page, box, text))
        return ERR_OK;
    struct page_code *code = page_add_code(page);
    if (code == NULL)
        return err_set(err, ERR_LIMIT, "page %u has too many bar codes", page->index + 1);
    *code = (struct page_code){.box = box, .symbology = zbar_get_symbol_name(type), .text = text};
    return ERR_OK;
}

static int
by_place(const void *a, const void *b)
{
    const struct page_code *left = a, *right = b;

    if (left->box.y0 != right->box.y0)
        return left->box.y0 < right->box.y0 ? -1 : 1;
    if (left->box.x0 != right->box.x0)
        return left->box.x0 < right->box.x0 ? -1 : 1;
    return strcmp(left->text, right->text);
}

enum err_code
barcode_read(const struct pixmap *picture, struct page *page, struct err *err)
{
    uint32_t before = page->code_count;
    int found = 0;
    zbar_image_scanner_t *scanner = scanner_new(picture->dpi);
    zbar_image_t *image = zbar_image_create();
    uint8_t *pixels = packed(picture);
    enum err_code rc = ERR_OK;

    if (scanner == NULL || image == NULL || pixels == NULL) {
        rc = err_set(err, ERR_MEMORY, "no memory to look for bar codes");
        goto out;
    }
    zbar_image_set_format(image, zbar_fourcc('Y', '8', '0', '0'));
    zbar_image_set_size(image, picture->width, picture->height);
    zbar_image_set_data(image, pixels, (size_t)picture->width * picture->height, NULL);
    if (zbar_scan_image(scanner, image) <= 0)
        goto out;
    for (const zbar_symbol_t *symbol = zbar_image_first_symbol(image);
         symbol != NULL && rc == ERR_OK && found < CODES_PER_PICTURE_MAX;
         symbol = zbar_symbol_next(symbol), found++)
        rc = add_code(symbol, picture, page, err);
    if (page->code_count > before)
        qsort(page->codes + before, page->code_count - before, sizeof(*page->codes), by_place);
out:
    if (image != NULL)
        zbar_image_destroy(image);
    if (scanner != NULL)
        zbar_image_scanner_destroy(scanner);
    free(pixels);
    return rc;
}
