/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stats/stats.h"

#define OF_JOBS                                                                                    \
    "SELECT name, user_id, COUNT(*) AS jobs, SUM(completed) AS completed, SUM(failed) AS failed, " \
    "SUM(pages) AS pages, SUM(bytes) AS bytes, SUM(credits) AS credits, 1 AS days, "               \
    "MIN(created_ms) AS first_ms, MAX(created_ms) AS last_ms FROM job_ranked "                     \
    "WHERE team_id = $1 AND kind = $2 AND "
#define OF_SUMS                                                                                    \
    "SELECT name, user_id, jobs, completed, failed, pages, bytes, credits, days, first_ms, "       \
    "last_ms FROM job_rank WHERE team_id = $1 AND kind = $2 AND "

/* Job by job up to the first midnight (UTC) and from the last one, by days and by 32 days between
 * them. No day stands in two parts, so that days with a job can be added up. */
static const char ranking[] =
    "SELECT name, CAST(SUM(jobs) AS BIGINT), CAST(SUM(completed) AS BIGINT), "
    "CAST(SUM(failed) AS BIGINT), CAST(SUM(pages) AS BIGINT), CAST(SUM(bytes) AS BIGINT), "
    "CAST(SUM(credits) AS BIGINT), MIN(first_ms), MAX(last_ms), CAST(SUM(days) AS BIGINT), user_id "
    "FROM (" OF_JOBS "created_ms >= $3 AND created_ms < $4 GROUP BY name, user_id "
    "UNION ALL " OF_SUMS "span = 1 AND begin_ms >= $4 AND begin_ms < $5 "
    "UNION ALL " OF_SUMS "span = 32 AND begin_ms >= $5 AND begin_ms < $6 "
    "UNION ALL " OF_SUMS "span = 1 AND begin_ms >= $6 AND begin_ms < $7 "
    "UNION ALL " OF_JOBS "created_ms >= $7 AND created_ms < $8 GROUP BY name, user_id) AS parts "
    "GROUP BY name, user_id ORDER BY SUM(jobs) DESC, name, user_id LIMIT $9";

static const char *const kinds[] = {
    [STATS_EXTENSION] = "extension", [STATS_REASON] = "reason", [STATS_MODEL] = "model",
    [STATS_TEMPLATE] = "template",   [STATS_USER] = "user",
};

static const int64_t day_ms = 86400000, block_ms = 32 * INT64_C(86400000);

struct parts {
    int64_t day, block, block_end, day_end; /* $4 to $7 */
};

static struct parts
parts_of(const struct stats_scope *scope)
{
    int64_t day = (scope->from_ms + day_ms - 1) / day_ms * day_ms;
    int64_t day_end = scope->to_ms / day_ms * day_ms;
    int64_t block = (day + block_ms - 1) / block_ms * block_ms;
    int64_t block_end = day_end / block_ms * block_ms;

    if (day > day_end)
        day = day_end = scope->to_ms;
    if (block > block_end)
        block = block_end = day_end;
    return (struct parts){day, block, block_end, day_end};
}

static enum err_code
read_rank(struct arena *arena, const struct db_rows *rows, struct stats_rank *ret, struct err *err)
{
    *ret = (struct stats_rank){.name = db_column_text(arena, rows, 0),
                               .jobs = db_column_int(rows, 1),
                               .completed = db_column_int(rows, 2),
                               .failed = db_column_int(rows, 3),
                               .pages = db_column_int(rows, 4),
                               .bytes = db_column_int(rows, 5),
                               .credits = db_column_int(rows, 6),
                               .first_ms = db_column_int(rows, 7),
                               .last_ms = db_column_int(rows, 8),
                               .days = db_column_int(rows, 9),
                               .user = db_column_text(arena, rows, 10)};
    return ret->name != NULL && ret->user != NULL
               ? ERR_OK
               : err_set(err, ERR_LIMIT, "no memory for a ranking");
}

enum err_code
stats_ranks(struct arena *arena, struct db *db, const struct stats_scope *scope, enum stats_by by,
            int64_t max, struct stats_rank **ret, size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    size_t n = 0;

    if (max < 1 || max > STATS_RANKS_MAX)
        return err_set(err, ERR_INPUT, "a ranking has 1 to %d places", STATS_RANKS_MAX);
    struct stats_rank *ranks = arena_array(arena, (size_t)max, sizeof(*ranks));
    if (ranks == NULL)
        return err_set(err, ERR_LIMIT, "no memory for a ranking");
    struct parts parts = parts_of(scope);
    enum err_code rc =
        db_query(db, ranking,
                 DB_ARGS(db_text(scope->team_id), db_text(kinds[by]), db_int(scope->from_ms),
                         db_int(parts.day), db_int(parts.block), db_int(parts.block_end),
                         db_int(parts.day_end), db_int(scope->to_ms), db_int(max)),
                 &rows, err);
    while (rc == ERR_OK && n < (size_t)max && (rc = db_next(rows, &row, err)) == ERR_OK && row)
        rc = read_rank(arena, rows, &ranks[n++], err);
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = ranks;
        *ret_n = n;
    }
    return rc;
}

enum err_code
stats_template_uses(struct db *db, const char *team_id, const char *template_id, int64_t *ret,
                    struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT uses FROM template_use WHERE team_id = $1 AND template_id = $2",
                 DB_ARGS(db_text(team_id), db_text(template_id)), &rows, err);

    *ret = rc == ERR_OK && rows != NULL ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}
