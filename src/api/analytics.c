/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/analytics.c - GET .../analytics/...: from the request to its series (api/series.h), in turn
 * with other reads that take long (api/turn.h). */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/routes.h"
#include "api/series.h"
#include "api/turn.h"
#include "base/clock.h"

#include <string.h>

struct request {
    char team_id[UUID_TEXT_SIZE];
    const struct series *series;
    struct analytics_range range;
    int64_t limit;
    struct buf body;
};

static enum err_code
read_series(struct work *work, struct db *db, struct err *err)
{
    struct request *r = work->state;
    const struct series_query query = {
        .arena = work->arena, .team_id = r->team_id, .range = &r->range, .limit = r->limit};
    enum err_code rc = series_write(r->series, db, &query, &r->body, err);

    return rc == ERR_OK ? buf_check(&r->body, "series", err) : rc;
}

static void
reply(struct work *work)
{
    const struct request *r = work->state;

    call_reply(work->call, 200, "application/json", buf_span(&r->body));
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
    return rc == ERR_OK ? turn_room(call->api, err) : rc;
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
    turn_take(work, read_series, reply);
}
