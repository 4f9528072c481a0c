/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Small pictures for the tests of picture files: white, but for a black quarter at the top left. */
#pragma once

#include "sample.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { WIDTH = 40, HEIGHT = 20 };

static struct arena *arena;

static inline int
set_up(void **state)
{
    (void)state;
    arena = arena_new(MiB(64));
    return arena == NULL;
}

static inline int
tear_down(void **state)
{
    (void)state;
    arena_drop(&arena);
    return 0;
}

/* White, but for a black quarter at the top left. */
static inline uint8_t
corner(uint32_t x, uint32_t y)
{
    return x < WIDTH / 2 && y < HEIGHT / 2 ? 0 : 255;
}

/* The page at its own resolution. */
static inline struct pixmap
picture_of(const struct buf *bytes, uint32_t index, const char *type, uint32_t pages)
{
    int fd;
    struct doc *doc = sample_open(bytes, &fd);
    struct pixmap picture;
    struct err err = {0};
    float dpi;

    assert_string_equal(doc_type_name(doc), type);
    assert_int_equal(doc_kind(doc), DOC_IMAGE);
    assert_int_equal(doc_page_count(doc), pages);
    assert_int_equal(doc_native_dpi(doc, index, &dpi, &err), ERR_OK);
    if (doc_render(doc, index, dpi, NULL, arena, &picture, &err) != ERR_OK)
        fail_msg("not drawn: %s", err.msg);
    doc_close(&doc);
    close(fd);
    return picture;
}

/* Whether the pixel in the middle of each quarter (top left, top right, bottom left, bottom right)
 * is dark, as four letters. */
static inline void
assert_quarters(const struct pixmap *p, const char *wanted)
{
    char got[5] = "";

    for (uint32_t i = 0; i < 4; i++) {
        uint32_t x = p->width * (i % 2 == 0 ? 1 : 3) / 4;
        uint32_t y = p->height * (i / 2 == 0 ? 1 : 3) / 4;
        got[i] = p->pixels[y * p->stride + x] < 128 ? 'X' : '.';
    }
    assert_string_equal(got, wanted);
}

/* What the page says is missing, in percent from its top: first and last. */
static inline void
missing_of(const struct buf *bytes, int *ret_first, int *ret_last)
{
    int fd;
    struct doc *doc = sample_open(bytes, &fd);
    struct page *page;
    enum doc_trust trust;

    (void)sample_text(doc, 0, arena, &page, &trust);
    *ret_first = *ret_last = 0;
    for (uint32_t i = 0; i < page->region_count; i++) {
        if (page->regions[i].kind != REGION_MISSING)
            continue;
        *ret_first = (int)lroundf(100 * page->regions[i].box.y0 / page->height);
        *ret_last = (int)lroundf(100 * page->regions[i].box.y1 / page->height);
    }
    doc_close(&doc);
    close(fd);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
