/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/elements.h - the elements of a PDF's structure tree that a page's text and pictures hang in,
 * as tags of the page (page.h): lists, items and their labels, tables, rows and cells, figures.
 *
 * Found from the contents upwards, so that a page costs what stands on it, however large the tree
 * is; of a row all cells, as empty ones count in the order of columns. Limits: PAGE_TAGS_MAX tags
 * and ELEMENTS_MAX elements of a page, elements ABOVE_MAX above a tag; what is past them is not
 * there. A tree that is a circle ends. Files of doc/ only. */
#pragma once

#include "doc/mupdf_internal.h"

enum { ELEMENTS_MAX = 6000 };

/* What is known of the elements of one page. */
struct elements;

/* Tags go to page. NULL if the arena is full. */
struct elements *elements_new(struct arena *arena, struct page *page);

/* 1 + index of the tag that is innermost around an element, itself included; 0: none. role_map: the
 * file's own names for the standard ones, or NULL. Throws. */
uint16_t elements_tag(fz_context *ctx, struct elements *elements, pdf_obj *role_map,
                      pdf_obj *element);

/* A picture of the figure that the tag is in, if it is in one, covers this. */
void elements_add_picture(struct elements *elements, uint16_t tag, struct box box);

/* The standard name that a name of the file's stands for, or the last that it is mapped to. known:
 * whether a name is standard to the caller. Throws. */
typedef bool (*elements_known)(const char *name);
const char *elements_standard_name(fz_context *ctx, pdf_obj *role_map, const char *name,
                                   elements_known known);
