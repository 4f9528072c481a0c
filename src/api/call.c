/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/call.h"

#include "api/cors.h"
#include "api/errors.h"
#include "api/work.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

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

void
call_reply(struct call *call, int status, const char *content_type, struct span body)
{
    struct http_request *http = call->http;
    struct http_header headers[CALL_HEADERS_MAX + CORS_REPLY_HEADERS + 4];
    size_t n = 0;

    headers[n++] = (struct http_header){"X-Request-Id", call->id};
    if (content_type != NULL) {
        headers[n++] = (struct http_header){"Content-Type", content_type};
        headers[n++] = (struct http_header){"X-Content-Type-Options", "nosniff"};
    }
    headers[n++] = (struct http_header){"Cache-Control", "no-store"};
    for (size_t i = 0; i < call->extra_count; i++)
        headers[n++] = call->extra[i];
    if (http_field(http, "Origin").data != NULL)
        n += cors_reply(headers + n);
    struct work *work = call->work;
    call->work = NULL;
    http_set_user(http, NULL);
    http_reply(http, status, headers, n, body);
    /* The call's memory is gone from here on. */
    if (work != NULL)
        work_orphan(work);
}

void
call_abandon(struct call *call)
{
    struct work *work = call->work;

    call->work = NULL;
    http_set_user(call->http, NULL);
    if (work != NULL)
        work_orphan(work);
}
