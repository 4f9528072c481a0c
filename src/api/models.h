/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/models.h - the published model names and what a page costs under each, unless the catalogue
 * (api/catalog.h) has others. Any other name is
 * taken as well, at the default's price: installations may have models of their own. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { MODEL_NAME_MAX = 100 };

struct model {
    const char *name;
    const char *display_name;
    const char *description;
    int64_t credits_per_page;
    int64_t surcharge_per_page; /* for structured output or instructions of one's own */
    int64_t priority;
};

extern const struct model models[];
extern const size_t model_count;

struct catalog;

/* The default's row for an unknown name. catalog NULL: the models above. */
const struct model *model_find(const struct catalog *catalog, const char *name);
/* When a request names none. */
const struct model *model_default(const struct catalog *catalog);
