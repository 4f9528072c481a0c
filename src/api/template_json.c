/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/template_json.h"

#include "jobs/jobs.h"

static void
put_text(struct jsonw *w, const char *key, const char *text)
{
    if (text != NULL)
        jsonw_string(w, key, text);
}

void
template_put(struct jsonw *w, const struct template *t, const char *team_id)
{
    const struct template_spec *spec = &t->spec;

    jsonw_object(w, NULL);
    jsonw_string(w, "id", t->id);
    jsonw_string(w, "slug", t->slug);
    jsonw_string(w, "name", spec->name);
    put_text(w, "description", spec->description);
    jsonw_string(w, "format", job_format_name((enum job_format)spec->format));
    jsonw_string(w, "model", spec->model);
    put_text(w, "instructions", spec->instructions);
    if (spec->schema_json != NULL)
        jsonw_raw(w, "schema", spec->schema_json);
    jsonw_raw(w, "tags", spec->tags_json);
    put_text(w, "color", spec->color);
    jsonw_bool(w, "extract_bounding_boxes", spec->bounding_boxes);
    jsonw_bool(w, "favorite", spec->favorite);
    jsonw_bool(w, "enabled", spec->enabled);
    jsonw_bool(w, "internal", t->internal);
    jsonw_bool(w, "ephemeral", false);
    jsonw_string(w, "checksum", t->checksum);
    jsonw_int(w, "usage_count", t->uses);
    if (t->last_used_ms != 0)
        jsonw_time(w, "last_used", t->last_used_ms);
    put_text(w, "user_id", t->user_id);
    jsonw_string(w, "team_id", team_id);
    jsonw_time(w, "created_at", t->created_ms);
    jsonw_time(w, "updated_at", t->updated_ms);
    jsonw_end(w);
}
