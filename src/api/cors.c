/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/cors.h"

#include "api/call.h"

#include <string.h>

/* What a browser that uploads has to read: the ETag of each part; the rest is for people. */
static const char exposed[] =
    "ETag, Retry-After, X-Request-Id, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset";

/* The origin is one of the list "https://a.example,https://b.example". */
static bool
is_listed(const char *list, struct span origin)
{
    while (*list != '\0') {
        list += strspn(list, ", ");
        size_t len = strcspn(list, ", ");
        if (len == origin.len && memcmp(list, origin.data, len) == 0)
            return true;
        list += len;
    }
    return false;
}

size_t
cors_reply(struct call *call, struct http_header *out)
{
    const char *list = call->api->config.cors_origins;
    struct span origin = http_field(call->http, "Origin");
    size_t n = 0;

    if (list == NULL || origin.data == NULL)
        return 0;
    if (strcmp(list, "*") == 0) {
        out[n++] = (struct http_header){"Access-Control-Allow-Origin", "*"};
    } else {
        char *text = arena_strndup(call->arena, (const char *)origin.data, origin.len);
        out[n++] = (struct http_header){"Vary", "Origin"};
        if (text == NULL || !is_listed(list, origin))
            return n;
        out[n++] = (struct http_header){"Access-Control-Allow-Origin", text};
    }
    out[n++] = (struct http_header){"Access-Control-Expose-Headers", exposed};
    return n;
}

void
cors_preflight(struct call *call, const char *allow)
{
    call_header(call, "Allow", allow);
    if (http_field(call->http, "Origin").data != NULL && call->api->config.cors_origins != NULL) {
        call_header(call, "Access-Control-Allow-Methods", allow);
        call_header(call, "Access-Control-Allow-Headers",
                    "X-API-KEY, Authorization, Content-Type, Idempotency-Key, traceparent");
        call_header(call, "Access-Control-Max-Age", "86400");
    }
    call_reply(call, 204, NULL, (struct span){0});
}
