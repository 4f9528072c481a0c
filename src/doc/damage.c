/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/damage.h"

#include "doc/gif.h"

#include <stdlib.h>
#include <string.h>

enum {
    PNG_SIGNATURE = 8,
    PNG_CHUNK = 12, /* bytes of a chunk besides its data */
    PNG_HEADER = PNG_SIGNATURE + PNG_CHUNK + 13,
    PNG_PALETTE = 3, /* type of colour */
    BMP_HEADER = 26
};

/* The rows of a picture, decoded, take no more. */
static const size_t rows_bytes_max = MiB(512);

static uint32_t
read_big(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static uint32_t
read_little(const uint8_t *at)
{
    return (uint32_t)at[3] << 24 | (uint32_t)at[2] << 16 | (uint32_t)at[1] << 8 | at[0];
}

/* ---- PNG ---- */

struct png {
    uint32_t width, height, row_bytes;
    uint8_t paper; /* byte of a row of the brightest colour */
    size_t first;  /* position of the first chunk of data; 0 none */
    bool whole;
};

/* Bytes of the brightest colour of a palette, as often as a byte has it. */
static uint8_t
brightest(const uint8_t *colours, size_t n, unsigned depth)
{
    unsigned best = 0, most = 0, byte = 0;

    for (unsigned i = 0; i < n / 3 && i < 1U << depth; i++) {
        unsigned sum = (unsigned)colours[3 * i] + colours[3 * i + 1] + colours[3 * i + 2];
        if (sum > most) {
            most = sum;
            best = i;
        }
    }
    for (unsigned bit = 0; bit < 8; bit += depth)
        byte = byte << depth | best;
    return (uint8_t)byte;
}

/* Walks the chunks; puts their data into packed. False if it is nothing that can be mended. */
static bool
walk_png(fz_context *ctx, struct span file, struct png *png, fz_buffer *packed)
{
    static const uint8_t samples[7] = {1, 0, 3, 1, 2, 0, 4};
    size_t at = PNG_SIGNATURE;

    if (file.len < PNG_HEADER || memcmp(file.data + 12, "IHDR", 4) != 0)
        return false;
    const uint8_t *head = file.data + 16;
    unsigned depth = head[8], colour = head[9];
    png->width = read_big(head);
    png->height = read_big(head + 4);
    if (colour > 6 || samples[colour] == 0 || head[12] != 0 || depth == 0 || depth > 16 ||
        png->width == 0 || png->width > INT32_MAX / 8)
        return false;
    png->row_bytes = (uint32_t)(((uint64_t)png->width * depth * samples[colour] + 7) / 8);
    png->paper = UINT8_MAX;
    while (at < file.len && file.len - at >= PNG_CHUNK && !png->whole) {
        size_t len = read_big(file.data + at), left = file.len - at - 8;
        const uint8_t *name = file.data + at + 4;
        png->whole = memcmp(name, "IEND", 4) == 0;
        if (memcmp(name, "PLTE", 4) == 0 && colour == PNG_PALETTE && len <= left && depth <= 8)
            png->paper = brightest(name + 4, len, depth);
        if (memcmp(name, "IDAT", 4) == 0) {
            png->first = png->first == 0 ? at : png->first;
            fz_append_data(ctx, packed, name + 4, len < left ? len : left);
        }
        if (len > left || left - len < 4)
            break;
        at += PNG_CHUNK + len;
    }
    return true;
}

static void
put_chunk(fz_context *ctx, fz_buffer *out, const char *name, const uint8_t *data, size_t len)
{
    fz_append_int32_be(ctx, out, (int)len);
    fz_append_data(ctx, out, name, 4);
    fz_append_data(ctx, out, data, len);
    fz_append_int32_be(ctx, out, 0); /* the library does not look at the sum */
}

/* The rows that inflate from packed, the others of paper. Throws. */
static fz_buffer *
inflate_rows(fz_context *ctx, const struct png *png, fz_buffer *packed, uint32_t *ret_rows)
{
    size_t stride = (size_t)png->row_bytes + 1, all = stride * png->height;
    fz_stream *source = NULL, *flate = NULL;
    fz_buffer *rows = fz_new_buffer(ctx, all);
    size_t n = 0;

    fz_var(source);
    fz_var(flate);
    fz_try(ctx)
    {
        rows->len = all;
        memset(rows->data, png->paper, all);
        source = fz_open_buffer(ctx, packed);
        flate = fz_open_flated(ctx, source, 15);
        n = fz_read(ctx, flate, rows->data, all);
    }
    fz_always(ctx)
    {
        fz_drop_stream(ctx, flate);
        fz_drop_stream(ctx, source);
    }
    fz_catch(ctx) n = 0; /* nothing of it inflates */
    *ret_rows = (uint32_t)(n / stride);
    for (size_t y = *ret_rows; y < png->height; y++) {
        memset(rows->data + y * stride, png->paper, stride);
        rows->data[y * stride] = 0; /* no filter */
    }
    return rows;
}

/* Writes the file anew with its first rows. Throws. */
static struct damage
rewrite_png(fz_context *ctx, fz_buffer **bytes, const struct png *png, fz_buffer *packed)
{
    uint32_t got = 0;
    unsigned char *data = NULL;
    size_t len = 0;
    fz_buffer *rows = inflate_rows(ctx, png, packed, &got), *out = NULL;

    fz_var(data);
    fz_var(out);
    fz_try(ctx)
    {
        data = fz_new_deflated_data_from_buffer(ctx, &len, rows, FZ_DEFLATE_BEST_SPEED);
        out = fz_new_buffer(ctx, png->first + len + 64);
        fz_append_data(ctx, out, (*bytes)->data, png->first);
        put_chunk(ctx, out, "IDAT", data, len);
        put_chunk(ctx, out, "IEND", NULL, 0);
    }
    fz_always(ctx)
    {
        fz_free(ctx, data);
        fz_drop_buffer(ctx, rows);
    }
    fz_catch(ctx)
    {
        fz_drop_buffer(ctx, out);
        fz_rethrow(ctx);
    }
    fz_drop_buffer(ctx, *bytes);
    *bytes = out;
    return (struct damage){.rows = png->height - got};
}

static struct damage
mend_png(fz_context *ctx, fz_buffer **bytes)
{
    struct png png = {0};
    struct damage damage = {0};
    fz_buffer *packed = fz_new_buffer(ctx, 1024);

    fz_var(damage);
    fz_try(ctx)
    {
        if (walk_png(ctx, (struct span){(*bytes)->data, (*bytes)->len}, &png, packed) &&
            !png.whole && png.first > 0 &&
            ((uint64_t)png.row_bytes + 1) * png.height <= rows_bytes_max)
            damage = rewrite_png(ctx, bytes, &png, packed);
    }
    fz_always(ctx) fz_drop_buffer(ctx, packed);
    fz_catch(ctx) fz_rethrow(ctx);
    return damage;
}

struct span
png_exif(struct span file)
{
    size_t at = PNG_SIGNATURE;

    while (at < file.len && file.len - at >= PNG_CHUNK) {
        size_t len = read_big(file.data + at);
        if (len > file.len - at - PNG_CHUNK)
            break;
        if (memcmp(file.data + at + 4, "eXIf", 4) == 0)
            return (struct span){file.data + at + 8, len};
        at += PNG_CHUNK + len;
    }
    return (struct span){NULL, 0};
}

/* ---- the others ---- */

static struct damage
mend_bmp(fz_context *ctx, fz_buffer *bytes)
{
    struct damage damage = {0};

    if (bytes->len < BMP_HEADER + 8 || read_little(bytes->data + 14) < 40 ||
        read_little(bytes->data + 30) != 0) /* packed: its length tells nothing */
        return damage;
    uint64_t start = read_little(bytes->data + 10);
    uint64_t width = read_little(bytes->data + 18);
    int32_t signed_height = (int32_t)read_little(bytes->data + 22);
    uint64_t height = (uint64_t)llabs((long long)signed_height);
    uint64_t bits = bytes->data[28], stride = (width * bits + 31) / 32 * 4;
    uint64_t end = start + stride * height, len = bytes->len;
    if (width == 0 || width > INT32_MAX / 64 || stride == 0 || len >= end || len < start ||
        end > rows_bytes_max)
        return damage;
    damage.rows = (uint32_t)((end - len + stride - 1) / stride);
    damage.at_the_top = signed_height > 0;
    fz_resize_buffer(ctx, bytes, end);
    memset(bytes->data + len, UINT8_MAX, end - len);
    bytes->len = end;
    return damage;
}

/* Ends the file behind its first frame; whether that is cut. Throws. */
static bool
end_gif(fz_context *ctx, fz_buffer *bytes)
{
    bool cut;
    size_t keep = gif_first_frame((struct span){bytes->data, bytes->len}, &cut);

    if (keep > 0 && (cut || keep < bytes->len)) {
        fz_resize_buffer(ctx, bytes, keep + 2);
        bytes->len = keep;
        if (cut)
            fz_append_byte(ctx, bytes, 0);
        fz_append_byte(ctx, bytes, ';');
    }
    return cut;
}

/* Whether the end mark follows behind the first scan. In a scan's data 0xff has a 0 behind it. */
static bool
is_whole_jpeg(struct span file)
{
    size_t at = 2;

    while (at + 4 <= file.len && file.data[at] == 0xff && file.data[at + 1] != 0xda)
        at += 2 + ((size_t)file.data[at + 2] << 8 | file.data[at + 3]);
    return at >= file.len ? false : memmem(file.data + at, file.len - at, "\xff\xd9", 2) != NULL;
}

struct damage
damage_mend(fz_context *ctx, fz_buffer **bytes, enum sniff_type type)
{
    struct damage damage = {0};

    if (type == SNIFF_PNG)
        return mend_png(ctx, bytes);
    if (type == SNIFF_BMP)
        return mend_bmp(ctx, *bytes);
    if (type == SNIFF_JPEG && !is_whole_jpeg((struct span){(*bytes)->data, (*bytes)->len}))
        damage.rows = UINT32_MAX;
    if (type == SNIFF_GIF && end_gif(ctx, *bytes))
        damage.rows = UINT32_MAX;
    return damage;
}

uint32_t
damage_measure(fz_context *ctx, const fz_pixmap *grey)
{
    int width = fz_pixmap_width(ctx, grey), height = fz_pixmap_height(ctx, grey), y = height;
    const uint8_t *samples = fz_pixmap_samples(ctx, grey);
    size_t stride = (size_t)fz_pixmap_stride(ctx, grey);
    uint8_t level = samples[(size_t)(height - 1) * stride];

    while (y > 0) {
        const uint8_t *row = samples + (size_t)(y - 1) * stride;
        int x = 0;
        while (x < width && row[x] == level)
            x++;
        if (x < width)
            break;
        y--;
    }
    return (uint32_t)(height - y);
}
