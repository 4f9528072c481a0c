/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fake_page.c - the least of layout/ and render/: one line of Markdown a line of the page. A
 * page that begins with "bound" is changed by the page before it: its first line goes. */
#include "layout/bind.h"
#include "layout/layout.h"
#include "render/render.h"

#include <string.h>

const float render_api_dpi = 200;

enum err_code
layout_page(struct page *page, struct err *err)
{
    (void)err;
    page->confidence = page->word_count > 0 ? page->words[0].confidence : 1;
    for (uint32_t i = 0; i < page->line_count; i++) {
        struct page_block *block = page_add_block(page);
        if (block == NULL)
            return err_set(err, ERR_LIMIT, "too many blocks");
        block->first_line = i;
        block->line_count = 1;
    }
    return ERR_OK;
}

enum err_code
bind_look(const struct page *page, struct arena *arena, struct bind_facts **ret, struct err *err)
{
    (void)page;
    *ret = arena_alloc(arena, 1);
    return *ret != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "no room");
}

enum err_code
bind_heads(struct page *page, struct bind_facts *const around[BIND_AROUND], bool *ret_changed,
           struct err *err)
{
    (void)err;
    if (around[BIND_NEAR - 1] != NULL && page->word_count > 0 &&
        strcmp(page->words[0].text, "bound") == 0) {
        page->blocks[0].kind = BLOCK_HEADER;
        *ret_changed = true;
    }
    return ERR_OK;
}

struct bind_styles *
bind_styles_new(struct arena *arena)
{
    return arena_alloc(arena, 1);
}

void
bind_styles_note(struct bind_styles *styles, const struct page *page)
{
    (void)styles, (void)page;
}

void
bind_styles_rank(struct bind_styles *styles)
{
    (void)styles;
}

void
bind_levels(struct page *page, struct bind_styles *styles, bool *ret_changed)
{
    (void)page, (void)styles, (void)ret_changed;
}

enum err_code
bind_pair(struct page *before, struct page *after, bool *ret_before_changed,
          bool *ret_after_changed, struct err *err)
{
    (void)before, (void)after, (void)ret_before_changed, (void)ret_after_changed, (void)err;
    return ERR_OK;
}

void
render_markdown(const struct page *page, struct buf *out)
{
    uint32_t first = page->block_count > 0 && page->blocks[0].kind == BLOCK_HEADER ? 1 : 0;

    for (uint32_t i = first; i < page->line_count; i++) {
        const struct page_line *line = &page->lines[i];
        for (uint32_t k = 0; k < line->word_count; k++) {
            buf_string(out, k > 0 ? " " : "");
            buf_string(out, page->words[line->first_word + k].text);
        }
        buf_char(out, '\n');
    }
}

void
render_dimensions(const struct page *page, float dpi, uint32_t *ret_width, uint32_t *ret_height)
{
    *ret_width = (uint32_t)(page->width / 72 * dpi + 0.5F);
    *ret_height = (uint32_t)(page->height / 72 * dpi + 0.5F);
}
