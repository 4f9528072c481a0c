/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/sections.h - instructions that name sections: words outside what is wanted are not looked
 * at. A section goes from its heading to the next heading that is no deeper. */
#pragma once

#include "extract/instruct.h"

/* *ret_pages[count]: the pages themselves where nothing is to be cut, else copies in the arena that
 * share all but their lines. Sections that are not there go to the warnings; where none of those
 * wanted is there, nothing is cut. */
MUST_CHECK
enum err_code sections_cut(struct arena *arena, struct instructions *told,
                           struct page *const *pages, uint32_t count,
                           struct page *const **ret_pages, struct err *err);
