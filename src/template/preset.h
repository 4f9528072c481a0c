/* SPDX-License-Identifier: AGPL-3.0-or-later
 * template/preset.h - the templates that come with the program. Data alone; a slug, once published,
 * stays. */
#pragma once

#include <stddef.h>

struct preset {
    const char *slug, *name, *description;
    int format; /* an enum job_format */
    const char *tags_json;
    const char *schema_json; /* NULL: none; JSON Schema or the shorthand */
};

extern const struct preset presets[];
extern const size_t preset_count;
