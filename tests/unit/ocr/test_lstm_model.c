/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Model files: what is read from a good one, and that broken ones are refused. */
#include "lstm_maker.h"
#include "ocr/lstm_internal.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
test_good_model(void **unused)
{
    struct lstm_model *model = NULL;
    struct buf bytes;
    struct err err;

    (void)unused;
    buf_init(&bytes, MiB(1));
    made_model(&bytes);
    assert_int_equal(lstm_model_parse(buf_span(&bytes), &model, &err), ERR_OK);
    buf_fini(&bytes); /* nothing of it is kept */
    assert_string_equal(lstm_model_spec(model), "made for a test");
    assert_int_equal(model->input_height, MADE_HEIGHT);
    assert_int_equal(model->x_scale, 3);
    assert_int_equal(model->null_code, CODE_NULL);
    assert_int_equal(model->n_layers, 5);
    assert_true(model->layers[1].along_y && model->layers[1].summary);
    assert_true(model->layers[3].reversed && !model->layers[3].along_y);
    assert_string_equal(model->charset.chars[0].text, " ");
    assert_string_equal(model->charset.chars[MADE_CH].text, "ch");
    assert_true(model->charset.chars[MADE_ONE].is_digit);
    assert_false(model->charset.chars[MADE_A].is_digit);
    assert_int_equal(model->charset.longest, 2);
    lstm_model_close(&model);
    assert_null(model);
    lstm_model_close(&model);
}

static void
test_codes(void **unused)
{
    struct lstm_model *model = NULL;
    const struct lstm_code_node *a, *ch;
    struct buf bytes;
    struct err err;

    (void)unused;
    buf_init(&bytes, MiB(1));
    made_model(&bytes);
    assert_int_equal(lstm_model_parse(buf_span(&bytes), &model, &err), ERR_OK);
    a = lstm_charset_step(&model->charset, 0, CODE_A);
    assert_non_null(a);
    assert_int_equal(a->character, MADE_A);
    ch = lstm_charset_step(&model->charset, (uint32_t)(a - model->charset.nodes), CODE_H);
    assert_non_null(ch);
    assert_int_equal(ch->character, MADE_CH);
    assert_null(lstm_charset_step(&model->charset, 0, CODE_H));
    buf_fini(&bytes);
    lstm_model_close(&model);
}

/* Cut off anywhere before the last section, which is not read, no model comes out. Each prefix is a
 * block of its own, so that reading past it is seen. */
static void
test_every_prefix(void **unused)
{
    struct lstm_model *model = NULL;
    struct buf bytes;
    struct err err;

    (void)unused;
    buf_init(&bytes, MiB(1));
    made_model(&bytes);
    for (size_t len = 0; len + 4 < bytes.len; len += len < 600 ? 1 : 37) {
        uint8_t *prefix = malloc(len + 1);

        assert_non_null(prefix);
        memcpy(prefix, bytes.data, len);
        assert_int_equal(lstm_model_parse((struct span){prefix, len}, &model, &err), ERR_FORMAT);
        assert_null(model);
        assert_true(err.msg[0] != '\0');
        free(prefix);
    }
    buf_fini(&bytes);
}

/* A wrong byte anywhere is refused or gives a model that can be dropped; the fuzz target reads with
 * such models. */
static void
test_every_byte_wrong(void **unused)
{
    struct buf bytes;
    struct err err;
    unsigned refused = 0;

    (void)unused;
    buf_init(&bytes, MiB(1));
    made_model(&bytes);
    for (size_t i = 0; i < bytes.len; i++) {
        struct lstm_model *model = NULL;

        bytes.data[i] ^= 0xff;
        if (lstm_model_parse(buf_span(&bytes), &model, &err) != ERR_OK)
            refused++;
        lstm_model_close(&model);
        bytes.data[i] ^= 0xff;
    }
    assert_true(refused > 300);
    buf_fini(&bytes);
}

static void
test_names_what_is_unsupported(void **unused)
{
    struct lstm_model *model = NULL;
    struct buf bytes;
    struct err err;
    uint8_t *at;

    (void)unused;
    buf_init(&bytes, MiB(1));
    made_model(&bytes);
    at = memmem(bytes.data, bytes.len, "Softmax", 7);
    assert_non_null(at);
    memcpy(at, "Hardmax", 7);
    assert_int_equal(lstm_model_parse(buf_span(&bytes), &model, &err), ERR_FORMAT);
    assert_non_null(strstr(err.msg, "Hardmax"));
    buf_fini(&bytes);
    assert_int_equal(lstm_model_open("/nonexistent/x.traineddata", &model, &err), ERR_NOT_FOUND);
}

static void
test_words_of_lists(void **unused)
{
    static const struct {
        int32_t letters[6];
        bool is_prefix, is_word;
    } cases[] = {
        {{MADE_A, MADE_T}, true, true},
        {{MADE_T, MADE_A}, true, false},
        {{MADE_T, MADE_A, MADE_B}, true, true},
        {{MADE_T, MADE_A, MADE_B, MADE_DOT}, true, true},
        {{MADE_T, MADE_A, MADE_B, MADE_DOT, MADE_DOT}, false, false},
        {{MADE_T, MADE_A, MADE_B, MADE_B}, false, false},
        {{MADE_B, MADE_B}, false, false},
        {{MADE_ONE, MADE_ONE}, true, true},
        {{MADE_ONE, MADE_ONE, MADE_ONE}, false, false},
        {{MADE_ONE, MADE_DOT}, true, true},
        {{MADE_DOT}, false, false},
    };
    struct lstm_model *model = NULL;
    struct buf bytes;
    struct err err;

    (void)unused;
    buf_init(&bytes, MiB(1));
    made_model(&bytes);
    assert_int_equal(lstm_model_parse(buf_span(&bytes), &model, &err), ERR_OK);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct lstm_dict_state state = {0};
        struct lstm_places *from = malloc(sizeof(*from) + sizeof(state.at));
        bool goes_on = true;

        assert_non_null(from);
        from->count = lstm_dict_start(&model->dict, from->at);
        for (int k = 0; cases[i].letters[k] != 0 && goes_on; k++) {
            goes_on = lstm_dict_step(&model->dict, &model->charset, from, cases[i].letters[k],
                                     &state) != LSTM_KIND_NONE;
            from->count = state.count;
            memcpy(from->at, state.at, sizeof(state.at));
        }
        free(from);
        assert_int_equal(goes_on, cases[i].is_prefix);
        assert_int_equal(goes_on && state.ends_word, cases[i].is_word);
    }
    buf_fini(&bytes);
    lstm_model_close(&model);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_model),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_every_prefix),
        cmocka_unit_test(test_every_byte_wrong),
        cmocka_unit_test(test_names_what_is_unsupported),
        cmocka_unit_test(test_words_of_lists),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
