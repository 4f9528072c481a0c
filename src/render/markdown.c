/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/render.h"

#include "page/chars.h"
#include "render/blanks.h"
#include "render/escape.h"
#include "render/fields.h"
#include "render/inline.h"
#include "render/table.h"

#include <math.h>
#include <string.h>

enum { LIST_LEVELS = 8, LIST_MARKER_DIGITS = 9 };

struct markdown {
    const struct page *page;
    struct buf *out;
    size_t start;                 /* where our output begins in out */
    bool in_list;                 /* the block before was an item */
    bool in_quote;                /* the block before was a quotation */
    bool code;                    /* a typewriter's letters are code: most of the page has others */
    uint32_t level;               /* of that item */
    uint32_t indent[LIST_LEVELS]; /* where the content of an item of that level begins */
};

/* A blank line between blocks. */
static void
begin_block(struct markdown *m)
{
    if (m->out->len > m->start)
        buf_char(m->out, '\n');
    m->in_list = m->in_quote = false;
}

/* "12." or "12)" as GFM counts. */
static bool
is_gfm_number(const char *marker)
{
    size_t digits = strspn(marker, "0123456789");

    return digits > 0 && digits <= LIST_MARKER_DIGITS && marker[digits + 1] == '\0' &&
           (marker[digits] == '.' || marker[digits] == ')');
}

/* Begins with a letter, a figure or a bracket, so it says something. */
static bool
is_telling(const char *marker)
{
    uint32_t c = chars_first(marker, strlen(marker));

    return char_is_letter(c) || char_is_digit(c) || c == '(' || c == '[';
}

/* GFM's form of a check box, empty or with whatever mark; NULL: none. */
static const char *
check_mark(const char *marker)
{
    if (strcmp(marker, "\xe2\x98\x90") == 0)
        return "[ ]";
    bool marked = strcmp(marker, "\xe2\x98\x91") == 0 || strcmp(marker, "\xe2\x98\x92") == 0;
    return marked ? "[x]" : NULL;
}

/* The item's marker; what GFM does not know, such as "a)", follows a bullet as text. */
static void
put_marker(struct markdown *m, const struct page_block *block, uint32_t level)
{
    const char *marker = block->marker;
    uint32_t indent = level == 0 ? 0 : m->indent[level - 1];

    for (uint32_t i = 0; i < indent; i++)
        buf_char(m->out, ' ');
    if (is_gfm_number(marker)) {
        buf_printf(m->out, "%s ", marker);
        m->indent[level] = indent + (uint32_t)strlen(marker) + 1;
        return;
    }
    buf_string(m->out, "- ");
    m->indent[level] = indent + 2;
    if (check_mark(marker) != NULL)
        buf_printf(m->out, "%s ", check_mark(marker));
    else if (is_telling(marker)) {
        escape_text(marker, 0, m->out);
        buf_char(m->out, ' ');
    }
}

static void
put_item(struct markdown *m, struct flow *flow, const struct page_block *block)
{
    const struct inline_style style = {
        .emphasis = true, .code = m->code, .line_break = " ", .place = ESCAPE_LINE_START};
    uint32_t deepest = m->in_list ? m->level + 1 : 0;
    uint32_t level = block->level < deepest ? block->level : deepest;

    if (level >= LIST_LEVELS)
        level = LIST_LEVELS - 1;
    if (!m->in_list)
        begin_block(m);
    put_marker(m, block, level);
    inline_put(flow, &style, m->out);
    if (!m->out->spoilt && m->out->data[m->out->len - 1] == ' ')
        buf_cut(m->out, m->out->len - 1); /* an item without text */
    buf_char(m->out, '\n');
    m->in_list = true;
    m->level = level;
}

/* Takes back what a block without visible text has begun. */
static void
end_block(struct markdown *m, size_t before, size_t content)
{
    if (m->out->len == content)
        buf_cut(m->out, before);
    else
        buf_char(m->out, '\n');
}

static void
put_text_block(struct markdown *m, struct flow *flow, const struct page_block *block)
{
    bool heading = block->kind == BLOCK_HEADING;
    const struct inline_style style = {.emphasis = !heading,
                                       .code = m->code && !heading,
                                       .line_break = heading ? " " : "\n",
                                       .place = heading ? ESCAPE_HEADING : ESCAPE_LINE_START};
    size_t before = m->out->len;

    begin_block(m);
    if (heading) {
        uint32_t level = block->level < 1 ? 1 : block->level > 6 ? 6 : block->level;
        for (uint32_t i = 0; i < level; i++)
            buf_char(m->out, '#');
        buf_char(m->out, ' ');
    }
    size_t content = m->out->len;
    inline_put(flow, &style, m->out);
    end_block(m, before, content);
}

/* Letters that all stand in italics say no more than the quotation's own mark does. */
static bool
is_all_italic(const struct page *page, const struct page_block *block)
{
    for (uint32_t i = 0; i < block->line_count; i++) {
        const struct page_line *line = &page->lines[block->first_line + i];
        for (uint32_t k = 0; k < line->word_count; k++)
            if ((page->words[line->first_word + k].style & STYLE_ITALIC) == 0)
                return false;
    }
    return true;
}

static void
put_quote(struct markdown *m, struct flow *flow, const struct page_block *block)
{
    const struct inline_style style = {.emphasis = !is_all_italic(m->page, block),
                                       .code = m->code,
                                       .line_break = "\n> ",
                                       .place = ESCAPE_LINE_START};
    size_t before = m->out->len;

    if (m->in_quote)
        buf_string(m->out, ">\n");
    else
        begin_block(m);
    buf_string(m->out, "> ");
    size_t content = m->out->len;
    inline_put(flow, &style, m->out);
    end_block(m, before, content);
    m->in_quote = true;
}

/* Longest run of backticks, so that the fence can be longer. */
static size_t
longest_fence(const struct page *page, const struct page_block *block)
{
    size_t longest = 0;

    for (uint32_t i = 0; i < block->line_count; i++) {
        const struct page_line *line = &page->lines[block->first_line + i];
        for (uint32_t k = 0; k < line->word_count; k++) {
            size_t run = 0;
            for (const char *s = page->words[line->first_word + k].text; *s != '\0'; s++) {
                run = *s == '`' ? run + 1 : 0;
                longest = run > longest ? run : longest;
            }
        }
    }
    return longest;
}

static void
put_code_line(struct markdown *m, const struct page_line *line, float left, float character)
{
    for (uint32_t i = 0; i < line->word_count; i++) {
        const struct page_word *word = &m->page->words[line->first_word + i];
        uint32_t gap = blanks_before(word, i == 0, left, character);
        for (uint32_t k = 0; k < gap; k++)
            buf_char(m->out, ' ');
        for (const char *s = word->text; *s != '\0'; s++)
            buf_char(m->out, (unsigned char)*s < ' ' ? ' ' : *s);
        left = word->box.x1;
    }
    while (!m->out->spoilt && m->out->len > m->start && m->out->data[m->out->len - 1] == ' ')
        buf_cut(m->out, m->out->len - 1);
    buf_char(m->out, '\n');
}

static void
put_code(struct markdown *m, const struct page_block *block)
{
    size_t fence = longest_fence(m->page, block) + 1;
    float character = blanks_character(m->page, block);

    begin_block(m);
    for (int end = 0; end < 2; end++) {
        for (size_t i = 0; i < (fence < 3 ? 3 : fence); i++)
            buf_char(m->out, '`');
        buf_char(m->out, '\n');
        if (end == 1)
            break;
        for (uint32_t i = 0; i < block->line_count; i++)
            put_code_line(m, &m->page->lines[block->first_line + i], block->box.x0, character);
    }
}

static void
put_fields(struct markdown *m)
{
    struct fields fields = {.page = m->page};
    const char *name, *value;

    while (fields_next(&fields, &name, &value)) {
        begin_block(m);
        buf_string(m->out, "**");
        escape_text(name, 0, m->out);
        buf_string(m->out, "**: ");
        escape_text(value, 0, m->out);
        buf_char(m->out, '\n');
    }
}

static void
put_table(struct markdown *m, const struct page_table *table)
{
    if (table->rows == 0 || table->columns == 0)
        return;
    begin_block(m);
    table_put(m->page, table, m->out);
}

/* Writes the block and returns the last one that went with it. */
static uint32_t
put_block(struct markdown *m, uint32_t index)
{
    const struct page_block *block = &m->page->blocks[index];
    struct flow flow;

    if (block_is_furniture(block->kind) || (block->kind == BLOCK_FIGURE && block->line_count == 0))
        return index;
    if (block->kind == BLOCK_TABLE && block->table >= 0) {
        put_table(m, &m->page->tables[block->table]);
        return index;
    }
    if (block->kind == BLOCK_CODE && block->line_count > 0) {
        put_code(m, block);
        return index;
    }
    flow_init_block(&flow, m->page, index);
    if (block->kind == BLOCK_LIST_ITEM)
        put_item(m, &flow, block);
    else if (block->kind == BLOCK_QUOTE)
        put_quote(m, &flow, block);
    else
        put_text_block(m, &flow, block);
    return flow.block;
}

/* Pages of a typewriter have no code for it. */
static bool
has_other_letters(const struct page *page)
{
    uint32_t mono = 0;

    for (uint32_t i = 0; i < page->word_count; i++)
        mono += (page->words[i].style & STYLE_MONO) != 0;
    return mono * 2 < page->word_count;
}

/* A scan whose file ends too early: a reader of the text has to know that it is not all. */
static void
put_missing(struct markdown *m)
{
    const struct page *page = m->page;

    for (uint32_t i = 0; i < page->region_count; i++) {
        const struct page_region *region = &page->regions[i];
        if (region->kind != REGION_MISSING)
            continue;
        double share = (double)box_area(region->box) / (double)(page->width * page->height);
        begin_block(m);
        buf_printf(m->out, "<!-- the file ends early: %.0f %% of this page is missing -->\n",
                   fmax(1, 100 * share));
    }
}

void
render_markdown(const struct page *page, struct buf *out)
{
    struct markdown m = {
        .page = page, .out = out, .start = out->len, .code = has_other_letters(page)};

    for (uint32_t i = 0; i < page->block_count && !out->spoilt; i++) {
        uint32_t first = i;
        i = put_block(&m, i);
        for (uint32_t k = first + 1; k < i; k++)
            if (flow_passes(page, first, k))
                (void)put_block(&m, k);
    }
    put_fields(&m);
    put_missing(&m);
}
