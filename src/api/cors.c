/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/cors.h"

#include "api/call.h"

size_t
cors_reply(struct http_header *out)
{
    out[0] = (struct http_header){"Access-Control-Allow-Origin", "*"};
    /* A browser that uploads has to read the ETag of each part. */
    out[1] =
        (struct http_header){"Access-Control-Expose-Headers", "ETag, Retry-After, X-Request-Id"};
    return CORS_REPLY_HEADERS;
}

void
cors_preflight(struct call *call, const char *allow)
{
    call_header(call, "Allow", allow);
    if (http_field(call->http, "Origin").data != NULL) {
        call_header(call, "Access-Control-Allow-Methods", allow);
        call_header(call, "Access-Control-Allow-Headers",
                    "X-API-KEY, Authorization, Content-Type, Idempotency-Key");
        call_header(call, "Access-Control-Max-Age", "86400");
    }
    call_reply(call, 204, NULL, (struct span){0});
}
