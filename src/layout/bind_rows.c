/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The rows of text at a page's edges, as other pages are compared with them. */
#include "layout/bind_internal.h"

#include "layout/blocks_internal.h"
#include "page/chars.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* White space that sets a page number off from the text beside it, in sizes. */
static const float apart_gap = 1.2F;

/* A line with what the search needs. */
struct place {
    struct box box;
    uint32_t line;
    bool in_table;
};

static int
by_height(const void *a, const void *b)
{
    const struct place *p = a, *q = b;
    float u = p->box.y0 + p->box.y1, v = q->box.y0 + q->box.y1;

    if (u != v)
        return u < v ? -1 : 1;
    return p->box.x0 != q->box.x0 ? (p->box.x0 < q->box.x0 ? -1 : 1)
                                  : (p->line > q->line) - (p->line < q->line);
}

static int
by_left(const void *a, const void *b)
{
    const struct place *p = a, *q = b;

    return p->box.x0 != q->box.x0 ? (p->box.x0 < q->box.x0 ? -1 : 1)
                                  : (p->line > q->line) - (p->line < q->line);
}

/* Lines that stand upright and are of a block or a cell, from top to bottom. */
static uint32_t
collect(const struct page *page, struct place *places)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < page->line_count; i++) {
        const struct page_line *line = &page->lines[i];
        if (line->word_count > 0 && !line->vertical)
            places[n++] = (struct place){.box = line->box, .line = i, .in_table = true};
    }
    for (uint32_t b = 0, k = 0; b < page->block_count; b++) {
        const struct page_block *block = &page->blocks[b];
        for (uint32_t i = 0; i < block->line_count; i++) {
            while (k < n && places[k].line < block->first_line + i)
                k++;
            if (k < n && places[k].line == block->first_line + i)
                places[k].in_table = false;
        }
    }
    qsort(places, n, sizeof(*places), by_height);
    return n;
}

static bool
same_row(const struct place *a, const struct place *b)
{
    float both = fminf(a->box.y1, b->box.y1) - fmaxf(a->box.y0, b->box.y0);

    return both > 0.5F * fminf(box_height(a->box), box_height(b->box));
}

/* The number in a word with or without marks around it: up to four figures, or small Roman ones.
 * -1: none. */
static int32_t
number_of(const char *word, bool roman)
{
    static const struct {
        char letter;
        int value;
    } values[] = {{'i', 1}, {'v', 5}, {'x', 10}, {'l', 50}, {'c', 100}};
    const char *at = word;
    int32_t sum = 0, last = 0;

    while (*at != '\0' && !isalnum((unsigned char)*at))
        at++;
    size_t figures = strspn(at, "0123456789");
    const char *rest = at + figures;
    if (figures > 0 && figures <= 4) {
        while (*rest != '\0' && !isalnum((unsigned char)*rest))
            rest++;
        return *rest == '\0' ? (int32_t)strtol(at, NULL, 10) : -1;
    }
    if (!roman || *at == '\0')
        return -1;
    for (const char *s = at + strlen(at); s > at; s--) {
        int value = 0;
        for (size_t i = 0; i < ARRAY_LEN(values); i++)
            value = values[i].letter == s[-1] ? values[i].value : value;
        if (value == 0)
            return -1;
        sum += value < last ? -value : value;
        last = value;
    }
    return sum;
}

/* What a row is made of, word by word. */
struct making {
    const struct page *page;
    struct bind_row *row;
    char text[ROW_BYTES];
    size_t len;
};

static void
put(struct making *m, char c)
{
    if (m->len + 1 < sizeof(m->text))
        m->text[m->len++] = c;
    else
        m->row->odd = true;
}

static void
put_word(struct making *m, const char *word)
{
    struct bind_row *row = m->row;

    if (m->len > 0)
        put(m, ' ');
    for (const char *s = word; *s != '\0';) {
        size_t figures = strspn(s, "0123456789");
        if (figures > 0) {
            if (row->numbers < ROW_NUMBERS)
                row->number[row->numbers] = figures <= 9 ? (int32_t)strtol(s, NULL, 10) : 0;
            row->numbers++;
            put(m, '#');
            s += figures;
            continue;
        }
        row->letters += ((unsigned char)*s >= 0x80 ? (*s & 0xc0) == 0xc0 : isalpha(*s) != 0);
        put(m, (char)((unsigned char)*s < 0x80 ? tolower(*s) : *s));
        s++;
    }
}

/* The number at an end of the row, if it is set off there. */
static int32_t
number_apart(const struct page *page, const struct bind_row *row, bool last)
{
    const struct page_line *line = &page->lines[row->lines[last ? row->line_count - 1 : 0]];
    uint32_t end = line->first_word + line->word_count;
    const struct page_word *word = &page->words[last ? end - 1 : line->first_word];
    const struct page_word *beside = NULL;

    if (line->word_count > 1)
        beside = last ? word - 1 : word + 1;
    else if (row->line_count > 1) {
        const struct page_line *next = &page->lines[row->lines[last ? row->line_count - 2 : 1]];
        if (next->word_count > 0)
            beside = &page->words[next->first_word + (last ? next->word_count - 1 : 0)];
    }
    if (beside == NULL)
        return -1;
    float gap = last ? word->box.x0 - beside->box.x1 : beside->box.x0 - word->box.x1;
    return gap > apart_gap * row->size ? number_of(word->text, false) : -1;
}

/* marker_is_page_number tells by the text as printed. */
static bool
is_lone_number(const struct page *page, struct bind_row *row)
{
    char text[48];
    size_t len = 0;
    int32_t roman = -1;

    for (uint32_t i = 0; i < row->line_count; i++) {
        const struct page_line *line = &page->lines[row->lines[i]];
        for (uint32_t k = 0; k < line->word_count; k++) {
            const char *word = page->words[line->first_word + k].text;
            size_t n = strlen(word);
            if (n + 2 > sizeof(text) - len)
                return false;
            if (len > 0)
                text[len++] = ' ';
            memcpy(text + len, word, n);
            len += n;
            roman = number_of(word, true);
        }
    }
    text[len] = '\0';
    if (!marker_is_page_number(text))
        return false;
    if (row->numbers == 0 && roman >= 0)
        row->number[row->numbers++] = roman;
    return row->numbers > 0;
}

static bool
is_caption(const struct page *page, const struct page_line *line)
{
    const struct page_word *words = &page->words[line->first_word];

    return line->word_count > 1 && marker_is_caption(words[0].text, words[1].text,
                                                     line->word_count > 2 ? words[2].text : NULL);
}

static bool
make_row(const struct page *page, struct place *places, uint32_t count, int edge,
         struct arena *arena, struct bind_row *row)
{
    struct making m = {.page = page, .row = row};
    struct box box = places[0].box;
    float weight = 0;

    *row = (struct bind_row){.apart = -1, .odd = count > ROW_LINES};
    qsort(places, count, sizeof(*places), by_left);
    for (uint32_t i = 0; i < count && i < ROW_LINES; i++) {
        const struct page_line *line = &page->lines[places[i].line];
        row->lines[row->line_count++] = places[i].line;
        row->odd = row->odd || places[i].in_table;
        row->size += line->size * (float)line->word_count;
        weight += (float)line->word_count;
        box = box_union(box, places[i].box);
        for (uint32_t k = 0; k < line->word_count; k++)
            put_word(&m, page->words[line->first_word + k].text);
    }
    row->odd = row->odd || is_caption(page, &page->lines[places[0].line]);
    row->size /= fmaxf(weight, 1);
    row->y = 0.5F * (box.y0 + box.y1);
    row->y = edge == EDGE_TOP ? row->y : page->height - row->y;
    row->lone_number = is_lone_number(page, row);
    row->apart = number_apart(page, row, false);
    if (row->apart < 0)
        row->apart = number_apart(page, row, true);
    row->text = arena_strndup(arena, m.text, m.len);
    return row->text != NULL;
}

/* How many places from the first one on stand on its height. */
static uint32_t
row_length(const struct place *places, uint32_t count, bool down)
{
    uint32_t n = 1;

    if (down)
        while (n < count && same_row(&places[0], &places[n]))
            n++;
    else
        while (n < count && same_row(&places[count - 1], &places[count - 1 - n]))
            n++;
    return n;
}

bool
bind_find_rows(const struct page *page, struct arena *arena, struct bind_facts *facts)
{
    struct place *places = arena_array(arena, page->line_count, sizeof(*places));
    bool ok = places != NULL;
    uint32_t n = ok ? collect(page, places) : 0;

    for (int edge = 0; edge < EDGES; edge++) {
        uint32_t used = 0;
        while (ok && used < n && facts->row_count[edge] < EDGE_ROWS) {
            struct bind_row *row = &facts->rows[edge][facts->row_count[edge]++];
            uint32_t length = edge == EDGE_TOP ? row_length(places + used, n - used, true)
                                               : row_length(places, n - used, false);
            struct place *first = edge == EDGE_TOP ? places + used : places + (n - used - length);
            ok = make_row(page, first, length, edge, arena, row);
            used += length;
        }
        if (ok) /* the rows sorted their pieces */
            qsort(places, n, sizeof(*places), by_height);
    }
    return ok;
}
