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

static enum err_code
ask(struct call *call, struct arena *arena, void *state, struct err *err)
{
    struct list *list = state;
    enum err_code rc = cursor_read(call, &list->page, err);

    list->arena = arena;
    memcpy(list->team_id, call->who.team_id, sizeof(list->team_id));
    return rc == ERR_OK ? read_filter(arena, http_query(call->http), &list->filter, err) : rc;
}

/* What no index has in order may take long. */
static bool
is_quick(const void *state)
{
    const struct list *list = state;

    return job_list_is_quick(&list->filter);
}

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
reply(struct call *call, const void *state)
{
    const struct list *list = state;
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

void
jobs_list(struct call *call)
{
    static const struct turn_read how = {.state_size = sizeof(struct list),
                                         .ask = ask,
                                         .is_quick = is_quick,
                                         .load = load,
                                         .reply = reply};

    turn_answer(call, &how);
}
