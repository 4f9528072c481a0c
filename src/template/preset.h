/* SPDX-License-Identifier: AGPL-3.0-or-later
 * template/preset.h - the templates that come with the program: src/template/presets, a file each,
 * made into this table by tools/make_presets.py. A slug, once published, stays. */
#pragma once

#include <stddef.h>

struct preset {
    const char *slug, *name, *description;
    int format; /* an enum job_format */
    const char *tags_json;
    const char *schema_json;  /* NULL: none; JSON Schema or the shorthand */
    const char *instructions; /* NULL: none */
};

extern const struct preset presets[];
extern const size_t preset_count;

/* By its slug; NULL: none has it. */
const struct preset *preset_named(const char *slug);
