/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Whole lines with the English model, if it is installed, and the boxes of a row. The letters are
 * drawn from bars, so that no font is needed. */
#include "ocr/lstm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { WIDTH = 1400, HEIGHT = 120, CAP = 60, STROKE = 9, TOP = 30 };

static uint8_t pixels[HEIGHT * WIDTH];
static const struct pixmap picture = {
    .pixels = pixels, .width = WIDTH, .height = HEIGHT, .stride = WIDTH};

static void
bar(int x, int y, int w, int h)
{
    for (int j = y; j < y + h; j++)
        memset(pixels + j * WIDTH + x, 0, (size_t)w);
}

static int
draw_letter(int x, char c)
{
    int low = TOP + CAP - STROKE, middle = TOP + (CAP - STROKE) / 2;

    switch (c) {
    case 'H':
        bar(x, TOP, STROKE, CAP);
        bar(x + 36, TOP, STROKE, CAP);
        bar(x, middle, 36, STROKE);
        return 45;
    case 'E':
        bar(x, TOP, STROKE, CAP);
        bar(x, TOP, 36, STROKE);
        bar(x, middle, 33, STROKE);
        bar(x, low, 36, STROKE);
        return 36;
    case 'L':
        bar(x, TOP, STROKE, CAP);
        bar(x, low, 34, STROKE);
        return 34;
    case 'T':
        bar(x, TOP, 42, STROKE);
        bar(x + 17, TOP, STROKE, CAP);
        return 42;
    case 'I':
        bar(x, TOP, STROKE, CAP);
        return STROKE;
    default:
        return 18;
    }
}

static int
draw(const char *text)
{
    int x = 40;

    memset(pixels, 255, sizeof(pixels));
    for (; *text != '\0'; text++)
        x += draw_letter(x, *text) + 12;
    return x;
}

static struct lstm_model *
open_english(void)
{
    const char *path = "/usr/share/tesseract-ocr/5/tessdata/eng.traineddata";
    struct lstm_model *model = NULL;
    struct err err;
    enum err_code rc = lstm_model_open(path, &model, &err);

    if (rc == ERR_NOT_FOUND)
        skip();
    assert_int_equal(rc, ERR_OK);
    return model;
}

static void
check_reading(bool negative)
{
    struct lstm_model *model = open_english();
    struct arena *arena = arena_new(MiB(64));
    int end = draw("TELL THE LITTLE TITLE");
    struct lstm_box box = {30, TOP - 6, end, TOP + CAP + 6};
    struct lstm_line line;
    struct err err;

    if (negative)
        for (size_t i = 0; i < sizeof(pixels); i++)
            pixels[i] = (uint8_t)(255 - pixels[i]);
    assert_int_equal(lstm_read_line(arena, model, &picture, box, &line, &err), ERR_OK);
    assert_int_equal(line.count, 4);
    assert_string_equal(line.words[0].text, "TELL");
    assert_string_equal(line.words[1].text, "THE");
    assert_string_equal(line.words[2].text, "LITTLE");
    assert_string_equal(line.words[3].text, "TITLE");
    assert_int_equal(line.inverted, negative);
    for (size_t i = 0; i < line.count; i++) {
        assert_true(line.words[i].confidence > 0.5f && line.words[i].confidence <= 1);
        assert_true(line.words[i].x0 < line.words[i].x1);
        assert_true(line.words[i].x0 >= 30 && line.words[i].x1 <= (float)end + 5);
        assert_true(i == 0 || line.words[i].x0 >= line.words[i - 1].x1 - 5);
    }
    arena_drop(&arena);
    lstm_model_close(&model);
}

static void
test_reads_a_line(void **unused)
{
    (void)unused;
    check_reading(false);
}

static void
test_reads_the_negative(void **unused)
{
    (void)unused;
    check_reading(true);
}

/* The second sight is the same line a pixel lower, the third is too narrow to count. */
static void
test_reads_sights(void **unused)
{
    struct lstm_model *model = open_english();
    struct arena *arena = arena_new(MiB(64));
    int end = draw("TELL THE TITLE");
    struct lstm_box box = {30, TOP - 6, end, TOP + CAP + 6};
    struct lstm_box lower = {box.x0, box.y0 + 1, box.x1, box.y1 + 1}, half = box, none = box;
    struct lstm_line line;
    struct err err;

    (void)unused;
    half.x1 = (box.x0 + box.x1) / 2;
    none.x1 = none.x0;
    const struct lstm_sight sights[] = {
        {&picture, box}, {&picture, lower}, {&picture, half}, {&picture, none}};
    assert_int_equal(lstm_read_sights(arena, model, sights, ARRAY_LEN(sights), &line, &err),
                     ERR_OK);
    assert_int_equal(line.count, 3);
    assert_string_equal(line.words[0].text, "TELL");
    assert_string_equal(line.words[2].text, "TITLE");
    assert_true(line.words[2].x1 > (float)half.x1);
    assert_int_equal(lstm_read_sights(arena, model, &sights[3], 1, &line, &err), ERR_OK);
    assert_int_equal(line.count, 0);
    arena_drop(&arena);
    lstm_model_close(&model);
}

static void
test_nothing_to_read(void **unused)
{
    struct lstm_model *model = open_english();
    struct arena *arena = arena_new(MiB(64));
    struct lstm_line line = {.count = 9};
    struct err err;

    (void)unused;
    draw("");
    assert_int_equal(
        lstm_read_line(arena, model, &picture, (struct lstm_box){5, 5, 5, 40}, &line, &err),
        ERR_OK);
    assert_int_equal(line.count, 0);
    assert_int_equal(
        lstm_read_line(arena, model, &picture, (struct lstm_box){5, 5, 6, 100}, &line, &err),
        ERR_OK);
    assert_int_equal(line.count, 0);
    arena_drop(&arena);
    lstm_model_close(&model);
}

static struct lstm_row_word
row_word(int32_t x0, int32_t y0, int32_t x1, int32_t y1)
{
    return (struct lstm_row_word){{x0, y0, x1, y1}, x0, 100, x1, 100};
}

/* Row of 30 from descender (8 below the baseline, which is at y 100 of 200) to ascender. */
static void
test_boxes_of_a_row(void **unused)
{
    struct lstm_row_word words[] = {
        row_word(10, 85, 50, 100),   /* no ascender, no descender: extended */
        row_word(60, 80, 100, 108),  /* joins */
        row_word(200, 78, 240, 108), /* too far away */
        row_word(245, 60, 260, 108), /* too tall: alone */
        row_word(265, 80, 300, 100), /* begins another */
    };
    struct lstm_row row = {words, ARRAY_LEN(words), 30.0f, -8.0f, 200};
    struct lstm_box boxes[ARRAY_LEN(words)];

    (void)unused;
    assert_int_equal(lstm_row_boxes(&row, boxes), 4);
    assert_int_equal(boxes[0].x0, 6);
    assert_int_equal(boxes[0].x1, 104);
    assert_int_equal(boxes[0].y0, 78 - 4);
    assert_int_equal(boxes[0].y1, 108 + 4);
    assert_int_equal(boxes[1].x0, 196);
    assert_int_equal(boxes[2].y0, 56);
    assert_int_equal(boxes[3].x1, 304);
    row.count = 0;
    assert_int_equal(lstm_row_boxes(&row, boxes), 0);
}

/* A sloping baseline is followed to the middle of the run. */
static void
test_sloping_baseline(void **unused)
{
    struct lstm_row_word words[] = {
        {{0, 85, 100, 100}, 0, 100, 100, 110},
        {{110, 95, 200, 110}, 110, 111, 200, 120},
    };
    struct lstm_row row = {words, ARRAY_LEN(words), 30.0f, -8.0f, 200};
    struct lstm_box box;

    (void)unused;
    assert_int_equal(lstm_row_boxes(&row, &box), 1);
    assert_int_equal(box.y1, 118 + 4);
}

/* Rows among specks and rules come out too high; letters 15 high belong to rows of about 20. */
static void
test_too_high_a_row(void **unused)
{
    struct lstm_row_word words[] = {
        row_word(10, 85, 50, 100),   row_word(60, 85, 100, 104),
        row_word(110, 60, 140, 100), /* a speck above it */
        row_word(150, 98, 152, 100), /* a speck */
        row_word(160, 90, 190, 100), /* no tall letter */
        row_word(200, 85, 230, 100), row_word(240, 85, 270, 100),
    };
    struct lstm_row row = {words, ARRAY_LEN(words), 30.0f, -8.0f, 200};
    struct lstm_row sound = {words, ARRAY_LEN(words), 21.0f, -4.0f, 200};
    struct lstm_row single = {words, 1, 30.0f, -8.0f, 200};

    (void)unused;
    lstm_row_mend(&row);
    assert_float_equal(row.height, 20.25, 0.01);
    assert_float_equal(row.descent, -4.95, 0.01);
    lstm_row_mend(&sound);
    assert_float_equal(sound.height, 21, 0);
    lstm_row_mend(&single);
    assert_float_equal(single.height, 30, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_a_line),   cmocka_unit_test(test_reads_the_negative),
        cmocka_unit_test(test_reads_sights),   cmocka_unit_test(test_nothing_to_read),
        cmocka_unit_test(test_boxes_of_a_row), cmocka_unit_test(test_sloping_baseline),
        cmocka_unit_test(test_too_high_a_row),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
