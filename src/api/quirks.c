/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/quirks.h"

#include <string.h>

struct quirk_row {
    const char *prefix; /* of the User-Agent */
    struct quirks quirks;
};

/* All rows that match count. Go's User-Agent may be set by its user: "leapocr-go" without a slash
 * catches the ones seen, the last three those of its own tests, which say no version, and those
 * that are not set at all. */
static const struct quirk_row rows[] = {
    {"leapocr-php/", {.no_created_at = true, .no_boxes = true}},
    {"leapocr-sdk-js/", {.partial_is_done = true}},
    {"leapocr-python/", {.partial_is_done = true}},
    {"leapocr-go", {.partial_is_done = true}},
    {"Go-http-client/", {.partial_is_done = true}},
    {"leapocr-python/0.0.1", {.page_text = true}},
    {"leapocr-python/0.0.2", {.page_text = true}},
    {"leapocr-python/0.0.3", {.page_text = true}},
    {"leapocr-go/0.0.1", {.page_text = true}},
    {"leapocr-go/0.0.2", {.page_text = true}},
    {"leapocr-go/0.0.3", {.page_text = true}},
    {"leapocr-go/0.0.4", {.page_text = true}},
    {"leapocr-go-", {.page_text = true}},
    {"OpenAPI-Generator/1.0.0/go", {.partial_is_done = true, .page_text = true}},
    {"Go-http-client/", {.page_text = true}},
};

struct quirks
quirks_of(struct span user_agent)
{
    struct quirks all = {0};

    if (user_agent.data == NULL)
        return all;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        size_t len = strlen(rows[i].prefix);
        if (user_agent.len < len || memcmp(user_agent.data, rows[i].prefix, len) != 0)
            continue;
        all.no_created_at |= rows[i].quirks.no_created_at;
        all.no_boxes |= rows[i].quirks.no_boxes;
        all.partial_is_done |= rows[i].quirks.partial_is_done;
        all.page_text |= rows[i].quirks.page_text;
    }
    return all;
}

const char *
quirks_status(const struct quirks *quirks, enum job_status status)
{
    if (status == JOB_PARTIAL && quirks->partial_is_done)
        status = JOB_COMPLETED;
    return job_status_name(status);
}
