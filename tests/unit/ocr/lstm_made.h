/* SPDX-License-Identifier: AGPL-3.0-or-later
 * A made model, open while a test runs. */
#pragma once

#include "lstm_maker.h"
#include "ocr/lstm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct lstm_model *model;
static struct arena *arena;

static inline int
setup(void **unused)
{
    struct buf bytes;
    struct err err;

    (void)unused;
    arena = arena_new(MiB(64));
    buf_init(&bytes, MiB(1));
    made_model(&bytes);
    if (lstm_model_parse(buf_span(&bytes), &model, &err) != ERR_OK)
        return -1;
    buf_fini(&bytes);
    return 0;
}

static inline int
teardown(void **unused)
{
    (void)unused;
    arena_drop(&arena);
    lstm_model_close(&model);
    return 0;
}
