/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/settings.h"
#include "jobs/jobs_internal.h"

static int64_t
choose(int64_t own, int64_t server)
{
    return own >= 0 ? own : server;
}

static enum err_code
judge(const struct db_rows *rows, int64_t jobs_max, int64_t bytes_max, int64_t bytes,
      struct err *err)
{
    int64_t jobs = db_column_int(rows, 0), used = db_column_int(rows, 1);

    if (jobs_max > 0 && jobs >= jobs_max)
        return err_set(err, ERR_RATE, "%lld jobs of this team are in work, which is the limit",
                       (long long)jobs);
    if (bytes_max > 0 && used + bytes > bytes_max)
        return err_set(err, ERR_RATE,
                       "documents of this team in work have %lld bytes; with this one it would be "
                       "more than the limit of %lld",
                       (long long)used, (long long)bytes_max);
    return ERR_OK;
}

enum err_code
job_check_room(struct db *db, const char *team_id, const struct job_room *server, int64_t bytes,
               struct err *err)
{
    struct team_limits own;
    struct db_rows *rows = NULL;
    enum err_code rc = limits_find(db, team_id, &own, err);

    if (rc != ERR_OK)
        return rc;
    int64_t jobs_max = choose(own.jobs_max, server->jobs_max);
    int64_t bytes_max = choose(own.bytes_max, server->bytes_max);
    if (jobs_max <= 0 && bytes_max <= 0)
        return ERR_OK;
    rc = db_first(db,
                  "SELECT COUNT(*), CAST(COALESCE(SUM(file_bytes), 0) AS BIGINT) FROM job "
                  "WHERE team_id = $1 AND status IN (0, 1, 2) AND deleted_ms = 0",
                  DB_ARGS(db_text(team_id)), &rows, err);
    if (rc == ERR_OK && rows != NULL)
        rc = judge(rows, jobs_max, bytes_max, bytes, err);
    db_end(&rows);
    return rc;
}

enum err_code
job_pages_limit(struct db *db, const char *team_id, int64_t *ret, struct err *err)
{
    struct team_limits own;
    enum err_code rc = limits_find(db, team_id, &own, err);

    if (rc == ERR_OK)
        *ret = own.pages_max > 0 && own.pages_max < JOB_PAGES_MAX ? own.pages_max : JOB_PAGES_MAX;
    return rc;
}
