/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/structure.h - what a PDF says of itself: tags of its contents, and its outline.
 *
 * Both become the role of words (page.h), where the page bears them out: a tag is that of the
 * contents it stands around, under the file's own names for the standard ones (RoleMap); a title of
 * the outline counts where a line of the page it leads to has that text, near the place it leads
 * to. What is wrong in them costs nothing but itself. Limits: 2,000 titles, six levels of them;
 * tags that stand in the structure tree alone are not seen (MuPDF 1.21 tells none). Files of doc/
 * only. */
#pragma once

#include "doc/mupdf_internal.h"

/* The page's words stand in tags that are worth reading. */
struct tags {
    pdf_obj *role_map; /* borrowed from the document; NULL: none */
    bool tagged;       /* the file has a structure tree */
};

/* Throws. */
struct tags structure_tags(fz_context *ctx, pdf_document *pdf);

/* The role of what stands in a tag, or outer for one that says nothing. Throws. */
uint8_t structure_role(fz_context *ctx, const struct tags *tags, const char *tag, uint8_t outer);

/* A page as titles lead to it. Throws. */
struct title_page {
    int number; /* of its object */
    fz_matrix ctm;
};
struct title_page structure_title_page(fz_context *ctx, pdf_page *source);

/* Marks the lines of the page that the outline leads to. */
void structure_mark_titles(struct doc *doc, const struct title_page *at, struct page *page);

void structure_close(struct doc *doc);
