/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/templates.c - .../templates: list, make, show, change, delete, favourite, numbers. */
#include "api/call.h"
#include "api/cursor.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/query.h"
#include "api/template_body.h"
#include "api/template_json.h"
#include "api/work.h"
#include "base/clock.h"

#include <string.h>

enum { SEARCH_MAX = 100, LIST_ARENA = 24 << 20, WORD_MAX = 40 };

/* The old paths name the team in the query. */
static enum err_code
check_team(struct call *call, struct err *err)
{
    const char *team_id = NULL;
    enum err_code rc =
        query_text(call->arena, http_query(call->http), "team_id", UUID_TEXT_SIZE, &team_id, err);

    if (rc == ERR_OK && team_id != NULL && strcmp(team_id, call->who.team_id) != 0)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such organization or team");
    return rc;
}

/* --- reading --- */

static enum err_code
read_format(struct call *call, int *ret, struct err *err)
{
    const char *text = NULL;
    enum err_code rc =
        query_text(call->arena, http_query(call->http), "format", WORD_MAX, &text, err);

    *ret = -1;
    if (rc != ERR_OK || text == NULL || text[0] == '\0')
        return rc;
    for (int f = JOB_MARKDOWN; f <= JOB_PER_PAGE_STRUCTURED && *ret < 0; f++)
        if (strcmp(text, job_format_name((enum job_format)f)) == 0)
            *ret = f;
    return *ret >= 0 ? ERR_OK
                     : err_set(err, ERR_INPUT,
                               "query parameter 'format' must be markdown, "
                               "structured or per_page_structured");
}

static enum err_code
read_favorite(struct call *call, int *ret, struct err *err)
{
    struct span query = http_query(call->http);
    bool given = false, other = false;
    enum err_code rc = query_bool(query, "favorite", false, &given, err);

    if (rc == ERR_OK)
        rc = query_bool(query, "favorite", true, &other, err);
    *ret = given == other ? given : -1; /* they differ only where it is not there */
    return rc;
}

static enum err_code
read_filter(struct call *call, struct template_filter *ret, struct err *err)
{
    struct template_filter filter = {0};
    enum err_code rc = check_team(call, err);

    if (rc == ERR_OK)
        rc = read_format(call, &filter.format, err);
    if (rc == ERR_OK)
        rc = read_favorite(call, &filter.favorite, err);
    if (rc == ERR_OK)
        rc = query_words(call->arena, http_query(call->http), "search", SEARCH_MAX, &filter.search,
                         err);
    if (rc == ERR_OK)
        *ret = filter;
    return rc;
}

struct list {
    struct call *call;
    struct arena *arena;
    struct template_filter filter;
    struct cursor_page page;
    struct template *rows;
    size_t n;
    struct template_stats stats;
};

static enum err_code
load(struct db *db, void *arg, struct err *err)
{
    struct list *list = arg;
    const char *team_id = list->call->who.team_id;
    enum err_code rc =
        template_list(list->arena, db, team_id, &list->filter, list->page.sort, list->page.id,
                      list->page.limit + 1, &list->rows, &list->n, err);

    return rc != ERR_OK
               ? rc
               : template_count(list->arena, db, team_id, &list->filter, &list->stats, err);
}

static void
reply_list(struct list *list)
{
    struct cursor_end end = {.total = list->stats.total};
    size_t shown = cursor_shown(&list->page, list->n, &end);

    if (shown > 0) {
        end.sort = list->rows[shown - 1].created_ms;
        end.id = list->rows[shown - 1].id;
    }
    struct jsonw w = cursor_open(list->call);
    for (size_t i = 0; i < shown; i++)
        template_put(&w, &list->rows[i], list->call->who.team_id);
    cursor_close(list->call, &w, &list->page, &end);
}

void
templates_list(struct call *call)
{
    struct list list = {.call = call, .arena = arena_new(LIST_ARENA)};
    struct err err;
    enum err_code rc = list.arena != NULL ? cursor_read(call, &list.page, &err)
                                          : err_set(&err, ERR_UNAVAILABLE, "no memory for a list");

    if (rc == ERR_OK)
        rc = read_filter(call, &list.filter, &err);
    if (rc == ERR_OK)
        rc = db_read(call->api->db, load, &list, &err);
    if (rc != ERR_OK)
        reply_error(call, &err);
    else
        reply_list(&list);
    arena_drop(&list.arena);
}

static enum err_code
load_stats(struct db *db, void *arg, struct err *err)
{
    struct list *list = arg;

    return template_count(list->arena, db, list->call->who.team_id, &list->filter, &list->stats,
                          err);
}

static void
reply_stats(struct call *call, const struct template_stats *stats)
{
    double average = stats->total > 0 ? (double)stats->uses / (double)stats->total : 0;
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_int(&w, "total_templates", stats->total);
    jsonw_int(&w, "markdown_templates", stats->markdown);
    jsonw_int(&w, "structured_templates", stats->structured + stats->per_page);
    jsonw_int(&w, "per_page_structured_templates", stats->per_page);
    jsonw_int(&w, "favorite_templates", stats->favorite);
    jsonw_int(&w, "total_usage", stats->uses);
    jsonw_real(&w, "average_usage_per_template", average, 4);
    jsonw_int(&w, "max_usage", stats->uses_most);
    jsonw_int(&w, "min_usage", stats->uses_least);
    jsonw_end(&w);
    call_reply_json(call, 200);
}

void
templates_stats(struct call *call)
{
    struct list list = {
        .call = call, .arena = arena_new(LIST_ARENA), .filter = {.format = -1, .favorite = -1}};
    struct err err;
    enum err_code rc =
        list.arena != NULL ? check_team(call, &err) : err_set(&err, ERR_UNAVAILABLE, "no memory");

    if (rc == ERR_OK)
        rc = db_read(call->api->db, load_stats, &list, &err);
    if (rc != ERR_OK)
        reply_error(call, &err);
    else
        reply_stats(call, &list.stats);
    arena_drop(&list.arena);
}

void
template_show(struct call *call)
{
    struct template t;
    struct err err;
    enum err_code rc = check_team(call, &err);

    if (rc == ERR_OK)
        rc =
            template_find(call->arena, call->api->db, call->who.team_id, call->params[0], &t, &err);
    if (rc != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct jsonw w = call_json(call);
    template_put(&w, &t, call->who.team_id);
    call_reply_json(call, 200);
}

/* --- writing --- */

struct change {
    struct principal who;
    const char *id; /* NULL: a new one */
    json_t *fields; /* NULL: none are needed */
    enum { MAKE, CHANGE, REMOVE, TOGGLE } what;
    struct template t; /* afterwards */
};

static enum err_code
change(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct change *c = work->state;
    const char *team_id = c->who.team_id;
    struct template_spec spec;
    int64_t now_ms = clock_utc_ms();
    enum err_code rc;

    switch (c->what) {
    case MAKE:
        work_audit_target(work, c->t.id);
        rc = template_body_read(work->arena, c->fields, NULL, &spec, err);
        return rc != ERR_OK ? rc
                            : template_create(work->arena, db, &c->who, &spec, now_ms, &c->t, err);
    case CHANGE:
        rc = template_find(work->arena, db, team_id, c->id, &c->t, err);
        if (rc == ERR_OK)
            rc = template_body_read(work->arena, c->fields, &c->t.spec, &spec, err);
        return rc != ERR_OK
                   ? rc
                   : template_update(work->arena, db, team_id, c->id, &spec, now_ms, &c->t, err);
    case REMOVE:
        return template_remove(work->arena, db, team_id, c->id, err);
    case TOGGLE:
        break;
    }
    return template_toggle(work->arena, db, team_id, c->id, &c->t, err);
}

static void
changed(struct work *work)
{
    const struct change *c = work->state;
    struct call *call = work->call;

    if (call != NULL && work->rc != ERR_OK) {
        reply_error(call, &work->err);
    } else if (call != NULL && c->what == REMOVE) {
        call_reply(call, 204, NULL, (struct span){0});
    } else if (call != NULL) {
        struct jsonw w = call_json(call);
        template_put(&w, &c->t, c->who.team_id);
        call_reply_json(call, c->what == MAKE ? 201 : 200);
    }
    work_drop(&work);
}

static void
drop_change(struct work *work)
{
    json_decref(((struct change *)work->state)->fields);
}

static enum err_code
begin_change(struct call *call, struct work *work, struct err *err)
{
    struct change *c = work->state;
    enum err_code rc = check_team(call, err);

    c->who = call->who;
    if (rc == ERR_OK && call->params[0] != NULL &&
        (c->id = arena_strdup(work->arena, call->params[0])) == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such template");
    if (rc == ERR_OK && (c->what == MAKE || c->what == CHANGE))
        rc = json_read(http_body(call->http), &c->fields, err);
    return rc;
}

static void
begin(struct call *call, int what)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct change));

    if (work == NULL)
        return;
    work->on_drop = drop_change;
    ((struct change *)work->state)->what = what;
    if (begin_change(call, work, &err) != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    work_write(work, change, changed);
}

void
template_make(struct call *call)
{
    begin(call, MAKE);
}

void
template_change(struct call *call)
{
    begin(call, CHANGE);
}

void
template_delete(struct call *call)
{
    begin(call, REMOVE);
}

void
template_favorite(struct call *call)
{
    begin(call, TOGGLE);
}
