/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/ocr.h"

#include "doc/doc.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct ocr *ocr;
static struct arena *arena;

/* Without the English model there is nothing to test; the machine says so by skipping. */
static int
open_engine(void **state)
{
    static const struct ocr_config config = {.languages = "eng"};
    struct err err = {0};

    (void)state;
    if (ocr_open(&config, &ocr, &err) == ERR_NOT_FOUND)
        print_message("%s\n", err.msg);
    else if (ocr == NULL)
        return 1;
    return 0;
}

static int
close_engine(void **state)
{
    (void)state;
    ocr_close(&ocr);
    return 0;
}

static int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(256));
    return arena == NULL;
}

static int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

/* A page of 400 x 400 pt: a heading and ten lines of ordinary English. extra is drawn first. */
static const char *
make_page(const char *extra)
{
    static const char *const lines[] = {
        "The ship left the harbour early in the morning and",
        "sailed along the coast until the wind fell at noon.",
        "Nobody on board had expected such a quiet passage,",
        "for the month before had been full of heavy storms.",
        "The captain kept the log himself and wrote in it the",
        "depth of the water, the light of each lighthouse and",
        "the height of the tide at every hour of the daylight.",
        "At half past four they passed the last of the islands",
        "and by the time that the lamps were lit they had land",
        "behind them and nothing but the open sea before them.",
    };
    char *content =
        arena_printf(arena, "%s 0 g BT /F1 20 Tf 40 350 Td (Quiet Passage) Tj ET\n", extra);

    for (size_t i = 0; i < ARRAY_LEN(lines); i++)
        content = arena_printf(arena, "%sBT /F1 12 Tf 40 %zu Td (%s) Tj ET\n", content,
                               310 - 25 * i, lines[i]);
    return content;
}

/* The picture of a page with this content, turned clockwise. */
static struct pixmap
draw(const char *content, int rotate, float dpi)
{
    static const struct doc_limits limits = {
        .memory_bytes = MiB(64), .pages_max = 1, .pixels_max = 4000000};
    int fd = memfd_create("page", MFD_CLOEXEC);
    struct doc *doc = NULL;
    struct pixmap picture = {0};
    struct err err = {0};

    /* Without a table of positions: MuPDF finds the objects by itself. */
    assert_true(dprintf(fd,
                        "%%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
                        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
                        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 400]/Rotate %d"
                        "/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>endobj\n"
                        "5 0 obj<</Type/Font/Subtype/Type1/BaseFont/Times-Roman>>endobj\n"
                        "4 0 obj<</Length %zu>>stream\n%s\nendstream endobj\n"
                        "trailer<</Root 1 0 R>>\n",
                        rotate, strlen(content), content) > 0);
    if (doc_open(fd, &limits, &doc, &err) != ERR_OK ||
        doc_render(doc, 0, dpi, NULL, arena, &picture, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    doc_close(&doc);
    close(fd);
    return picture;
}

static struct page *
read_picture(struct pixmap *picture)
{
    struct err err = {0};
    struct page *page = page_new(arena, 0, 400, 400);

    assert_non_null(page);
    if (ocr_read(ocr, picture, page, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    return page;
}

static const char *
text_of(const struct page *page)
{
    const char *all = "";

    for (uint32_t i = 0; i < page->line_count; i++)
        all = arena_printf(arena, "%s%s|", all, page_line_text(arena, page, &page->lines[i]));
    return all;
}

#define NEEDS_ENGINE                                                                               \
    do {                                                                                           \
        if (ocr == NULL)                                                                           \
            skip();                                                                                \
    } while (0)

static void
words_stand_where_they_are_printed(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap picture = draw(make_page(""), 0, 200);
    struct page *page = read_picture(&picture);

    assert_int_equal(page->line_count, 11);
    assert_non_null(strstr(text_of(page), "Quiet Passage|"));
    assert_non_null(strstr(text_of(page), "sailed along the coast until the wind fell at noon.|"));
    assert_true(page->from_pixels && page->dpi > 0);
    assert_int_equal(page->turned, 0);
    const struct page_word *ship = &page->words[3];
    assert_string_equal(ship->text, "ship");
    assert_int_equal(ship->witness, WITNESS_PIXELS);
    assert_true(ship->confidence > 0.8F && ship->confidence <= 1);
    /* "The " is 0.611 + 0.5 + 0.444 + 0.25 em in Times; the baseline is 310 from the foot. */
    assert_float_equal(ship->box.x0, 40 + 12 * 1.805, 1.5);
    assert_float_equal(page->lines[1].baseline, 90, 1.5);
    assert_float_equal(page->lines[1].size, 12, 2.5);
    assert_true(page->lines[0].size > 1.4F * page->lines[1].size);
}

static void
pages_that_lie_on_their_side_are_turned(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    for (int rotate = 90; rotate <= 270; rotate += 90) {
        struct pixmap picture = draw(make_page(""), rotate, 200);
        struct page *page = read_picture(&picture);
        assert_int_equal(page->turned, 360 - rotate);
        assert_non_null(strstr(text_of(page), "The ship left the harbour early in the morning"));
        assert_false(page->lines[1].vertical);
        assert_float_equal(page->lines[1].box.x0, 40, 2);
    }
}

static void
a_part_that_lies_on_its_side_stays_in_place(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap picture = draw(make_page(""), 90, 200);
    struct err err;
    struct page *page = page_new(arena, 0, 1000, 1000);

    assert_non_null(page);
    picture.x0 = 500;
    picture.y0 = 300;
    assert_int_equal(ocr_read(ocr, &picture, page, &err), ERR_OK);
    assert_int_equal(page->turned, 0);
    assert_true(page->width == 1000);
    assert_string_equal(page->words[0].text, "Quiet");
    assert_true(page->lines[0].vertical);
    /* 350 above the foot and 40 from the left become 350 and 40 from the left and the top. */
    assert_float_equal(page->words[0].box.y0, 300 + 40, 3);
    assert_true(page->words[0].box.x0 > 500 + 340 && page->words[0].box.x1 < 500 + 370);
}

static void
white_on_black_is_read(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap picture =
        draw(make_page("0 g 0 375 400 25 re f 1 g BT /F1 14 Tf 60 382 Td (Light on dark) Tj ET"), 0,
             200);

    assert_non_null(strstr(text_of(read_picture(&picture)), "Light on dark|"));
}

static void
a_shadow_over_the_page_does_no_harm(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap picture = draw(make_page(""), 0, 200);

    for (uint32_t y = 0; y < picture.height; y++)
        for (uint32_t x = 0; x < picture.width; x++) {
            uint8_t *pixel = &picture.pixels[y * picture.stride + x];
            *pixel = (uint8_t)(*pixel * (0.35 + 0.65 * x / picture.width));
        }
    assert_non_null(strstr(text_of(read_picture(&picture)),
                           "for the month before had been full of heavy storms.|"));
}

/* Pale print and noise of nearly normal distribution, spread over some pixels. */
static void
add_grain(struct pixmap *picture, double contrast, double sd)
{
    uint32_t seed = 1;

    for (uint32_t y = 0; y < picture->height; y++)
        for (uint32_t x = 0; x < picture->width; x++) {
            double noise = -6;
            for (int i = 0; i < 12; i++) {
                seed = seed * 1664525 + 1013904223;
                noise += (double)seed / UINT32_MAX;
            }
            uint8_t *pixel = &picture->pixels[y * picture->stride + x];
            double grey = 215 - contrast * (255 - *pixel) + sd * noise;
            *pixel = (uint8_t)(grey < 0 ? 0 : grey > 255 ? 255 : grey);
        }
}

static void
print_in_grain_is_read(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap picture = draw(make_page(""), 0, 200);

    add_grain(&picture, 0.35, 20);
    assert_string_equal("Quiet Passage|The ship left the harbour early in the morning and|",
                        arena_strndup(arena, text_of(read_picture(&picture)), 65));
}

/* As in a mirror, which no model reads. */
static void
mirror(struct pixmap *picture)
{
    for (uint32_t y = 0; y < picture->height; y++) {
        uint8_t *row = picture->pixels + (size_t)y * picture->stride;
        for (uint32_t x = 0; x < picture->width / 2; x++) {
            uint8_t kept = row[x];
            row[x] = row[picture->width - 1 - x];
            row[picture->width - 1 - x] = kept;
        }
    }
}

/* Print that reads badly is not read whole from every side: what its longest rows say is enough. */
static void
print_that_reads_badly_is_sampled_from_other_sides(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap picture = draw(make_page(""), 0, 200);
    (void)read_picture(&picture);
    uint64_t once = ocr_spent(ocr);

    mirror(&picture);
    (void)read_picture(&picture);
    assert_true(once > 0);
    /* Views and all; with whole readings from other sides it would be 10.7 times as much. */
    assert_true(2 * ocr_spent(ocr) < 19 * once);
}

static void
an_empty_page_has_no_words(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap picture = draw("", 0, 100);
    struct page *page = read_picture(&picture);
    uint8_t dot = 0;
    struct pixmap tiny = {.pixels = &dot, .width = 1, .height = 1, .stride = 1, .dpi = 100};

    assert_int_equal(page->word_count, 0);
    assert_int_equal(read_picture(&tiny)->word_count, 0);
}

/* The confined child may open nothing: here every attempt fails for want of a descriptor. */
static void
reading_opens_no_file(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap picture = draw(make_page(""), 0, 200);
    int status = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        static const struct rlimit none = {0, 0};
        struct page *page = page_new(arena, 0, 400, 400);
        struct err err;
        bool ok = page != NULL && setrlimit(RLIMIT_NOFILE, &none) == 0 &&
                  ocr_read(ocr, &picture, page, &err) == ERR_OK &&
                  strstr(text_of(page), "Nobody on board") != NULL;
        _exit(ok ? 0 : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

/* How much lower than on a flat page a row is seen, of its height: it bows, and leans more the
 * farther down it stands. */
static double
bend_at(double x, double y)
{
    return 0.03 * sin(3 * x) * y + 0.05 * (x - 0.5) * (y - 0.5);
}

static struct pixmap
bend(const struct pixmap *flat)
{
    struct pixmap bent = *flat;

    bent.pixels = arena_array(arena, flat->height, flat->stride);
    assert_non_null(bent.pixels);
    for (uint32_t y = 0; y < flat->height; y++)
        for (uint32_t x = 0; x < flat->width; x++) {
            double from =
                y - flat->height * bend_at((double)x / flat->width, (double)y / flat->height);
            from = fmin(fmax(from, 0), flat->height - 2);
            const uint8_t *at = flat->pixels + (size_t)from * flat->stride + x;
            double share = from - floor(from);
            bent.pixels[y * flat->stride + x] =
                (uint8_t)(at[0] * (1 - share) + at[flat->stride] * share);
        }
    return bent;
}

/* The same words are read as on the flat page, and each is found where it is seen on the bent one.
 */
static void
a_bent_page_is_read_straight(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap flat = draw(make_page(""), 0, 200), bent = bend(&flat);
    struct page *wanted = read_picture(&flat), *page = read_picture(&bent);

    assert_null(wanted->warp);
    assert_non_null(page->warp);
    assert_string_equal(text_of(page), text_of(wanted));
    for (uint32_t i = 0; i < page->word_count; i++) {
        struct box b = wanted->words[i].box, seen = page_box_as_seen(page, page->words[i].box);
        double x = (double)(b.x0 + b.x1) / 2, y = (double)(b.y0 + b.y1) / 2;
        assert_float_equal((seen.x0 + seen.x1) / 2, x, 1.5);
        assert_float_equal((seen.y0 + seen.y1) / 2, y + 400 * bend_at(x / 400, y / 400), 1.5);
    }
}

static void
missing_models_are_named(void **state)
{
    (void)state;
    static const struct ocr_config absent = {.model_dir = "/nonexistent", .languages = "chi_sim"};
    static const struct ocr_config odd = {.languages = "../../etc/passwd"};
    struct ocr *none = NULL;
    struct err err = {0};

    assert_int_equal(ocr_open(&absent, &none, &err), ERR_NOT_FOUND);
    assert_non_null(strstr(err.msg, "/nonexistent/chi_sim.traineddata"));
    assert_non_null(strstr(err.msg, "tesseract-ocr-chi-sim"));
    assert_int_equal(ocr_open(&odd, &none, &err), ERR_INPUT);
    assert_null(none);
}

static void
the_resolution_fits_the_source(void **state)
{
    (void)state;
    assert_float_equal(ocr_pick_dpi(150, 595, 842), 150, 0.1);
    assert_float_equal(ocr_pick_dpi(600, 595, 842), 300, 0.1);
    assert_float_equal(ocr_pick_dpi(0, 595, 842), 200, 0.1);
    assert_true(ocr_pick_dpi(300, 14400, 14400) * 14400 / 72 <= 10001);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Drawn leaning: x' = x cos - y sin. */
static void
a_leaning_page_is_read_level(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    struct pixmap picture = draw(make_page("0.9945 0.1045 -0.1045 0.9945 20 -20 cm"), 0, 150);
    struct page *page = read_picture(&picture);
    const char *text = text_of(page);

    if (strstr(text, "The ship left the harbour early in the morning and") == NULL ||
        strstr(text, "behind them and nothing but the open sea before them.") == NULL)
        fail_msg("%s", text);
    assert_float_equal(page->skew, 6, 0.3);
}

static void
words_are_known_by_the_list_of_their_language(void **state)
{
    (void)state;
    NEEDS_ENGINE;
    assert_true(ocr_knows(ocr, "eng", "harbour"));
    assert_true(ocr_knows(ocr, "eng", "(Have,"));
    assert_false(ocr_knows(ocr, "eng", "haye"));
    assert_false(ocr_knows(ocr, "eng", "harb"));
    assert_false(ocr_knows(ocr, "eng", "..."));
    assert_false(ocr_knows(ocr, "eng", "\xe6\xb8\xaf"));
    assert_false(ocr_knows(ocr, "xyz", "harbour"));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(words_stand_where_they_are_printed),
        TEST(words_are_known_by_the_list_of_their_language),
        TEST(pages_that_lie_on_their_side_are_turned),
        TEST(a_part_that_lies_on_its_side_stays_in_place),
        TEST(white_on_black_is_read),
        TEST(a_shadow_over_the_page_does_no_harm),
        TEST(print_in_grain_is_read),
        TEST(print_that_reads_badly_is_sampled_from_other_sides),
        TEST(an_empty_page_has_no_words),
        TEST(reading_opens_no_file),
        TEST(a_leaning_page_is_read_level),
        TEST(a_bent_page_is_read_straight),
        TEST(missing_models_are_named),
        TEST(the_resolution_fits_the_source),
    };

    return cmocka_run_group_tests_name("ocr", tests, open_engine, close_engine);
}
