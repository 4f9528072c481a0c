/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/convert_extract.h - `convert --format structured`: what is asked for, the pages as the child
 * gets them, and the result as the API would give it. */
#pragma once

#include "base/arena.h"
#include "cmd/options.h"
#include "cmd/reading.h"
#include "jobs/jobs.h"
#include "wire/extract.h"

struct convert_extract {
    struct arena *arena;
    enum job_format format;
    bool json;             /* Markdown as the API's JSON, too */
    const char *set_aside; /* a warning: what the template took the place of; NULL */
    struct wire_ask ask;
};

/* From --format, --schema, --template, --instructions and --json. A schema is read and checked
 * here. ERR_INPUT names the option. */
MUST_CHECK
enum err_code convert_extract_init(struct convert_extract *x, const struct options *options,
                                   struct err *err);
void convert_extract_fini(struct convert_extract *x);

/* {"file_name","result_format","total_pages","pages":[...],"records","warnings"} and a line end. */
MUST_CHECK
enum err_code convert_extract_put(const struct convert_extract *x, const struct reading_file *file,
                                  struct buf *out, struct err *err);

/* FOLDER/NAME-PAGE.svg for each page that has fields: its picture with a box and the JSON Pointer
 * at each. */
MUST_CHECK
enum err_code convert_extract_draw(const struct convert_extract *x, const char *folder,
                                   const char *name, const struct reading_file *file,
                                   struct err *err);
