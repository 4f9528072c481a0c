/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "layout/turn.h"

#include <string.h>

/* A baseline's height in its line, where none was measured; that of a turned line is not kept. */
static const float descent_share = 0.2f;

/* turned: the page's size as it was before this turn. */
typedef struct box box_turner(struct box box, const struct page *page);

static struct box
quarter_left(struct box b, const struct page *page)
{
    return (struct box){b.y0, page->width - b.x1, b.y1, page->width - b.x0};
}

static struct box
quarter_right(struct box b, const struct page *page)
{
    return (struct box){page->height - b.y1, b.x0, page->height - b.y0, b.x1};
}

static void
turn_line(struct page_line *line)
{
    line->vertical = !line->vertical;
    line->baseline =
        line->vertical ? line->box.y1 : line->box.y1 - descent_share * box_height(line->box);
}

static struct box
mirrored(struct box b, const struct page *page)
{
    return (struct box){page->width - b.x1, b.y0, page->width - b.x0, b.y1};
}

static void
turn_boxes(struct page *page, box_turner *turner)
{
    for (uint32_t i = 0; i < page->word_count; i++)
        page->words[i].box = turner(page->words[i].box, page);
    for (uint32_t i = 0; i < page->line_count; i++)
        page->lines[i].box = turner(page->lines[i].box, page);
    for (uint32_t i = 0; i < page->block_count; i++)
        page->blocks[i].box = turner(page->blocks[i].box, page);
    for (uint32_t i = 0; i < page->table_count; i++)
        page->tables[i].box = turner(page->tables[i].box, page);
    for (uint32_t i = 0; i < page->cell_count; i++)
        page->cells[i].box = turner(page->cells[i].box, page);
    for (uint32_t i = 0; i < page->region_count; i++)
        page->regions[i].box = turner(page->regions[i].box, page);
    for (uint32_t i = 0; i < page->link_count; i++)
        page->links[i].box = turner(page->links[i].box, page);
    for (uint32_t i = 0; i < page->field_count; i++)
        page->fields[i].box = turner(page->fields[i].box, page);
}

static void
turn_page(struct page *page, box_turner *turner)
{
    turn_boxes(page, turner);
    for (uint32_t i = 0; i < page->line_count; i++)
        turn_line(&page->lines[i]);
    float width = page->width;
    page->width = page->height;
    page->height = width;
}

static size_t
count_characters(const struct page *page, const struct page_line *line)
{
    size_t characters = 0;

    for (uint32_t i = 0; i < line->word_count; i++)
        characters += strlen(page->words[line->first_word + i].text);
    return characters;
}

enum turn
turn_judge(const struct page *page)
{
    size_t down = 0, up = 0, across = 0;

    for (uint32_t i = 0; i < page->line_count; i++) {
        const struct page_line *line = &page->lines[i];
        if (line->first_word > page->word_count ||
            line->word_count > page->word_count - line->first_word || line->word_count == 0)
            continue;
        size_t characters = count_characters(page, line);
        const struct page_word *first = &page->words[line->first_word];
        const struct page_word *last = first + line->word_count - 1;
        float step = last->box.y0 + last->box.y1 - first->box.y0 - first->box.y1;
        if (!line->vertical)
            across += characters;
        else if (step > 0)
            down += characters;
        else if (step < 0)
            up += characters;
    }
    if (down + up <= across)
        return TURN_NONE;
    return down >= up ? TURN_DOWN : TURN_UP;
}

void
turn_upright(struct page *page, enum turn turn)
{
    if (turn != TURN_NONE)
        turn_page(page, turn == TURN_DOWN ? quarter_left : quarter_right);
}

void
turn_back(struct page *page, enum turn turn)
{
    if (turn != TURN_NONE)
        turn_page(page, turn == TURN_DOWN ? quarter_right : quarter_left);
}

/* How many of the line's characters may be letters: beyond ASCII most are. */
static size_t
count_letters(const struct page *page, const struct page_line *line)
{
    size_t letters = 0;

    if (line->first_word > page->word_count ||
        line->word_count > page->word_count - line->first_word)
        return 0;
    for (uint32_t i = 0; i < line->word_count; i++)
        for (const char *at = page->words[line->first_word + i].text; *at != '\0'; at++)
            letters += (unsigned char)*at >= 0x80 || (*at >= 'a' && *at <= 'z') ||
                       (*at >= 'A' && *at <= 'Z');
    return letters;
}

bool
turn_reads_right_to_left(const struct page *page)
{
    size_t right_to_left = 0, others = 0;

    for (uint32_t i = 0; i < page->line_count; i++)
        *(page->lines[i].right_to_left ? &right_to_left : &others) +=
            count_letters(page, &page->lines[i]);
    /* The letters of these scripts have two bytes each. */
    return right_to_left / 2 > others;
}

void
turn_mirror(struct page *page)
{
    turn_boxes(page, mirrored);
    for (uint32_t i = 0; i < page->line_count; i++) {
        struct page_line *line = &page->lines[i];
        line->right_to_left = !line->right_to_left && count_letters(page, line) > 0;
    }
}
