/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/analytics.c - GET .../analytics/...: from the request to its series (api/series.h), on a
 * thread of the pool with a database handle of its own. One is made at a time, the others wait in a
 * row: a year of a busy team takes a good part of a second, and uploads need the pool as well. */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/routes.h"
#include "api/series.h"
#include "api/work.h"
#include "base/clock.h"

#include <string.h>

enum { WAITING_MAX = 64 };

struct request {
    struct work *next; /* in the row */
    char team_id[UUID_TEXT_SIZE];
    const struct series *series;
    struct analytics_range range;
    int64_t limit;
    struct buf body;
};

static void begin_next(struct api *api);

static enum err_code
run(struct work *work, struct err *err)
{
    struct request *r = work->state;
    const struct series_query query = {
        .arena = work->arena, .team_id = r->team_id, .range = &r->range, .limit = r->limit};
    struct db *db = NULL;
    enum err_code rc = db_open(work->api->config.db_place, &db, err);

    if (rc == ERR_OK)
        rc = series_write(r->series, db, &query, &r->body, err);
    db_close(&db);
    return rc == ERR_OK ? buf_check(&r->body, "series", err) : rc;
}

static void
done(struct work *work)
{
    const struct request *r = work->state;
    struct api *api = work->api;

    if (work->call != NULL && work->rc != ERR_OK)
        reply_error(work->call, &work->err);
    else if (work->call != NULL)
        call_reply(work->call, 200, "application/json", buf_span(&r->body));
    work_drop(&work);
    api->analytics.busy = false;
    begin_next(api);
}

/* Of those whose client has gone away nothing is left to do. */
static void
begin_next(struct api *api)
{
    if (api->closing) /* work_drain sees to all of them */
        return;
    while (api->analytics.first != NULL && !api->analytics.busy) {
        struct work *work = api->analytics.first;
        struct request *r = work->state;
        api->analytics.first = r->next;
        api->analytics.waiting--;
        if (work->call == NULL) {
            work_drop(&work);
            continue;
        }
        api->analytics.busy = true;
        work_io(work, run, done);
    }
}

static void
stand_in_row(struct work *work)
{
    struct api *api = work->api;
    struct work **last = &api->analytics.first;

    while (*last != NULL)
        last = &((struct request *)(*last)->state)->next;
    *last = work;
    api->analytics.waiting++;
    begin_next(api);
}

static void
drop(struct work *work)
{
    buf_fini(&((struct request *)work->state)->body);
}

static enum err_code
read_request(struct call *call, struct work *work, struct err *err)
{
    struct request *r = work->state;
    struct span query = http_query(call->http);
    const char *team_id = NULL;
    enum err_code rc = analytics_range_read(work->arena, query, clock_utc_ms(), &r->range, err);

    memcpy(r->team_id, call->who.team_id, sizeof(r->team_id));
    r->series = series_find(call->route->pattern);
    if (rc == ERR_OK)
        rc = query_words(call->arena, query, "team_id", UUID_TEXT_SIZE, &team_id, err);
    if (rc == ERR_OK && team_id != NULL && strcmp(team_id, call->who.team_id) != 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such organization or team");
    if (rc == ERR_OK && r->series->limit_default > 0)
        rc =
            query_int(query, "limit", 1, STATS_RANKS_MAX, r->series->limit_default, &r->limit, err);
    if (rc == ERR_OK && call->api->analytics.waiting >= WAITING_MAX)
        rc = err_set(err, ERR_UNAVAILABLE, "%d analytics requests wait, the limit", WAITING_MAX);
    return rc;
}

void
analytics_show(struct call *call)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct request));

    if (work == NULL)
        return;
    buf_init(&((struct request *)work->state)->body, API_REPLY_MAX);
    work->on_drop = drop;
    if (read_request(call, work, &err) != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    stand_in_row(work);
}
