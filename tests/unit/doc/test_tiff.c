/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/tiff.h: pages, colours and damage of TIFF files. */
#include "picture.h"

static void
put_short(struct buf *out, uint32_t value)
{
    buf_char(out, (char)value);
    buf_char(out, (char)(value >> 8));
}

static void
put_entry(struct buf *out, uint32_t tag, uint32_t type, uint32_t value)
{
    put_short(out, tag);
    put_short(out, type);
    put_short(out, 1);
    put_short(out, 0);
    put_short(out, value & 0xffff);
    put_short(out, value >> 16);
}

/* A little-endian TIFF of two pages, uncompressed: 8-bit grey, then 1-bit and turned by 180. The
 * second directory points to `next`. */
static void
make_tiff(struct buf *out, uint32_t next)
{
    enum { SHORT = 3, LONG = 4, GREY_AT = 8, BITS_AT = GREY_AT + WIDTH * HEIGHT };
    enum { FIRST = BITS_AT + WIDTH / 8 * HEIGHT, ENTRIES = 9, SECOND = FIRST + 6 + ENTRIES * 12 };
    uint32_t sizes[2] = {WIDTH * HEIGHT, WIDTH / 8 * HEIGHT}, at[2] = {GREY_AT, BITS_AT};

    buf_append(out, "II*\0", 4);
    put_short(out, FIRST);
    put_short(out, 0);
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        buf_char(out, (char)corner(i % WIDTH, i / WIDTH));
    for (uint32_t i = 0; i < WIDTH / 8 * HEIGHT; i++)
        buf_char(out, corner(i % (WIDTH / 8) * 8, i / (WIDTH / 8)) != 0 ? '\xff' : '\0');
    for (int k = 0; k < 2; k++) {
        put_short(out, ENTRIES);
        put_entry(out, 256, SHORT, WIDTH);
        put_entry(out, 257, SHORT, HEIGHT);
        put_entry(out, 258, SHORT, k == 0 ? 8 : 1);
        put_entry(out, 259, SHORT, 1);
        put_entry(out, 262, SHORT, 1);
        put_entry(out, 273, LONG, at[k]);
        put_entry(out, 274, SHORT, k == 0 ? 1 : 3);
        put_entry(out, 278, SHORT, HEIGHT);
        put_entry(out, 279, LONG, sizes[k]);
        put_short(out, k == 0 ? SECOND : next);
        put_short(out, 0);
    }
}

static void
tiff_has_many_pages(void **state)
{
    (void)state;
    struct buf bytes;

    buf_init(&bytes, MiB(1));
    make_tiff(&bytes, 0);
    struct pixmap first = picture_of(&bytes, 0, "TIFF", 2);
    struct pixmap second = picture_of(&bytes, 1, "TIFF", 2);
    assert_quarters(&first, "X...");
    assert_quarters(&second, "...X");
    buf_fini(&bytes);
}

/* Of two colours: the first black, the second white, given in the upper half of the 16 bits only
 * (as some programs write them), in both, or in 8 bits. */
static void
make_tiff_of_colours(struct buf *out, uint32_t white)
{
    enum { SHORT = 3, LONG = 4, ENTRIES = 9, COLOURS = 256 };
    enum { PICTURE = 8, TABLE = PICTURE + WIDTH * HEIGHT, FIRST = TABLE + 3 * COLOURS * 2 };

    buf_append(out, "II*\0", 4);
    put_short(out, FIRST);
    put_short(out, 0);
    for (uint32_t i = 0; i < WIDTH * HEIGHT; i++)
        buf_char(out, corner(i % WIDTH, i / WIDTH) != 0 ? '\1' : '\0');
    for (uint32_t i = 0; i < 3 * COLOURS; i++)
        put_short(out, i % COLOURS == 1 ? white : 0);
    put_short(out, ENTRIES);
    put_entry(out, 256, SHORT, WIDTH);
    put_entry(out, 257, SHORT, HEIGHT);
    put_entry(out, 258, SHORT, 8);
    put_entry(out, 259, SHORT, 1);
    put_entry(out, 262, SHORT, 3);
    put_entry(out, 273, LONG, PICTURE);
    put_entry(out, 278, SHORT, HEIGHT);
    put_entry(out, 279, LONG, WIDTH * HEIGHT);
    put_short(out, 320);
    put_short(out, SHORT);
    put_short(out, 3 * COLOURS);
    put_short(out, 0);
    put_short(out, TABLE);
    put_short(out, 0);
    put_short(out, 0);
    put_short(out, 0);
}

static void
colours_of_a_tiff_are_read_however_they_are_written(void **state)
{
    (void)state;
    static const uint32_t whites[] = {0xff00, 0xffff, 0x00ff};

    for (size_t i = 0; i < ARRAY_LEN(whites); i++) {
        struct buf bytes;
        buf_init(&bytes, MiB(1));
        make_tiff_of_colours(&bytes, whites[i]);
        struct pixmap p = picture_of(&bytes, 0, "TIFF", 1);
        assert_quarters(&p, "X...");
        buf_fini(&bytes);
    }
}

static void
a_tiff_that_goes_in_circles_ends(void **state)
{
    (void)state;
    struct doc_limits one = sample_limits;
    struct buf bytes;
    struct err err = {0};

    buf_init(&bytes, MiB(1));
    make_tiff(&bytes, 8 + WIDTH * HEIGHT + WIDTH / 8 * HEIGHT); /* back to the first */
    assert_int_equal(sample_refusal(bytes.data, bytes.len, &sample_limits, &err), ERR_OK);
    one.pages_max = 1;
    assert_int_equal(sample_refusal(bytes.data, bytes.len, &one, &err), ERR_PAGES);
    buf_fini(&bytes);
}

/* One strip, its directory before it. */
static void
a_tiff_cut_off_is_read_as_far_as_it_goes(void **state)
{
    (void)state;
    enum { SHORT = 3, LONG = 4, ENTRIES = 7, PIXELS = 8 + 2 + ENTRIES * 12 + 4 };
    struct buf bytes;
    struct err err = {0};
    int first, last;

    buf_init(&bytes, MiB(1));
    buf_append(&bytes, "II*\0\x08\0\0\0", 8);
    put_short(&bytes, ENTRIES);
    put_entry(&bytes, 256, SHORT, WIDTH);
    put_entry(&bytes, 257, SHORT, HEIGHT);
    put_entry(&bytes, 258, SHORT, 8);
    put_entry(&bytes, 262, SHORT, 1);
    put_entry(&bytes, 273, LONG, PIXELS);
    put_entry(&bytes, 278, SHORT, HEIGHT);
    put_entry(&bytes, 279, LONG, WIDTH * HEIGHT);
    put_short(&bytes, 0);
    put_short(&bytes, 0);
    for (uint32_t i = 0; i < WIDTH * 15; i++)
        buf_char(&bytes, (char)corner(i % WIDTH, i / WIDTH));
    struct pixmap p = picture_of(&bytes, 0, "TIFF", 1);
    assert_quarters(&p, "X...");
    missing_of(&bytes, &first, &last);
    assert_int_equal(first, 75);
    assert_int_equal(last, 100);

    memcpy(bytes.data + 4, "\xff\xff", 2); /* its list of pages would come behind its end */
    assert_int_equal(sample_refusal(bytes.data, bytes.len, &sample_limits, &err), ERR_FORMAT);
    assert_non_null(strstr(err.msg, "cut off"));
    buf_fini(&bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(tiff_has_many_pages),
        TEST(colours_of_a_tiff_are_read_however_they_are_written),
        TEST(a_tiff_that_goes_in_circles_ends),
        TEST(a_tiff_cut_off_is_read_as_far_as_it_goes),
    };

    return cmocka_run_group_tests_name("tiff", tests, NULL, NULL);
}
