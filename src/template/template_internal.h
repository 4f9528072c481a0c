/* SPDX-License-Identifier: AGPL-3.0-or-later
 * template/template_internal.h - rows, presets as templates, slugs. */
#pragma once

#include "template/preset.h"
#include "template/template.h"

/* The columns that template_read takes: of template t and template_use u. */
#define TEMPLATE_COLUMNS TEMPLATE_COLUMNS_WITH("t.schema_json")
/* Schemas may be large: lists read those of the rows that they show. */
#define TEMPLATE_COLUMNS_WITH(schema)                                                              \
    "t.id, t.team_id, t.user_id, t.slug, t.checksum, t.name, t.description, t.format, t.model, "   \
    "t.instructions, " schema ", t.tags_json, t.color, t.bounding_boxes, t.enabled, "              \
    "t.created_ms, t.updated_ms, COALESCE(u.favorite, 0), COALESCE(u.uses, 0), "                   \
    "COALESCE(u.last_used_ms, 0)"
#define TEMPLATE_JOIN                                                                              \
    " FROM template t LEFT JOIN template_use u ON u.team_id = t.team_id AND u.template_id = t.id "

MUST_CHECK
enum err_code template_read(struct arena *arena, const struct db_rows *rows, struct template *ret,
                            struct err *err);

/* The preset as this team sees it. */
MUST_CHECK
enum err_code preset_read(struct arena *arena, struct db *db, const char *team_id,
                          const struct preset *preset, struct template *ret, struct err *err);
/* All presets have it; older than any team's template. */
#define PRESET_CREATED_MS INT64_C(1767225600000)

/* Of the parts that decide what a job does; ret: SHA256_HEX_SIZE. */
void template_checksum(const struct template_spec *spec, char *ret);

/* The name in kebab case, of at most TEMPLATE_SLUG_MAX; "template" where nothing is left of it. */
void slug_of(const char *name, char ret[TEMPLATE_SLUG_MAX + 1]);
