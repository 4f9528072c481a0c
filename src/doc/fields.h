/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/fields.h - form fields and links of a PDF page.
 *
 * Values stand as words where they are shown: the fields' own looks are drawn through the reading
 * device (MuPDF makes a look where the file has none). A check box or radio button gives one word
 * instead of its look: U+2611 checked, U+2610 not. Values of password fields are left out. */
#pragma once

#include "doc/mupdf_internal.h"
#include "doc/text.h"

/* Draws the fields of source through dev and lists them in page. Throws. */
void fields_read(fz_context *ctx, pdf_page *source, fz_device *dev, struct page *page,
                 struct text *text);

/* Lists the links that lead out of the document, by http, https, ftp, mailto or tel. Throws. */
void links_read(fz_context *ctx, pdf_page *source, struct page *page);

/* Gives each word that stands on a link its index. */
void links_attach(struct page *page);
