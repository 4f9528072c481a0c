/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/settings.c - GET and PUT of a team's settings: how long its documents are kept. */
#include "account/settings.h"
#include "api/body.h"
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/work.h"

#include <string.h>

static void
reply_settings(struct call *call, const char *team_id, const struct team_settings *settings)
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
        reply_settings(call, call->who.team_id, &settings);
}

struct change {
    char team_id[UUID_TEXT_SIZE];
    int64_t days_unset;
    int auto_delete;        /* -1: as it is */
    int64_t retention_days; /* -1: as it is */
    struct team_settings now;
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
changed(struct work *work)
{
    const struct change *c = work->state;

    if (work->call != NULL && work->rc != ERR_OK)
        reply_error(work->call, &work->err);
    else if (work->call != NULL)
        reply_settings(work->call, c->team_id, &c->now);
    work_drop(&work);
}

/* Some clients send what they got: the members inside "config". */
static enum err_code
read_change(struct call *call, struct change *ret, struct err *err)
{
    json_t *body = NULL;
    bool on = false, off = false;
    enum err_code rc = body_object(call, &body, err);

    if (rc != ERR_OK)
        return rc;
    const json_t *from = json_object_get(body, "config");
    from = json_is_object(from) ? from : body;
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
    if (read_change(call, c, &err) != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    work_write(work, change, changed);
}
