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
    struct arena *arena;
    char team_id[UUID_TEXT_SIZE];
    const struct series *series;
    struct analytics_range range;
    int64_t limit;
    struct buf body;
};

static enum err_code
ask(struct call *call, struct arena *arena, void *state, struct err *err)
{
    struct request *r = state;
    struct span query = http_query(call->http);
    const char *team_id = NULL;
    enum err_code rc = analytics_range_read(arena, query, clock_utc_ms(), &r->range, err);

    r->arena = arena;
    buf_init(&r->body, API_REPLY_MAX);
    memcpy(r->team_id, call->who.team_id, sizeof(r->team_id));
    r->series = series_find(call->route->pattern);
    if (rc == ERR_OK)
        rc = query_words(call->arena, query, "team_id", UUID_TEXT_SIZE, &team_id, err);
    if (rc == ERR_OK && team_id != NULL && strcmp(team_id, call->who.team_id) != 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such organization or team");
    if (rc == ERR_OK && r->series->limit_default > 0)
        rc =
            query_int(query, "limit", 1, STATS_RANKS_MAX, r->series->limit_default, &r->limit, err);
    return rc;
}

static enum err_code
load(struct db *db, void *state, struct err *err)
{
    struct request *r = state;
    const struct series_query query = {
        .arena = r->arena, .team_id = r->team_id, .range = &r->range, .limit = r->limit};

    buf_clear(&r->body);
    enum err_code rc = series_write(r->series, db, &query, &r->body, err);
    return rc == ERR_OK ? buf_check(&r->body, "series", err) : rc;
}

static void
reply(struct call *call, const void *state)
{
    const struct request *r = state;

    call_reply(call, 200, "application/json", buf_span(&r->body));
}

static void
drop(void *state)
{
    buf_fini(&((struct request *)state)->body);
}

void
analytics_show(struct call *call)
{
    static const struct turn_read how = {.state_size = sizeof(struct request),
                                         .ask = ask,
                                         .load = load,
                                         .reply = reply,
                                         .drop = drop};

    turn_answer(call, &how);
}
