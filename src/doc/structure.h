/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/structure.h - what a PDF says of itself: tags of its contents, and its outline.
 *
 * Both become the role of words (page.h), and lists, tables and figures tags of the page, where the
 * page bears them out: a tag is that of the contents it stands around, or of the nearest element of
 * the structure tree above it that says something, under the file's own names for the standard ones
 * (RoleMap); a title of the outline counts where a line of the page it leads to has that text, near
 * the place it leads to. What is wrong in them costs nothing but itself. Limits: 2,000 titles, six
 * levels of them; elements 32 above a tag. Files of doc/ only. */
#pragma once

#include "doc/elements.h"

/* The page's words stand in tags that are worth reading. All borrowed from the document. */
struct tags {
    pdf_obj *role_map;      /* NULL: none */
    pdf_obj *parents;       /* the structure tree's ParentTree; NULL: none */
    pdf_obj *elements;      /* of the contents at hand: array by the number of a tag; NULL: none */
    bool tagged;            /* the file has a structure tree */
    struct elements *known; /* of the page; NULL: no tree to look into */
};

/* contents: a page, or a form drawn on it, as its dictionary. Throws. */
struct tags structure_tags(fz_context *ctx, pdf_document *pdf, pdf_obj *contents);
pdf_obj *structure_elements(fz_context *ctx, const struct tags *tags, pdf_obj *contents);

enum { TAG_UNNUMBERED = -1 };

/* The role of what stands in a tag, or outer for one that says nothing. number: of the tag among
 * those of the contents at hand, by which it hangs in the tree. Throws. */
uint8_t structure_role(fz_context *ctx, const struct tags *tags, const char *tag, int number,
                       uint8_t outer);

/* Whether it is a tag, with those properties, that the file calls a watermark. Throws. */
bool structure_is_watermark(fz_context *ctx, const char *tag, pdf_obj *properties);

/* The element that the tag with that number hangs in; NULL: none. Throws. */
pdf_obj *structure_element(fz_context *ctx, const struct tags *tags, int number);

/* 1 + index among the page's tags of the element that the tag with that number hangs in; outer for
 * one that hangs in none. Throws. */
uint16_t structure_tag(fz_context *ctx, const struct tags *tags, int number, uint16_t outer);

/* A page as titles lead to it. Throws. */
struct title_page {
    int number; /* of its object */
    fz_matrix ctm;
};
struct title_page structure_title_page(fz_context *ctx, pdf_page *source);

/* Marks the lines of the page that the outline leads to. */
void structure_mark_titles(struct doc *doc, const struct title_page *at, struct page *page);

void structure_close(struct doc *doc);
