/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/body.h"

#include "api/call.h"
#include "base/clock.h"

static const json_t *
member(const json_t *body, const char *name)
{
    const json_t *value = json_object_get(body, name);

    return value == NULL || json_is_null(value) ? NULL : value;
}

enum err_code
body_object(struct call *call, json_t **ret, struct err *err)
{
    json_t *value = NULL;
    enum err_code rc = json_read(http_body(call->http), &value, err);

    if (rc == ERR_OK && !json_is_object(value)) {
        json_decref(value);
        return err_set(err, ERR_INPUT, "the body must be a JSON object");
    }
    if (rc == ERR_OK)
        *ret = value;
    return rc;
}

enum err_code
body_text(struct arena *arena, const json_t *body, const char *name, size_t max, bool needed,
          const char **ret, struct err *err)
{
    const json_t *value = member(body, name);

    *ret = NULL;
    if (value == NULL)
        return needed ? err_set(err, ERR_INPUT, "'%s' is missing", name) : ERR_OK;
    if (!json_is_string(value))
        return err_set(err, ERR_INPUT, "'%s' must be a string", name);
    size_t len = json_string_length(value);
    if (len > max || (needed && len == 0))
        return err_set(err, ERR_INPUT, "'%s' has %zu bytes, it may have %d to %zu", name, len,
                       needed, max);
    *ret = arena_strndup(arena, json_string_value(value), len);
    return *ret != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "'%s' is too large", name);
}

enum err_code
body_bool(const json_t *body, const char *name, bool missing, bool *ret, struct err *err)
{
    const json_t *value = member(body, name);

    if (value != NULL && !json_is_boolean(value))
        return err_set(err, ERR_INPUT, "'%s' must be true or false", name);
    *ret = value != NULL ? json_is_true(value) : missing;
    return ERR_OK;
}

enum err_code
body_int(const json_t *body, const char *name, int64_t min, int64_t max, int64_t missing,
         int64_t *ret, struct err *err)
{
    const json_t *value = member(body, name);
    int64_t number = json_is_integer(value) ? json_integer_value(value) : missing;

    if (value != NULL && (!json_is_integer(value) || number < min || number > max))
        return err_set(err, ERR_INPUT, "'%s' must be a whole number from %lld to %lld", name,
                       (long long)min, (long long)max);
    *ret = number;
    return ERR_OK;
}

enum err_code
body_time(const json_t *body, const char *name, int64_t missing, int64_t *ret, struct err *err)
{
    const json_t *value = member(body, name);
    const char *text = json_string_value(value);
    int64_t ms = missing;

    if (value != NULL && text == NULL)
        return err_set(err, ERR_INPUT, "'%s' must be a string", name);
    if (text != NULL && text[0] != '\0')
        ms = clock_parse_rfc3339(text);
    if (text != NULL && text[0] != '\0' && ms < 0)
        return err_set(err, ERR_INPUT, "'%s' is no time: use 2026-01-31T12:00:00Z", name);
    *ret = ms;
    return ERR_OK;
}

enum err_code
body_json(struct arena *arena, const json_t *body, const char *name, size_t max, const char **ret,
          struct err *err)
{
    const json_t *value = member(body, name);
    struct buf text;

    *ret = NULL;
    if (value == NULL)
        return ERR_OK;
    buf_init(&text, max);
    json_put(&text, value);
    *ret = text.spoilt ? NULL : arena_strndup(arena, buf_text(&text), text.len);
    buf_fini(&text);
    return *ret != NULL
               ? ERR_OK
               : err_set(err, ERR_INPUT, "'%s' is larger than the limit of %zu bytes", name, max);
}
