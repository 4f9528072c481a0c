/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/series_internal.h - what the files of the analytics answers share. */
#pragma once

#include "api/series.h"
#include "base/jsonw.h"

/* Per cent; 0 of nothing. */
double series_share(int64_t part, int64_t whole);
/* Seconds each of n takes where all take sum_ms. */
double series_mean_seconds(int64_t sum_ms, int64_t n);
struct stats_scope series_scope_of(const struct series_query *q);

/* Members of the open object. */
void series_put_job_counts(struct jsonw *w, const struct stats_jobs *s);
void series_put_page_counts(struct jsonw *w, const struct stats_jobs *s);
int64_t series_net(const struct stats_credits *c);
/* An object under the key, with the balance of now. */
MUST_CHECK
enum err_code series_put_credits(struct db *db, const char *team_id, struct jsonw *w,
                                 const char *key, const struct stats_credits *c, struct err *err);

/* "timeseries": an object a bucket, with what put writes for it. */
typedef enum err_code (*put_point)(struct db *db, const struct stats_scope *scope, struct jsonw *w,
                                   struct err *err);
MUST_CHECK
enum err_code series_timeseries(struct db *db, const struct series_query *q, put_point put,
                                struct jsonw *w, struct err *err);
/* Of credits. */
MUST_CHECK
enum err_code series_put_credit_point(struct db *db, const struct stats_scope *scope,
                                      struct jsonw *w, struct err *err);

/* The rows of the table in series.c. */
enum err_code series_jobs_timeseries(struct db *db, const struct series_query *q, struct jsonw *w,
                                     struct err *err);
enum err_code series_pages_timeseries(struct db *db, const struct series_query *q, struct jsonw *w,
                                      struct err *err);
enum err_code series_errors_timeseries(struct db *db, const struct series_query *q, struct jsonw *w,
                                       struct err *err);
enum err_code series_confidence_timeseries(struct db *db, const struct series_query *q,
                                           struct jsonw *w, struct err *err);
enum err_code series_filetypes(struct db *db, const struct series_query *q, struct jsonw *w,
                               struct err *err);
enum err_code series_errors(struct db *db, const struct series_query *q, struct jsonw *w,
                            struct err *err);
enum err_code series_credits_usage(struct db *db, const struct series_query *q, struct jsonw *w,
                                   struct err *err);
enum err_code series_templates_top(struct db *db, const struct series_query *q, struct jsonw *w,
                                   struct err *err);
enum err_code series_users_top(struct db *db, const struct series_query *q, struct jsonw *w,
                               struct err *err);
enum err_code series_users_activity(struct db *db, const struct series_query *q, struct jsonw *w,
                                    struct err *err);
