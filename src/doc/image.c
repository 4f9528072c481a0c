/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/image.c - pages of image files.
 *
 * A page's size is what the file's resolution makes of it, where that is believable: 50 to 2400 dpi
 * and no side over 17 in (A3 and tabloid). Otherwise (cameras write 72 dpi, screens 96) the longer
 * side is taken to be that of A4, at no less than 96 dpi, so that sizes of letters in points mean
 * something. */
#include "doc/damage.h"
#include "doc/ground.h"
#include "doc/jpeg.h"
#include "doc/mupdf_internal.h"
#include "doc/tiff.h"
#include "doc/webp.h"

#include <math.h>
#include <string.h>

static const float dpi_min = 50, dpi_max = 2400;
static const float side_max_in = 17;
static const float usual_side_in = 11.69F; /* A4 */
static const float screen_dpi = 96;
static const size_t list_bytes = MiB(4); /* of the list of a TIFF's pages */

struct image_page {
    uint32_t width, height; /* source pixels, before orientation */
    float x_dpi, y_dpi;
    uint8_t orientation; /* MuPDF's number */
    struct damage damage;
};

struct image_set {
    enum sniff_type type;
    fz_buffer *bytes;
    struct image_page *pages;
    uint32_t count;
    fz_image *image; /* of page `loaded`, or NULL */
    uint32_t loaded;
    fz_image *grey; /* of a JPEG, its brightness alone, once that was wanted; or NULL */
    bool greyed;
    bool checked; /* image can be read as it is: no alpha, damage measured */
};

/* EXIF's number to MuPDF's. */
static const uint8_t orientations[9] = {0, 1, 5, 3, 7, 6, 4, 8, 2};

static bool
is_turned(const struct image_page *page)
{
    return page->orientation != 0 && page->orientation % 2 == 0;
}

static void
settle_resolution(struct image_page *page)
{
    float x = page->x_dpi, y = page->y_dpi;
    float longer = (float)(page->width > page->height ? page->width : page->height);

    if (x > 0 && !(y > 0))
        y = x;
    if (y > 0 && !(x > 0))
        x = y;
    bool believable = x >= dpi_min && x <= dpi_max && y >= dpi_min && y <= dpi_max &&
                      (float)page->width / x <= side_max_in &&
                      (float)page->height / y <= side_max_in;
    if (!believable)
        x = y = fmaxf(screen_dpi, longer / usual_side_in);
    page->x_dpi = x;
    page->y_dpi = y;
}

static enum err_code
check_size(const struct doc *doc, const struct image_page *page, uint32_t number, struct err *err)
{
    if (page->width == 0 || page->height == 0)
        return err_set(err, ERR_FORMAT, "the picture of page %u has no size", number);
    if ((uint64_t)page->width * page->height > doc->limits.pixels_max)
        return err_set(err, ERR_PIXELS, "page %u has %u x %u pixels, the limit is %llu in all",
                       number, page->width, page->height,
                       (unsigned long long)doc->limits.pixels_max);
    return ERR_OK;
}

/* ---- opening ---- */

/* The orientation that EXIF data, which is a TIFF file without pixels, gives; 1 if none. */
static uint8_t
exif_orientation(struct span exif)
{
    static const char prefix[] = "Exif\0"; /* with its own 0: that some writers put before it */
    struct arena *arena = arena_new(list_bytes);
    struct tiff_page *pages;
    uint32_t count;
    bool more;
    uint8_t orientation = 1;
    struct err err;

    if (exif.len > sizeof(prefix) && memcmp(exif.data, prefix, sizeof(prefix)) == 0)
        exif = (struct span){exif.data + sizeof(prefix), exif.len - sizeof(prefix)};
    if (arena != NULL && exif.len >= 8 &&
        tiff_list(arena, exif, 1, &pages, &count, &more, &err) == ERR_OK)
        orientation = pages[0].orientation;
    if (arena != NULL)
        arena_drop(&arena);
    return orientation;
}

/* One page for the formats that hold one picture; throws. */
static void
list_single(fz_context *ctx, struct image_set *set)
{
    struct damage damage = damage_mend(ctx, &set->bytes, set->type);

    set->image = fz_new_image_from_buffer(ctx, set->bytes);
    set->loaded = 0;
    set->pages = fz_malloc_array(ctx, 1, struct image_page);
    set->pages[0] = (struct image_page){
        .width = (uint32_t)set->image->w,
        .height = (uint32_t)set->image->h,
        .x_dpi = (float)set->image->xres,
        .y_dpi = (float)set->image->yres,
        .orientation = set->image->orientation == 0 ? 1 : set->image->orientation,
        .damage = damage};
    if (set->type == SNIFF_PNG)
        set->pages[0].orientation = orientations[exif_orientation(
            png_exif((struct span){set->bytes->data, set->bytes->len}))];
    set->image->orientation = set->pages[0].orientation;
    set->count = 1;
}

static enum err_code
list_webp(fz_context *ctx, struct image_set *set, struct err *err)
{
    uint32_t width, height;
    struct span exif;
    enum err_code rc =
        webp_measure((struct span){set->bytes->data, set->bytes->len}, &width, &height, &exif, err);

    if (rc != ERR_OK)
        return rc;
    set->pages = fz_malloc_array(ctx, 1, struct image_page);
    set->pages[0] = (struct image_page){
        .width = width, .height = height, .orientation = orientations[exif_orientation(exif)]};
    set->count = 1;
    return ERR_OK;
}

/* Throws for want of memory only. */
static enum err_code
list_tiff(struct doc *doc, struct image_set *set, struct err *err)
{
    struct arena *arena = arena_new(list_bytes);
    struct tiff_page *pages;
    uint32_t count;
    bool more;

    if (arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the list of TIFF pages");
    enum err_code rc = tiff_list(arena, (struct span){set->bytes->data, set->bytes->len},
                                 doc->limits.pages_max, &pages, &count, &more, err);
    if (rc == ERR_OK && more)
        rc = err_set(err, ERR_PAGES, "the document has more than %u pages, the limit",
                     doc->limits.pages_max);
    if (rc == ERR_OK) {
        set->pages = fz_calloc_no_throw(doc->ctx, count, sizeof(*set->pages));
        if (set->pages == NULL)
            rc = err_set(err, ERR_MEMORY, "no memory for the list of TIFF pages");
    }
    for (uint32_t i = 0; rc == ERR_OK && i < count; i++) {
        tiff_mend_colours(set->bytes->data, set->bytes->len, &pages[i]);
        uint32_t missing = tiff_mend_strips(set->bytes->data, set->bytes->len, &pages[i]);
        set->pages[i] = (struct image_page){.width = pages[i].width,
                                            .height = pages[i].height,
                                            .x_dpi = pages[i].x_dpi,
                                            .y_dpi = pages[i].y_dpi,
                                            .orientation = orientations[pages[i].orientation],
                                            .damage = {.rows = missing}};
    }
    if (rc == ERR_OK)
        set->count = count;
    arena_drop(&arena);
    return rc;
}

/* Throws. */
static enum err_code
list_pages(struct doc *doc, struct image_set *set, struct err *err)
{
    switch (set->type) {
    case SNIFF_TIFF:
        return list_tiff(doc, set, err);
    case SNIFF_WEBP:
        return list_webp(doc->ctx, set, err);
    default:
        list_single(doc->ctx, set);
        return ERR_OK;
    }
}

enum err_code
image_doc_open(struct doc *doc, int fd, uint64_t size, enum sniff_type type, struct err *err)
{
    fz_context *ctx = doc->ctx;
    fz_stream *stream = NULL;
    enum err_code rc = ERR_OK;

    fz_var(stream);
    fz_var(rc);
    fz_try(ctx)
    {
        doc->images = fz_malloc_struct(ctx, struct image_set);
        doc->images->type = type;
        stream = mupdf_stream(ctx, fd, size);
        doc->images->bytes = fz_read_all(ctx, stream, (size_t)size);
        rc = list_pages(doc, doc->images, err);
    }
    fz_always(ctx) fz_drop_stream(ctx, stream);
    fz_catch(ctx) rc = mupdf_error(ctx, err, "the picture cannot be read");
    for (uint32_t i = 0; rc == ERR_OK && i < doc->images->count; i++) {
        rc = check_size(doc, &doc->images->pages[i], i + 1, err);
        settle_resolution(&doc->images->pages[i]);
    }
    if (rc == ERR_OK)
        doc->page_count = doc->images->count;
    return rc;
}

void
image_doc_close(struct doc *doc)
{
    struct image_set *set = doc->images;

    if (set == NULL)
        return;
    fz_drop_image(doc->ctx, set->image);
    fz_drop_image(doc->ctx, set->grey);
    fz_drop_buffer(doc->ctx, set->bytes);
    fz_free(doc->ctx, set->pages);
    fz_free(doc->ctx, set);
    doc->images = NULL;
    fz_empty_store(doc->ctx);
}

/* ---- pages ---- */

void
image_doc_measure(const struct doc *doc, uint32_t index, float *ret_width, float *ret_height,
                  float *ret_dpi)
{
    const struct image_page *page = &doc->images->pages[index];
    float width = (float)page->width * 72 / page->x_dpi;
    float height = (float)page->height * 72 / page->y_dpi;

    *ret_width = is_turned(page) ? height : width;
    *ret_height = is_turned(page) ? width : height;
    *ret_dpi = fmaxf(page->x_dpi, page->y_dpi);
}

/* Throws. */
static fz_pixmap *
decode_webp(fz_context *ctx, struct image_set *set)
{
    struct image_page *page = &set->pages[0];
    struct err err;
    fz_pixmap *pixmap =
        fz_new_pixmap(ctx, fz_device_rgb(ctx), (int)page->width, (int)page->height, NULL, 1);

    if (webp_decode((struct span){set->bytes->data, set->bytes->len}, page->width, page->height,
                    fz_pixmap_samples(ctx, pixmap), &page->damage.rows, &err) != ERR_OK) {
        fz_drop_pixmap(ctx, pixmap);
        fz_throw(ctx, FZ_ERROR_GENERIC, "%s", err.msg);
    }
    return pixmap;
}

/* A decoded TIFF: what is missing of it is paper. Throws. */
static fz_pixmap *
decode_tiff(fz_context *ctx, const struct image_set *set, uint32_t index)
{
    const struct image_page *page = &set->pages[index];
    fz_pixmap *pixmap = fz_load_tiff_subimage(ctx, set->bytes->data, set->bytes->len, (int)index);
    fz_irect rows = fz_pixmap_bbox(ctx, pixmap);

    rows.y0 = rows.y1 - (int)page->damage.rows;
    if (page->damage.rows > 0)
        fz_clear_pixmap_rect_with_value(ctx, pixmap, 255, rows);
    return pixmap;
}

/* Another picture in the place of *image; throws. */
static void
put_image(fz_context *ctx, fz_image **image, fz_pixmap *pixmap, uint8_t orientation)
{
    fz_image *made = NULL;

    fz_var(made);

    fz_try(ctx) made = fz_new_image_from_pixmap(ctx, pixmap, NULL);
    fz_always(ctx) fz_drop_pixmap(ctx, pixmap);
    fz_catch(ctx) fz_rethrow(ctx);
    fz_drop_image(ctx, *image);
    *image = made;
    made->orientation = orientation;
}

/* Another picture in the place of the set's; throws. */
static void
put_pixmap(fz_context *ctx, struct image_set *set, uint32_t index, fz_pixmap *pixmap)
{
    put_image(ctx, &set->image, pixmap, set->pages[index].orientation);
    set->loaded = index;
    set->checked = false;
}

/* Measures what is missing, and lays a picture with alpha on the ground it shows best on; throws.
 */
static void
check_image(fz_context *ctx, struct image_set *set)
{
    struct image_page *page = &set->pages[set->loaded];
    fz_pixmap *pixmap = fz_get_unscaled_pixmap_from_image(ctx, set->image);
    bool plain = pixmap->alpha == 0 && pixmap->colorspace != fz_device_cmyk(ctx);

    if (plain && page->damage.rows != UINT32_MAX) {
        fz_drop_pixmap(ctx, pixmap);
        set->checked = true;
        return;
    }
    pixmap = ground_lay(ctx, pixmap);
    if (page->damage.rows == UINT32_MAX)
        page->damage.rows = damage_measure(ctx, pixmap);
    put_pixmap(ctx, set, set->loaded, pixmap);
    set->checked = true;
}

/* The picture of the page, the set's until another page is asked for; throws. */
static fz_image *
load(struct doc *doc, uint32_t index)
{
    struct image_set *set = doc->images;
    fz_context *ctx = doc->ctx;

    if (set->image == NULL || set->loaded != index)
        put_pixmap(ctx, set, index,
                   set->type == SNIFF_WEBP ? decode_webp(ctx, set) : decode_tiff(ctx, set, index));
    if (!set->checked)
        check_image(ctx, set);
    return set->image;
}

/* The same for who wants grey only: of a whole JPEG its brightness, if that stands by itself;
 * throws. */
static fz_image *
load_grey(struct doc *doc, uint32_t index)
{
    struct image_set *set = doc->images;
    const struct image_page *page = &set->pages[index];
    fz_context *ctx = doc->ctx;

    if (set->type == SNIFF_JPEG && !set->greyed && page->damage.rows == 0) {
        fz_pixmap *pixmap =
            fz_new_pixmap(ctx, fz_device_gray(ctx), (int)page->width, (int)page->height, NULL, 0);
        set->greyed = true;
        if (jpeg_decode_grey((struct span){set->bytes->data, set->bytes->len}, page->width,
                             page->height, fz_pixmap_samples(ctx, pixmap)))
            put_image(ctx, &set->grey, pixmap, page->orientation);
        else
            fz_drop_pixmap(ctx, pixmap);
    }
    return set->grey != NULL ? set->grey : load(doc, index);
}

bool
image_doc_missing(struct doc *doc, uint32_t index, struct box *ret)
{
    fz_context *ctx = doc->ctx;
    const struct damage *damage = &doc->images->pages[index].damage;
    float width, height, dpi;

    if (damage->rows == 0 && doc->images->type != SNIFF_WEBP)
        return false;
    fz_image *image = load(doc, index);
    float share = fminf(1, (float)damage->rows / (float)doc->images->pages[index].height);
    fz_rect rows =
        damage->at_the_top ? fz_make_rect(0, 0, 1, share) : fz_make_rect(0, 1 - share, 1, 1);
    image_doc_measure(doc, index, &width, &height, &dpi);
    fz_matrix ctm = fz_concat(fz_image_orientation_matrix(ctx, image), fz_scale(width, height));
    fz_rect box = fz_transform_rect(rows, ctm);
    *ret = (struct box){box.x0, box.y0, box.x1, box.y1};
    return damage->rows > 0;
}

void
image_doc_run(struct doc *doc, uint32_t index, bool grey, fz_device *dev, fz_matrix ctm)
{
    fz_context *ctx = doc->ctx;
    float width, height, dpi;
    fz_image *image = grey ? load_grey(doc, index) : load(doc, index);

    image_doc_measure(doc, index, &width, &height, &dpi);
    ctm = fz_concat(fz_scale(width, height), ctm);
    ctm = fz_concat(fz_image_orientation_matrix(ctx, image), ctm);
    fz_fill_image(ctx, dev, image, ctm, 1, fz_default_color_params);
}

/* Grey samples of the decoded picture; throws. */
static fz_pixmap *
decode_grey(fz_context *ctx, fz_image *image)
{
    return ground_lay(ctx, fz_get_unscaled_pixmap_from_image(ctx, image));
}

/* Pixel (x, y) of the source is pixel *at of the page, width wide, for MuPDF's orientation. */
static size_t
turned_index(const struct image_page *page, uint32_t x, uint32_t y)
{
    uint32_t w = page->width, h = page->height;
    uint32_t mx = page->orientation >= 5 ? w - 1 - x : x; /* mirrored first */

    switch ((page->orientation + 3) % 4) {
    case 1: /* a quarter counter-clockwise */
        return (size_t)(w - 1 - mx) * h + y;
    case 2:
        return (size_t)(h - 1 - y) * w + (w - 1 - mx);
    case 3:
        return (size_t)mx * h + (h - 1 - y);
    default:
        return (size_t)y * w + mx;
    }
}

static void
copy_pixels(fz_context *ctx, const struct image_page *page, const fz_pixmap *grey, uint8_t *pixels)
{
    const uint8_t *samples = fz_pixmap_samples(ctx, grey);
    size_t stride = (size_t)fz_pixmap_stride(ctx, grey);

    for (uint32_t y = 0; y < page->height; y++) {
        const uint8_t *from = samples + y * stride;
        if (page->orientation <= 1) {
            memcpy(pixels + (size_t)y * page->width, from, page->width);
            continue;
        }
        for (uint32_t x = 0; x < page->width; x++)
            pixels[turned_index(page, x, y)] = from[x];
    }
}

void
image_doc_copy(struct doc *doc, uint32_t index, float dpi, uint8_t *pixels, uint32_t width,
               uint32_t height, bool *ret_done)
{
    fz_context *ctx = doc->ctx;
    const struct image_page *page = &doc->images->pages[index];
    bool turned = is_turned(page);

    *ret_done = false;
    if (fabsf(page->x_dpi - dpi) > 0.01F || fabsf(page->y_dpi - dpi) > 0.01F ||
        width != (turned ? page->height : page->width) ||
        height != (turned ? page->width : page->height))
        return;
    fz_pixmap *grey = decode_grey(ctx, load_grey(doc, index));
    if ((uint32_t)fz_pixmap_width(ctx, grey) == page->width &&
        (uint32_t)fz_pixmap_height(ctx, grey) == page->height &&
        fz_pixmap_components(ctx, grey) == 1) {
        copy_pixels(ctx, page, grey, pixels);
        *ret_done = true;
    }
    fz_drop_pixmap(ctx, grey);
}
