/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/bind.h - what the pages around a page tell about it, once all of them are laid out.
 *
 * Running heads and feet come again at the same place on the next page, or on the one after it
 * where left and right pages differ; a page number grows by one a page. A table at the foot of a
 * page may go on at the top of the next, and so may a paragraph. All is decided by the pages as
 * layout_page left them, so that it does not matter in which order or in what parts a document was
 * read. Nothing but kinds, flags and a table's head is changed: words, lines and their order stay.
 */
#pragma once

#include "base/attrs.h"
#include "page/page.h"

/* Pages to each side that are compared. */
enum { BIND_NEAR = 2, BIND_AROUND = 2 * BIND_NEAR + 1 };

/* What other pages are compared by: the rows of text at its edges. */
struct bind_facts;

/* The page is not needed for it any more afterwards. */
MUST_CHECK
enum err_code bind_look(const struct page *page, struct arena *arena, struct bind_facts **ret,
                        struct err *err);

/* Marks running heads and feet. around: the facts of the pages from BIND_NEAR before to BIND_NEAR
 * behind, NULL where there is none; the page's own in the middle. *ret_changed is set, never
 * cleared. */
MUST_CHECK
enum err_code bind_heads(struct page *page, struct bind_facts *const around[BIND_AROUND],
                         bool *ret_changed, struct err *err);

/* How the headings of all pages at hand are set. */
struct bind_styles;

/* Empty; NULL without memory. */
MUST_CHECK
struct bind_styles *bind_styles_new(struct arena *arena);

/* Takes the page's headings in; once all are in, ranks the ways in which they are set. */
void bind_styles_note(struct bind_styles *styles, const struct page *page);
void bind_styles_rank(struct bind_styles *styles);

/* What is set alike gets the same level on all pages; where the file says a level, that stays.
 * *ret_changed is set, never cleared. */
void bind_levels(struct page *page, struct bind_styles *styles, bool *ret_changed);

/* What goes on from one page to the next, whose heads are marked: the table (marked on the second
 * page, which lends the head of the first unless it prints it again), or the paragraph (marked on
 * the first); items of a list get the depth that they have beside those of the first page. */
MUST_CHECK
enum err_code bind_pair(struct page *before, struct page *after, bool *ret_before_changed,
                        bool *ret_after_changed, struct err *err);
