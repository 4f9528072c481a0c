/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/watch.h - calls that wait for a job to change: long polls and streams of events.
 *
 * Word of a change comes from the runner through a pipe (runner/news.h) and from handlers of this
 * process (watch_note). It may be lost; so each watch looks for itself every WATCH_LOOK_MS. Loop's
 * thread only. Nothing here allocates: the watch lies in its call's arena. */
#pragma once

#include "api/api_internal.h"
#include "jobs/jobs.h"

struct call;

enum { WATCH_LOOK_MS = 2000, WATCH_TICK_MS = 500, WATCHES_MAX = 4096, WATCHES_TEAM_MAX = 256 };

struct watch {
    /* Set by its maker. */
    struct call *call;
    char job_id[UUID_TEXT_SIZE];
    int64_t due_ms; /* on_due at about this moment (monotonic) */
    void *state;
    /* Each may end the call, and with it this watch; no other. */
    void (*on_change)(struct watch *watch); /* the job has changed, or may have */
    void (*on_due)(struct watch *watch);
    void (*on_drained)(struct watch *watch); /* of a reply in pieces; NULL: nothing to do */
    void (*on_stop)(struct watch *watch);    /* the server stops: end the call */
    void (*on_drop)(struct watch *watch);    /* frees what state holds outside the call's arena */
    /* Its own. */
    struct watch *prev, *next;
    int64_t look_ms;
};

/* From now on until watch_drop, which the end of the call does. ERR_RATE past WATCHES_TEAM_MAX of
 * the team, ERR_UNAVAILABLE past WATCHES_MAX. */
MUST_CHECK
enum err_code watch_add(struct watch *watch, struct err *err);
void watch_drop(struct watch *watch);

/* The job was changed by this process: tells those who wait for it. */
void watch_note(struct api *api, const char *job_id);

/* Begins to listen to the pipe of config.news_fd. */
MUST_CHECK
enum err_code watch_open(struct api *api, struct err *err);
/* For dispatch. */
void watch_tick(struct api *api);
void watch_stop(struct api *api);
