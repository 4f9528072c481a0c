/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/credits.c - the balance, and the statement of what changed it.
 *
 * A key sees its own team, on the paths of the organization too: another team of the same
 * organization is another tenant. */
#include "account/credits.h"
#include "api/call.h"
#include "api/catalog.h"
#include "api/cursor.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/turn.h"

#include <stdio.h>
#include <string.h>

static void
put_empty(struct jsonw *w, const char *name)
{
    jsonw_array(w, name);
    jsonw_end(w);
}

void
credits_show(struct call *call)
{
    struct credit_balance balance;
    struct err err;

    if (credits_balance(call->api->db, call->who.team_id, &balance, &err) != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct jsonw w = call_json(call);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "team_id", call->who.team_id);
    jsonw_string(&w, "plan_name", catalog_plan(call->api->catalog));
    jsonw_int(&w, "credits_granted", balance.granted);
    jsonw_int(&w, "credits_consumed", balance.consumed);
    jsonw_int(&w, "credits_remaining", balance.available);
    jsonw_int(&w, "credits_reserved", balance.reserved);
    jsonw_bool(&w, "unlimited", balance.unlimited);
    jsonw_bool(&w, "trial_active", false);
    jsonw_null(&w, "trial_ends_at");
    jsonw_int(&w, "trial_days_remaining", 0);
    jsonw_int(&w, "trial_credits_granted", 0);
    jsonw_int(&w, "trial_credits_remaining", 0);
    put_empty(&w, "active_subscriptions");
    put_empty(&w, "granted_benefits");
    put_empty(&w, "active_meters");
    jsonw_end(&w);
    call_reply_json(call, 200);
}

/* The API's word for a kind of the ledger. */
static const char *
type_name(const char *kind)
{
    static const char *const names[][2] = {{"granted", "credit"},
                                           {"adjusted", "adjustment"},
                                           {"consumed", "consumed"},
                                           {"refunded", "refunded"},
                                           {"expired", "expiration"}};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i][0], kind) == 0)
            return names[i][1];
    return kind;
}

/* owner: "project_id" or "organization_id". */
static void
put_line(struct jsonw *w, const struct credit_line *line, const char *owner, const char *owner_id)
{
    char id[UUID_TEXT_SIZE + 24];

    snprintf(id, sizeof(id), "%s-%lld", line->team_id, (long long)line->sequence);
    jsonw_object(w, NULL);
    jsonw_string(w, "id", id);
    jsonw_string(w, "transaction_type", type_name(line->kind));
    jsonw_int(w, "amount", line->amount);
    jsonw_int(w, "balance_after", line->balance_after);
    jsonw_string(w, "description", line->description);
    jsonw_string(w, "job_id", line->job_id);
    jsonw_string(w, owner, owner_id);
    jsonw_string(w, "idempotency_key", line->id);
    jsonw_time(w, "expires_at", line->expires_ms);
    jsonw_object(w, "metadata");
    if (line->model != NULL)
        jsonw_string(w, "model", line->model);
    jsonw_end(w);
    jsonw_time(w, "created_at", line->created_ms);
    jsonw_end(w);
}

struct statement {
    struct arena *arena;
    char team_id[UUID_TEXT_SIZE];
    struct credit_filter filter;
    struct cursor_page page;
    struct credit_line *lines;
    size_t n;
    int64_t total;
    bool of_team; /* the path is the team's, not the organization's */
};

static enum err_code
read_filter(struct arena *arena, struct span query, struct credit_filter *ret, struct err *err)
{
    enum { SEARCH_MAX = 200, NAME_MAX_BYTES = 400 };
    enum err_code rc = query_text(arena, query, "search", SEARCH_MAX, &ret->search, err);

    if (rc == ERR_OK)
        rc = query_text(arena, query, "model", NAME_MAX_BYTES, &ret->model, err);
    if (rc == ERR_OK)
        rc = query_time(arena, query, "created_from", 0, &ret->from_ms, err);
    if (rc == ERR_OK)
        rc = query_time(arena, query, "created_to", INT64_MAX, &ret->to_ms, err);
    if (ret->search != NULL && ret->search[0] == '\0')
        ret->search = NULL;
    if (ret->model != NULL && ret->model[0] == '\0')
        ret->model = NULL;
    return rc;
}

/* Rows and count of the same moment. */
static enum err_code
load(struct db *db, void *arg, struct err *err)
{
    struct statement *s = arg;
    enum err_code rc = credits_statement(s->arena, db, s->team_id, &s->filter, s->page.sort,
                                         s->page.limit + 1, &s->lines, &s->n, err);

    return rc != ERR_OK
               ? rc
               : credits_statement_count(s->arena, db, s->team_id, &s->filter, &s->total, err);
}

static void
reply(struct call *call, const void *state)
{
    const struct statement *s = state;
    struct cursor_end end = {.id = "", .total = s->total};
    struct jsonw w = cursor_open(call);
    size_t shown = cursor_shown(&s->page, s->n, &end);

    for (size_t i = 0; i < shown; i++) {
        put_line(&w, &s->lines[i], s->of_team ? "project_id" : "organization_id",
                 s->of_team ? call->who.team_id : call->who.organization_id);
        end.sort = s->lines[i].sequence;
    }
    cursor_close(call, &w, &s->page, &end);
}

static bool
is_quick(const void *state)
{
    const struct statement *s = state;

    return credits_statement_is_quick(&s->filter);
}

static enum err_code
ask(struct call *call, struct arena *arena, void *state, struct err *err)
{
    struct statement *s = state;
    enum err_code rc = cursor_read(call, &s->page, err);

    s->arena = arena;
    memcpy(s->team_id, call->who.team_id, sizeof(s->team_id));
    return rc == ERR_OK ? read_filter(arena, http_query(call->http), &s->filter, err) : rc;
}

static enum err_code
ask_of_team(struct call *call, struct arena *arena, void *state, struct err *err)
{
    ((struct statement *)state)->of_team = true;
    return ask(call, arena, state, err);
}

void
credits_list_team(struct call *call)
{
    static const struct turn_read how = {.state_size = sizeof(struct statement),
                                         .ask = ask_of_team,
                                         .is_quick = is_quick,
                                         .load = load,
                                         .reply = reply};

    turn_answer(call, &how);
}

void
credits_list_organization(struct call *call)
{
    static const struct turn_read how = {.state_size = sizeof(struct statement),
                                         .ask = ask,
                                         .is_quick = is_quick,
                                         .load = load,
                                         .reply = reply};

    turn_answer(call, &how);
}
