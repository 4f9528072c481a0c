/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/extract/sheet.h - page trees drawn by hand for the tests of extract/. */
#pragma once

#include "page/page.h"

#include <assert.h>
#include <string.h>

/* One line of words from x on, the left edge of each 5 pt a character behind the last. */
static inline void
sheet_line(struct page *page, float x, float y, const char *text)
{
    struct page_line *line = page_add_line(page);
    uint32_t first = page->word_count;
    float at = x;

    assert(line != NULL);
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        struct page_word *word = page_add_word(page);
        assert(word != NULL);
        word->text = arena_strndup(page->arena, text, len);
        word->box = (struct box){at, y, at + 5 * (float)len, y + 10};
        word->confidence = 1;
        word->size = 10;
        at += 5 * (float)len + 3;
        text += len;
        text += strspn(text, " ");
    }
    line->first_word = first;
    line->word_count = page->word_count - first;
    line->box = (struct box){x, y, at, y + 10};
    line->size = 10;
    line->source = -1;
}

static inline struct page *
sheet_new(struct arena *arena, uint32_t index)
{
    struct page *page = page_new(arena, index, 595, 842);

    assert(page != NULL);
    page->confidence = 1;
    page->language = "";
    page->script = "";
    page->from_layer = true;
    return page;
}
