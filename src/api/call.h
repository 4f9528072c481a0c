/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/call.h - one request on its way to its reply: who asks, which route, what the path says.
 *
 * A call lives in the request's arena and ends with its reply or when the client goes away,
 * whichever is first. What another thread needs for it lives in a struct work (api/work.h), which
 * outlives the call. Loop's thread only. */
#pragma once

#include "api/api_internal.h"
#include "api/quirks.h"
#include "base/jsonw.h"
#include "base/trace.h"

enum { CALL_PARAMS_MAX = 4, CALL_HEADERS_MAX = 12, CALL_ID_SIZE = 32 };

struct route;
struct watch;
struct work;

struct call {
    uint32_t magic;
    struct api *api;
    struct http_request *http;
    struct arena *arena;
    const struct route *route; /* NULL: none matches */
    /* Of the path, decoded, in the pattern's order; without organization and team once
     * tenant_admit has checked those. */
    const char *params[CALL_PARAMS_MAX];
    struct principal who; /* set where the route needs a key */
    struct quirks quirks;
    char id[CALL_ID_SIZE];
    const char *peer;       /* text of the client's address */
    char trace[TRACE_SIZE]; /* "": none was sent */
    int64_t begun_us;       /* monotonic */
    struct work *work;      /* under way for this call, or NULL */
    struct watch *watch;    /* waits for a job (api/watch.h), or NULL */
    void *stream;           /* of a handler that reads the body in pieces */
    struct http_header extra[CALL_HEADERS_MAX];
    size_t extra_count;
};

/* NULL if the request's arena is full. */
MUST_CHECK
struct call *call_new(struct api *api, struct http_request *http);
/* From http_user, checked. NULL before call_new and after the reply. */
struct call *call_of(struct http_request *http);

/* One more field of the reply; value in the call's arena or static. */
void call_header(struct call *call, const char *name, const char *value);

/* A line in the log that joins the request, its trace and the job that it made: other processes
 * name the job alone. */
void call_note_job(const struct call *call, const char *job_id);

/* The trace for a job; NULL: none. */
const char *call_trace(const struct call *call, struct arena *arena);

/* Starts a JSON body in the API's scratch buffer. */
struct jsonw call_json(struct call *call);
/* Each of these is the end of the call. The first sends what call_json began. */
void call_reply_json(struct call *call, int status);
void call_reply(struct call *call, int status, const char *content_type, struct span body);

/* A reply in pieces, see http_begin. False: the call has ended with this. */
MUST_CHECK
bool call_begin(struct call *call, int status, const char *content_type);
/* The end of the call: of its reply, too. */
void call_finish(struct call *call);
/* The end of a call whose reply in pieces cannot be completed. */
void call_cut(struct call *call);

/* The client is gone: lets go of the work without a reply. */
void call_abandon(struct call *call);
