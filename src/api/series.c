/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Rates and shares are in per cent. A job counts where it was submitted; with a result in part it
 * counts as completed. Tokens are text bytes over four, the usual rule of thumb. */
#include "api/series_internal.h"

#include <assert.h>
#include <string.h>

static const int bytes_a_token = 4;

double
series_share(int64_t part, int64_t whole)
{
    return whole > 0 ? 100.0 * (double)part / (double)whole : 0;
}

/* Seconds each of n takes where all take sum_ms. */
double
series_mean_seconds(int64_t sum_ms, int64_t n)
{
    return n > 0 ? (double)sum_ms / 1000 / (double)n : 0;
}

struct stats_scope
series_scope_of(const struct series_query *q)
{
    return (struct stats_scope){q->team_id, q->range->from_ms, q->range->to_ms};
}

static void
put_range(struct jsonw *w, const char *key, const struct series_query *q, int64_t from_ms,
          int64_t to_ms)
{
    jsonw_object(w, key);
    jsonw_time(w, "start", from_ms);
    jsonw_time(w, "end", to_ms);
    jsonw_string(w, "bucket", bucket_name(q->range->bucket));
    jsonw_string(w, "requested_range", q->range->requested);
    jsonw_string(w, "team_id", q->team_id);
    jsonw_end(w);
}

/* --- sums --- */

void
series_put_job_counts(struct jsonw *w, const struct stats_jobs *s)
{
    jsonw_int(w, "total_jobs", s->ended + s->active);
    jsonw_int(w, "active_jobs", s->active);
    jsonw_int(w, "completed_jobs", s->completed);
    jsonw_int(w, "failed_jobs", s->failed);
    jsonw_int(w, "cancelled_jobs", s->cancelled);
    jsonw_real(w, "avg_completion_seconds", series_mean_seconds(s->completion_ms, s->completed), 3);
    jsonw_int(w, "total_pages", s->pages);
    jsonw_int(w, "processed_pages", s->done);
    jsonw_int(w, "credits_consumed", s->credits);
}

void
series_put_page_counts(struct jsonw *w, const struct stats_jobs *s)
{
    jsonw_int(w, "total_pages", s->pages);
    jsonw_int(w, "completed_pages", s->done - s->pages_failed);
    jsonw_int(w, "failed_pages", s->pages_failed);
    jsonw_int(w, "empty_pages", s->pages_empty);
    jsonw_int(w, "hard_failure_pages", s->pages_crashed);
    jsonw_int(w, "total_tokens", s->text_bytes / bytes_a_token);
}

int64_t
series_net(const struct stats_credits *c)
{
    return c->granted + c->adjusted + c->refunded - c->consumed - c->expired;
}

enum err_code
series_put_credits(struct db *db, const char *team_id, struct jsonw *w, const char *key,
                   const struct stats_credits *c, struct err *err)
{
    int64_t balance = 0;
    enum err_code rc = stats_balance(db, team_id, &balance, err);

    jsonw_object(w, key);
    jsonw_int(w, "granted", c->granted);
    jsonw_int(w, "consumed", c->consumed);
    jsonw_int(w, "refunded", c->refunded);
    jsonw_int(w, "adjusted", c->adjusted - c->expired);
    jsonw_int(w, "net", series_net(c));
    jsonw_int(w, "balance", balance);
    jsonw_end(w);
    return rc;
}

static void
put_webhooks(struct jsonw *w, const struct stats_webhooks *s)
{
    jsonw_object(w, "webhooks");
    jsonw_int(w, "total_events", s->total);
    jsonw_int(w, "processed_events", s->processed);
    jsonw_int(w, "failed_events", s->failed);
    jsonw_int(w, "pending_events", s->pending);
    jsonw_real(w, "success_rate", series_share(s->processed, s->processed + s->failed), 2);
    jsonw_real(w, "avg_processing_seconds", series_mean_seconds(s->processing_ms, s->processed), 3);
    jsonw_end(w);
}

static enum err_code
overview(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    const struct stats_scope scope = series_scope_of(q);
    double seconds = (double)(scope.to_ms - scope.from_ms) / 1000;
    struct stats_jobs s = {0};
    struct stats_credits credits = {0};
    struct stats_webhooks hooks = {0};
    enum err_code rc = stats_jobs(db, &scope, &s, err);

    if (rc == ERR_OK)
        rc = stats_credits(db, &scope, &credits, err);
    if (rc == ERR_OK)
        rc = stats_webhooks(db, &scope, &hooks, err);
    if (rc != ERR_OK)
        return rc;
    jsonw_object(w, "jobs");
    series_put_job_counts(w, &s);
    jsonw_real(w, "success_rate", series_share(s.completed, s.completed + s.failed), 2);
    jsonw_real(w, "avg_active_seconds", series_mean_seconds(s.active_ms, s.begun), 3);
    jsonw_real(w, "throughput_jobs_per_second", (double)s.completed / seconds, 6);
    jsonw_end(w);
    jsonw_object(w, "pages");
    series_put_page_counts(w, &s);
    jsonw_end(w);
    rc = series_put_credits(db, q->team_id, w, "credits", &credits, err);
    put_webhooks(w, &hooks);
    return rc;
}

static enum err_code
confidence(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    const struct stats_scope scope = series_scope_of(q);
    struct stats_jobs s = {0};
    enum err_code rc = stats_jobs(db, &scope, &s, err);

    jsonw_object(w, "summary");
    jsonw_real(w, "avg_confidence", s.scored > 0 ? s.confidence_sum / (double)s.scored : 0, 4);
    jsonw_real(w, "min_confidence", s.confidence_min, 4);
    jsonw_real(w, "max_confidence", s.confidence_max, 4);
    jsonw_int(w, "total_pages", s.done);
    jsonw_int(w, "unscored_count", s.done - s.scored);
    jsonw_end(w);
    jsonw_object(w, "distribution");
    jsonw_int(w, "low", s.low);
    jsonw_int(w, "medium", s.medium);
    jsonw_int(w, "high", s.high);
    jsonw_int(w, "very_high", s.scored - s.low - s.medium - s.high);
    jsonw_end(w);
    return rc;
}

static enum err_code
documents(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    const struct stats_scope scope = series_scope_of(q);
    struct stats_jobs s = {0};
    enum err_code rc = stats_jobs(db, &scope, &s, err);
    double n = s.ended > 0 ? (double)s.ended : 1;

    jsonw_object(w, "summary");
    jsonw_int(w, "total_documents", s.ended);
    jsonw_real(w, "avg_file_size", (double)s.bytes / n, 2);
    jsonw_int(w, "min_file_size", s.bytes_least);
    jsonw_int(w, "max_file_size", s.bytes_most);
    jsonw_int(w, "total_file_size", s.bytes);
    jsonw_real(w, "avg_pages_per_doc",
               s.with_pages > 0 ? (double)s.pages / (double)s.with_pages : 0, 2);
    jsonw_end(w);
    jsonw_object(w, "distribution");
    jsonw_int(w, "small_docs", s.small);
    jsonw_int(w, "medium_docs", s.mid);
    jsonw_int(w, "large_docs", s.large);
    jsonw_int(w, "very_large_docs", s.with_pages - s.small - s.mid - s.large);
    jsonw_end(w);
    return rc;
}

/* --- comparison --- */

static void
put_delta(struct jsonw *w, const char *key, int64_t current, int64_t previous)
{
    int64_t change = current - previous;

    jsonw_object(w, key);
    jsonw_int(w, "current", current);
    jsonw_int(w, "previous", previous);
    jsonw_int(w, "change", change);
    jsonw_real(w, "change_rate",
               previous != 0 ? 100.0 * (double)change / (double)previous
               : change != 0 ? 100
                             : 0,
               2);
    jsonw_string(w, "trend", change > 0 ? "up" : change < 0 ? "down" : "stable");
    jsonw_end(w);
}

static int64_t
failure_rate(const struct stats_jobs *s)
{
    return (int64_t)(series_share(s->failed, s->completed + s->failed) + 0.5);
}

static enum err_code
compare(struct db *db, const struct series_query *q, struct jsonw *w, struct err *err)
{
    const struct stats_scope now = series_scope_of(q);
    int64_t length = now.to_ms - now.from_ms;
    const struct stats_scope before = {q->team_id, now.from_ms - length, now.from_ms};
    struct stats_jobs a = {0}, b = {0};
    struct stats_credits used = {0}, used_before = {0};
    enum err_code rc = stats_jobs(db, &now, &a, err);

    if (rc == ERR_OK)
        rc = stats_jobs(db, &before, &b, err);
    if (rc == ERR_OK)
        rc = stats_credits(db, &now, &used, err);
    if (rc == ERR_OK)
        rc = stats_credits(db, &before, &used_before, err);
    put_range(w, "current_range", q, now.from_ms, now.to_ms);
    put_range(w, "previous_range", q, before.from_ms > 0 ? before.from_ms : 1, before.to_ms);
    put_delta(w, "jobs", a.ended + a.active, b.ended + b.active);
    put_delta(w, "pages", a.done, b.done);
    put_delta(w, "credits_used", used.consumed, used_before.consumed);
    put_delta(w, "failure_rate", failure_rate(&a), failure_rate(&b));
    return rc;
}

/* --- all of them --- */

static const struct series all[] = {
    {"overview", 0, overview},
    {"jobs/timeseries", 0, series_jobs_timeseries},
    {"pages/timeseries", 0, series_pages_timeseries},
    {"errors/timeseries", 0, series_errors_timeseries},
    {"confidence/timeseries", 0, series_confidence_timeseries},
    {"confidence", 0, confidence},
    {"documents", 0, documents},
    {"documents/filetypes", 50, series_filetypes},
    {"errors", 0, series_errors},
    {"credits/usage", 0, series_credits_usage},
    {"templates/top", 10, series_templates_top},
    {"users/top", 10, series_users_top},
    {"users/activity", 0, series_users_activity},
    {"compare", 0, compare},
};

const struct series *
series_find(const char *pattern)
{
    static const char folder[] = "/analytics/";
    const char *name = strstr(pattern, folder);

    assert(name != NULL);
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (strcmp(all[i].name, name + strlen(folder)) == 0)
            return &all[i];
    assert(false);
    return &all[0];
}

enum err_code
series_write(const struct series *series, struct db *db, const struct series_query *query,
             struct buf *out, struct err *err)
{
    struct jsonw w = {.out = out};

    jsonw_object(&w, NULL);
    if (series->write != compare)
        put_range(&w, "range", query, query->range->from_ms > 0 ? query->range->from_ms : 1,
                  query->range->to_ms);
    enum err_code rc = series->write(db, query, &w, err);
    jsonw_end(&w);
    return rc;
}
