/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "layout/bullets.h"

#include "page/chars.h"

#include <math.h>
#include <string.h>

enum { MARKS_MAX = 400 };

/* Of the line's size: the ink of a mark, how far it stands above the line, and the white behind it.
 * Letters stand on the line, signs do not. */
static const float high_least = 0.14f, high_most = 0.36f, letter_high = 0.52f;
static const float up_least = -0.02f, up_most = 0.32f, letter_up = 0.03f;
static const float gap_least = 0.3f, letter_gap = 0.5f;
static const float square_least = 0.7f, square_most = 1.4f; /* width to height */
static const float same_place = 0.55f, near_by = 15;        /* of two marks, sizes */

struct mark {
    struct page_word *word;
    float x, text_x, y, size;
};

static bool
is_one_character(const char *text)
{
    size_t len = strlen(text), n = 0;

    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n == 1;
}

/* Whether the line's first word has the ink of a bullet. */
static bool
looks_like_bullet(const struct page_line *line, const struct page_word *word)
{
    uint32_t c = chars_first(word->text, strlen(word->text));
    bool letter = c == 'e' || c == 'o' || c == 'c';
    float size = line->size > 0 ? line->size : box_height(line->box);
    float high = box_height(word->box) / size, wide = box_width(word->box) / size;
    float up = (line->baseline - word->box.y1) / size;
    float gap = (word[1].box.x0 - word->box.x1) / size;

    if (char_is_digit(c) || (char_is_letter(c) && !letter) || c == 0x2022)
        return false;
    return high >= high_least && high <= (letter ? letter_high : high_most) &&
           wide >= square_least * high && wide <= square_most * high &&
           up >= (letter ? letter_up : up_least) && up <= up_most &&
           gap >= (letter ? letter_gap : gap_least);
}

static uint32_t
find_marks(struct page *page, struct mark *ret)
{
    uint32_t n = 0;

    for (uint32_t l = 0; l < page->line_count && n < MARKS_MAX; l++) {
        const struct page_line *line = &page->lines[l];
        struct page_word *word = &page->words[line->first_word];
        if (line->word_count < 2 || line->vertical || line->slanted || line->right_to_left ||
            word->witness != WITNESS_PIXELS || word[1].glued || !is_one_character(word->text) ||
            !looks_like_bullet(line, word))
            continue;
        ret[n++] = (struct mark){word, word->box.x0, word[1].box.x0, line->baseline, word[1].size};
        if (ret[n - 1].size <= 0)
            ret[n - 1].size = box_height(line->box);
    }
    return n;
}

void
bullets_mend(struct page *page)
{
    struct mark marks[MARKS_MAX];
    uint32_t n = page->from_pixels ? find_marks(page, marks) : 0;

    for (uint32_t i = 0; i < n; i++) {
        const struct mark *a = &marks[i];
        for (uint32_t k = 0; k < n; k++) {
            const struct mark *b = &marks[k];
            if (k == i || fabsf(a->x - b->x) > same_place * a->size ||
                fabsf(a->text_x - b->text_x) > same_place * a->size ||
                fabsf(a->y - b->y) > near_by * a->size)
                continue;
            a->word->text = "\xe2\x80\xa2";
            break;
        }
    }
}
