/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/form.h - the forms that a whole document can be written in: head, pages, tail.
 *
 *   struct form_writer w;
 *   form_begin(&w, form, "name.pdf", out);
 *   form_measure(&w, page);  ...       before any page, or not at all
 *   form_page(&w, page);  ...  form_lost(&w, number, reason, message);
 *   form_end(&w);
 * The table is the one home of their names, which the command line, the API and the documentation
 * share. Appends only; the caller checks the buffer once. */
#pragma once

#include "base/buf.h"
#include "page/page.h"

enum form_id {
    FORM_MARKDOWN,
    FORM_TEXT,
    FORM_HTML,
    FORM_HOCR,
    FORM_ALTO,
    FORM_JSON,
    FORM_SVG,
    FORM_COUNT
};

struct form {
    const char *name;      /* "hocr" */
    const char *extension; /* of a file, without the dot */
    const char *content_type;
};

extern const struct form forms[FORM_COUNT];

/* FORM_COUNT for a name that is none. */
enum form_id form_find(struct span name);

struct form_writer {
    struct buf *out;
    enum form_id id;
    uint32_t pages;      /* written so far, lost ones too */
    size_t size_at;      /* SVG: where its size is filled in */
    float width, height; /* SVG: of all pages, pt; as far as they are known */
    float y;             /* SVG: where the next page begins */
    bool measured;
};

/* name: of the document, UTF-8. */
void form_begin(struct form_writer *w, enum form_id id, const char *name, struct buf *out);
/* Whether the head holds something of all pages: then what is written may be passed on before
 * form_end only if each page was measured, before the first was written. */
bool form_wants_measures(enum form_id id);
void form_measure(struct form_writer *w, const struct page *page);
void form_page(struct form_writer *w, const struct page *page);
/* As form_page for a page whose Markdown is there already; FORM_MARKDOWN only. */
void form_markdown(struct form_writer *w, struct span markdown);
/* A page that could not be read. number: from 1. */
void form_lost(struct form_writer *w, uint32_t number, const char *reason, const char *message);
void form_end(struct form_writer *w);
