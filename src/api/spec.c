/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/spec.h"

#include "api/models.h"
#include "api/wanted.h"
#include "base/url.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* The first of the spellings that has a value; two that contradict each other are an error. */
static enum err_code
find(const json_t *fields, const char *name, const char *alias, const json_t **ret, struct err *err)
{
    const json_t *found = NULL;
    const char *const names[] = {name, alias};

    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        const json_t *value = names[i] != NULL ? json_object_get(fields, names[i]) : NULL;
        if (value == NULL || json_is_null(value) ||
            (json_is_string(value) && json_string_length(value) == 0))
            continue;
        if (found != NULL && !json_equal(found, value))
            return err_set(err, ERR_INPUT, "'%s' and '%s' are the same field and differ", name,
                           alias);
        found = value;
    }
    *ret = found;
    return ERR_OK;
}

/* *ret is NULL where the field is not there. */
static enum err_code
read_text(struct arena *arena, const json_t *fields, const char *name, const char *alias,
          size_t max_chars, const char **ret, struct err *err)
{
    const json_t *value;
    enum err_code rc = find(fields, name, alias, &value, err);

    if (rc != ERR_OK)
        return rc;
    if (value == NULL) {
        *ret = NULL;
        return ERR_OK;
    }
    if (!json_is_string(value))
        return err_set(err, ERR_INPUT, "'%s' must be a string", name);
    const char *text = json_string_value(value);
    size_t chars = utf8_length(text, json_string_length(value));
    if (chars > max_chars)
        return err_set(err, ERR_INPUT, "'%s' has %zu characters, limit %zu", name, chars,
                       max_chars);
    *ret = arena_strndup(arena, text, json_string_length(value));
    return *ret != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "'%s' is too large", name);
}

static enum err_code
read_bool(const json_t *fields, const char *name, bool is_form, bool *ret, struct err *err)
{
    const json_t *value;
    enum err_code rc = find(fields, name, NULL, &value, err);

    if (rc != ERR_OK)
        return rc;
    const char *text = is_form ? json_string_value(value) : NULL;
    if (value == NULL)
        *ret = false;
    else if (json_is_boolean(value))
        *ret = json_is_true(value);
    else if (text != NULL && (strcmp(text, "true") == 0 || strcmp(text, "1") == 0))
        *ret = true;
    else if (text != NULL && (strcmp(text, "false") == 0 || strcmp(text, "0") == 0))
        *ret = false;
    else
        return err_set(err, ERR_INPUT, "'%s' must be true or false", name);
    return ERR_OK;
}

/* source_url as it will be asked for. The name comes from its path where the client gives none. */
static enum err_code
read_url(struct arena *arena, const json_t *fields, struct job_spec *spec, struct err *err)
{
    const json_t *value = json_object_get(fields, "url");
    char name[4 * SPEC_FILE_NAME_MAX];
    struct url url;
    struct err why;

    if (value == NULL || json_is_null(value))
        return err_set(err, ERR_INPUT, "'url' is missing");
    if (!json_is_string(value))
        return err_set(err, ERR_INPUT, "'url' must be a string");
    if (url_parse(json_string_value(value), &url, &why) != ERR_OK)
        return err_set(err, ERR_INPUT, "'url': %.200s", why.msg);
    url_file_name(&url, name, sizeof(name));
    if (utf8_length(name, strlen(name)) > SPEC_FILE_NAME_MAX || name[0] == '\0' ||
        strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        memcpy(name, "document", sizeof("document"));
    spec->source_url = arena_strdup(arena, url.text);
    spec->file_name = arena_strdup(arena, name);
    return spec->source_url != NULL && spec->file_name != NULL
               ? ERR_OK
               : err_set(err, ERR_LIMIT, "'url' is too large");
}

/* Clients send whole paths, and the number of a descriptor where they know no name. */
static enum err_code
read_file_name(struct arena *arena, const json_t *fields, struct job_spec *spec, struct err *err)
{
    const json_t *value;
    const char *text;
    enum err_code rc = find(fields, "file_name", NULL, &value, err);

    if (rc != ERR_OK)
        return rc;
    if (value == NULL && spec->file_name != NULL)
        return ERR_OK;
    if (value == NULL)
        return err_set(err, ERR_INPUT, "'file_name' is missing");
    if (json_is_integer(value))
        text = arena_printf(arena, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else if (json_is_string(value))
        text = arena_strndup(arena, json_string_value(value), json_string_length(value));
    else
        return err_set(err, ERR_INPUT, "'file_name' must be a string");
    if (text == NULL)
        return err_set(err, ERR_LIMIT, "'file_name' is too large");
    for (const char *c = text; *c != '\0'; c++)
        if (*c == '/' || *c == '\\')
            text = c + 1;
    if (*text == '\0' || strcmp(text, ".") == 0 || strcmp(text, "..") == 0)
        return err_set(err, ERR_INPUT, "'file_name' names no file");
    size_t chars = utf8_length(text, strlen(text));
    if (chars > SPEC_FILE_NAME_MAX)
        return err_set(err, ERR_INPUT, "'file_name' has %zu characters, limit %d", chars,
                       SPEC_FILE_NAME_MAX);
    spec->file_name = text;
    return ERR_OK;
}

static enum err_code
read_file_size(const json_t *fields, const struct spec_limits *limits, struct job_spec *spec,
               struct err *err)
{
    const json_t *value = json_object_get(fields, "file_size");

    if (limits->is_form || limits->is_url || value == NULL || json_is_null(value))
        return ERR_OK;
    if (!json_is_integer(value) || json_integer_value(value) < 1)
        return err_set(err, ERR_INPUT, "'file_size' must be a whole number of bytes, at least 1");
    if ((uint64_t)json_integer_value(value) > limits->file_bytes_max)
        return err_set(err, ERR_LIMIT,
                       "'file_size' is %" JSON_INTEGER_FORMAT " bytes, limit %" PRIu64,
                       json_integer_value(value), limits->file_bytes_max);
    spec->file_bytes = (uint64_t)json_integer_value(value);
    return ERR_OK;
}

static enum err_code
read_schema(struct arena *arena, const json_t *fields, struct job_spec *spec, struct err *err)
{
    const json_t *value;
    enum err_code rc = find(fields, "schema", NULL, &value, err);

    return rc != ERR_OK || value == NULL ? rc
                                         : wanted_schema(arena, value, &spec->schema_json, err);
}

/* A number from 0 to 1; in a form as text. */
static enum err_code
read_min_confidence(const json_t *fields, bool is_form, struct job_spec *spec, struct err *err)
{
    const json_t *value;
    char *end = NULL;
    enum err_code rc = find(fields, "min_confidence", NULL, &value, err);

    if (rc != ERR_OK || value == NULL)
        return rc;
    bool text = is_form && json_is_string(value);
    double share = text ? strtod(json_string_value(value), &end) : json_number_value(value);
    if (!(text ? *end == '\0' : json_is_number(value)) || !(share >= 0 && share <= 1))
        return err_set(err, ERR_INPUT, "'min_confidence' must be a number from 0 to 1");
    spec->min_confidence = share;
    return ERR_OK;
}

static enum err_code
read_template(struct arena *arena, const json_t *fields, struct job_spec *spec, struct err *err)
{
    static const char *const names[] = {"template_slug", "template_id", "category_id"};
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

    for (size_t i = 0; i < ARRAY_LEN(names) && spec->template_slug == NULL; i++) {
        enum err_code rc =
            read_text(arena, fields, names[i], NULL, SPEC_SLUG_MAX, &spec->template_slug, err);
        if (rc != ERR_OK)
            return rc;
        const char *slug = spec->template_slug;
        if (slug != NULL && slug[strspn(slug, allowed)] != '\0')
            return err_set(err, ERR_INPUT, "'%s' may have letters, digits, '_' and '-' only",
                           names[i]);
    }
    return ERR_OK;
}

/* The names of models before there were models. */
static enum err_code
model_of_tier(const char *tier, const char **ret, struct err *err)
{
    if (strcmp(tier, "swift") == 0)
        *ret = "standard-v1";
    else if (strcmp(tier, "core") == 0)
        *ret = "standard-v2";
    else if (strcmp(tier, "intelli") == 0)
        *ret = "pro-v2";
    else
        return err_set(err, ERR_INPUT, "'tier' must be swift, core or intelli");
    return ERR_OK;
}

static enum err_code
read_model(struct arena *arena, const json_t *fields, const struct spec_limits *limits,
           struct job_spec *spec, struct err *err)
{
    const char *tier = NULL;
    enum err_code rc = read_text(arena, fields, "model", NULL, MODEL_NAME_MAX, &spec->model, err);

    if (rc != ERR_OK || spec->model != NULL)
        return rc;
    rc = read_text(arena, fields, "tier", NULL, MODEL_NAME_MAX, &tier, err);
    if (rc == ERR_OK && tier != NULL)
        return model_of_tier(tier, &spec->model, err);
    if (rc == ERR_OK)
        spec->model = model_default(limits->catalog)->name;
    return rc;
}

static enum err_code
read_format(struct arena *arena, const json_t *fields, struct job_spec *spec, struct err *err)
{
    const char *text;
    enum err_code rc = read_text(arena, fields, "format", "output_type", 100, &text, err);

    if (rc != ERR_OK)
        return rc;
    if (text == NULL) {
        bool shaped = spec->schema_json != NULL || spec->instructions != NULL;
        spec->format = shaped ? JOB_STRUCTURED : JOB_MARKDOWN;
        return ERR_OK;
    }
    if (wanted_format(text, &spec->format))
        return ERR_OK;
    return err_set(err, ERR_INPUT, "'format' must be markdown, structured or per_page_structured");
}

/* The rule of the documentation page that spells it "instruction". Client libraries, which spell it
 * "instructions", mix these fields freely; there a template wins over all of them. */
static enum err_code
check_mix(const json_t *fields, const struct job_spec *spec, struct err *err)
{
    const json_t *instruction;
    enum err_code rc = find(fields, "instruction", NULL, &instruction, err);

    if (rc == ERR_OK && instruction != NULL &&
        (spec->schema_json != NULL || spec->template_slug != NULL))
        rc = err_set(err, ERR_INPUT,
                     "only one of template_slug, schema or instruction can be given");
    return rc;
}

static void
set_price(const struct spec_limits *limits, struct job_spec *spec)
{
    const struct model *model = model_find(limits->catalog, spec->model);
    bool shaped = spec->format != JOB_MARKDOWN || spec->instructions != NULL;

    spec->surcharge_per_page = shaped ? model->surcharge_per_page : 0;
    spec->credits_per_page = model->credits_per_page + spec->surcharge_per_page;
}

/* What is wanted of the document, whichever way it came. */
static enum err_code
read_wanted(struct arena *arena, const json_t *fields, const struct spec_limits *limits,
            struct job_spec *spec, struct err *err)
{
    enum err_code rc = ERR_OK;

    if ((rc = read_text(arena, fields, "instructions", "instruction", SPEC_INSTRUCTIONS_MAX,
                        &spec->instructions, err)) != ERR_OK ||
        (rc = read_schema(arena, fields, spec, err)) != ERR_OK ||
        (rc = read_template(arena, fields, spec, err)) != ERR_OK ||
        (rc = read_model(arena, fields, limits, spec, err)) != ERR_OK ||
        (rc = read_format(arena, fields, spec, err)) != ERR_OK ||
        (rc = read_bool(fields, "extract_bounding_boxes", limits->is_form, &spec->bounding_boxes,
                        err)) != ERR_OK ||
        (rc = read_bool(fields, "save_as_template", limits->is_form, &spec->save_as_template,
                        err)) != ERR_OK ||
        (rc = read_min_confidence(fields, limits->is_form, spec, err)) != ERR_OK ||
        (rc = check_mix(fields, spec, err)) != ERR_OK)
        return rc;
    return wanted_template(arena, limits->db, limits->team_id, spec, err);
}

enum err_code
spec_read(struct arena *arena, const json_t *fields, const struct spec_limits *limits,
          struct job_spec *ret, struct err *err)
{
    struct job_spec spec = {0};
    enum err_code rc = ERR_OK;

    if (!json_is_object(fields))
        return err_set(err, ERR_INPUT, "the body must be a JSON object");
    if ((limits->is_url && (rc = read_url(arena, fields, &spec, err)) != ERR_OK) ||
        (rc = read_file_name(arena, fields, &spec, err)) != ERR_OK ||
        (rc = read_text(arena, fields, "content_type", NULL, SPEC_TYPE_MAX, &spec.content_type,
                        err)) != ERR_OK ||
        (rc = read_file_size(fields, limits, &spec, err)) != ERR_OK ||
        (rc = read_wanted(arena, fields, limits, &spec, err)) != ERR_OK)
        return rc;
    set_price(limits, &spec);
    *ret = spec;
    return ERR_OK;
}

enum err_code
spec_read_extraction(struct arena *arena, const json_t *fields, const struct spec_limits *limits,
                     struct job_spec *ret, struct err *err)
{
    struct job_spec spec = {0};
    const json_t *named = NULL;

    if (!json_is_object(fields))
        return err_set(err, ERR_INPUT, "the body must be a JSON object");
    enum err_code rc = read_wanted(arena, fields, limits, &spec, err);
    if (rc == ERR_OK)
        rc = find(fields, "format", "output_type", &named, err);
    if (rc == ERR_OK && spec.format == JOB_MARKDOWN && named == NULL && spec.template_slug == NULL)
        spec.format = JOB_STRUCTURED;
    if (rc == ERR_OK && spec.format == JOB_MARKDOWN)
        rc =
            err_set(err, ERR_INPUT,
                    "'format' must be structured or per_page_structured: the job has its Markdown");
    if (rc == ERR_OK)
        *ret = spec;
    return rc;
}
