/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/layout.h: program code on pages that were read from pixels, told by its pitch. */
#include "ink.h"

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

static void
code_between_text_keeps_its_lines_and_its_white_space(void **state)
{
    struct page *page = *state;
    struct buf out;

    float y = ink_lines(page, 60, 80, false, prose, ARRAY_LEN(prose));
    y = ink_lines(page, 72, y, true, code, ARRAY_LEN(code));
    ink_lines(page, 60, y, false, prose, ARRAY_LEN(prose));
    assert_int_equal(ink_count(page, BLOCK_CODE), 1);
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
    assert_int_equal(ink_count(page, BLOCK_CODE), 0);
}

static void
a_typewritten_letter_is_text(void **state)
{
    struct page *page = *state;

    float y = ink_lines(page, 40, 80, true, prose, ARRAY_LEN(prose));
    ink_lines(page, 40, y, true, prose, ARRAY_LEN(prose));
    assert_int_equal(ink_count(page, BLOCK_CODE), 0);
}

/* A typewritten paragraph in a printed page has no more signs than other text. */
static void
typing_between_print_is_text(void **state)
{
    struct page *page = *state;

    float y = ink_lines(page, 40, 80, false, prose, ARRAY_LEN(prose));
    y = ink_lines(page, 40, y, true, prose, 2);
    ink_lines(page, 40, y, false, prose, ARRAY_LEN(prose));
    assert_int_equal(ink_count(page, BLOCK_CODE), 0);
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
    assert_int_equal(ink_count(page, BLOCK_CODE), 0);
}

static void
a_page_of_nothing_but_code(void **state)
{
    struct page *page = *state;

    ink_lines(page, 60, 80, true, code, ARRAY_LEN(code));
    assert_int_equal(ink_count(page, BLOCK_CODE), 1);
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
