/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/dispatch.h"

#include "api/admit.h"
#include "api/beat.h"
#include "api/call.h"
#include "api/cors.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/routes.h"
#include "api/tenant.h"
#include "api/watch.h"
#include "base/log.h"

#include <string.h>
#include <strings.h>

/* True if a Content-Type is this media type, whatever parameters follow. */
static bool
is_media(struct span value, const char *type)
{
    size_t len = strlen(type);

    return value.len >= len && strncasecmp((const char *)value.data, type, len) == 0 &&
           (value.len == len || strchr("; \t", value.data[len]) != NULL);
}

/* Browsers send text/plain and forms across origins without asking first: no JSON in those. */
static bool
is_json(struct span value)
{
    if (value.data == NULL || is_media(value, "application/json"))
        return true;
    const uint8_t *end = memchr(value.data, ';', value.len);
    size_t len = end != NULL ? (size_t)(end - value.data) : value.len;
    return len > 5 && strncasecmp((const char *)value.data + len - 5, "+json", 5) == 0;
}

static void
refuse_path(struct call *call, const struct path *path, const char *allow)
{
    struct span method = http_method(call->http);
    struct err err;

    if (path->count > 0 && span_equal(path->segments[0], span_of("store"))) {
        part_refuse(call);
        return;
    }
    if (allow == NULL) {
        err_set(&err, ERR_NOT_FOUND, "there is nothing at this path; /docs/openapi.json lists all");
    } else {
        call_header(call, "Allow", allow);
        err_set(&err, ERR_METHOD, "method %.*s is not allowed here, only %s",
                (int)(method.len < 20 ? method.len : 20), (const char *)method.data, allow);
    }
    reply_error(call, &err);
}

/* The whole request will be there before the handler is called. */
static void
begin_collected(struct call *call)
{
    struct span type = http_field(call->http, "Content-Type");
    struct err err;

    if (call->route->body == BODY_JSON && !is_json(type)) {
        err_set(&err, ERR_MEDIA, "Content-Type '%.*s': this takes application/json",
                (int)(type.len < 60 ? type.len : 60), (const char *)type.data);
        reply_error(call, &err);
        return;
    }
    http_collect(call->http, call->route->body_max);
}

static void
on_head(void *ctx, struct http_request *http)
{
    struct call *call = call_new(ctx, http);
    struct path path = {0};
    const char *allow = NULL;
    struct span method = http_method(http);

    if (call == NULL) {
        http_reply(http, 503, NULL, 0, (struct span){0});
        return;
    }
    bool known = path_split(http_path(http), &path);
    bool is_form = is_media(http_field(http, "Content-Type"), "multipart/form-data");
    if (known)
        call->route = route_find(call->arena, method, &path, is_form, &allow);
    if (call->route != NULL &&
        !path_params(call->arena, &path, call->route->pattern, call->params, CALL_PARAMS_MAX)) {
        call->route = NULL;
        allow = NULL;
    }
    if (call->route == NULL) {
        if (allow != NULL && span_equal(method, span_of("OPTIONS")))
            cors_preflight(call, allow);
        else
            refuse_path(call, &path, allow);
        return;
    }
    if (call->route->scope != SCOPE_NONE &&
        (!auth_call(call) || !admit_call(call) || !tenant_admit(call)))
        return;
    if (call->route->body == BODY_NONE || call->route->body == BODY_JSON)
        begin_collected(call);
    else
        call->route->handle(call);
}

static void
on_body(void *ctx, struct http_request *http, struct span piece)
{
    struct call *call = call_of(http);

    (void)ctx;
    if (call != NULL && call->route->on_body != NULL)
        call->route->on_body(call, piece);
}

static void
on_complete(void *ctx, struct http_request *http)
{
    struct call *call = call_of(http);

    (void)ctx;
    if (call == NULL)
        return;
    if (call->route->on_end != NULL)
        call->route->on_end(call);
    else
        call->route->handle(call);
}

static void
on_abandon(void *ctx, struct http_request *http)
{
    struct call *call = call_of(http);

    (void)ctx;
    if (call != NULL)
        call_abandon(call);
}

static void
on_refused(void *ctx, const struct err *why, struct buf *ret_body, const char **ret_content_type)
{
    char text[LOG_QUOTE_SIZE];

    (void)ctx;
    log_line(LOG_DEBUG, "refused", "reason=%s err=%s", err_reason(why->code),
             log_quote(text, why->msg));
    error_body(why, ret_body);
    *ret_content_type = "application/json";
}

static void
on_drained(void *ctx, struct http_request *http)
{
    struct call *call = call_of(http);

    (void)ctx;
    if (call != NULL && call->watch != NULL && call->watch->on_drained != NULL)
        call->watch->on_drained(call->watch);
}

static void
on_stop(void *ctx)
{
    watch_stop(ctx);
}

static void
on_alarm(void *ctx)
{
    beat_tick(ctx);
    watch_tick(ctx);
}

const struct http_handler dispatch_handler = {
    .on_head = on_head,
    .on_body = on_body,
    .on_complete = on_complete,
    .on_abandon = on_abandon,
    .on_refused = on_refused,
    .on_drained = on_drained,
    .on_stop = on_stop,
    .on_alarm = on_alarm,
};
