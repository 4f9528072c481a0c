/* SPDX-License-Identifier: AGPL-3.0-or-later
 * What `leapocr process` calls documents, whatever their paths and URLs hold. */
#include "cli_names.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
check_names(const char *const *inputs, const char *const *names, const char *const *outputs,
            size_t n)
{
    struct cli_item *items = calloc(n, sizeof(*items));

    assert_non_null(items);
    for (size_t i = 0; i < n; i++)
        items[i].input = inputs[i];
    assert_true(cli_name_items(items, n));
    for (size_t i = 0; i < n; i++) {
        assert_string_equal(items[i].name, names[i]);
        assert_string_equal(items[i].output_name, outputs[i]);
        free(items[i].name);
        free(items[i].shown);
        free(items[i].output_name);
    }
    free(items);
}

static void
names_come_from_paths_and_urls(void **state)
{
    (void)state;
    static const char *const inputs[] = {"/a/b/report.pdf",
                                         "HTTP://h/x/scan%20one.pdf?q=/no#/no",
                                         "https://h",
                                         "https://h/",
                                         "https://h/%2e%2e%2fetc%2fpasswd",
                                         "..",
                                         "dir/",
                                         ".pdf",
                                         "http://h/a%zz%0a%c2%9b.png"};
    static const char *const names[] = {"report.pdf", "scan one.pdf",  "document",
                                        "document",   "_._etc_passwd", "_.",
                                        "dir",        "_pdf",          "a%zz???.png"};
    static const char *const outputs[] = {"report", "scan one", "document", "document-2", "_",
                                          "_-2",    "dir",      "_pdf",     "a%zz???"};

    check_names(inputs, names, outputs, sizeof(inputs) / sizeof(inputs[0]));
}

static void
outputs_differ_from_one_another(void **state)
{
    (void)state;
    static const char *const inputs[] = {"a.pdf", "x/a.png", "a-2.pdf", "y/A.tif", "a"};
    static const char *const names[] = {"a.pdf", "a.png", "a-2.pdf", "A.tif", "a"};
    static const char *const outputs[] = {"a", "a-2", "a-2-2", "A-3", "a-4"};

    check_names(inputs, names, outputs, 5);
}

static void
equal_names_are_shown_as_they_were_given(void **state)
{
    struct cli_item items[] = {
        {.input = "a/x.pdf"}, {.input = "b/x\033[2J/x.pdf"}, {.input = "c/y"}};
    static const char *const shown[] = {"a/x.pdf", "b/x?[2J/x.pdf", "y"};

    (void)state;
    assert_true(cli_name_items(items, 3));
    for (size_t i = 0; i < 3; i++) {
        assert_string_equal(items[i].shown, shown[i]);
        free(items[i].name);
        free(items[i].shown);
        free(items[i].output_name);
    }
}

static void
long_names_are_cut_between_characters(void **state)
{
    (void)state;
    char input[401];

    for (int i = 0; i < 200; i++)
        memcpy(input + 2 * i, "\xc3\xa4", 2);
    input[400] = '\0';
    input[0] = input[1] = 'x';
    for (int shift = 0; shift < 2; shift++) { /* the limit falls between characters, or into one */
        struct cli_item item = {.input = input + shift};
        assert_true(cli_name_items(&item, 1));
        assert_int_equal(strlen(item.name), 200 - shift);
        json_t *utf8 = json_string(item.name);
        assert_non_null(utf8);
        json_decref(utf8);
        free(item.name);
        free(item.shown);
        free(item.output_name);
    }
}

static void
nothing_drives_the_terminal(void **state)
{
    (void)state;
    char text[] = "a\x1b[31m\x07\xc2\x9b\x31m\x7f\xc3\xa4\xe2\x82\xac";

    cli_defuse(text);
    assert_string_equal(text, "a?[31m???1m?\xc3\xa4\xe2\x82\xac");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_come_from_paths_and_urls),
        cmocka_unit_test(outputs_differ_from_one_another),
        cmocka_unit_test(equal_names_are_shown_as_they_were_given),
        cmocka_unit_test(long_names_are_cut_between_characters),
        cmocka_unit_test(nothing_drives_the_terminal),
    };
    return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
