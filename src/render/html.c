/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/html.c - a page as HTML: one <section> with the blocks in reading order.
 *
 * Running heads and feet are left out, as in Markdown. Each block has its box in points, of the
 * page as it is seen, in data-box. Figures with their caption are one <figure> with a <figcaption>;
 * several that share a caption stand inside of it. A table's caption is its <caption>. */
#include "render/render.h"

#include "base/xml.h"
#include "render/blanks.h"
#include "render/fields.h"
#include "render/html_inline.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_LEVELS = 8 };

struct html {
    const struct page *page;
    struct buf *out;
    bool ordered[LIST_LEVELS]; /* of the lists that are open */
    uint32_t depth;            /* how many are */
};

static void
put_box(struct html *h, struct box box)
{
    box = page_box_as_seen(h->page, box);
    buf_printf(h->out, " data-box=\"%.1f %.1f %.1f %.1f\"", (double)box.x0, (double)box.y0,
               (double)box.x1, (double)box.y1);
}

static void
close_lists(struct html *h, uint32_t depth)
{
    while (h->depth > depth)
        buf_string(h->out, h->ordered[--h->depth] ? "</li></ol>\n" : "</li></ul>\n");
}

/* "3." and "3)" count; anything else is printed in front of the text. */
static bool
marker_number(const char *marker, long *ret)
{
    char *end;

    if (*marker < '0' || *marker > '9')
        return false;
    *ret = strtol(marker, &end, 10);
    return end - marker <= 9 && (strcmp(end, ".") == 0 || strcmp(end, ")") == 0);
}

/* A bullet says nothing that <ul> does not. */
static bool
is_telling(const char *marker)
{
    for (const char *c = marker; *c != '\0'; c++)
        if ((*c >= '0' && *c <= '9') || (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'))
            return true;
    return strstr(marker, "\xe2\x98") != NULL; /* check boxes, U+2610 to U+2612 */
}

static void
put_item(struct html *h, struct flow *flow, const struct page_block *block)
{
    long number = 0;
    bool counts = marker_number(block->marker, &number);
    uint32_t level = block->level < h->depth ? block->level : h->depth;

    if (level >= LIST_LEVELS)
        level = LIST_LEVELS - 1;
    close_lists(h, level + 1);
    if (h->depth == level + 1 && h->ordered[level] != counts)
        close_lists(h, level);
    if (h->depth == level + 1) {
        buf_string(h->out, "</li>\n");
    } else {
        buf_string(h->out, counts ? "<ol>\n" : "<ul>\n");
        h->ordered[h->depth++] = counts;
    }
    buf_string(h->out, "<li");
    if (counts)
        buf_printf(h->out, " value=\"%ld\"", number);
    put_box(h, block->box);
    buf_char(h->out, '>');
    if (!counts && is_telling(block->marker)) {
        xml_put_string(h->out, block->marker);
        buf_char(h->out, ' ');
    }
    html_put_flow(flow, 0, h->out);
}

static void
put_code(struct html *h, const struct page_block *block)
{
    float character = blanks_character(h->page, block);

    buf_string(h->out, "<pre");
    put_box(h, block->box);
    buf_string(h->out, "><code>");
    for (uint32_t i = 0; i < block->line_count; i++) {
        const struct page_line *line = &h->page->lines[block->first_line + i];
        float left = block->box.x0;
        for (uint32_t k = 0; k < line->word_count; k++) {
            const struct page_word *word = &h->page->words[line->first_word + k];
            for (uint32_t gap = blanks_before(word, k == 0, left, character); gap > 0; gap--)
                buf_char(h->out, ' ');
            xml_put_string(h->out, word->text);
            left = word->box.x1;
        }
        buf_char(h->out, '\n');
    }
    buf_string(h->out, "</code></pre>\n");
}

struct element {
    const char *name, *class; /* class NULL: none */
};

static struct element
element_of(const struct page_block *block)
{
    static const char *const headings[] = {"h1", "h2", "h3", "h4", "h5", "h6"};

    switch (block->kind) {
    case BLOCK_HEADING:
        return (struct element){
            headings[block->level >= 1 && block->level <= 6 ? block->level - 1 : 5], NULL};
    case BLOCK_CAPTION:
        return (struct element){"p", "caption"};
    case BLOCK_FOOTNOTE:
        return (struct element){"p", "footnote"};
    case BLOCK_QUOTE:
        return (struct element){"blockquote", NULL};
    case BLOCK_FORMULA:
        return (struct element){"p", "formula"};
    case BLOCK_FORM_FIELD:
        return (struct element){"p", "field"};
    default:
        return (struct element){"p", NULL};
    }
}

static void
put_text(struct html *h, struct flow *flow, const struct page_block *block)
{
    struct element e = element_of(block);
    size_t before = h->out->len;

    buf_printf(h->out, "<%s", e.name);
    if (e.class != NULL)
        buf_printf(h->out, " class=\"%s\"", e.class);
    put_box(h, block->box);
    buf_char(h->out, '>');
    size_t content = h->out->len;
    html_put_flow(flow, block->kind == BLOCK_HEADING ? STYLE_BOLD : 0, h->out);
    if (h->out->len == content)
        buf_cut(h->out, before); /* nothing to see */
    else
        buf_printf(h->out, "</%s>\n", e.name);
}

/* The caption of the block, or -1. */
static int64_t
caption_of(const struct html *h, uint32_t index)
{
    const struct page_block *block = &h->page->blocks[index];

    return block->caption != 0 ? (int64_t)index + block->caption : -1;
}

/* Whether the caption stands next to the table that it belongs to, and so is inside of it. */
static bool
is_in_table(const struct html *h, uint32_t caption)
{
    const struct page_block *blocks = h->page->blocks;

    return (caption + 1 < h->page->block_count && blocks[caption + 1].kind == BLOCK_TABLE &&
            blocks[caption + 1].caption == -1) ||
           (caption > 0 && blocks[caption - 1].kind == BLOCK_TABLE &&
            blocks[caption - 1].caption == 1);
}

static void
put_table(struct html *h, uint32_t index)
{
    const struct page_block *block = &h->page->blocks[index];
    bool beside = block->caption == 1 || block->caption == -1;

    html_put_table(h->page, &h->page->tables[block->table], beside ? caption_of(h, index) : -1,
                   h->out);
}

static void
put_figcaption(struct html *h, uint32_t index)
{
    struct flow flow;

    buf_string(h->out, "<figcaption");
    put_box(h, h->page->blocks[index].box);
    buf_char(h->out, '>');
    flow_init_block(&flow, h->page, index);
    flow.block = h->page->block_count; /* it goes on in nothing */
    html_put_flow(&flow, 0, h->out);
    buf_string(h->out, "</figcaption>");
}

/* The caption that a run of figures stands next to, of which the block is the first or the caption
 * itself; -1: it is none. */
static int64_t
run_caption(const struct html *h, uint32_t index)
{
    const struct page_block *blocks = h->page->blocks;

    if (blocks[index].kind == BLOCK_FIGURE)
        return caption_of(h, index);
    bool leads = blocks[index].kind == BLOCK_CAPTION && index + 1 < h->page->block_count &&
                 blocks[index + 1].kind == BLOCK_FIGURE && blocks[index + 1].caption == -1;
    return leads ? (int64_t)index : -1;
}

/* What the figure shows, if the file says so. */
static void
put_alt(struct html *h, const struct page_block *figure)
{
    if (figure->marker[0] == '\0')
        return;
    buf_string(h->out, " aria-label=\"");
    xml_put_string(h->out, figure->marker);
    buf_char(h->out, '"');
}

/* What is written in a figure. */
static void
put_labels(struct html *h, uint32_t index)
{
    struct flow flow;

    if (h->page->blocks[index].line_count == 0)
        return;
    buf_string(h->out, "<p class=\"labels\">");
    flow_init_block(&flow, h->page, index);
    flow.block = h->page->block_count; /* it goes on in nothing */
    html_put_flow(&flow, 0, h->out);
    buf_string(h->out, "</p>");
}

/* Figures and their caption, which stand together, as one; returns the last of them. */
static uint32_t
put_figures(struct html *h, uint32_t index)
{
    const struct page_block *blocks = h->page->blocks;
    int64_t caption = run_caption(h, index);
    uint32_t end = index, figures = 0;
    struct box all = blocks[blocks[index].kind == BLOCK_FIGURE ? index : index + 1].box;

    for (; end < h->page->block_count && (end == index || caption >= 0); end++) {
        bool figure = blocks[end].kind == BLOCK_FIGURE && caption_of(h, end) == caption;
        if (!figure && end != caption)
            break;
        figures += figure;
        all = figure ? box_union(all, blocks[end].box) : all;
    }
    buf_string(h->out, "<figure");
    put_box(h, all);
    if (figures == 1)
        put_alt(h, &blocks[blocks[index].kind == BLOCK_FIGURE ? index : index + 1]);
    buf_char(h->out, '>');
    for (uint32_t i = index; i < end; i++) {
        if (i == caption) {
            put_figcaption(h, i);
        } else if (figures > 1) {
            buf_string(h->out, "<figure");
            put_box(h, blocks[i].box);
            put_alt(h, &blocks[i]);
            buf_char(h->out, '>');
            put_labels(h, i);
            buf_string(h->out, "</figure>");
        } else {
            put_labels(h, i);
        }
    }
    buf_string(h->out, "</figure>\n");
    return end - 1;
}

/* Writes the block and returns the last one that went with it. */
static uint32_t
put_block(struct html *h, uint32_t index)
{
    const struct page_block *block = &h->page->blocks[index];
    struct flow flow;

    if (block_is_furniture(block->kind) || (block->kind == BLOCK_CAPTION && is_in_table(h, index)))
        return index;
    if (block->kind != BLOCK_LIST_ITEM)
        close_lists(h, 0);
    if (block->kind == BLOCK_TABLE && block->table >= 0) {
        put_table(h, index);
        return index;
    }
    if (block->kind == BLOCK_FIGURE || run_caption(h, index) >= 0)
        return put_figures(h, index);
    if (block->kind == BLOCK_CODE) {
        put_code(h, block);
        return index;
    }
    flow_init_block(&flow, h->page, index);
    if (block->kind == BLOCK_LIST_ITEM)
        put_item(h, &flow, block);
    else
        put_text(h, &flow, block);
    return flow.block;
}

static void
put_fields(struct html *h)
{
    struct fields fields = {.page = h->page};
    const char *name, *value;

    while (fields_next(&fields, &name, &value)) {
        buf_string(h->out, "<p class=\"field\"><strong>");
        xml_put_string(h->out, name);
        buf_string(h->out, "</strong>: ");
        xml_put_string(h->out, value);
        buf_string(h->out, "</p>\n");
    }
}

static bool
reads_from_right(const struct page *page)
{
    uint32_t right = 0;

    for (uint32_t i = 0; i < page->line_count; i++)
        right += page->lines[i].right_to_left;
    return right * 2 > page->line_count;
}

void
render_html(const struct page *page, struct buf *out)
{
    struct html h = {.page = page, .out = out};
    float width, height;

    page_size_as_seen(page, &width, &height);
    buf_printf(
        out,
        "<section class=\"page\"%s data-page=\"%u\" data-width=\"%.1f\" data-height=\"%.1f\">\n",
        reads_from_right(page) ? " dir=\"rtl\"" : "", page->index + 1, (double)width,
        (double)height);
    for (uint32_t i = 0; i < page->block_count && !out->spoilt; i++) {
        uint32_t first = i;
        i = put_block(&h, i);
        for (uint32_t k = first + 1; k < i; k++)
            if (flow_passes(page, first, k))
                k = put_block(&h, k);
    }
    close_lists(&h, 0);
    put_fields(&h);
    buf_string(out, "</section>\n");
}
