/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/wanted.h"

#include "base/utf8.h"
#include "schema/schema.h"
#include "template/preset.h"
#include "template/template.h"

#include <string.h>

/* What compiling a schema at its limits takes at most. */
static const size_t compile_bytes_max = MiB(24);

static enum err_code
check(struct span text, struct err *err)
{
    struct arena *arena = arena_new(compile_bytes_max);
    struct schema *schema;
    struct err why = {0};

    if (arena == NULL)
        return err_set(err, ERR_UNAVAILABLE, "no memory to check the schema");
    enum err_code rc = schema_compile(arena, text, &schema, &why);
    arena_drop(&arena);
    return rc == ERR_OK ? ERR_OK : err_set(err, ERR_INPUT, "'schema': %s", why.msg);
}

static enum err_code
keep(struct arena *arena, const json_t *schema, const char **ret, struct err *err)
{
    struct buf text;

    buf_init(&text, SCHEMA_MAX_BYTES);
    json_put(&text, schema);
    enum err_code rc =
        text.spoilt ? err_set(err, ERR_INPUT, "'schema' is larger than the limit of %d bytes",
                              SCHEMA_MAX_BYTES)
                    : check(buf_span(&text), err);
    const char *kept = rc == ERR_OK ? arena_strndup(arena, buf_text(&text), text.len) : NULL;
    buf_fini(&text);
    if (rc == ERR_OK && kept == NULL)
        rc = err_set(err, ERR_LIMIT, "'schema' is too large");
    if (rc == ERR_OK)
        *ret = kept;
    return rc;
}

enum err_code
wanted_schema(struct arena *arena, const json_t *value, const char **ret, struct err *err)
{
    json_t *parsed = NULL;
    struct err why;

    if (json_is_string(value)) {
        struct span text = {(const uint8_t *)json_string_value(value), json_string_length(value)};
        if (json_read(text, &parsed, &why) != ERR_OK)
            return err_set(err, ERR_INPUT, "'schema' as text: %s", why.msg);
        value = parsed;
    }
    enum err_code rc = ERR_OK;
    if (json_is_array(value) && json_array_size(value) == 0)
        *ret = "{}"; /* PHP cannot tell an empty object from an empty list */
    else if (!json_is_object(value))
        rc = err_set(err, ERR_INPUT, "'schema' must be an object");
    else
        rc = keep(arena, value, ret, err);
    json_decref(parsed);
    return rc;
}

bool
wanted_format(const char *name, enum job_format *ret)
{
    static const enum job_format formats[] = {JOB_MARKDOWN, JOB_STRUCTURED,
                                              JOB_PER_PAGE_STRUCTURED};
    for (size_t i = 0; i < ARRAY_LEN(formats); i++) {
        if (strcmp(name, job_format_name(formats[i])) == 0) {
            *ret = formats[i];
            return true;
        }
    }
    return false;
}

/* Without a team there are presets. */
static enum err_code
find_template(struct arena *arena, struct db *db, const char *team_id, const char *slug,
              struct template *ret, struct err *err)
{
    if (db != NULL && team_id != NULL)
        return template_find(arena, db, team_id, slug, ret, err);
    const struct preset *preset = preset_named(slug);
    if (preset == NULL)
        return err_set(err, ERR_NOT_FOUND, "there is no such template");
    *ret = (struct template){.slug = preset->slug,
                             .internal = true,
                             .spec = {.name = preset->name,
                                      .format = preset->format,
                                      .schema_json = preset->schema_json,
                                      .instructions = preset->instructions,
                                      .enabled = true}};
    return ERR_OK;
}

/* Whoever sends a schema or instructions beside a template is told that they were not used. */
static const char *
set_aside(struct arena *arena, const struct job_spec *spec, const struct template *t)
{
    const char *schema = spec->schema_json != NULL ? "'schema'" : NULL;
    const char *told = spec->instructions != NULL ? "'instructions'" : NULL;

    if (schema == NULL && told == NULL)
        return NULL;
    return arena_printf(
        arena, "%s%s%s not used: the template \"%s\", which was asked for too, goes first",
        schema != NULL ? schema : told, schema != NULL && told != NULL ? " and 'instructions'" : "",
        schema != NULL && told == NULL ? " was" : " were", t->slug);
}

enum err_code
wanted_template(struct arena *arena, struct db *db, const char *team_id, struct job_spec *spec,
                struct err *err)
{
    struct template t = {.slug = NULL};
    struct err why;

    if (spec->template_slug == NULL)
        return ERR_OK;
    enum err_code rc = find_template(arena, db, team_id, spec->template_slug, &t, &why);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, ERR_INPUT, "'template_slug': there is no template \"%s\"",
                       spec->template_slug);
    if (rc != ERR_OK)
        return err_set(err, rc, "%s", why.msg);
    if (!t.spec.enabled)
        return err_set(err, ERR_INPUT, "'template_slug': the template \"%s\" is switched off",
                       t.slug);
    spec->format = (enum job_format)t.spec.format;
    spec->template_slug = t.slug;
    spec->template_id = t.id[0] != '\0' ? arena_strdup(arena, t.id) : NULL;
    spec->template_name = t.spec.name;
    spec->set_aside = set_aside(arena, spec, &t);
    spec->template_internal = t.internal;
    spec->schema_json = t.spec.schema_json;
    spec->instructions = t.spec.instructions;
    spec->bounding_boxes = spec->bounding_boxes || t.spec.bounding_boxes;
    spec->save_as_template = false; /* it is one */
    if (!t.internal && t.spec.model != NULL)
        spec->model = t.spec.model;
    return ERR_OK;
}

/* A template needs a name: the schema's title, or that of the file. */
static const char *
name_of(struct arena *arena, const struct job_spec *spec)
{
    struct span text = span_of(spec->schema_json != NULL ? spec->schema_json : "null");
    json_t *schema = NULL;
    const char *name = NULL;

    if (json_read(text, &schema, NULL) == ERR_OK) {
        const char *title = json_string_value(json_object_get(schema, "title"));
        if (title != NULL && *title != '\0' &&
            utf8_length(title, strlen(title)) <= TEMPLATE_NAME_MAX)
            name = arena_strdup(arena, title);
    }
    json_decref(schema);
    return name != NULL ? name : spec->file_name;
}

enum err_code
wanted_submit(struct arena *arena, struct db *db, const struct principal *who,
              struct job_spec *spec, int64_t now_ms, struct err *err)
{
    struct template kept;

    if (spec->template_id != NULL)
        return template_used(db, who->team_id, spec->template_id, now_ms, err);
    if (!spec->save_as_template)
        return ERR_OK;
    const struct template_spec wanted = {.name = name_of(arena, spec),
                                         .format = spec->format,
                                         .model = spec->model,
                                         .instructions = spec->instructions,
                                         .schema_json = spec->schema_json,
                                         .tags_json = "[]",
                                         .bounding_boxes = spec->bounding_boxes,
                                         .enabled = true};
    enum err_code rc = template_keep(arena, db, who, &wanted, now_ms, &kept, err);
    if (rc != ERR_OK)
        return rc;
    spec->template_id = arena_strdup(arena, kept.id);
    spec->template_slug = kept.slug;
    spec->template_name = kept.spec.name;
    return spec->template_id != NULL
               ? template_used(db, who->team_id, spec->template_id, now_ms, err)
               : err_set(err, ERR_LIMIT, "no memory for a template");
}
