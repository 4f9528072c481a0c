/* SPDX-License-Identifier: AGPL-3.0-or-later
 * render/fields.h - the filled form fields whose values do not stand on the page as words. */
#pragma once

#include "page/page.h"

struct fields {
    const struct page *page;
    uint32_t next, work; /* both 0 at first */
};

/* The next field with a name and a value (a button: that is on) that no word shows; false at the
 * end. Texts are the page's. */
MUST_CHECK
bool fields_next(struct fields *fields, const char **ret_name, const char **ret_value);
