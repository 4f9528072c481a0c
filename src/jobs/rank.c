/* SPDX-License-Identifier: AGPL-3.0-or-later
 * jobs/rank.c - the sums that rankings are made of, by day and by 32 days (0004_templates.sql).
 *
 * A job adds to the row of its day, then to that of its 32 days. Sums could be taken back, the
 * first and the last moment cannot: those of the job's own names are added up anew without it. */
#include "jobs/jobs_internal.h"

#define COLUMNS                                                                                    \
    "(team_id, kind, span, begin_ms, name, user_id, jobs, completed, failed, pages, bytes, "       \
    "credits, days, first_ms, last_ms) "
#define DAY   "r.created_ms / 86400000 * 86400000"
#define BLOCK "r.created_ms / 2764800000 * 2764800000"
/* Rows are locked in one order, whoever adds. */
#define ADD                                                                                        \
    " ORDER BY r.kind ON CONFLICT (team_id, kind, span, begin_ms, name, user_id) DO UPDATE SET "   \
    "jobs = job_rank.jobs + excluded.jobs, completed = job_rank.completed + excluded.completed, "  \
    "failed = job_rank.failed + excluded.failed, pages = job_rank.pages + excluded.pages, "        \
    "bytes = job_rank.bytes + excluded.bytes, credits = job_rank.credits + excluded.credits, "     \
    "days = CASE WHEN job_rank.span = 1 THEN 1 ELSE job_rank.days + excluded.days END, first_ms "  \
    "= CASE WHEN excluded.first_ms < "                                                             \
    "job_rank.first_ms THEN excluded.first_ms ELSE job_rank.first_ms END, last_ms = CASE WHEN "    \
    "excluded.last_ms > job_rank.last_ms THEN excluded.last_ms ELSE job_rank.last_ms END"
#define SAME                                                                                       \
    "d.team_id = r.team_id AND d.kind = r.kind AND d.name = r.name AND d.user_id = r.user_id"

static const char add_day[] =
    "INSERT INTO job_rank " COLUMNS "SELECT r.team_id, r.kind, 1, " DAY ", r.name, r.user_id, 1, "
    "r.completed, r.failed, r.pages, r.bytes, r.credits, 1, r.created_ms, r.created_ms "
    "FROM job_ranked r WHERE r.job_id = $1" ADD;
/* The first job of its day makes it a day with one. */
static const char add_block[] =
    "INSERT INTO job_rank " COLUMNS "SELECT r.team_id, r.kind, 32, " BLOCK
    ", r.name, r.user_id, 1, r.completed, r.failed, r.pages, r.bytes, r.credits, "
    "CASE WHEN d.jobs = 1 THEN 1 ELSE 0 END, r.created_ms, r.created_ms "
    "FROM job_ranked r JOIN job_rank d ON " SAME " AND d.span = 1 AND d.begin_ms = " DAY
    " WHERE r.job_id = $1" ADD;

#define DROP(span, begin)                                                                          \
    "DELETE FROM job_rank WHERE (team_id, kind, span, begin_ms, name, user_id) IN "                \
    "(SELECT r.team_id, r.kind, " span ", " begin ", r.name, r.user_id FROM job_ranked r "         \
    "WHERE r.job_id = $1)"

static const char drop_day[] = DROP("1", DAY);
static const char drop_block[] = DROP("32", BLOCK);
static const char day_without[] =
    "INSERT INTO job_rank " COLUMNS "SELECT d.team_id, d.kind, 1, MIN(" DAY
    "), d.name, d.user_id, COUNT(*), CAST(SUM(d.completed) AS BIGINT), CAST(SUM(d.failed) AS "
    "BIGINT), CAST(SUM(d.pages) AS BIGINT), CAST(SUM(d.bytes) AS BIGINT), CAST(SUM(d.credits) AS "
    "BIGINT), 1, MIN(d.created_ms), MAX(d.created_ms) FROM job_ranked r JOIN job_ranked d ON " SAME
    " AND d.created_ms >= " DAY " AND d.created_ms < " DAY " + 86400000 AND d.job_id <> r.job_id "
    "WHERE r.job_id = $1 GROUP BY d.team_id, d.kind, d.name, d.user_id";
static const char block_without[] =
    "INSERT INTO job_rank " COLUMNS "SELECT d.team_id, d.kind, 32, MIN(" BLOCK
    "), d.name, d.user_id, CAST(SUM(d.jobs) AS BIGINT), CAST(SUM(d.completed) AS BIGINT), "
    "CAST(SUM(d.failed) AS BIGINT), CAST(SUM(d.pages) AS BIGINT), CAST(SUM(d.bytes) AS BIGINT), "
    "CAST(SUM(d.credits) AS BIGINT), COUNT(*), MIN(d.first_ms), MAX(d.last_ms) "
    "FROM job_ranked r JOIN job_rank d ON " SAME " AND d.span = 1 AND d.begin_ms >= " BLOCK
    " AND d.begin_ms < " BLOCK " + 2764800000 "
    "WHERE r.job_id = $1 GROUP BY d.team_id, d.kind, d.name, d.user_id";

static enum err_code
run(struct db *db, const char *const *statements, size_t n, const char *job_id, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = db_post(db, statements[i], DB_ARGS(db_text(job_id)), err);
    return rc;
}

enum err_code
rank_add(struct db *db, const char *job_id, struct err *err)
{
    static const char *const steps[] = {add_day, add_block};

    return run(db, steps, ARRAY_LEN(steps), job_id, err);
}

enum err_code
rank_forget(struct db *db, const char *job_id, struct err *err)
{
    static const char *const steps[] = {drop_day, day_without, drop_block, block_without};

    return run(db, steps, ARRAY_LEN(steps), job_id, err);
}
