/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/settings.c - GET and PUT of a team's settings: how long its documents are kept. */
#include "account/settings.h"
#include "api/body.h"
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/work.h"

#include <string.h>

enum { IGNORED_MAX = 20 }; /* that are named */

static void
reply_settings(struct call *call, const char *team_id, const struct team_settings *settings,
               const char *const *ignored, size_t ignored_count)
{
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_string(&w, "team_id", team_id);
    jsonw_object(&w, "config");
    jsonw_bool(&w, "auto_delete_enabled", settings->auto_delete);
    jsonw_int(&w, "retention_period_days", settings->retention_days);
    jsonw_end(&w);
    jsonw_time(&w, "created_at", settings->created_ms);
    jsonw_time(&w, "updated_at", settings->updated_ms);
    if (ignored_count > 0)
        jsonw_array(&w, "ignored");
    for (size_t i = 0; i < ignored_count; i++)
        jsonw_string(&w, NULL, ignored[i]);
    if (ignored_count > 0)
        jsonw_end(&w);
    jsonw_end(&w);
    call_reply_json(call, 200);
}

void
settings_show(struct call *call)
{
    struct team_settings settings;
    struct err err;

    if (settings_find(call->api->db, call->who.team_id, call->api->config.retention_days, &settings,
                      &err) != ERR_OK)
        reply_error(call, &err);
    else
        reply_settings(call, call->who.team_id, &settings, NULL, 0);
}

struct change {
    char team_id[UUID_TEXT_SIZE];
    int64_t days_unset;
    int auto_delete;        /* -1: as it is */
    int64_t retention_days; /* -1: as it is */
    struct team_settings now;
    const char *ignored[IGNORED_MAX]; /* names in the body that are no settings */
    size_t ignored_count;
};

static enum err_code
change(struct db *db, void *arg, struct err *err)
{
    struct change *c = ((struct work *)arg)->state;
    enum err_code rc = settings_find(db, c->team_id, c->days_unset, &c->now, err);

    if (rc == ERR_OK)
        rc = settings_set(db, c->team_id, c->auto_delete < 0 ? c->now.auto_delete : c->auto_delete,
                          c->retention_days < 0 ? c->now.retention_days : c->retention_days, err);
    return rc == ERR_OK ? settings_find(db, c->team_id, c->days_unset, &c->now, err) : rc;
}

static void
reply_change(struct call *call, const void *state)
{
    const struct change *c = state;

    reply_settings(call, c->team_id, &c->now, c->ignored, c->ignored_count);
}

static void
changed(struct work *work)
{
    work_answer(work, reply_change);
}

static bool
is_one_of(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return true;
    return false;
}

/* Clients may know more settings than there are here: what is none is named in the answer, and
 * refused where nothing else was asked for. */
static enum err_code
check_members(struct arena *arena, const json_t *from, struct change *ret, struct err *err)
{
    static const char *const settings[] = {"auto_delete_enabled", "retention_period_days"};
    static const char *const shown[] = {"team_id", "config", "created_at", "updated_at"};
    size_t known = 0;

    for (void *at = json_object_iter((json_t *)(uintptr_t)from); at != NULL;
         at = json_object_iter_next((json_t *)(uintptr_t)from, at)) {
        const char *key = json_object_iter_key(at);
        if (is_one_of(key, settings, ARRAY_LEN(settings)))
            known++;
        else if (!is_one_of(key, shown, ARRAY_LEN(shown)) && ret->ignored_count < IGNORED_MAX &&
                 (ret->ignored[ret->ignored_count] = arena_strdup(arena, key)) != NULL)
            ret->ignored_count++;
    }
    if (known == 0 && ret->ignored_count > 0)
        return err_set(err, ERR_INPUT,
                       "'%.60s' is no setting: auto_delete_enabled and retention_period_days are",
                       ret->ignored[0]);
    return ERR_OK;
}

/* Some clients send what they got: the members inside "config". */
static enum err_code
read_change(struct call *call, struct arena *arena, struct change *ret, struct err *err)
{
    json_t *body = NULL;
    bool on = false, off = false;
    enum err_code rc = body_object(call, &body, err);

    if (rc != ERR_OK)
        return rc;
    const json_t *from = json_object_get(body, "config");
    from = json_is_object(from) ? from : body;
    rc = check_members(arena, from, ret, err);
    if (rc == ERR_OK)
        rc = body_bool(from, "auto_delete_enabled", false, &on, err);
    if (rc == ERR_OK)
        rc = body_bool(from, "auto_delete_enabled", true, &off, err);
    if (rc == ERR_OK)
        rc = body_int(from, "retention_period_days", 0, RETENTION_DAYS_MAX, -1,
                      &ret->retention_days, err);
    ret->auto_delete = on == off ? on : -1;
    json_decref(body);
    return rc;
}

void
settings_change(struct call *call)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct change));

    if (work == NULL)
        return;
    struct change *c = work->state;
    memcpy(c->team_id, call->who.team_id, sizeof(c->team_id));
    c->days_unset = call->api->config.retention_days;
    if (read_change(call, work->arena, c, &err) != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    work_write(work, change, changed);
}
