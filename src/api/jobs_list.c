/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/jobs_list.c - GET .../jobs: the jobs of a team, newest first. */
#include "api/call.h"
#include "api/cursor.h"
#include "api/errors.h"
#include "api/handlers.h"
#include "api/job_json.h"
#include "api/models.h"
#include "api/query.h"

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
read_word(struct call *call, const char *name, const struct word *words, size_t n, int *ret,
          struct err *err)
{
    const char *text = NULL;
    enum err_code rc = query_text(call->arena, http_query(call->http), name, WORD_MAX, &text, err);

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
read_filter(struct call *call, struct job_filter *ret, struct err *err)
{
    struct job_filter filter = {.status = -1};
    struct span query = http_query(call->http);
    enum err_code rc =
        read_word(call, "status", statuses, ARRAY_LEN(statuses), &filter.status, err);

    if (rc == ERR_OK)
        rc = read_word(call, "result_format", formats, ARRAY_LEN(formats), &filter.format, err);
    if (rc == ERR_OK)
        rc = query_words(call->arena, query, "model", MODEL_NAME_MAX, &filter.model, err);
    if (rc == ERR_OK)
        rc = query_words(call->arena, query, "template_id", TEMPLATE_ID_MAX, &filter.template_id,
                         err);
    if (rc == ERR_OK)
        rc = query_bool(query, "include_deleted", false, &filter.with_deleted, err);
    if (rc == ERR_OK)
        *ret = filter;
    return rc;
}

struct list {
    struct call *call;
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
    const char *team_id = list->call->who.team_id;
    enum err_code rc = job_list(list->call->arena, db, team_id, &list->filter, list->page.sort,
                                list->page.id, list->page.limit + 1, &list->jobs, &list->n, err);

    return rc != ERR_OK ? rc : job_count(db, team_id, &list->filter, &list->total, err);
}

static void
reply(struct list *list)
{
    struct cursor_end end = {.total = list->total};
    size_t shown = cursor_shown(&list->page, list->n, &end);

    if (shown > 0) {
        end.sort = list->jobs[shown - 1].created_ms;
        end.id = list->jobs[shown - 1].id;
    }
    struct jsonw w = cursor_open(list->call);
    for (size_t i = 0; i < shown; i++)
        job_put(&w, NULL, &list->jobs[i], &list->call->quirks);
    cursor_close(list->call, &w, &list->page, &end);
}

void
jobs_list(struct call *call)
{
    struct list list = {.call = call};
    struct err err;
    enum err_code rc = cursor_read(call, &list.page, &err);

    if (rc == ERR_OK)
        rc = read_filter(call, &list.filter, &err);
    if (rc == ERR_OK)
        rc = db_read(call->api->db, load, &list, &err);
    if (rc != ERR_OK)
        reply_error(call, &err);
    else
        reply(&list);
}
