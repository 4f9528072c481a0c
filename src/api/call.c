/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/call.h"

#include "api/cors.h"
#include "api/errors.h"
#include "api/metrics.h"
#include "api/watch.h"
#include "api/work.h"
#include "base/clock.h"
#include "base/log.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const uint32_t call_magic = 0x63616c6c;

struct call *
call_new(struct api *api, struct http_request *http)
{
    struct arena *arena = http_arena(http);
    struct call *call = arena_alloc(arena, sizeof(*call));

    if (call == NULL)
        return NULL;
    call->magic = call_magic;
    call->api = api;
    call->http = http;
    call->arena = arena;
    call->begun_us = clock_mono_us();
    call->peer =
        peer_of(arena, &api->proxies, http_peer(http), http_field(http, "X-Forwarded-For"));
    (void)trace_read(http_field(http, "traceparent"), call->trace);
    call->quirks = quirks_of(http_field(http, "User-Agent"));
    snprintf(call->id, sizeof(call->id), "%s%08" PRIx64, api->id_prefix, api->id_count++);
    http_set_user(http, call);
    return call;
}

struct call *
call_of(struct http_request *http)
{
    struct call *call = http_user(http);

    assert(call == NULL || call->magic == call_magic);
    return call;
}

void
call_header(struct call *call, const char *name, const char *value)
{
    assert(call->extra_count < CALL_HEADERS_MAX);
    call->extra[call->extra_count++] = (struct http_header){name, value};
}

void
call_note_job(const struct call *call, const char *job_id)
{
    log_line(LOG_INFO, "job submitted", "request=%s%s%.32s job=%s team=%s", call->id,
             call->trace[0] != '\0' ? " trace=" : "", call->trace, job_id, call->who.team_id);
}

const char *
call_trace(const struct call *call, struct arena *arena)
{
    return call->trace[0] != '\0' ? arena_strdup(arena, call->trace) : NULL;
}

struct jsonw
call_json(struct call *call)
{
    buf_clear(&call->api->scratch);
    return (struct jsonw){.out = &call->api->scratch};
}

void
call_reply_json(struct call *call, int status)
{
    struct err err;

    if (buf_check(&call->api->scratch, "reply", &err) != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    call_reply(call, status, "application/json", buf_span(&call->api->scratch));
}

enum { REPLY_HEADERS_MAX = CALL_HEADERS_MAX + CORS_REPLY_HEADERS + 4 };

static size_t
fill_headers(struct call *call, const char *content_type,
             struct http_header headers[REPLY_HEADERS_MAX])
{
    size_t n = 0;

    headers[n++] = (struct http_header){"X-Request-Id", call->id};
    if (content_type != NULL) {
        headers[n++] = (struct http_header){"Content-Type", content_type};
        headers[n++] = (struct http_header){"X-Content-Type-Options", "nosniff"};
    }
    headers[n++] = (struct http_header){"Cache-Control", "no-store"};
    for (size_t i = 0; i < call->extra_count; i++)
        headers[n++] = call->extra[i];
    if (http_field(call->http, "Origin").data != NULL)
        n += cors_reply(call, headers + n);
    return n;
}

/* For whoever watches: the path alone, because queries of upload URLs are credentials. */
static void
note_reply(struct call *call, int status, size_t body_bytes)
{
    char text[LOG_QUOTE_SIZE], path[200];
    struct http_request *http = call->http;
    struct span sent = http_path(http), method = http_method(http);
    size_t len = sent.len < sizeof(path) - 1 ? sent.len : sizeof(path) - 1;

    metrics_note(call, status);
    memcpy(path, sent.data, len);
    path[len] = '\0';
    log_line(LOG_DEBUG, "replied",
             "request=%s%s%.32s peer=%s method=%.*s path=%s status=%d bytes=%zu us=%lld", call->id,
             call->trace[0] != '\0' ? " trace=" : "", call->trace, call->peer, (int)method.len,
             (const char *)method.data, log_quote(text, path), status, body_bytes,
             (long long)(clock_mono_us() - call->begun_us));
}

/* What other threads have of it, and what it waits for. The call's memory may be gone afterwards
 * but for the work, which the caller tells once the reply is out. */
static struct work *
let_go(struct call *call)
{
    struct work *work = call->work;

    if (call->watch != NULL)
        watch_drop(call->watch);
    call->work = NULL;
    http_set_user(call->http, NULL);
    return work;
}

void
call_reply(struct call *call, int status, const char *content_type, struct span body)
{
    struct http_header headers[REPLY_HEADERS_MAX];
    size_t n = fill_headers(call, content_type, headers);

    note_reply(call, status, body.len);
    struct work *work = let_go(call);
    http_reply(call->http, status, headers, n, body);
    /* The call's memory is gone from here on. */
    if (work != NULL)
        work_orphan(work);
}

bool
call_begin(struct call *call, int status, const char *content_type)
{
    struct http_header headers[REPLY_HEADERS_MAX];
    size_t n = fill_headers(call, content_type, headers);

    note_reply(call, status, 0);
    if (http_begin(call->http, status, headers, n))
        return true;
    struct work *work = let_go(call);
    if (work != NULL)
        work_orphan(work);
    return false;
}

void
call_finish(struct call *call)
{
    struct work *work = let_go(call);

    http_finish(call->http);
    if (work != NULL)
        work_orphan(work);
}

void
call_cut(struct call *call)
{
    struct work *work = let_go(call);

    http_cut(call->http);
    if (work != NULL)
        work_orphan(work);
}

void
call_abandon(struct call *call)
{
    struct work *work = let_go(call);

    if (work != NULL)
        work_orphan(work);
}
