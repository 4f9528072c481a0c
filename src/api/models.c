/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/models.h"

#include "api/call.h"
#include "api/catalog.h"
#include "api/handlers.h"

#include <string.h>

/* Names, prices, surcharges and priorities as the public API documents them. */
const struct model models[] = {
    {"standard-v2", "Standard v2", "All documents and languages installed; the default", 1, 1, 2},
    {"pro-v2", "Pro v2", "Best quality, all languages installed", 3, 1, 6},
    {"standard-v1", "Standard v1", "The former default", 1, 2, 1},
    {"english-pro-v1", "English Pro v1", "Reads English only", 2, 2, 4},
    {"pro-v1", "Pro v1", "The former best quality, all languages installed", 3, 2, 5},
};
const size_t model_count = ARRAY_LEN(models);

const struct model *
model_default(const struct catalog *catalog)
{
    size_t n;

    return catalog_models(catalog, &n);
}

const struct model *
model_find(const struct catalog *catalog, const char *name)
{
    size_t n;
    const struct model *list = catalog_models(catalog, &n);

    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i].name, name) == 0)
            return &list[i];
    return list;
}

void
models_list(struct call *call)
{
    size_t n;
    const struct model *list = catalog_models(call->api->catalog, &n);
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_int(&w, "count", (int64_t)n);
    jsonw_array(&w, "models");
    for (size_t i = 0; i < n; i++) {
        const struct model *m = &list[i];
        jsonw_object(&w, NULL);
        jsonw_string(&w, "name", m->name);
        jsonw_string(&w, "display_name", m->display_name);
        jsonw_string(&w, "description", m->description);
        jsonw_int(&w, "credits_per_page", m->credits_per_page);
        jsonw_int(&w, "surcharge_per_page", m->surcharge_per_page);
        jsonw_int(&w, "priority", m->priority);
        jsonw_end(&w);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    call_reply_json(call, 200);
}
