/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/attrs.h"
#include "cmd/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const enum option_id allowed[] = {OPTION_LISTEN,    OPTION_DATA, OPTION_READERS,
                                         OPTION_PAGE_TIME, OPTION_TO,   OPTION_LOG_LEVEL};

enum { ARGS_MAX = 8 };

/* From defaults; ret_rest and args as options_parse leaves them. */
static enum err_code
parse(const char *const *given, char **args, struct options *options, int *ret_rest,
      struct err *err)
{
    int n = 0;

    for (; n < ARGS_MAX && given[n] != NULL; n++)
        args[n] = (char *)(uintptr_t)given[n];
    assert_int_equal(options_init(options, err), ERR_OK);
    return options_parse(options, allowed, ARRAY_LEN(allowed), n, args, ret_rest, err);
}

static void
test_defaults(void **state)
{
    struct options options;
    struct err err = {0};

    (void)state;
    assert_int_equal(options_init(&options, &err), ERR_OK);
    assert_string_equal(options.text[OPTION_LISTEN], "127.0.0.1:8080");
    assert_int_equal(options.number[OPTION_READERS], 0);
    assert_int_equal(options.number[OPTION_FILE_MAX], 1 << 30);
    assert_int_equal(options.number[OPTION_PAGE_TIME], 30000); /* from seconds */
    assert_int_equal(options.number[OPTION_TO], 0);
    assert_int_equal(options.number[OPTION_LOG_LEVEL], 1);
}

static void
test_accepted(void **state)
{
    static const struct {
        const char *args[ARGS_MAX];
        enum option_id id;
        const char *text; /* NULL: look at the number */
        int64_t number;
        const char *rest[ARGS_MAX];
    } cases[] = {
        {{"--listen", "[::1]:0"}, OPTION_LISTEN, "[::1]:0", 0, {0}},
        {{"--listen=a:1"}, OPTION_LISTEN, "a:1", 0, {0}},
        {{"--data=a=b"}, OPTION_DATA, "a=b", 0, {0}},
        {{"--data", "-"}, OPTION_DATA, "-", 0, {0}},
        {{"--readers", "0"}, OPTION_READERS, NULL, 0, {0}},
        {{"--readers", "256"}, OPTION_READERS, NULL, 256, {0}},
        {{"--readers", "2", "--readers", "3"}, OPTION_READERS, NULL, 3, {0}},
        {{"--page-time", "3600"}, OPTION_PAGE_TIME, NULL, 3600000, {0}},
        {{"--to", "text"}, OPTION_TO, NULL, 1, {0}},
        {{"--to=json"}, OPTION_TO, NULL, 5, {0}},
        {{"--log-level", "error"}, OPTION_LOG_LEVEL, NULL, 3, {0}},
        {{"a", "--readers", "4", "b"}, OPTION_READERS, NULL, 4, {"a", "b"}},
        {{"-", "add", "-5"}, OPTION_READERS, NULL, 0, {"-", "add", "-5"}},
        {{"--", "--readers", "-h"}, OPTION_READERS, NULL, 0, {"--readers", "-h"}},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct options options;
        struct err err = {0};
        char *args[ARGS_MAX];
        int rest = -1, wanted = 0;
        if (parse(cases[i].args, args, &options, &rest, &err) != ERR_OK)
            fail_msg("case %zu: %s", i, err.msg);
        if (cases[i].text != NULL)
            assert_string_equal(options.text[cases[i].id], cases[i].text);
        else
            assert_int_equal(options.number[cases[i].id], cases[i].number);
        while (wanted < ARGS_MAX && cases[i].rest[wanted] != NULL)
            wanted++;
        assert_int_equal(rest, wanted);
        for (int k = 0; k < rest; k++)
            assert_string_equal(args[k], cases[i].rest[k]);
    }
}

/* Each names the flag, and what it takes. */
static void
test_refused(void **state)
{
    static const struct {
        const char *args[ARGS_MAX];
        enum err_code code;
        const char *message;
    } cases[] = {
        {{"--help"}, ERR_NOT_FOUND, ""},
        {{"-h"}, ERR_NOT_FOUND, ""},
        {{"x", "--help"}, ERR_NOT_FOUND, ""},
        {{"--nonsense"}, ERR_INPUT, "unknown option --nonsense"},
        {{"--nonsense=5"}, ERR_INPUT, "unknown option --nonsense"},
        {{"--reader", "5"}, ERR_INPUT, "unknown option --reader"},
        {{"--output", "x"}, ERR_INPUT, "unknown option --output"}, /* of another command */
        {{"-x"}, ERR_INPUT, "unknown option -x"},
        {{"--readers"}, ERR_INPUT, "--readers needs a value: N"},
        {{"--listen", "--data"}, ERR_INPUT, "--listen needs a value: ADDRESS:PORT"},
        {{"--readers", "257"}, ERR_INPUT, "--readers: '257' is not a whole number from 0 to 256"},
        {{"--readers", "-1"}, ERR_INPUT, "--readers: '-1' is not a whole number from 0 to 256"},
        {{"--readers="}, ERR_INPUT, "--readers: '' is not a whole number from 0 to 256"},
        {{"--readers", "4x"}, ERR_INPUT, "--readers: '4x' is not a whole number from 0 to 256"},
        {{"--readers", "99999999999999999999"},
         ERR_INPUT,
         "--readers: '99999999999999999999' is not a whole number from 0 to 256"},
        {{"--page-time", "0"}, ERR_INPUT, "--page-time: '0' is not a whole number from 1 to 3600"},
        {{"--page-time", "1.5"},
         ERR_INPUT,
         "--page-time: '1.5' is not a whole number from 1 to 3600"},
        {{"--to", "mark"},
         ERR_INPUT,
         "--to: 'mark' is none of: markdown text html hocr alto json svg pdf trees"},
        {{"--to", "text|json"},
         ERR_INPUT,
         "--to: 'text|json' is none of: markdown text html hocr alto json svg pdf trees"},
        {{"--log-level="}, ERR_INPUT, "--log-level: '' is none of: debug info warn error"},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct options options;
        struct err err = {0};
        char *args[ARGS_MAX];
        int rest = -1;
        assert_int_equal(parse(cases[i].args, args, &options, &rest, &err), cases[i].code);
        assert_string_equal(err.msg, cases[i].message);
        assert_int_equal(rest, -1);
    }
}

static void
test_environment(void **state)
{
    struct options options;
    struct err err = {0};
    char *args[] = {(char *)(uintptr_t) "--readers=7"};
    int rest;

    (void)state;
    assert_int_equal(setenv("LEAPOCR_READERS", "5", 1), 0);
    assert_int_equal(setenv("LEAPOCR_UPLOADS_OPEN_MAX", "9", 1), 0);
    assert_int_equal(setenv("LEAPOCR_DATA", "", 1), 0);
    assert_int_equal(options_init(&options, &err), ERR_OK);
    assert_int_equal(options.number[OPTION_READERS], 5);
    assert_int_equal(options.number[OPTION_UPLOADS_OPEN], 9);
    assert_string_equal(options.text[OPTION_DATA], "leapocr-data"); /* empty is as none */
    assert_int_equal(options_parse(&options, allowed, ARRAY_LEN(allowed), 1, args, &rest, &err),
                     ERR_OK);
    assert_int_equal(options.number[OPTION_READERS], 7); /* the flag goes first */
    assert_int_equal(setenv("LEAPOCR_READERS", "many", 1), 0);
    assert_int_equal(options_init(&options, &err), ERR_INPUT);
    assert_string_equal(err.msg, "LEAPOCR_READERS: 'many' is not a whole number from 0 to 256");
    unsetenv("LEAPOCR_READERS");
    unsetenv("LEAPOCR_UPLOADS_OPEN_MAX");
    unsetenv("LEAPOCR_DATA");
}

/* Every row of the table is fit to be shown: within 100 columns, and with five '|' that count. */
static void
test_texts(void **state)
{
    enum option_id every[OPTION_COUNT];
    struct buf help, table;
    size_t rows = 0;

    (void)state;
    for (int i = 0; i < OPTION_COUNT; i++)
        every[i] = (enum option_id)i;
    buf_init(&help, MiB(1));
    options_help(every, OPTION_COUNT, &help);
    for (const char *line = buf_text(&help); *line != '\0'; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") <= 100);
    assert_non_null(strstr(buf_text(&help), "--page-time SECONDS "));
    assert_non_null(strstr(buf_text(&help), "(default 30)\n"));
    buf_init(&table, MiB(1));
    options_markdown(&table);
    for (const char *line = buf_text(&table); *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t bars = 0, len = strcspn(line, "\n");
        for (size_t i = 0; i < len; i++)
            bars += line[i] == '|' && (i == 0 || line[i - 1] != '\\');
        assert_int_equal(bars, 7);
        rows++;
    }
    assert_int_equal(rows, OPTION_COUNT + 2);
    buf_fini(&help);
    buf_fini(&table);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),    cmocka_unit_test(test_accepted),
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_texts),
        cmocka_unit_test(test_environment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
