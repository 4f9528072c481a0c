/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Words of a text layer that nobody sees: which they are, and how they leave the page (text.h). */
#include "doc/text_internal.h"

#include <string.h>

enum {
    COVER_WORK_MAX = 20 * 1000000 /* comparisons a page; a hostile page must not cost more */
};

void
text_cover(struct text *text, struct box box)
{
    struct page *page = text->page;
    uint32_t i = 0;

    if (text->full || text->cover_work > COVER_WORK_MAX)
        return;
    while (i < text->count && box_area(box_cut(text->line[i].box, box)) <= 0)
        i++;
    if (i < text->count)
        text_break(text);
    text->cover_work += page->word_count + i;
    if (text->full)
        return;
    for (i = 0; i < page->word_count; i++) {
        struct box word = page->words[i].box;
        if (word.y0 > box.y1 || word.y1 < box.y0 || text->hidden[i])
            continue;
        if (box_area(box_cut(word, box)) >= 0.9F * box_area(word))
            text->hidden[i] = 1 + HIDDEN_COVERED;
    }
}

void
text_reveal(struct text *text, uint32_t first, uint32_t end)
{
    for (uint32_t i = first; i < end && i < text->page->word_count && i < text->hidden_cap; i++)
        if (text->hidden[i] == 1 + HIDDEN_INVISIBLE)
            text->hidden[i] = 0;
}

void
text_settle_tiny(struct text *text)
{
    uint32_t tiny = 0, visible = 0;

    for (uint32_t i = 0; i < text->page->word_count && i < text->hidden_cap; i++) {
        tiny += text->hidden[i] == TEXT_TINY;
        visible += text->hidden[i] == 0;
    }
    for (uint32_t i = 0; i < text->page->word_count && i < text->hidden_cap; i++)
        if (text->hidden[i] == TEXT_TINY)
            text->hidden[i] = tiny > visible ? 0 : 1 + HIDDEN_INVISIBLE;
}

/* Whether a reason is one of those that text under a scan has. */
static bool
is_under(uint8_t hidden)
{
    return hidden == 1 + HIDDEN_INVISIBLE || hidden == 1 + HIDDEN_COVERED;
}

void
text_count(const struct text *text, uint32_t *ret_visible, uint32_t *ret_hidden)
{
    *ret_visible = *ret_hidden = 0;
    for (uint32_t i = 0; i < text->page->word_count && i < text->hidden_cap; i++) {
        *ret_visible += text->hidden[i] == 0;
        *ret_hidden += is_under(text->hidden[i]);
    }
}

const uint8_t *
text_hidden(const struct text *text)
{
    return text->hidden;
}

/* Files the words [first, first + count) of one line, hidden for one reason. */
static bool
file_hidden(struct text *text, uint32_t first, uint32_t count)
{
    struct page *page = text->page;
    struct page_hidden *hidden = page_add_hidden(page);
    size_t len = 0;

    if (hidden == NULL)
        return false;
    hidden->kind = text->hidden[first] - 1;
    hidden->box = page->words[first].box;
    for (uint32_t i = first; i < first + count; i++) {
        hidden->box = box_union(hidden->box, page->words[i].box);
        len += strlen(page->words[i].text) + 1;
    }
    char *joined = arena_alloc(text->arena, len), *end = joined;
    if (joined == NULL)
        return false;
    for (uint32_t i = first; i < first + count; i++) {
        if (i > first && !page->words[i].glued)
            *end++ = ' ';
        end = stpcpy(end, page->words[i].text);
    }
    hidden->text = joined;
    return true;
}

/* Files what is hidden of a line, a run for each reason; its other words go to the front, from
 * *words on. */
static bool
sift_line(struct text *text, struct page_line *line, bool keep_under, uint32_t *words)
{
    struct page *page = text->page;
    uint32_t first = *words, end = line->first_word + line->word_count;

    for (uint32_t i = line->first_word; i < end;) {
        uint8_t why = text->hidden[i];
        uint32_t next = i + 1;
        while (next < end && text->hidden[next] == why)
            next++;
        bool keep = why == 0 || (keep_under && is_under(why));
        if (!keep && !file_hidden(text, i, next - i))
            return false;
        for (; keep && i < next; i++) {
            text->fonts[*words] = text->fonts[i];
            text->hidden[*words] = why;
            page->words[(*words)++] = page->words[i];
        }
        i = next;
    }
    if (*words != first && *words - first != line->word_count) {
        line->box = page->words[first].box;
        for (uint32_t i = first; i < *words; i++)
            line->box = box_union(line->box, page->words[i].box);
        page->words[first].glued = false;
    }
    line->first_word = first;
    line->word_count = *words - first;
    return true;
}

bool
hidden_sift(struct text *text, bool keep_under)
{
    struct page *page = text->page;
    uint32_t words = 0, lines = 0;

    for (uint32_t l = 0; l < page->line_count; l++) {
        struct page_line line = page->lines[l];
        if (!sift_line(text, &line, keep_under, &words))
            return false;
        if (line.word_count > 0)
            page->lines[lines++] = line;
    }
    page->word_count = words;
    page->line_count = lines;
    return true;
}
