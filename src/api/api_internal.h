/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/api_internal.h - what the files of this folder share: the state of the API process.
 * All of it belongs to the event loop's thread, but for the writer, the pool and the store, which
 * other threads may call. */
#pragma once

#include "account/account.h"
#include "api/api.h"
#include "api/auth.h"
#include "api/health.h"
#include "api/io_pool.h"
#include "api/oidc.h"
#include "api/peer.h"
#include "api/rate.h"
#include "base/buf.h"
#include "base/netpolicy.h"
#include "base/seal.h"
#include "db/db.h"
#include "db/writer.h"
#include "http/http.h"
#include "jobs/node.h"
#include "store/sigv4.h"
#include "store/store.h"

#include <stdatomic.h>

struct watch;
struct work;

enum { WATCH_BUCKETS = 256 };

/* See api/beat.h. */
struct api_beat {
    struct node node;
    int64_t due_ms;
    atomic_bool under_way; /* job is the writer's */
    struct db_job job;
};

struct api {
    struct api_config config; /* its strings are copies, in texts */
    struct arena *texts;
    struct http_server *server;
    struct db *db; /* the loop's own: reads only */
    struct db_writer *writer;
    struct io_pool *pool;
    struct store *store;
    struct sigv4_key sign;
    struct seal_key seal;    /* of webhooks' secrets */
    struct netpolicy policy; /* where URLs may lead */
    struct auth auth;
    struct health_cache health;
    struct rate rate;
    struct api_beat beat;
    struct peer_proxies proxies;
    struct oidc oidc;
    struct catalog *catalog;
    struct span polar_secret, r2_secret, metrics_token; /* in texts; len 0: none */
    struct metrics *metrics;
    struct work *works;                   /* under way in other threads */
    size_t intakes;                       /* bodies being streamed into the store */
    struct http_watch news;               /* see api/watch.h */
    struct watch *watches[WATCH_BUCKETS]; /* by job */
    size_t watch_count;
    struct {
        struct work *first; /* waits; one is under way where busy */
        size_t waiting;
        bool busy;
        struct db *db; /* of the one under way; NULL: not opened yet */
    } turns;           /* see api/turn.h */
    int64_t pace_ms;   /* of a page, lately; see progress_eta */
    int64_t pace_until_ms;
    struct buf scratch; /* replies are written here, one at a time */
    char id_prefix[9];  /* of request ids: differs at each start */
    uint64_t id_count;
    struct err failure; /* code ERR_OK: none; else why this process has to end */
    bool closing;       /* the other threads have ended: what they would do is done on the spot */
};

enum {
    API_REPLY_MAX = 64 << 20, /* bytes of one reply's body */
    API_INTAKES_MAX = 512,    /* at 512 KiB of buffers each: 256 MiB */
    API_WORK_ARENA = 4 << 20, /* of one piece of work: 10,000 parts fit */
    API_IO_THREADS = 4,
    API_FAILED_GRACE_MS = 1000, /* for answers under way when the database has failed */
};

/* To be told of each error that a step or a reply had. After a failed fsync nothing that a handle
 * says can be believed: the loop is stopped, and the next process recovers from the log. */
void api_heed(struct api *api, const struct err *err);
