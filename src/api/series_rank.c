/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/series_internal.h"

#include "template/template.h"

static enum err_code
rank(struct db *db, const struct series_query *q, enum stats_by by, int64_t limit,
     struct stats_rank **ret, size_t *ret_n, struct err *err)
{
    const struct stats_scope scope = series_scope_of(q);

    return stats_ranks(q->arena, db, &scope, by, limit, ret, ret_n, err);
}

enum err_code
series_filetypes(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    struct stats_rank *ranks = NULL;
    size_t n = 0;
    enum err_code rc = rank(db, q, STATS_EXTENSION, q->limit, &ranks, &n, err);

    jsonw_array(w, "file_types");
    for (size_t i = 0; i < n; i++) {
        jsonw_object(w, NULL);
        jsonw_string(w, "extension", ranks[i].name);
        jsonw_int(w, "document_count", ranks[i].jobs);
        jsonw_int(w, "total_pages", ranks[i].pages);
        jsonw_int(w, "total_size", ranks[i].bytes);
        jsonw_end(w);
    }
    jsonw_end(w);
    return rc;
}

enum err_code
series_errors(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    const struct stats_scope scope = series_scope_of(q);
    struct stats_jobs s = {0};
    struct stats_rank *ranks = NULL;
    size_t n = 0;
    enum err_code rc = stats_jobs(db, &scope, &s, err);

    if (rc == ERR_OK)
        rc = rank(db, q, STATS_REASON, STATS_RANKS_MAX, &ranks, &n, err);
    jsonw_array(w, "patterns");
    for (size_t i = 0; i < n; i++) {
        jsonw_object(w, NULL);
        jsonw_string(w, "category", ranks[i].name);
        jsonw_int(w, "count", ranks[i].jobs);
        jsonw_real(w, "percentage", series_share(ranks[i].jobs, s.failed), 2);
        jsonw_end(w);
    }
    jsonw_end(w);
    jsonw_object(w, "summary");
    jsonw_int(w, "total_jobs", s.ended + s.active);
    jsonw_int(w, "completed_jobs", s.completed);
    jsonw_int(w, "failed_jobs", s.failed);
    jsonw_int(w, "jobs_with_errors", s.faulty);
    jsonw_real(w, "failure_rate_percent", series_share(s.failed, s.completed + s.failed), 2);
    jsonw_end(w);
    return rc;
}

enum err_code
series_credits_usage(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    const struct stats_scope scope = series_scope_of(q);
    struct stats_credits c = {0};
    struct stats_rank *ranks = NULL;
    size_t n = 0;
    enum err_code rc = stats_credits(db, &scope, &c, err);

    if (rc == ERR_OK)
        rc = series_put_credits(db, q->team_id, w, "snapshot", &c, err);
    if (rc == ERR_OK)
        rc = series_timeseries(db, q, series_put_credit_point, w, err);
    if (rc == ERR_OK)
        rc = rank(db, q, STATS_MODEL, STATS_RANKS_MAX, &ranks, &n, err);
    jsonw_array(w, "model_breakdown");
    for (size_t i = 0; i < n; i++) {
        jsonw_object(w, NULL);
        jsonw_string(w, "model", ranks[i].name);
        jsonw_int(w, "credits_consumed", ranks[i].credits);
        jsonw_int(w, "jobs_processed", ranks[i].completed);
        jsonw_int(w, "transactions", ranks[i].jobs);
        jsonw_string(w, "user_id", ranks[i].user);
        jsonw_end(w);
    }
    jsonw_end(w);
    return rc;
}

/* The name of a template that is there; "" for one that was deleted. */
static enum err_code
template_name(struct db *db, const struct series_query *q, const char *id, const char **ret,
              struct err *err)
{
    struct template t;
    enum err_code rc = template_find(q->arena, db, q->team_id, id, &t, err);

    *ret = rc == ERR_OK ? t.spec.name : "";
    return rc == ERR_NOT_FOUND ? ERR_OK : rc;
}

enum err_code
series_templates_top(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    struct stats_rank *ranks = NULL;
    size_t n = 0;
    enum err_code rc = rank(db, q, STATS_TEMPLATE, q->limit, &ranks, &n, err);

    jsonw_array(w, "templates");
    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        const char *name = "";
        int64_t uses = 0;
        rc = template_name(db, q, ranks[i].name, &name, err);
        if (rc == ERR_OK)
            rc = stats_template_uses(db, q->team_id, ranks[i].name, &uses, err);
        jsonw_object(w, NULL);
        jsonw_string(w, "id", ranks[i].name);
        jsonw_string(w, "name", name);
        jsonw_int(w, "usage_count", uses);
        jsonw_int(w, "job_count", ranks[i].jobs);
        jsonw_int(w, "total_pages", ranks[i].pages);
        jsonw_int(w, "credits_consumed", ranks[i].credits);
        jsonw_end(w);
    }
    jsonw_end(w);
    return rc;
}

enum err_code
series_users_top(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    struct stats_rank *ranks = NULL;
    size_t n = 0;
    enum err_code rc = rank(db, q, STATS_USER, q->limit, &ranks, &n, err);

    jsonw_array(w, "users");
    for (size_t i = 0; i < n; i++) {
        jsonw_object(w, NULL);
        jsonw_string(w, "user_id", ranks[i].name);
        jsonw_int(w, "job_count", ranks[i].jobs);
        jsonw_int(w, "completed_jobs", ranks[i].completed);
        jsonw_int(w, "failed_jobs", ranks[i].failed);
        jsonw_int(w, "total_pages", ranks[i].pages);
        jsonw_int(w, "credits_consumed", ranks[i].credits);
        jsonw_real(w, "success_rate",
                   series_share(ranks[i].completed, ranks[i].completed + ranks[i].failed), 2);
        jsonw_end(w);
    }
    jsonw_end(w);
    return rc;
}

enum err_code
series_users_activity(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    struct stats_rank *ranks = NULL;
    size_t n = 0;
    enum err_code rc = rank(db, q, STATS_USER, STATS_RANKS_MAX, &ranks, &n, err);

    jsonw_array(w, "users");
    for (size_t i = 0; i < n; i++) {
        jsonw_object(w, NULL);
        jsonw_string(w, "user_id", ranks[i].name);
        jsonw_int(w, "job_count", ranks[i].jobs);
        jsonw_int(w, "active_days", ranks[i].days);
        jsonw_time(w, "first_activity", ranks[i].first_ms);
        jsonw_time(w, "last_activity", ranks[i].last_ms);
        jsonw_int(w, "total_pages", ranks[i].pages);
        jsonw_int(w, "credits_consumed", ranks[i].credits);
        jsonw_end(w);
    }
    jsonw_end(w);
    return rc;
}
