/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "picture.h"

#include <stdio.h>

#include <jpeglib.h>
#include <webp/encode.h>

static void
bmp_is_read_at_its_resolution(void **state)
{
    (void)state;
    struct buf bytes;
    int fd;
    struct err err;
    struct page *page;
    enum doc_trust trust;
    float dpi;

    buf_init(&bytes, MiB(1));
    sample_bmp(&bytes, WIDTH, HEIGHT, 144, corner);
    struct pixmap p = picture_of(&bytes, 0, "BMP", 1);
    assert_int_equal(p.width, WIDTH);
    assert_int_equal(p.height, HEIGHT);
    assert_quarters(&p, "X...");

    struct doc *doc = sample_open(&bytes, &fd);
    assert_string_equal(sample_text(doc, 0, arena, &page, &trust), "");
    assert_int_equal(trust, TRUST_NONE);
    assert_float_equal(page->width, 20, 0.2);
    assert_int_equal(doc_native_dpi(doc, 0, &dpi, &err), ERR_OK);
    assert_float_equal(dpi, 144, 1);
    doc_close(&doc);
    close(fd);
    buf_fini(&bytes);
}

static uint8_t
plain(uint32_t x, uint32_t y)
{
    (void)x;
    (void)y;
    return 200;
}

static void
a_picture_too_long_for_paper_becomes_a4(void **state)
{
    (void)state;
    struct buf bytes;
    struct page *page;
    enum doc_trust trust;
    int fd;

    buf_init(&bytes, MiB(8));
    sample_bmp(&bytes, 500, 2000, 72, plain); /* 28 inches, says the file */
    struct doc *doc = sample_open(&bytes, &fd);
    (void)sample_text(doc, 0, arena, &page, &trust);
    assert_float_equal(page->height, 842, 1);
    assert_float_equal(page->width, 210.5, 1);
    doc_close(&doc);
    close(fd);
    buf_fini(&bytes);
}

static void
tiny_pictures_are_fine_and_huge_ones_are_refused(void **state)
{
    (void)state;
    struct buf bytes;
    struct err err = {0};

    buf_init(&bytes, MiB(1));
    sample_bmp(&bytes, 1, 1, 0, plain);
    struct pixmap p = picture_of(&bytes, 0, "BMP", 1);
    assert_int_equal(p.width, 1);
    assert_int_equal(p.pixels[0], 200);
    /* The header alone claims 30000 x 30000 pixels: refused before anything is decoded. */
    memcpy(bytes.data + 18, "\x30\x75\0\0\x30\x75\0\0", 8);
    assert_int_equal(sample_refusal(bytes.data, bytes.len, &sample_limits, &err), ERR_PIXELS);
    assert_non_null(strstr(err.msg, "30000 x 30000"));
    buf_fini(&bytes);
}

/* A JPEG of the corner picture, with an EXIF orientation if not 0; components 1 or 4 (CMYK,
 * inverted as Adobe writes it). */
static void
make_jpeg(struct buf *out, uint8_t orientation, int components)
{
    struct jpeg_compress_struct jpeg;
    struct jpeg_error_mgr manager;
    unsigned char *bytes = NULL;
    unsigned long len = 0;
    uint8_t row[WIDTH * 4];
    JSAMPROW rows[1] = {row};
    uint8_t exif[] = "Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";

    jpeg.err = jpeg_std_error(&manager);
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &len);
    jpeg.image_width = WIDTH;
    jpeg.image_height = HEIGHT;
    jpeg.input_components = components;
    jpeg.in_color_space = components == 4 ? JCS_CMYK : JCS_GRAYSCALE;
    jpeg_set_defaults(&jpeg);
    jpeg_start_compress(&jpeg, TRUE);
    if (orientation != 0) {
        exif[25] = orientation;
        jpeg_write_marker(&jpeg, JPEG_APP0 + 1, exif, sizeof(exif) - 1);
    }
    for (uint32_t y = 0; y < HEIGHT; y++) {
        for (uint32_t x = 0; x < WIDTH; x++)
            for (int k = 0; k < components; k++)
                row[x * (uint32_t)components + (uint32_t)k] = corner(x, y);
        jpeg_write_scanlines(&jpeg, rows, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    buf_append(out, bytes, len);
    free(bytes);
}

static void
exif_orientation_is_applied(void **state)
{
    (void)state;
    /* Where the black quarter, stored at the top left, is seen. */
    static const char *const seen[9] = {"X...", "X...", ".X..", "...X", "..X.",
                                        "X...", ".X..", "...X", "..X."};

    for (uint8_t i = 0; i <= 8; i++) {
        struct buf bytes;
        buf_init(&bytes, MiB(1));
        make_jpeg(&bytes, i, 1);
        struct pixmap p = picture_of(&bytes, 0, "JPEG", 1);
        assert_int_equal(p.width, i >= 5 ? HEIGHT : WIDTH);
        assert_quarters(&p, seen[i]);
        buf_fini(&bytes);
    }
}

static void
cmyk_jpeg_is_not_inverted(void **state)
{
    (void)state;
    struct buf bytes;

    buf_init(&bytes, MiB(1));
    make_jpeg(&bytes, 0, 4); /* Adobe's convention: 0 is full ink */
    struct pixmap p = picture_of(&bytes, 0, "JPEG", 1);
    assert_quarters(&p, "X...");
    buf_fini(&bytes);
}

static void
webp_is_laid_on_white(void **state)
{
    (void)state;
    uint8_t rgba[WIDTH * HEIGHT * 4], *encoded = NULL;
    struct buf bytes;

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        memset(rgba + (size_t)i * 4, 0, 3);
        rgba[(size_t)i * 4 + 3] = 255 - corner(i % WIDTH, i / WIDTH);
    }
    size_t len = WebPEncodeLosslessRGBA(rgba, WIDTH, HEIGHT, WIDTH * 4, &encoded);
    buf_init(&bytes, MiB(1));
    buf_append(&bytes, encoded, len);
    WebPFree(encoded);
    struct pixmap p = picture_of(&bytes, 0, "WebP", 1);
    assert_quarters(&p, "X...");
    buf_fini(&bytes);
}

static void
of_an_animation_the_first_frame_is_read(void **state)
{
    (void)state;
    /* 2 x 2, black and white; a black frame, then a white one over it. */
    static const char gif[] = "GIF89a\x02\0\x02\0\x80\0\0\0\0\0\xff\xff\xff"
                              "\x21\xf9\x04\0\x0a\0\0\0"
                              ",\0\0\0\0\x02\0\x02\0\0\x02\x02\x84\x51\0"
                              "\x21\xf9\x04\0\x0a\0\0\0"
                              ",\0\0\0\0\x02\0\x02\0\0\x02\x02\x8c\x53\0;";
    struct buf bytes;

    buf_init(&bytes, MiB(1));
    buf_append(&bytes, gif, sizeof(gif) - 1);
    struct pixmap p = picture_of(&bytes, 0, "GIF", 1);
    assert_quarters(&p, "XXXX");
    buf_fini(&bytes);
}

/* Letters have alpha, the rest none; the colour of all is level. */
static void
make_clear_webp(struct buf *out, uint8_t level)
{
    uint8_t rgba[WIDTH * HEIGHT * 4], *encoded = NULL;

    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++) {
        memset(rgba + (size_t)i * 4, level, 3);
        rgba[(size_t)i * 4 + 3] = 255 - corner(i % WIDTH, i / WIDTH);
    }
    size_t len = WebPEncodeLosslessRGBA(rgba, WIDTH, HEIGHT, WIDTH * 4, &encoded);
    buf_append(out, encoded, len);
    WebPFree(encoded);
}

static void
white_on_nothing_is_seen(void **state)
{
    (void)state;
    static const uint8_t levels[] = {0, 128, 240, 255};

    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        struct buf bytes;
        buf_init(&bytes, MiB(1));
        make_clear_webp(&bytes, levels[i]);
        struct pixmap p = picture_of(&bytes, 0, "WebP", 1);
        assert_quarters(&p, "X...");
        buf_fini(&bytes);
    }
}

static void
cmyk_without_adobes_mark_is_shown_so_that_one_sees_it(void **state)
{
    (void)state;
    struct buf bytes;

    buf_init(&bytes, MiB(1));
    make_jpeg(&bytes, 0, 4);
    uint8_t *mark = memmem(bytes.data, bytes.len, "\xff\xee", 2);
    if (mark != NULL) { /* the library writes it of itself: made a comment */
        mark[1] = 0xfe;
    }
    struct pixmap p = picture_of(&bytes, 0, "JPEG", 1);
    assert_quarters(&p, "X...");
    buf_fini(&bytes);
}

static void
put_big(struct buf *out, uint32_t value)
{
    for (int shift = 24; shift >= 0; shift -= 8)
        buf_char(out, (char)(value >> shift));
}

static void
put_png_chunk(struct buf *out, const char *name, const void *data, size_t len)
{
    put_big(out, (uint32_t)len);
    buf_append(out, name, 4);
    buf_append(out, data, len);
    put_big(out, 0); /* the sum, which nobody looks at */
}

/* The corner picture, 8-bit grey, not packed; with an EXIF orientation if not 0. */
static void
make_png(struct buf *out, uint8_t orientation)
{
    enum { ROWS = HEIGHT * (WIDTH + 1) };
    uint8_t head[13] = {0, 0, 0, WIDTH, 0, 0, 0, HEIGHT, 8, 0, 0, 0, 0};
    uint8_t exif[] = "MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\0\0\0\0\0\0\0";
    uint8_t data[7 + ROWS + 4] = {
        0x78, 0x01, 0x01, ROWS & 255, ROWS >> 8, (uint8_t) ~(ROWS & 255), (uint8_t) ~(ROWS >> 8)};
    uint32_t a = 1, b = 0;

    for (uint32_t i = 0; i < ROWS; i++) {
        uint32_t x = i % (WIDTH + 1);
        data[7 + i] = x == 0 ? 0 : corner(x - 1, i / (WIDTH + 1));
        a = (a + data[7 + i]) % 65521;
        b = (b + a) % 65521;
    }
    uint8_t sum[4] = {(uint8_t)(b >> 8), (uint8_t)b, (uint8_t)(a >> 8), (uint8_t)a};
    memcpy(data + 7 + ROWS, sum, sizeof(sum));
    exif[19] = orientation;
    buf_append(out, "\x89PNG\r\n\x1a\n", 8);
    put_png_chunk(out, "IHDR", head, sizeof(head));
    if (orientation != 0)
        put_png_chunk(out, "eXIf", exif, sizeof(exif) - 1);
    put_png_chunk(out, "IDAT", data, sizeof(data));
    put_png_chunk(out, "IEND", NULL, 0);
}

static void
orientation_of_a_png_is_applied(void **state)
{
    (void)state;
    static const char *const seen[9] = {"X...", "X...", ".X..", "...X", "..X.",
                                        "X...", ".X..", "...X", "..X."};

    for (uint8_t i = 0; i <= 8; i++) {
        struct buf bytes;
        buf_init(&bytes, MiB(1));
        make_png(&bytes, i);
        struct pixmap p = picture_of(&bytes, 0, "PNG", 1);
        assert_int_equal(p.width, i >= 5 ? HEIGHT : WIDTH);
        assert_quarters(&p, seen[i]);
        buf_fini(&bytes);
    }
}

static void
of_a_file_cut_off_what_is_there_is_read(void **state)
{
    (void)state;
    struct buf bytes;
    int first, last;

    buf_init(&bytes, MiB(1));
    make_png(&bytes, 0);
    missing_of(&bytes, &first, &last);
    assert_int_equal(last, 0);
    bytes.len -= 12 + 4 + 4 + 5 * (WIDTH + 1); /* end, sums, the last five rows */
    struct pixmap p = picture_of(&bytes, 0, "PNG", 1);
    assert_quarters(&p, "X...");
    missing_of(&bytes, &first, &last);
    assert_int_equal(first, 75);
    assert_int_equal(last, 100);

    buf_clear(&bytes);
    sample_bmp(&bytes, WIDTH, HEIGHT, 144, corner);
    bytes.len -= 4 * WIDTH * 3; /* four rows, of the top */
    p = picture_of(&bytes, 0, "BMP", 1);
    assert_quarters(&p, "X...");
    missing_of(&bytes, &first, &last);
    assert_int_equal(first, 0);
    assert_int_equal(last, 20);
    buf_fini(&bytes);
}

static void
a_jpeg_cut_off_tells_how_much_is_missing(void **state)
{
    (void)state;
    struct buf bytes;
    int first, last;

    buf_init(&bytes, MiB(1));
    make_jpeg(&bytes, 0, 1);
    missing_of(&bytes, &first, &last);
    assert_int_equal(last, 0);
    bytes.len -= 2; /* the end mark alone: nothing that one would see */
    missing_of(&bytes, &first, &last);
    assert_true(first >= 50 && last == 100); /* white to the end, which nobody can tell */
    buf_fini(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(bmp_is_read_at_its_resolution),
        TEST(a_picture_too_long_for_paper_becomes_a4),
        TEST(tiny_pictures_are_fine_and_huge_ones_are_refused),
        TEST(exif_orientation_is_applied),
        TEST(cmyk_jpeg_is_not_inverted),
        TEST(webp_is_laid_on_white),
        TEST(of_an_animation_the_first_frame_is_read),
        TEST(white_on_nothing_is_seen),
        TEST(cmyk_without_adobes_mark_is_shown_so_that_one_sees_it),
        TEST(orientation_of_a_png_is_applied),
        TEST(of_a_file_cut_off_what_is_there_is_read),
        TEST(a_jpeg_cut_off_tells_how_much_is_missing),
    };

    return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
