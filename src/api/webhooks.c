/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/webhooks.c - the subscriptions of a team: made, listed, changed, tested, removed. What they
 * were told stands in api/webhook_log.c. */
#include "api/call.h"
#include "api/cursor.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/webhook_spec.h"
#include "api/work.h"
#include "base/clock.h"

#include <string.h>

struct change {
    char team_id[UUID_TEXT_SIZE];
    const char *id;
    json_t *fields; /* NULL where the request has no body */
    struct hook hook;
    char event_id[UUID_TEXT_SIZE];
    int64_t now_ms;
    bool with_secret;
};

static bool
sees_secret(const struct call *call)
{
    return (call->who.scopes & (SCOPE_WRITE | SCOPE_ADMIN)) != 0;
}

static void
drop_fields(struct work *work)
{
    struct change *c = work->state;

    json_decref(c->fields);
    c->fields = NULL;
}

static enum err_code
begin(struct call *call, struct work *work, struct err *err)
{
    struct change *c = work->state;

    work->on_drop = drop_fields;
    memcpy(c->team_id, call->who.team_id, sizeof(c->team_id));
    c->now_ms = clock_utc_ms();
    c->with_secret = sees_secret(call);
    c->id = call->params[0] != NULL ? arena_strdup(work->arena, call->params[0]) : "";
    if (c->id == NULL)
        return err_set(err, ERR_NOT_FOUND, "there is no such webhook");
    if (http_body(call->http).len == 0)
        return ERR_OK;
    return json_read(http_body(call->http), &c->fields, err);
}

/* NULL after an error, which has been answered. */
static struct work *
new_change(struct call *call)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct change));

    if (work != NULL && begin(call, work, &err) != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
    }
    return work;
}

static enum err_code
find(struct db *db, struct work *work, struct err *err)
{
    struct change *c = work->state;

    return hook_find(work->arena, db, &work->api->seal, c->team_id, c->id, &c->hook, err);
}

static void
reply_hook(struct call *call, const struct hook *hook, int status, bool with_secret)
{
    struct jsonw w = call_json(call);

    webhook_put(&w, NULL, hook, with_secret);
    call_reply_json(call, status);
}

/* The webhook as it is now. */
static void
reply_changed(struct call *call, const void *state)
{
    const struct change *c = state;

    reply_hook(call, &c->hook, 200, c->with_secret);
}

static void
reply_created(struct call *call, const void *state)
{
    const struct change *c = state;

    reply_hook(call, &c->hook, 201, c->with_secret);
}

static void
reply_removed(struct call *call, const void *state)
{
    (void)state;
    call_reply(call, 204, NULL, (struct span){0});
}

static void
changed(struct work *work)
{
    work_answer(work, reply_changed);
}

/* --- POST /webhooks --- */

static enum err_code
create(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct change *c = work->state;

    work_audit_target(work, c->hook.id);
    return hook_create(db, &work->api->seal, &c->hook, c->now_ms, err);
}

static void
created(struct work *work)
{
    work_answer(work, reply_created);
}

void
webhook_create(struct call *call)
{
    struct work *work = new_change(call);
    struct err err;

    if (work == NULL)
        return;
    struct change *c = work->state;
    const struct principal *who = &call->who;
    c->hook = (struct hook){.enabled = true, .description = ""};
    memcpy(c->hook.team_id, who->team_id, UUID_TEXT_SIZE);
    memcpy(c->hook.organization_id, who->organization_id, UUID_TEXT_SIZE);
    memcpy(c->hook.user_id, who->user_id[0] != '\0' ? who->user_id : who->key_id, UUID_TEXT_SIZE);
    if (webhook_spec_read(work->arena, c->fields, true, &call->api->policy, &c->hook, &err) !=
        ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    work_write(work, create, created);
}

/* --- GET /webhooks, GET /webhooks/{id} --- */

static enum err_code
read_enabled(struct call *call, int *ret, struct err *err)
{
    const char *text;
    bool enabled = false;
    struct span query = http_query(call->http);
    enum err_code rc = query_text(call->arena, query, "enabled", 10, &text, err);

    if (rc == ERR_OK)
        rc = query_bool(query, "enabled", false, &enabled, err);
    *ret = text == NULL ? -1 : enabled;
    return rc;
}

void
webhooks_list(struct call *call)
{
    struct cursor_page page;
    struct hook_list list = {.team_id = call->who.team_id};
    struct hook *hooks = NULL;
    size_t n = 0;
    int64_t total = 0;
    struct err err;
    enum err_code rc = cursor_read(call, &page, &err);

    if (rc == ERR_OK)
        rc = read_enabled(call, &list.enabled, &err);
    if (rc == ERR_OK) {
        list.before_ms = page.sort;
        list.before_id = page.id;
        list.limit = page.limit + 1;
        rc = hook_list(call->arena, call->api->db, &call->api->seal, &list, &hooks, &n, &total,
                       &err);
    }
    if (rc != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct cursor_end end = {.total = total};
    n = cursor_shown(&page, n, &end);
    struct jsonw w = cursor_open(call);
    for (size_t i = 0; i < n; i++)
        webhook_put(&w, NULL, &hooks[i], sees_secret(call));
    end.sort = n > 0 ? hooks[n - 1].created_ms : 0;
    end.id = n > 0 ? hooks[n - 1].id : "";
    cursor_close(call, &w, &page, &end);
}

void
webhook_show(struct call *call)
{
    struct hook hook;
    struct err err;

    if (hook_find(call->arena, call->api->db, &call->api->seal, call->who.team_id, call->params[0],
                  &hook, &err) == ERR_OK)
        reply_hook(call, &hook, 200, sees_secret(call));
    else
        reply_error(call, &err);
}

/* --- PUT /webhooks/{id} --- */

static enum err_code
update(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct change *c = work->state;
    enum err_code rc = find(db, work, err);

    if (rc == ERR_OK)
        rc = webhook_spec_read(work->arena, c->fields, false, &work->api->policy, &c->hook, err);
    if (rc == ERR_OK)
        rc = hook_update(db, &c->hook, c->now_ms, err);
    return rc != ERR_OK ? rc : find(db, work, err);
}

void
webhook_update(struct call *call)
{
    struct work *work = new_change(call);

    if (work == NULL)
        return;
    work->wakes = true; /* what waited may be due now */
    work_write(work, update, changed);
}

/* --- DELETE /webhooks/{id} --- */

static enum err_code
remove_hook(struct db *db, void *arg, struct err *err)
{
    const struct change *c = ((struct work *)arg)->state;

    return hook_remove(db, c->team_id, c->id, err);
}

static void
removed(struct work *work)
{
    work_answer(work, reply_removed);
}

void
webhook_remove(struct call *call)
{
    struct work *work = new_change(call);

    if (work != NULL)
        work_write(work, remove_hook, removed);
}

/* --- POST /webhooks/{id}/regenerate-secret --- */

static enum err_code
rotate(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct change *c = work->state;
    enum err_code rc = find(db, work, err);

    return rc != ERR_OK ? rc : hook_rotate(db, &work->api->seal, &c->hook, c->now_ms, err);
}

void
webhook_rotate(struct call *call)
{
    struct work *work = new_change(call);

    if (work != NULL)
        work_write(work, rotate, changed);
}

/* --- POST /webhooks/{id}/test --- */

static enum err_code
test(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct change *c = work->state;
    enum err_code rc = find(db, work, err);

    return rc != ERR_OK ? rc : hook_test(db, &c->hook, c->now_ms, c->event_id, err);
}

static void
reply_tested(struct call *call, const void *state)
{
    const struct change *c = state;
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_bool(&w, "success", true);
    jsonw_string(&w, "message", "The test event is on its way; the delivery log says how it went");
    jsonw_string(&w, "subscription_id", c->hook.id);
    jsonw_string(&w, "event_id", c->event_id);
    jsonw_string(&w, "event_type", hook_event_name(HOOK_TEST));
    jsonw_end(&w);
    call_reply_json(call, 200);
}

static void
tested(struct work *work)
{
    work_answer(work, reply_tested);
}

void
webhook_test(struct call *call)
{
    struct work *work = new_change(call);

    if (work == NULL)
        return;
    work->wakes = true;
    work_write(work, test, tested);
}
