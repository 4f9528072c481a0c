/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/webhook_spec.h"

#include "base/utf8.h"

#include <string.h>

static enum err_code
read_url(struct arena *arena, const json_t *value, const struct netpolicy *policy,
         struct hook *hook, struct err *err)
{
    struct url url;
    struct err why;

    if (!json_is_string(value))
        return err_set(err, ERR_INPUT, "'url' must be a string");
    if (url_parse(json_string_value(value), &url, &why) != ERR_OK ||
        netpolicy_check_webhook(policy, &url, &why) != ERR_OK)
        return err_set(err, why.code, "'url': %.200s", why.msg);
    hook->url = arena_strdup(arena, url.text);
    return hook->url != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "'url' is too large");
}

static enum err_code
read_events(const json_t *value, struct hook *hook, struct err *err)
{
    size_t i;
    const json_t *name;
    int64_t events = 0, bit;

    if (!json_is_array(value) || json_array_size(value) < 1 ||
        json_array_size(value) > HOOKS_SELECTIONS_MAX)
        return err_set(err, ERR_INPUT, "'events' must be a list of 1 to %d names of events",
                       HOOKS_SELECTIONS_MAX);
    json_array_foreach(value, i, name)
    {
        if (!json_is_string(name) ||
            !hook_event_bit(json_string_value(name), json_string_length(name), &bit))
            return err_set(err, ERR_INPUT,
                           "'events[%zu]' is no event; GET /webhooks/event-types lists them", i);
        events |= bit;
    }
    hook->events = events;
    return ERR_OK;
}

static enum err_code
read_description(struct arena *arena, const json_t *value, struct hook *hook, struct err *err)
{
    if (value == NULL || json_is_null(value))
        return ERR_OK;
    if (!json_is_string(value))
        return err_set(err, ERR_INPUT, "'description' must be a string");
    size_t chars = utf8_length(json_string_value(value), json_string_length(value));
    if (chars > HOOKS_DESCRIPTION_MAX)
        return err_set(err, ERR_INPUT, "'description' has %zu characters, limit %d", chars,
                       HOOKS_DESCRIPTION_MAX);
    hook->description = arena_strndup(arena, json_string_value(value), json_string_length(value));
    return hook->description != NULL ? ERR_OK
                                     : err_set(err, ERR_LIMIT, "'description' is too large");
}

static enum err_code
read_enabled(const json_t *value, struct hook *hook, struct err *err)
{
    if (value == NULL || json_is_null(value))
        return ERR_OK;
    if (!json_is_boolean(value))
        return err_set(err, ERR_INPUT, "'enabled' must be true or false");
    hook->enabled = json_is_true(value);
    return ERR_OK;
}

enum err_code
webhook_spec_read(struct arena *arena, const json_t *fields, bool creating,
                  const struct netpolicy *policy, struct hook *hook, struct err *err)
{
    const json_t *url = json_object_get(fields, "url");
    const json_t *events = json_object_get(fields, "events");
    enum err_code rc = ERR_OK;

    if (!json_is_object(fields))
        return err_set(err, ERR_INPUT, "the body must be a JSON object");
    if (creating && url == NULL)
        return err_set(err, ERR_INPUT, "'url' is missing");
    if (events == NULL)
        return err_set(err, ERR_INPUT, "'events' is missing");
    if (url != NULL)
        rc = read_url(arena, url, policy, hook, err);
    if (rc == ERR_OK)
        rc = read_events(events, hook, err);
    if (rc == ERR_OK)
        rc = read_description(arena, json_object_get(fields, "description"), hook, err);
    return rc != ERR_OK ? rc : read_enabled(json_object_get(fields, "enabled"), hook, err);
}

/* What can be judged only when a delivery connects; NULL: nothing. */
static const char *
notice_of(const struct hook *hook)
{
    struct url url;
    struct err err;

    if (url_parse(hook->url, &url, &err) != ERR_OK || url.https || url.is_literal)
        return NULL;
    return "http:// is delivered only while this name leads to an address that the server's "
           "operator allows without TLS; that is judged at each delivery";
}

void
webhook_put(struct jsonw *w, const char *key, const struct hook *hook, bool with_secret)
{
    jsonw_object(w, key);
    jsonw_string(w, "id", hook->id);
    jsonw_string(w, "url", hook->url);
    if (notice_of(hook) != NULL)
        jsonw_string(w, "notice", notice_of(hook));
    jsonw_array(w, "events");
    for (int event = 0; event < HOOK_EVENT_COUNT; event++)
        if ((hook->events & INT64_C(1) << event) != 0)
            jsonw_string(w, NULL, hook_event_name(event));
    jsonw_end(w);
    jsonw_string(w, "description", hook->description);
    jsonw_bool(w, "enabled", hook->enabled);
    jsonw_string(w, "secret", with_secret ? hook->secret : NULL);
    jsonw_int(w, "failure_count", hook->failure_count);
    jsonw_time(w, "last_triggered_at", hook->last_attempt_ms);
    jsonw_time(w, "disabled_at", hook->disabled_ms);
    jsonw_string(w, "user_id", hook->user_id);
    jsonw_string(w, "team_id", hook->team_id);
    jsonw_string(w, "organization_id", hook->organization_id);
    jsonw_time(w, "created_at", hook->created_ms);
    jsonw_time(w, "updated_at", hook->updated_ms);
    jsonw_end(w);
}
