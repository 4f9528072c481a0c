/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/jobs_list.c - GET .../jobs: the jobs of a team, newest first. */
#include "api/call.h"
#include "api/cursor.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/job_json.h"
#include "api/models.h"
#include "api/query.h"
#include "api/turn.h"

#include <string.h>

enum { WORD_MAX = 40, TEMPLATE_ID_MAX = 100 };

struct word {
    const char *text;
    int value;
};

static const struct word statuses[] = {{"pending", JOB_UPLOADING},
                                       {"processing", JOB_PROCESSING},
                                       {"completed", JOB_COMPLETED},
                                       {"partially_done", JOB_PARTIAL},
                                       {"failed", JOB_FAILED}};
static const struct word formats[] = {{"markdown", JOB_MARKDOWN},
                                      {"structured", JOB_STRUCTURED},
                                      {"per_page_structured", JOB_PER_PAGE_STRUCTURED}};

/* One of the words; -1 where the parameter is not there. */
static enum err_code
read_word(struct arena *arena, struct span query, const char *name, const struct word *words,
          size_t n, int *ret, struct err *err)
{
    const char *text = NULL;
    enum err_code rc = query_text(arena, query, name, WORD_MAX, &text, err);

    *ret = -1;
    if (rc != ERR_OK || text == NULL || text[0] == '\0')
        return rc;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(text, words[i].text) == 0) {
            *ret = words[i].value;
            return ERR_OK;
        }
    }
    return err_set(err, ERR_INPUT, "query parameter '%s' is '%s', which is none of its words", name,
                   text);
}

static enum err_code
read_filter(struct arena *arena, struct span query, struct job_filter *ret, struct err *err)
{
    struct job_filter filter = {.status = -1};
    enum err_code rc =
        read_word(arena, query, "status", statuses, ARRAY_LEN(statuses), &filter.status, err);

    if (rc == ERR_OK)
        rc = read_word(arena, query, "result_format", formats, ARRAY_LEN(formats), &filter.format,
                       err);
    if (rc == ERR_OK)
        rc = query_words(arena, query, "model", MODEL_NAME_MAX, &filter.model, err);
    if (rc == ERR_OK)
        rc = query_words(arena, query, "template_id", TEMPLATE_ID_MAX, &filter.template_id, err);
    if (rc == ERR_OK)
        rc = query_bool(query, "include_deleted", false, &filter.with_deleted, err);
    if (rc == ERR_OK)
        *ret = filter;
    return rc;
}

struct list {
    struct arena *arena;
    char team_id[UUID_TEXT_SIZE];
    struct job_filter filter;
    struct cursor_page page;
    struct job *jobs;
    size_t n;
    int64_t total;
};

/* Rows and count of the same moment. */
static enum err_code
load(struct db *db, void *arg, struct err *err)
{
    struct list *list = arg;
    enum err_code rc = job_list(list->arena, db, list->team_id, &list->filter, list->page.sort,
                                list->page.id, list->page.limit + 1, &list->jobs, &list->n, err);

    return rc != ERR_OK ? rc : job_count(db, list->team_id, &list->filter, &list->total, err);
}

static void
reply(struct call *call, const struct list *list)
{
    struct cursor_end end = {.total = list->total};
    size_t shown = cursor_shown(&list->page, list->n, &end);

    if (shown > 0) {
        end.sort = list->jobs[shown - 1].created_ms;
        end.id = list->jobs[shown - 1].id;
    }
    struct jsonw w = cursor_open(call);
    for (size_t i = 0; i < shown; i++)
        job_put(&w, NULL, &list->jobs[i], &call->quirks);
    cursor_close(call, &w, &list->page, &end);
}

static enum err_code
read_list(struct work *work, struct db *db, struct err *err)
{
    struct list *list = work->state;

    list->arena = work->arena;
    return db_read(db, load, list, err);
}

static void
reply_list(struct work *work)
{
    reply(work->call, work->state);
}

/* What no index has in order may take long. */
static void
list_in_turn(struct call *call, struct list *list)
{
    struct work *work = work_begin(call, sizeof(*list));
    struct err err;

    if (work == NULL)
        return;
    enum err_code rc = read_filter(work->arena, http_query(call->http), &list->filter, &err);
    if (rc == ERR_OK)
        rc = turn_room(call->api, &err);
    if (rc != ERR_OK) {
        work_drop(&work);
        reply_error(call, &err);
        return;
    }
    *(struct list *)work->state = *list;
    turn_take(work, read_list, reply_list);
}

void
jobs_list(struct call *call)
{
    struct list list = {.arena = call->arena};
    struct err err;
    enum err_code rc = cursor_read(call, &list.page, &err);

    memcpy(list.team_id, call->who.team_id, sizeof(list.team_id));
    if (rc == ERR_OK)
        rc = read_filter(call->arena, http_query(call->http), &list.filter, &err);
    if (rc == ERR_OK && !job_list_is_quick(&list.filter)) {
        list_in_turn(call, &list);
        return;
    }
    if (rc == ERR_OK)
        rc = db_read(call->api->db, load, &list, &err);
    if (rc != ERR_OK)
        reply_error(call, &err);
    else
        reply(call, &list);
}
