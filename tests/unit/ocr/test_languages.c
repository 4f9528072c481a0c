/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/languages.h: which models are used, in which order, and that bad ones are passed over. */
#include "ocr/languages.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "lstm_maker.h"

static char folder[64];

static void
put(const char *name, struct span bytes)
{
    char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s.traineddata", folder, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, bytes.data, bytes.len), (ssize_t)bytes.len);
    assert_int_equal(close(fd), 0);
}

/* A folder with a good German, Polish and English model, a broken French one and one that has no
 * language's name. */
static int
make_folder(void **state)
{
    struct buf model;

    (void)state;
    buf_init(&model, MiB(1));
    made_model(&model);
    (void)snprintf(folder, sizeof(folder), "/tmp/test_languages.XXXXXX");
    if (mkdtemp(folder) == NULL)
        return 1;
    put("pol", buf_span(&model));
    put("deu", buf_span(&model));
    put("eng", buf_span(&model));
    put("fra", (struct span){(const uint8_t *)"nonsense", 8});
    put("mine", buf_span(&model));
    buf_fini(&model);
    return 0;
}

static int
remove_folder(void **state)
{
    static const char *const names[] = {"pol", "deu", "eng", "fra", "mine"};
    char path[128];

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s.traineddata", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

static void
auto_takes_what_is_there_english_first(void **state)
{
    static const char *const names[] = {"eng", "deu", "fra", "pol"};
    struct languages *languages = NULL;
    struct err err;

    (void)state;
    assert_int_equal(languages_open(folder, "auto", &languages, &err), ERR_OK);
    assert_true(languages_detect(languages));
    assert_int_equal(languages_count(languages), ARRAY_LEN(names));
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        assert_string_equal(languages_name(languages, i), names[i]);
        assert_string_equal(languages_script(languages, i), "Latn");
    }
    languages_close(&languages);
    assert_null(languages);
}

/* A child that is confined can open no file: what it opens was mapped before. */
static void
models_are_opened_when_wanted(void **state)
{
    struct languages *languages = NULL;
    struct err err;

    (void)state;
    assert_int_equal(languages_open(folder, "auto", &languages, &err), ERR_OK);
    const struct lstm_model *model = languages_model(languages, 1);
    assert_non_null(model);
    assert_ptr_equal(languages_model(languages, 1), model);
    assert_null(languages_model(languages, 2)); /* the broken one is passed over */
    assert_null(languages_model(languages, 4));
    languages_close(&languages);
}

static void
a_list_is_taken_as_it_is(void **state)
{
    struct languages *languages = NULL;
    struct err err;

    (void)state;
    assert_int_equal(languages_open(folder, "mine+deu", &languages, &err), ERR_OK);
    assert_false(languages_detect(languages));
    assert_int_equal(languages_count(languages), 2);
    assert_string_equal(languages_name(languages, 0), "mine");
    assert_string_equal(languages_script(languages, 0), "");
    languages_close(&languages);
    assert_int_equal(languages_open(folder, "eng+fra", &languages, &err), ERR_FORMAT);
    assert_int_equal(languages_open(folder, "eng+xxx", &languages, &err), ERR_FORMAT);
    assert_null(languages);
}

static void
right_to_left_is_known_by_name(void **state)
{
    (void)state;
    assert_true(language_is_right_to_left("ara", 3));
    assert_true(language_is_right_to_left("heb+eng", 3));
    assert_false(language_is_right_to_left("deu", 3));
    assert_false(language_is_right_to_left("ar", 2));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auto_takes_what_is_there_english_first),
        cmocka_unit_test(models_are_opened_when_wanted),
        cmocka_unit_test(a_list_is_taken_as_it_is),
        cmocka_unit_test(right_to_left_is_known_by_name),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
