/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/routes.h - the table of everything this server answers. It is checked against
 * api/openapi/ by the tests: a route, a body or a reply stands in both or in none. */
#pragma once

#include "account/account.h"
#include "api/path.h"

#include <stdbool.h>
#include <stddef.h>

struct call;

enum route_body {
    BODY_NONE,   /* one that comes all the same is read and ignored, up to body_max */
    BODY_JSON,   /* collected whole */
    BODY_FORM,   /* multipart/form-data, handled as it comes */
    BODY_STREAM, /* raw bytes, handled as they come */
};

struct route {
    const char *method;
    const char *pattern; /* without /api/v1 */
    enum scope scope;    /* what a key must be good for; SCOPE_NONE: no key is needed */
    enum route_body body;
    size_t body_max; /* BODY_STREAM: the handler's business */
    /* BODY_NONE, BODY_JSON: the whole request is there. Else: its head; the handler replies, or
     * streams and sets call->stream. */
    void (*handle)(struct call *call);
    void (*on_body)(struct call *call, struct span piece);
    void (*on_end)(struct call *call);
    const char *request_schema; /* name below components/schemas of openapi/; NULL: no body */
    const char *reply_schema;   /* of the status of success; NULL: no JSON */
    int reply_status;           /* of success; 0: 200 */
};

extern const struct route routes[];
extern const size_t route_count;

/* The route, or NULL. is_form tells rows apart that differ in their body only. *ret_allow: the
 * methods that the path takes ("GET, HEAD, OPTIONS"), NULL for an unknown path. HEAD finds GET. */
const struct route *route_find(struct arena *arena, struct span method, const struct path *path,
                               bool is_form, const char **ret_allow);
