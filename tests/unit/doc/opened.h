/* SPDX-License-Identifier: AGPL-3.0-or-later
 * A document that a test opens, and the text of its page. */
#pragma once

#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
    struct buf bytes;
    struct arena *arena;
    struct doc *doc;
    struct page *page;
    enum doc_trust trust;
    int fd;
};

static struct fixture fixture;

static inline int
set_up(void **state)
{
    (void)state;
    fixture = (struct fixture){.fd = -1};
    buf_init(&fixture.bytes, MiB(8));
    fixture.arena = arena_new(MiB(64));
    return fixture.arena == NULL;
}

static inline int
tear_down(void **state)
{
    (void)state;
    doc_close(&fixture.doc);
    if (fixture.fd >= 0)
        close(fixture.fd);
    arena_drop(&fixture.arena);
    buf_fini(&fixture.bytes);
    return 0;
}

/* Text of the only page of a PDF with this content. */
static inline const char *
text_of(const char *content, const char *page_extra, const char *const *more, size_t more_count)
{
    doc_close(&fixture.doc); /* of an earlier call in the same test */
    if (fixture.fd >= 0) {
        close(fixture.fd);
    }
    sample_page(&fixture.bytes, content, page_extra, more, more_count);
    fixture.doc = sample_open(&fixture.bytes, &fixture.fd);
    return sample_text(fixture.doc, 0, fixture.arena, &fixture.page, &fixture.trust);
}

#define TEXT(content) text_of(content, "", NULL, 0)

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
