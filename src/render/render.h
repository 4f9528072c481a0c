/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/render.h - the page tree as text that people and programs read.
 *
 * Markdown is GFM (CommonMark with pipe tables): headings #, paragraphs joined and de-hyphenated,
 * lists, tables, links, bold and italics; text of the page is escaped so that it never turns into
 * markup by accident. Running heads and feet are left out of it (they stay in the boxes). */
#pragma once

#include "base/buf.h"
#include "page/page.h"

/* Each appends; the caller checks the buffer once. An empty page appends nothing. */
void render_markdown(const struct page *page, struct buf *out);
void render_text(const struct page *page, struct buf *out);

/* One <section>, <div class="ocr_page">, <Page> and <g>: parts of the files that render/form.h
 * writes. y: where the page begins in a picture of several, pt. */
void render_html(const struct page *page, struct buf *out);
void render_hocr(const struct page *page, struct buf *out);
void render_alto(const struct page *page, struct buf *out);
void render_svg(const struct page *page, float y, struct buf *out);

/* The page tree as one JSON object (docs/page-tree.md). */
void render_json(const struct page *page, struct buf *out);

/* The API's bounding_boxes array: {type, text, bounds{x,y,width,height}, metadata}, integer pixels
 * at the given dpi, origin top left. */
void render_boxes(const struct page *page, float dpi, struct buf *out);

/* A page's size in the pixels that render_boxes uses. Both are of the page as it is seen in the
 * document, also where it was turned to be read. */
void render_dimensions(const struct page *page, float dpi, uint32_t *ret_width,
                       uint32_t *ret_height);

/* Resolution of the API's pixel units: 200 (an A4 page is 1654 x 2339). */
extern const float render_api_dpi;
