/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/series_internal.h"

enum err_code
series_timeseries(struct db *db, const struct series_query *q, put_point put, struct jsonw *w,
                  struct err *err)
{
    const struct analytics_range *range = q->range;
    enum err_code rc = ERR_OK;
    int64_t begin = bucket_begin(range->bucket, range->from_ms, range->offset_minutes);

    jsonw_array(w, "timeseries");
    while (rc == ERR_OK && begin < range->to_ms) {
        int64_t next = bucket_next(range->bucket, begin, range->offset_minutes);
        const struct stats_scope scope = {q->team_id,
                                          begin > range->from_ms ? begin : range->from_ms,
                                          next < range->to_ms ? next : range->to_ms};
        jsonw_object(w, NULL);
        jsonw_time(w, "bucket", begin > 0 ? begin : 1);
        rc = put(db, &scope, w, err);
        jsonw_end(w);
        begin = next;
    }
    jsonw_end(w);
    return rc;
}

static enum err_code
put_job_point(struct db *db, const struct stats_scope *scope, struct jsonw *w, struct err *err)
{
    struct stats_jobs s = {0};
    enum err_code rc = stats_jobs(db, scope, &s, err);

    series_put_job_counts(w, &s);
    return rc;
}

static enum err_code
put_page_point(struct db *db, const struct stats_scope *scope, struct jsonw *w, struct err *err)
{
    struct stats_jobs s = {0};
    enum err_code rc = stats_jobs(db, scope, &s, err);

    series_put_page_counts(w, &s);
    return rc;
}

static enum err_code
put_error_point(struct db *db, const struct stats_scope *scope, struct jsonw *w, struct err *err)
{
    struct stats_jobs s = {0};
    enum err_code rc = stats_jobs(db, scope, &s, err);

    jsonw_int(w, "total_jobs", s.ended + s.active);
    jsonw_int(w, "completed_jobs", s.completed);
    jsonw_int(w, "failed_jobs", s.failed);
    jsonw_real(w, "failure_rate", series_share(s.failed, s.completed + s.failed), 2);
    return rc;
}

static enum err_code
put_confidence_point(struct db *db, const struct stats_scope *scope, struct jsonw *w,
                     struct err *err)
{
    struct stats_jobs s = {0};
    enum err_code rc = stats_jobs(db, scope, &s, err);

    jsonw_real(w, "avg_confidence", s.scored > 0 ? s.confidence_sum / (double)s.scored : 0, 4);
    jsonw_int(w, "low_confidence_count", s.low);
    jsonw_int(w, "high_confidence_count", s.scored - s.low - s.medium);
    jsonw_int(w, "total_pages", s.done);
    return rc;
}

enum err_code
series_put_credit_point(struct db *db, const struct stats_scope *scope, struct jsonw *w,
                        struct err *err)
{
    struct stats_credits c = {0};
    enum err_code rc = stats_credits(db, scope, &c, err);

    jsonw_int(w, "granted", c.granted);
    jsonw_int(w, "consumed", c.consumed);
    jsonw_int(w, "refunded", c.refunded);
    jsonw_int(w, "adjusted", c.adjusted - c.expired);
    jsonw_int(w, "net_change", series_net(&c));
    return rc;
}

enum err_code
series_jobs_timeseries(struct db *db, const struct series_query *q, struct jsonw *w,
                       struct err *err)
{
    return series_timeseries(db, q, put_job_point, w, err);
}

enum err_code
series_pages_timeseries(struct db *db, const struct series_query *q, struct jsonw *w,
                        struct err *err)
{
    return series_timeseries(db, q, put_page_point, w, err);
}

enum err_code
series_errors_timeseries(struct db *db, const struct series_query *q, struct jsonw *w,
                         struct err *err)
{
    return series_timeseries(db, q, put_error_point, w, err);
}

enum err_code
series_confidence_timeseries(struct db *db, const struct series_query *q, struct jsonw *w,
                             struct err *err)
{
    return series_timeseries(db, q, put_confidence_point, w, err);
}
