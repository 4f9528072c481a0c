/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/rightward.h"

#include "base/utf8.h"
#include "page/bidi.h"

#include <string.h>

/* The line's characters as seen, with a space between words. */
struct seen {
    uint32_t codes[BIDI_LINE_MAX];
    struct box boxes[BIDI_LINE_MAX]; /* of their places */
    uint16_t words[BIDI_LINE_MAX];   /* of the line, from 0; that before a space */
    bool right[BIDI_LINE_MAX];
    uint16_t order[BIDI_LINE_MAX];
    size_t n;
};

static size_t
count_characters(const char *text)
{
    size_t n = 0;

    for (; *text != '\0'; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80;
    return n;
}

static void
put(struct seen *s, uint32_t code, struct box box, uint16_t word)
{
    s->codes[s->n] = code;
    s->boxes[s->n] = box;
    s->words[s->n] = word;
    s->order[s->n] = (uint16_t)s->n;
    s->right[s->n++] = false;
}

/* False if there are too many. */
static bool
add_word(struct seen *s, const struct page_word *word, uint16_t number)
{
    size_t count = count_characters(word->text), len = strlen(word->text);
    float step = count > 0 ? box_width(word->box) / (float)count : 0;
    const char *at = word->text;

    if (count + 1 > BIDI_LINE_MAX - s->n)
        return false;
    if (number > 0 && !word->glued) {
        put(s, ' ', word->box, (uint16_t)(number - 1));
    }
    for (size_t i = 0; i < count; i++) {
        uint32_t code = 0;
        size_t bytes = utf8_decode(at, len, &code);
        if (bytes == 0)
            return false;
        at += bytes;
        len -= bytes;
        float x = word->box.x0 + (float)i * step;
        put(s, code, (struct box){x, word->box.y0, x + step, word->box.y1}, number);
    }
    return true;
}

/* The characters [from, to) of the order, which hold no space, as a word; NULL past a limit. */
static const char *
spell(struct arena *arena, const struct seen *s, size_t from, size_t to)
{
    char *text = arena_alloc(arena, (to - from) * UTF8_MAX_BYTES + 1);
    size_t len = 0;

    if (text == NULL)
        return NULL;
    for (size_t i = from; i < to; i++)
        len += utf8_encode(s->codes[s->order[i]], text + len);
    text[len] = '\0';
    return text;
}

/* The text as it is read; the text itself if it is too long or the arena full. */
static const char *
turn_text(struct arena *arena, const char *text, struct seen *s)
{
    const struct page_word alone = {.text = text};

    s->n = 0;
    if (!add_word(s, &alone, 0) || s->n == 0)
        return text;
    (void)bidi_read(s->codes, s->n, BIDI_RIGHT, s->order, s->right);
    const char *turned = spell(arena, s, 0, s->n);
    return turned != NULL ? turned : text;
}

/* As sure as the least sure of the words that it is made of. Other readings are of whole words. */
static struct page_word
make_word(const struct seen *s, const struct page_word *from, size_t first, size_t end)
{
    uint16_t number = s->words[s->order[first]];
    struct page_word word = from[number];
    bool whole = count_characters(word.text) == end - first;

    word.box = s->boxes[s->order[first]];
    word.glued = false;
    for (size_t i = first; i < end; i++) {
        const struct page_word *other = &from[s->words[s->order[i]]];
        word.box = box_union(word.box, s->boxes[s->order[i]]);
        whole = whole && s->words[s->order[i]] == number;
        if (other->confidence < word.confidence)
            word.confidence = other->confidence;
    }
    word.alt_count = whole ? word.alt_count : 0;
    return word;
}

/* Writes the line's words from *to on; there are as many spaces as before, and so no more words. */
static bool
write_words(struct page *page, struct page_line *line, const struct seen *s, uint32_t *to)
{
    struct page_word *old = arena_array(page->arena, line->word_count, sizeof(*old));
    uint32_t first = *to;

    if (old == NULL)
        return false;
    memcpy(old, &page->words[line->first_word], line->word_count * sizeof(*old));
    for (size_t i = 0, end; i < s->n; i = end + 1) {
        for (end = i; end < s->n && s->codes[s->order[end]] != ' ';)
            end++;
        if (end == i)
            continue;
        struct page_word word = make_word(s, old, i, end);
        word.text = spell(page->arena, s, i, end);
        if (word.text == NULL || *to - first == line->word_count)
            return false;
        page->words[(*to)++] = word;
    }
    line->first_word = first;
    line->word_count = *to - first;
    return true;
}

static void
move_words(struct page *page, struct page_line *line, uint32_t *to)
{
    memmove(&page->words[*to], &page->words[line->first_word],
            line->word_count * sizeof(*page->words));
    line->first_word = *to;
    *to += line->word_count;
}

/* The line's words, which end up from *to on. */
static bool
order_line(struct page *page, struct page_line *line, struct bidi_brackets *brackets,
           struct seen *s, uint32_t *to)
{
    bool fits = !line->vertical;
    uint32_t from = *to;

    s->n = 0;
    for (uint32_t i = 0; fits && i < line->word_count; i++)
        fits = add_word(s, &page->words[line->first_word + i], (uint16_t)i);
    if (!fits || s->n == 0) { /* turned, or too long for a line: left as it is */
        move_words(page, line, to);
        return true;
    }
    line->right_to_left = bidi_read(s->codes, s->n, BIDI_RIGHT, s->order, s->right) == BIDI_RIGHT;
    bidi_mend_brackets(s->codes, s->right, s->n, brackets);
    if (!write_words(page, line, s, to))
        return false;
    for (uint32_t i = from; i < *to; i++)
        for (uint32_t k = 0; k < page->words[i].alt_count; k++) {
            struct page_alt *alt = &page->alts[page->words[i].first_alt + k];
            alt->text = turn_text(page->arena, alt->text, s);
        }
    return true;
}

bool
rightward_order(struct page *page, uint32_t first_line)
{
    struct bidi_brackets brackets = {0};
    struct seen s = {.n = 0};
    uint32_t to = first_line < page->line_count ? page->lines[first_line].first_word : 0;

    if (first_line >= page->line_count)
        return true;
    for (uint32_t l = first_line; l < page->line_count; l++)
        if (!order_line(page, &page->lines[l], &brackets, &s, &to))
            return false;
    page->word_count = to;
    return true;
}
