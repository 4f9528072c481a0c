/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/model.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct model_config
config_of(const char *endpoint)
{
    return (struct model_config){.endpoint = endpoint,
                                 .name = "little",
                                 .key_file = "",
                                 .models = "pro-*,standard-v2,template:lease-*"};
}

static void
test_endpoints(void **state)
{
    static const struct {
        const char *given, *url;
    } cases[] = {
        {"http://127.0.0.1:11434/v1", "http://127.0.0.1:11434/v1/chat/completions"},
        {"http://127.0.0.1:11434/v1/", "http://127.0.0.1:11434/v1/chat/completions"},
        {"https://x.example/a/chat/completions", "https://x.example/a/chat/completions"},
        {"", ""},
    };
    struct model model;
    struct err err;

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct model_config config = config_of(cases[i].given);
        assert_int_equal(model_init(&config, &model, &err), ERR_OK);
        assert_string_equal(model.url, cases[i].url);
    }
    struct model_config config = config_of("ftp://x.example");
    assert_int_equal(model_init(&config, &model, &err), ERR_INPUT);
    assert_non_null(strstr(err.msg, "--model-endpoint"));
    config = config_of("http://x.example");
    config.name = "";
    assert_int_equal(model_init(&config, &model, &err), ERR_INPUT);
    assert_non_null(strstr(err.msg, "--model-name"));
}

static void
test_keys(void **state)
{
    static const struct {
        const char *text;
        const char *key; /* NULL: refused */
    } cases[] = {{"sk-1\n", "sk-1"}, {"", NULL}, {" \n", NULL}, {"a b", NULL}, {"a\r\nX: y", NULL}};
    struct model_config config = config_of("http://127.0.0.1/v1");
    char path[] = "/tmp/leapocr-model-key-XXXXXX";
    int fd = mkstemp(path);
    struct model model;
    struct err err;

    (void)state;
    assert_true(fd >= 0);
    config.key_file = path;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_int_equal(ftruncate(fd, 0), 0);
        assert_int_equal(pwrite(fd, cases[i].text, strlen(cases[i].text), 0),
                         (ssize_t)strlen(cases[i].text));
        enum err_code rc = model_init(&config, &model, &err);
        assert_int_equal(rc, cases[i].key != NULL ? ERR_OK : ERR_INPUT);
        if (rc == ERR_OK)
            assert_string_equal(model.bearer, cases[i].key);
        model_fini(&model);
        assert_int_equal(model.bearer[0], 0);
    }
    (void)close(fd);
    (void)unlink(path);
    assert_int_equal(model_init(&config, &model, &err), ERR_INPUT);
}

static void
test_which_models(void **state)
{
    struct model_config config = config_of("http://127.0.0.1/v1");
    struct task task = {
        .kind = TASK_EXTRACT, .format = JOB_STRUCTURED, .schema_json = "{}", .model = "pro-v2"};
    struct model model;
    struct err err;

    (void)state;
    assert_int_equal(model_init(&config, &model, &err), ERR_OK);
    assert_true(model_is_for(&model, &task));
    task.model = "standard-v2";
    assert_true(model_is_for(&model, &task));
    task.model = "english-pro-v1";
    assert_false(model_is_for(&model, &task));
    task.template_slug = "lease-2";
    assert_true(model_is_for(&model, &task));
    task.template_slug = "invoice-template";
    assert_false(model_is_for(&model, &task));
    task.template_slug = NULL;
    task.model = "pro-v1";
    task.format = JOB_PER_PAGE_STRUCTURED;
    assert_false(model_is_for(&model, &task));
    task.format = JOB_STRUCTURED;
    task.schema_json = NULL;
    assert_false(model_is_for(&model, &task));
}

static void
test_request(void **state)
{
    struct model_config config = config_of("http://127.0.0.1/v1");
    struct task task = {.schema_json = "{\"a\":\"string\"}", .instructions = "say \"please\""};
    struct model model;
    json_t *value = NULL;
    struct buf out;
    struct err err;

    (void)state;
    assert_int_equal(model_init(&config, &model, &err), ERR_OK);
    buf_init(&out, 4096);
    /* A character that was cut in the middle, as at the limit. */
    model_request(&model, &task, (struct span){(const uint8_t *)"Tokyo \xe6\x9d", 8}, &out);
    assert_int_equal(json_read(buf_span(&out), &value, &err), ERR_OK);
    const json_t *user = json_array_get(json_object_get(value, "messages"), 1);
    const char *text = json_string_value(json_object_get(user, "content"));
    assert_non_null(strstr(text, task.schema_json));
    assert_non_null(strstr(text, task.instructions));
    assert_non_null(strstr(text, "Tokyo "));
    json_decref(value);
    buf_fini(&out);
    buf_init(&out, 100);
    model_request(&model, &task, span_of("x"), &out);
    assert_true(out.spoilt);
    buf_fini(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_endpoints),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_which_models),
        cmocka_unit_test(test_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
