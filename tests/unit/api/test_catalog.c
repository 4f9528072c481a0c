/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The operator's catalogue: read whole, or refused with the reason. */
#include "api/catalog.h"
#include "base/attrs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static enum err_code
read_text(const char *text, struct catalog **ret, struct err *err)
{
    char name[] = "/tmp/leapocr-catalog-XXXXXX";
    int fd = mkstemp(name);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    enum err_code rc = catalog_open(name, ret, err);
    unlink(name);
    return rc;
}

static void
what_is_built_in(void **state)
{
    struct catalog *catalog = NULL;
    struct err err = {0};
    size_t n = 0;

    (void)state;
    assert_int_equal(catalog_open(NULL, &catalog, &err), ERR_OK);
    assert_string_equal(catalog_plan(catalog), "self-hosted");
    assert_string_equal(catalog_models(catalog, &n)[0].name, "standard-v2");
    assert_int_equal(n, model_count);
    assert_string_equal(catalog_products(catalog), "{\"subscriptions\":[],\"credit_packs\":[]}");
    assert_int_equal(catalog_credits(catalog, "x"), 0);
    assert_string_equal(model_find(NULL, "pro-v2")->name, "pro-v2");
    assert_string_equal(model_find(catalog, "nothing")->name, "standard-v2");
    catalog_close(&catalog);
}

static void
a_file_of_the_operators(void **state)
{
    struct catalog *catalog = NULL;
    struct err err = {0};

    (void)state;
    assert_int_equal(
        read_text("{\"plan\": \"P\", \"models\": [{\"name\": \"m\", \"credits_per_page\": 4}], "
                  "\"credit_packs\": [{\"id\": \"a\", \"benefits\": [{\"units\": 5}, "
                  "{\"units\": 6}]}]}",
                  &catalog, &err),
        ERR_OK);
    assert_string_equal(catalog_plan(catalog), "P");
    assert_int_equal(model_default(catalog)->credits_per_page, 4);
    assert_string_equal(model_default(catalog)->display_name, "m");
    assert_int_equal(catalog_credits(catalog, "a"), 11);
    catalog_close(&catalog);
}

static void
wrong_files(void **state)
{
    static const char *const rows[] = {
        "",
        "{",
        "{\"models\": []}",
        "{\"models\": [{}]}",
        "{\"models\": [{\"name\": \"m\", \"credits_per_page\": -1}]}",
        "{\"models\": [{\"name\": \"m\", \"credits_per_page\": 1.5}]}",
        "{\"plan\": 1}",
        "{\"credit_packs\": {}}",
        "{\"credit_packs\": [{\"id\": \"\"}]}",
        "{\"subscriptions\": [{\"id\": \"a\", \"benefits\": 1}]}",
        "{\"subscriptions\": [{\"id\": \"a\", \"price\": {\"amount\": \"9\"}}]}",
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct catalog *catalog = NULL;
        struct err err = {0};
        print_message("%s\n", rows[i]);
        assert_int_not_equal(read_text(rows[i], &catalog, &err), ERR_OK);
        assert_null(catalog);
        assert_non_null(strstr(err.msg, "/tmp/leapocr-catalog-"));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_built_in),
                                       cmocka_unit_test(a_file_of_the_operators),
                                       cmocka_unit_test(wrong_files)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
