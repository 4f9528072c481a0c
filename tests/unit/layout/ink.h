/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Lines as pixels give them, for the tests of layout: boxes of words end at the ink. */
#pragma once

#include "read.h"

static const float ink_size = 10, ink_pitch = 6;

/* Width of a letter, in advances of ink_pitch, in a face of several widths. */
static inline float
ink_letter_width(char c)
{
    return strchr("iljtf.,:;'!()[]|", c) != NULL ? 0.45f
           : strchr("mwMW", c) != NULL           ? 1.35f
           : c >= 'A' && c <= 'Z'                ? 1.1f
                                                 : 0.8f;
}

/* One line. mono: all letters have one advance. Returns its index. */
static inline uint32_t
ink_line(struct page *page, float x, float y, bool mono, const char *text)
{
    uint32_t first = page->word_count;

    page->from_layer = false;
    page->from_pixels = true;
    while (*text != '\0') {
        size_t len = strcspn(text, " ");
        if (len > 0) {
            struct page_word *word = sketch_word(page, x, y, ink_size, 0, text, len);
            float width = 0;
            for (size_t i = 0; i < len; i++)
                width += ink_pitch * (mono ? 1 : ink_letter_width(text[i]));
            word->box.x0 = x + 0.2f * ink_pitch;
            word->box.x1 = x + width - 0.2f * ink_pitch;
            word->witness = WITNESS_PIXELS;
            x += width;
            text += len;
        }
        for (; *text == ' '; text++)
            x += mono ? ink_pitch : 0.6f * ink_pitch;
    }
    return sketch_close_line(page, first);
}

/* Lines 12 pt apart, from baseline y; returns the baseline of what comes after a blank one. */
static inline float
ink_lines(struct page *page, float x, float y, bool mono, const char *const *lines, size_t n)
{
    for (size_t i = 0; i < n; i++, y += 12)
        ink_line(page, x, y, mono, lines[i]);
    return y + 12;
}

/* Blocks of a kind once the page is laid out. */
static inline uint32_t
ink_count(struct page *page, enum block_kind kind)
{
    struct err err = {0};
    uint32_t count = 0;

    if (layout_page(page, &err) != ERR_OK)
        fail_msg("%s", err.msg);
    assert_sound(page);
    for (uint32_t i = 0; i < page->block_count; i++)
        count += page->blocks[i].kind == kind;
    return count;
}
