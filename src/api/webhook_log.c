/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/webhook_log.c - what webhooks were told: the log of deliveries, payloads, health, sending
 * again, and the events that there are. */
#include "api/call.h"
#include "api/cursor.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/work.h"
#include "base/clock.h"
#include "hooks/hooks.h"

#include <string.h>

/* --- GET /webhooks/event-types --- */

void
webhook_event_types(struct call *call)
{
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_array(&w, "event_types");
    for (int event = 0; event < HOOK_TEST; event++)
        jsonw_string(&w, NULL, hook_event_name(event));
    jsonw_end(&w);
    jsonw_end(&w);
    call_reply_json(call, 200);
}

/* --- GET /webhooks/events --- */

/* The number of the word among count names; -1 where the parameter is not there. */
static enum err_code
read_word(struct call *call, const char *name, const char *(*name_of)(int), int count, int *ret,
          struct err *err)
{
    const char *text;
    enum err_code rc = query_text(call->arena, http_query(call->http), name, 40, &text, err);

    *ret = -1;
    if (rc != ERR_OK || text == NULL || text[0] == '\0')
        return rc;
    for (int i = 0; i < count; i++)
        if (strcmp(text, name_of(i)) == 0)
            *ret = i;
    return *ret >= 0
               ? ERR_OK
               : err_set(err, ERR_INPUT, "query parameter '%s': there is no '%s'", name, text);
}

static const char *
event_word(int event)
{
    return hook_event_name((enum hook_event)event);
}

static const char *
state_word(int state)
{
    return hook_state_name((enum hook_state)state);
}

static enum err_code
read_log(struct call *call, struct hook_log *log, struct err *err)
{
    struct hook hook;
    enum err_code rc = query_text(call->arena, http_query(call->http), "subscription_id",
                                  UUID_TEXT_SIZE - 1, &log->hook_id, err);

    if (rc == ERR_OK && (log->hook_id == NULL || !random_is_uuid(log->hook_id)))
        rc = err_set(err, ERR_INPUT,
                     "query parameter 'subscription_id' must be the id of a webhook");
    if (rc == ERR_OK)
        rc = read_word(call, "event_type", event_word, HOOK_EVENT_COUNT, &log->event, err);
    if (rc == ERR_OK)
        rc = read_word(call, "processing_status", state_word, HOOK_STATE_COUNT, &log->state, err);
    if (rc == ERR_OK)
        rc = hook_find(call->arena, call->api->db, &call->api->seal, call->who.team_id,
                       log->hook_id, &hook, err);
    return rc;
}

static void
put_delivery(struct jsonw *w, const struct hook_delivery *d)
{
    jsonw_object(w, NULL);
    jsonw_string(w, "id", d->id);
    jsonw_string(w, "event_id", d->event_id);
    jsonw_string(w, "event_type", hook_event_name(d->event));
    jsonw_raw(w, "payload", d->payload);
    jsonw_string(w, "webhook_url", d->url);
    if (d->http_status > 0)
        jsonw_int(w, "http_status", d->http_status);
    else
        jsonw_null(w, "http_status");
    jsonw_string(w, "processing_status", hook_state_name(d->state));
    jsonw_int(w, "processing_attempts", d->attempts);
    jsonw_string(w, "processing_error", d->error);
    jsonw_time(w, "created_at", d->created_ms);
    jsonw_time(w, "updated_at", d->updated_ms);
    jsonw_end(w);
}

void
webhook_events_list(struct call *call)
{
    struct cursor_page page;
    struct hook_log log = {.hook_id = NULL};
    struct hook_delivery *list = NULL;
    size_t n = 0;
    int64_t total = 0;
    struct err err;
    enum err_code rc = cursor_read(call, &page, &err);

    if (rc == ERR_OK)
        rc = read_log(call, &log, &err);
    if (rc == ERR_OK) {
        log.before_ms = page.sort;
        log.before_id = page.id;
        log.limit = page.limit + 1;
        rc = hook_log(call->arena, call->api->db, &log, &list, &n, &total, &err);
    }
    if (rc != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct cursor_end end = {.total = total};
    n = cursor_shown(&page, n, &end);
    struct jsonw w = cursor_open(call);
    for (size_t i = 0; i < n; i++)
        put_delivery(&w, &list[i]);
    end.sort = n > 0 ? list[n - 1].created_ms : 0;
    end.id = n > 0 ? list[n - 1].id : "";
    cursor_close(call, &w, &page, &end);
}

/* --- GET /webhooks/events/{event_id}/payload --- */

void
webhook_payload_show(struct call *call)
{
    struct hook_payload found;
    struct err err;

    if (hook_payload(call->arena, call->api->db, call->who.team_id, call->params[0], &found,
                     &err) != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct jsonw w = call_json(call);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "event_id", found.event_id);
    jsonw_string(&w, "event_type", hook_event_name(found.event));
    jsonw_raw(&w, "payload", found.payload);
    jsonw_bool(&w, "enriched", false);
    jsonw_string(&w, "note", "The body as it is sent; the signatures differ at each attempt");
    jsonw_end(&w);
    call_reply_json(call, 200);
}

/* --- POST /webhooks/events/{event_id}/resend --- */

struct resending {
    char team_id[UUID_TEXT_SIZE];
    const char *event_id;
    int64_t now_ms, count;
};

static enum err_code
resend(struct db *db, void *arg, struct err *err)
{
    struct resending *r = ((struct work *)arg)->state;

    return hook_resend(db, r->team_id, r->event_id, r->now_ms, &r->count, err);
}

static void
reply_resent(struct call *call, const void *state)
{
    const struct resending *r = state;
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_bool(&w, "success", true);
    jsonw_string(&w, "event_id", r->event_id);
    jsonw_int(&w, "deliveries", r->count);
    jsonw_end(&w);
    call_reply_json(call, 200);
}

static void
resent(struct work *work)
{
    work_answer(work, reply_resent);
}

void
webhook_resend(struct call *call)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct resending));

    if (work == NULL)
        return;
    struct resending *r = work->state;
    r->event_id = arena_strdup(work->arena, call->params[0]);
    if (r->event_id == NULL) {
        work_drop(&work);
        err_set(&err, ERR_LIMIT, "the event's id is too long");
        reply_error(call, &err);
        return;
    }
    memcpy(r->team_id, call->who.team_id, sizeof(r->team_id));
    r->now_ms = clock_utc_ms();
    work->wakes = true;
    work_write(work, resend, resent);
}

/* --- GET /webhooks/{id}/health --- */

static const char *
health_of(const struct hook *hook)
{
    if (!hook->enabled)
        return "disabled";
    if (hook->last_attempt_ms == 0)
        return "unknown";
    return hook->failing_since_ms == 0 ? "healthy" : "failing";
}

static void
put_health(struct jsonw *w, const struct hook *hook, const struct hook_counts *counts)
{
    jsonw_object(w, NULL);
    jsonw_string(w, "subscription_id", hook->id);
    jsonw_string(w, "status", health_of(hook));
    jsonw_bool(w, "enabled", hook->enabled);
    if (hook->last_attempt_ms == 0)
        jsonw_null(w, "reachable"); /* nothing was sent there yet: test says */
    else
        jsonw_bool(w, "reachable", hook->failing_since_ms == 0);
    jsonw_int(w, "failure_count", hook->failure_count);
    jsonw_time(w, "failing_since", hook->failing_since_ms);
    jsonw_time(w, "disabled_at", hook->disabled_ms);
    jsonw_time(w, "last_attempt_at", hook->last_attempt_ms);
    jsonw_time(w, "last_success_at", hook->last_success_ms);
    if (hook->last_http_status > 0)
        jsonw_int(w, "last_http_status", hook->last_http_status);
    else
        jsonw_null(w, "last_http_status");
    jsonw_string(w, "last_error", hook->last_error);
    jsonw_int(w, "pending", counts->waiting);
    jsonw_int(w, "processed", counts->delivered);
    jsonw_int(w, "failed", counts->given_up);
    jsonw_end(w);
}

void
webhook_health(struct call *call)
{
    struct hook hook;
    struct hook_counts counts;
    struct err err;
    enum err_code rc = hook_find(call->arena, call->api->db, &call->api->seal, call->who.team_id,
                                 call->params[0], &hook, &err);

    if (rc == ERR_OK)
        rc = hook_counts(call->api->db, hook.id, &counts, &err);
    if (rc != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct jsonw w = call_json(call);
    put_health(&w, &hook, &counts);
    call_reply_json(call, 200);
}
