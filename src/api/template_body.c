/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/template_body.h"

#include "api/wanted.h"
#include "base/utf8.h"
#include "jobs/jobs.h"

#include <ctype.h>
#include <string.h>

enum { COLOR_LEN = 7, TAGS_BYTES_MAX = KiB(16) };

/* Past any limit of a text: what it is the name of comes from the caller. */
static enum err_code
check_text(const json_t *value, const char *name, size_t max_chars, struct err *err)
{
    if (!json_is_string(value))
        return err_set(err, ERR_INPUT, "'%s' must be a string", name);
    size_t chars = utf8_length(json_string_value(value), json_string_length(value));
    if (chars > max_chars)
        return err_set(err, ERR_INPUT, "'%s' has %zu characters, limit %zu", name, chars,
                       max_chars);
    return ERR_OK;
}

/* Leaves *ret as it is where the field is not there; null and "" take it away. */
static enum err_code
read_text(struct arena *arena, const json_t *fields, const char *name, size_t max_chars,
          const char **ret, struct err *err)
{
    const json_t *value = json_object_get(fields, name);

    if (value == NULL)
        return ERR_OK;
    if (json_is_null(value) || (json_is_string(value) && json_string_length(value) == 0)) {
        *ret = NULL;
        return ERR_OK;
    }
    enum err_code rc = check_text(value, name, max_chars, err);
    if (rc != ERR_OK)
        return rc;
    *ret = arena_strndup(arena, json_string_value(value), json_string_length(value));
    return *ret != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "'%s' is too large", name);
}

static enum err_code
read_bool(const json_t *fields, const char *name, bool *ret, struct err *err)
{
    const json_t *value = json_object_get(fields, name);

    if (value == NULL || json_is_null(value))
        return ERR_OK;
    if (!json_is_boolean(value))
        return err_set(err, ERR_INPUT, "'%s' must be true or false", name);
    *ret = json_is_true(value);
    return ERR_OK;
}

static enum err_code
read_format(const json_t *fields, int *ret, struct err *err)
{
    const json_t *value = json_object_get(fields, "format");
    const char *text = value == NULL ? NULL : json_string_value(value);

    if (value == NULL || json_is_null(value))
        return err_set(err, ERR_INPUT, "'format' is missing");
    for (int f = JOB_MARKDOWN; f <= JOB_PER_PAGE_STRUCTURED && text != NULL; f++) {
        if (strcmp(text, job_format_name((enum job_format)f)) == 0) {
            *ret = f;
            return ERR_OK;
        }
    }
    return err_set(err, ERR_INPUT, "'format' must be markdown, structured or per_page_structured");
}

static enum err_code
keep_json(struct arena *arena, const json_t *value, size_t max_bytes, const char *name,
          const char **ret, struct err *err)
{
    struct buf text;

    buf_init(&text, max_bytes + 1);
    json_put(&text, value);
    *ret = text.spoilt ? NULL : arena_strndup(arena, buf_text(&text), text.len);
    buf_fini(&text);
    return *ret != NULL ? ERR_OK
                        : err_set(err, ERR_INPUT, "'%s' is larger than the limit of %zu bytes",
                                  name, max_bytes);
}

static enum err_code
read_tags(struct arena *arena, const json_t *fields, struct template_spec *spec, struct err *err)
{
    const json_t *value = json_object_get(fields, "tags");
    enum err_code rc = ERR_OK;
    json_t *tag;
    size_t i;

    if (value == NULL)
        return ERR_OK;
    if (json_is_null(value)) {
        spec->tags_json = "[]";
        return ERR_OK;
    }
    if (!json_is_array(value))
        return err_set(err, ERR_INPUT, "'tags' must be an array of strings");
    if (json_array_size(value) > TEMPLATE_TAGS_MAX)
        return err_set(err, ERR_INPUT, "'tags' has %zu entries, limit %d", json_array_size(value),
                       TEMPLATE_TAGS_MAX);
    json_array_foreach(value, i, tag)
    {
        rc = check_text(tag, "tags[]", TEMPLATE_TAG_MAX, err);
        if (rc == ERR_OK && json_string_length(tag) == 0)
            rc = err_set(err, ERR_INPUT, "'tags' has an empty entry");
        if (rc != ERR_OK)
            return rc;
    }
    return keep_json(arena, value, KiB(16), "tags", &spec->tags_json, err);
}

static enum err_code
check_color(const char *color, struct err *err)
{
    bool good = color == NULL || (strlen(color) == COLOR_LEN && color[0] == '#');

    for (size_t i = 1; good && color != NULL && i < COLOR_LEN; i++)
        good = isxdigit((unsigned char)color[i]) != 0;
    return good ? ERR_OK : err_set(err, ERR_INPUT, "'color' must be #RRGGBB");
}

static enum err_code
read_schema(struct arena *arena, const json_t *fields, struct template_spec *spec, struct err *err)
{
    const json_t *value = json_object_get(fields, "schema");

    if (value == NULL)
        return ERR_OK;
    if (json_is_null(value)) {
        spec->schema_json = NULL;
        return ERR_OK;
    }
    return wanted_schema(arena, value, &spec->schema_json, err);
}

enum err_code
template_body_read(struct arena *arena, const json_t *fields, const struct template_spec *before,
                   struct template_spec *ret, struct err *err)
{
    struct template_spec spec = {.tags_json = "[]", .enabled = true};
    enum err_code rc;

    if (!json_is_object(fields))
        return err_set(err, ERR_INPUT, "the body must be a JSON object");
    if (before != NULL)
        spec = *before;
    spec.name = NULL;
    if ((rc = read_text(arena, fields, "name", TEMPLATE_NAME_MAX, &spec.name, err)) != ERR_OK ||
        (rc = read_format(fields, &spec.format, err)) != ERR_OK ||
        (rc = read_text(arena, fields, "model", TEMPLATE_MODEL_MAX, &spec.model, err)) != ERR_OK ||
        (rc = read_text(arena, fields, "description", TEMPLATE_DESCRIPTION_MAX, &spec.description,
                        err)) != ERR_OK ||
        (rc = read_text(arena, fields, "instructions", TEMPLATE_INSTRUCTIONS_MAX,
                        &spec.instructions, err)) != ERR_OK ||
        (rc = read_text(arena, fields, "color", 4 * COLOR_LEN, &spec.color, err)) != ERR_OK ||
        (rc = check_color(spec.color, err)) != ERR_OK ||
        (rc = read_tags(arena, fields, &spec, err)) != ERR_OK ||
        (rc = read_schema(arena, fields, &spec, err)) != ERR_OK ||
        (rc = read_bool(fields, "extract_bounding_boxes", &spec.bounding_boxes, err)) != ERR_OK ||
        (rc = read_bool(fields, "favorite", &spec.favorite, err)) != ERR_OK ||
        (rc = read_bool(fields, "enabled", &spec.enabled, err)) != ERR_OK)
        return rc;
    if (spec.name == NULL)
        return err_set(err, ERR_INPUT, "'name' is missing");
    if (spec.model == NULL)
        return err_set(err, ERR_INPUT, "'model' is missing");
    *ret = spec;
    return ERR_OK;
}
