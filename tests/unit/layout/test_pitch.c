/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: program code on pages that were read from pixels, told by its pitch. */
#include "read.h"

static const float size = 10, pitch = 6;

/* Width of a letter's ink, in advances of 6 pt, in a face of several widths. */
static float
letter_width(char c)
{
    return strchr("iljtf.,:;'!()[]|", c) != NULL ? 0.45f
           : strchr("mwMW", c) != NULL           ? 1.35f
           : c >= 'A' && c <= 'Z'                ? 1.1f
                                                 : 0.8f;
}

/* One line as pixels give it: boxes end at the ink. mono: all letters have one advance. */
static void
ink_line(struct page *page, float x, float y, bool mono, const char *text)
{
    uint32_t first = page->word_count;

    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (len > 0) {
            struct page_word *word = sketch_word(page, x, y, size, 0, text, len);
            float width = 0;
            for (size_t i = 0; i < len; i++)
                width += pitch * (mono ? 1 : letter_width(text[i]));
            word->box.x0 = x + 0.2f * pitch;
            word->box.x1 = x + width - 0.2f * pitch;
            word->witness = WITNESS_PIXELS;
            x += width;
            text += len;
        }
        for (; *text == ' '; text++)
            x += mono ? pitch : 0.6f * pitch;
    }
    sketch_close_line(page, first);
}

static float
ink_lines(struct page *page, float x, float y, bool mono, const char *const *lines, size_t n)
{
    page->from_layer = false;
    page->from_pixels = true;
    for (size_t i = 0; i < n; i++, y += 12)
        ink_line(page, x, y, mono, lines[i]);
    return y + 12;
}

static const char *const prose[] = {
    "The harbour was quiet and the boats lay along the wall as they had done (so people say) for",
    "many years, though nobody in the town could say since when, and the masters of the boats",
    "least of all, who had been told it by their fathers and had no reason to ask them more",
    "than that, nor did they ever find the time to do it: there was work enough on the quay."};

static const char *const code[] = {"int total(const int *a, int n)",
                                   "{",
                                   "    int sum = 0;",
                                   "    for (int i = 0; i < n; i++)",
                                   "        sum += a[i];",
                                   "    return sum;",
                                   "}"};

static uint32_t
count_code(struct page *page)
{
    struct err err = {0};
    uint32_t count = 0;

    if (layout_page(page, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    assert_sound(page);
    for (uint32_t i = 0; i < page->block_count; i++)
        count += page->blocks[i].kind == BLOCK_CODE;
    return count;
}

static void
code_between_text_keeps_its_lines_and_its_white_space(void **state)
{
    struct page *page = *state;
    struct buf out;

    float y = ink_lines(page, 60, 80, false, prose, ARRAY_LEN(prose));
    y = ink_lines(page, 72, y, true, code, ARRAY_LEN(code));
    ink_lines(page, 60, y, false, prose, ARRAY_LEN(prose));
    assert_int_equal(count_code(page), 1);
    buf_init(&out, MiB(1));
    render_markdown(page, &out);
    assert_non_null(strstr(buf_text(&out), "\n```\nint total(const int *a, int n)\n{\n"
                                           "    int sum = 0;\n"
                                           "    for (int i = 0; i < n; i++)\n"
                                           "        sum += a[i];\n"
                                           "    return sum;\n}\n```\n"));
    buf_fini(&out);
}

/* The signs alone do not make it: a formula or a price list has them too. */
static void
the_same_signs_in_other_letters_are_text(void **state)
{
    struct page *page = *state;

    float y = ink_lines(page, 60, 80, false, prose, ARRAY_LEN(prose));
    y = ink_lines(page, 72, y, false, code, ARRAY_LEN(code));
    ink_lines(page, 60, y, false, prose, ARRAY_LEN(prose));
    assert_int_equal(count_code(page), 0);
}

static void
a_typewritten_letter_is_text(void **state)
{
    struct page *page = *state;

    float y = ink_lines(page, 40, 80, true, prose, ARRAY_LEN(prose));
    ink_lines(page, 40, y, true, prose, ARRAY_LEN(prose));
    assert_int_equal(count_code(page), 0);
}

/* A typewritten paragraph in a printed page has no more signs than other text. */
static void
typing_between_print_is_text(void **state)
{
    struct page *page = *state;

    float y = ink_lines(page, 40, 80, false, prose, ARRAY_LEN(prose));
    y = ink_lines(page, 40, y, true, prose, 2);
    ink_lines(page, 40, y, false, prose, ARRAY_LEN(prose));
    assert_int_equal(count_code(page), 0);
}

static void
a_receipt_is_text(void **state)
{
    static const char *const lines[] = {
        "GENERAL STORE (OLD TOWN) LTD", "12 QUAY STREET; TEL: 555-0100", "------------------------",
        "2 x BREAD @ 1.20 =     2.40",  "1 x MILK  @ 0.95 =     0.95",   "TOTAL =          3.35",
        "CASH             5.00",        "CHANGE           1.65",         "THANK YOU (COME AGAIN)"};
    struct page *page = *state;

    ink_lines(page, 40, 80, true, lines, ARRAY_LEN(lines));
    assert_int_equal(count_code(page), 0);
}

static void
a_page_of_nothing_but_code(void **state)
{
    struct page *page = *state;

    ink_lines(page, 60, 80, true, code, ARRAY_LEN(code));
    assert_int_equal(count_code(page), 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        PAGE_CASE(code_between_text_keeps_its_lines_and_its_white_space),
        PAGE_CASE(the_same_signs_in_other_letters_are_text),
        PAGE_CASE(a_typewritten_letter_is_text),
        PAGE_CASE(typing_between_print_is_text),
        PAGE_CASE(a_receipt_is_text),
        PAGE_CASE(a_page_of_nothing_but_code),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
