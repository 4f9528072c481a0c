/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/spec.h - what a client asks for: the fields of an upload request, validated.
 *
 * Every spelling that published documentation and client libraries use is known (output_type and
 * format, instruction and instructions, template_slug, template_id and category_id, schema as an
 * object or as text of JSON, the old tier). Template and schema are resolved and checked. Unknown
 * fields are ignored; null and "" are as if the field were not there. docs/api.md has the table. */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "jobs/jobs.h"

#include <stdbool.h>

enum {
    SPEC_FILE_NAME_MAX = 255,      /* characters */
    SPEC_TYPE_MAX = 255,           /* characters of content_type */
    SPEC_INSTRUCTIONS_MAX = 10000, /* characters */
    SPEC_SLUG_MAX = 100
};

struct catalog;

struct spec_limits {
    uint64_t file_bytes_max;
    /* From a form: each value is text, file_size is known from the file itself. */
    bool is_form;
    const struct catalog *catalog; /* prices; NULL: what is built in */
    /* The document is fetched from 'url': file_name is its own where none is given. */
    bool is_url;
    /* Where the team's own templates are found; NULL: presets only. */
    struct db *db;
    const char *team_id;
};

/* The same without a file: what is to be extracted from pages that were read before. Default and
 * only formats: structured and per_page_structured. */
MUST_CHECK
enum err_code spec_read_extraction(struct arena *arena, const json_t *fields,
                                   const struct spec_limits *limits, struct job_spec *ret,
                                   struct err *err);

/* fields: the request's body; with is_url source_url is set, to where is for others to judge;
 * strings of *ret live in the arena. ERR_INPUT names the field and its limit; ERR_LIMIT for a
 * file_size past the limit. */
MUST_CHECK
enum err_code spec_read(struct arena *arena, const json_t *fields, const struct spec_limits *limits,
                        struct job_spec *ret, struct err *err);
