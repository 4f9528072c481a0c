/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stats/stats.h"

/* What is ranked is the first column and, where user is one, that too; only: a condition; days: how
 * many there were, which takes a sort of its own. */
#define RANKS(name, user, groups, days, only)                                                      \
    "SELECT " name ", COUNT(*), COUNT(CASE WHEN status < 5 THEN 1 END), "                          \
    "COUNT(CASE WHEN status = 5 THEN 1 END), CAST(SUM(total_pages) AS BIGINT), "                   \
    "CAST(SUM(file_bytes) AS BIGINT), CAST(SUM(credits) AS BIGINT), MIN(created_ms), "             \
    "MAX(created_ms), " days ", " user " FROM job_stat "                                           \
    "WHERE team_id = $1 AND created_ms >= $2 AND created_ms < $3 " only "GROUP BY " groups         \
    " ORDER BY COUNT(*) DESC, " groups " LIMIT $4"
#define DAYS "COUNT(DISTINCT created_ms / 86400000)"

static const char *const statements[] = {
    [STATS_EXTENSION] = RANKS("extension", "''", "extension", "0", ""),
    [STATS_REASON] = RANKS("reason", "''", "reason", "0", "AND status = 5 AND cancelled = 0 "),
    [STATS_MODEL] = RANKS("model", "submitted_by", "model, submitted_by", "0", ""),
    [STATS_TEMPLATE] = RANKS("template_id", "''", "template_id", "0", "AND template_id <> '' "),
    [STATS_USER] = RANKS("submitted_by", "''", "submitted_by", "0", ""),
    [STATS_ACTIVITY] = RANKS("submitted_by", "''", "submitted_by", DAYS, ""),
};

static enum err_code
read_rank(struct arena *arena, const struct db_rows *rows, struct stats_rank *ret, struct err *err)
{
    *ret = (struct stats_rank){.name = db_is_null(rows, 0) ? "" : db_column_text(arena, rows, 0),
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
    enum err_code rc = db_query(
        db, statements[by],
        DB_ARGS(db_text(scope->team_id), db_int(scope->from_ms), db_int(scope->to_ms), db_int(max)),
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
