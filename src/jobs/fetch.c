/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

#include <string.h>

/* Of the waits before the second, third, ... attempt; up to a quarter more each. */
static const int64_t waits_ms[] = {1000, 5000, 20000, 60000};
_Static_assert(ARRAY_LEN(waits_ms) == FETCH_ATTEMPTS_MAX - 1, "a wait between two attempts");

static enum err_code
check_waiting(struct db *db, const char *team_id, int64_t open_max, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT COUNT(*) FROM (SELECT job_id FROM fetch WHERE "
                                "team_id = $1 LIMIT $2) AS fetches",
                                DB_ARGS(db_text(team_id), db_int(open_max)), &rows, err);

    if (rc == ERR_OK && rows != NULL && db_column_int(rows, 0) >= open_max)
        rc = err_set(err, ERR_RATE,
                     "%lld documents of this team wait to be fetched, which is the limit",
                     (long long)open_max);
    db_end(&rows);
    return rc;
}

enum err_code
fetch_add(struct db *db, const char *job_id, const char *team_id, int64_t now_ms, struct err *err)
{
    return db_exec(db, "INSERT INTO fetch (job_id, team_id, due_ms) VALUES ($1, $2, $3)",
                   DB_ARGS(db_text(job_id), db_text(team_id), db_int(now_ms)), NULL, err);
}

enum err_code
job_submit_url(struct db *db, const struct principal *who, const struct job_spec *spec,
               int64_t now_ms, int64_t open_max, char ret_id[UUID_TEXT_SIZE], struct err *err)
{
    char id[UUID_TEXT_SIZE];
    enum err_code rc = check_waiting(db, who->team_id, open_max, err);

    random_uuid(id);
    if (rc == ERR_OK)
        rc = credits_reserve(db, who->team_id, id, spec->credits_per_page, err);
    if (rc == ERR_OK)
        rc = job_add(db, id, who, spec, JOB_QUEUED, now_ms, err);
    if (rc == ERR_OK)
        rc = fetch_add(db, id, who->team_id, now_ms, err);
    if (rc == ERR_OK)
        memcpy(ret_id, id, sizeof(id));
    return rc;
}

/* Ends the query. */
static enum err_code
read_due(struct arena *arena, enum err_code rc, struct db_rows *rows, struct fetch *ret, size_t max,
         size_t *ret_n, struct err *err)
{
    bool row = false;
    size_t n = 0;

    while (rc == ERR_OK && n < max && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        ret[n].attempt = db_column_int(rows, 1) + 1;
        ret[n].url = db_column_text(arena, rows, 2);
        if (!db_column_copy(rows, 3, ret[n].trace, sizeof(ret[n].trace)))
            ret[n].trace[0] = '\0';
        if (ret[n].url == NULL || !db_column_copy(rows, 0, ret[n].job_id, UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a document to fetch has no URL, or too long an id");
        n++;
    }
    db_end(&rows);
    *ret_n = n;
    return rc;
}

static enum err_code
find_next_due(struct db *db, int64_t *ret_ms, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT MIN(due_ms) FROM fetch", NULL, 0, &rows, err);

    if (rc == ERR_OK)
        *ret_ms = rows != NULL && !db_is_null(rows, 0) ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}

/* A lease that ran out is due like any other: nobody knows what became of its holder. */
enum err_code
fetch_claim(struct arena *arena, struct db *db, int64_t now_ms, int64_t lease_ms, struct fetch *ret,
            size_t max, size_t *ret_n, int64_t *ret_next_due_ms, struct err *err)
{
    struct db_rows *rows = NULL;
    size_t n = 0;
    enum err_code rc =
        db_query(db,
                 "SELECT f.job_id, f.attempt, j.source_url, j.trace FROM fetch f JOIN job j ON "
                 "j.id = f.job_id WHERE f.due_ms <= $1 ORDER BY f.due_ms LIMIT $2",
                 DB_ARGS(db_int(now_ms), db_int((int64_t)max)), &rows, err);

    rc = read_due(arena, rc, rows, ret, max, &n, err);
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = db_exec(
            db, "UPDATE fetch SET state = 1, attempt = $1, due_ms = $2 WHERE job_id = $3",
            DB_ARGS(db_int(ret[i].attempt), db_int(now_ms + lease_ms), db_text(ret[i].job_id)),
            NULL, err);
    if (rc == ERR_OK)
        rc = find_next_due(db, ret_next_due_ms, err);
    if (rc == ERR_OK && n == 0)
        rc = err_set(err, ERR_NOT_FOUND, "no document is to be fetched now");
    *ret_n = rc == ERR_OK ? n : 0;
    return rc;
}

/* ERR_STALE unless the fetch is ours and its job goes on. */
static enum err_code
find_held(struct db *db, const struct fetch *fetch, char ret_team[UUID_TEXT_SIZE],
          int64_t *ret_created_ms, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT f.team_id, j.created_ms FROM fetch f JOIN job j ON j.id = f.job_id "
        "WHERE f.job_id = $1 AND f.attempt = $2 AND f.state = 1 AND j.deleted_ms = 0 "
        "AND j.status < $3",
        DB_ARGS(db_text(fetch->job_id), db_int(fetch->attempt), db_int(JOB_COMPLETED)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_STALE, "the document is not ours to fetch any more");
    if (rc == ERR_OK && !db_column_copy(rows, 0, ret_team, UUID_TEXT_SIZE))
        rc = err_set(err, ERR_SYSTEM, "a team has an id that is too long");
    if (rc == ERR_OK)
        *ret_created_ms = db_column_int(rows, 1);
    db_end(&rows);
    return rc;
}

enum err_code
fetch_extend(struct db *db, const struct fetch *fetch, int64_t now_ms, int64_t lease_ms,
             struct err *err)
{
    char team_id[UUID_TEXT_SIZE];
    int64_t created_ms;
    enum err_code rc = find_held(db, fetch, team_id, &created_ms, err);

    return rc != ERR_OK
               ? rc
               : db_exec(db, "UPDATE fetch SET due_ms = $1 WHERE job_id = $2",
                         DB_ARGS(db_int(now_ms + lease_ms), db_text(fetch->job_id)), NULL, err);
}

enum err_code
fetch_done(struct db *db, const struct fetch *fetch, const char *object_id, uint64_t size,
           int64_t now_ms, struct err *err)
{
    char team_id[UUID_TEXT_SIZE];
    int64_t created_ms = 0;
    enum err_code rc = find_held(db, fetch, team_id, &created_ms, err);

    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM fetch WHERE job_id = $1", DB_ARGS(db_text(fetch->job_id)),
                     NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(
            db, "UPDATE job SET document_id = $1, file_bytes = $2, updated_ms = $3 WHERE id = $4",
            DB_ARGS(db_text(object_id), db_int((int64_t)size), db_int(now_ms),
                    db_text(fetch->job_id)),
            NULL, err);
    if (rc == ERR_OK)
        rc = queue_add(db,
                       &(struct queue_entry){.job_id = fetch->job_id,
                                             .team_id = team_id,
                                             .kind = TASK_PROBE,
                                             .batch = 1,
                                             .now_ms = now_ms,
                                             .turn_ms = created_ms},
                       err);
    return rc;
}

static int64_t
wait_ms(int64_t attempt)
{
    int64_t base = waits_ms[attempt < 1 ? 0 : attempt - 1];
    uint16_t dice;

    random_bytes(&dice, sizeof(dice));
    return base + base / 4 * dice / UINT16_MAX;
}

enum err_code
fetch_failed(struct db *db, const struct fetch *fetch, const struct err *why, int64_t now_ms,
             struct err *err)
{
    char team_id[UUID_TEXT_SIZE];
    int64_t created_ms;
    enum err_code rc = find_held(db, fetch, team_id, &created_ms, err);

    if (rc != ERR_OK)
        return rc;
    if (!err_is_retryable(why->code) || fetch->attempt >= FETCH_ATTEMPTS_MAX)
        return job_fail(db, fetch->job_id, team_id, why, now_ms, err);
    return db_exec(db, "UPDATE fetch SET state = 0, due_ms = $1 WHERE job_id = $2",
                   DB_ARGS(db_int(now_ms + wait_ms(fetch->attempt)), db_text(fetch->job_id)), NULL,
                   err);
}

enum err_code
fetch_release(struct db *db, const struct fetch *fetch, int64_t now_ms, struct err *err)
{
    char team_id[UUID_TEXT_SIZE];
    int64_t created_ms;
    enum err_code rc = find_held(db, fetch, team_id, &created_ms, err);

    return rc != ERR_OK ? rc
                        : db_exec(db,
                                  "UPDATE fetch SET state = 0, attempt = attempt - 1, due_ms = $1 "
                                  "WHERE job_id = $2",
                                  DB_ARGS(db_int(now_ms), db_text(fetch->job_id)), NULL, err);
}

enum err_code
fetch_recover(struct db *db, int64_t now_ms, struct err *err)
{
    return db_exec(db, "UPDATE fetch SET state = 0, due_ms = $1 WHERE state = 1",
                   DB_ARGS(db_int(now_ms)), NULL, err);
}

enum err_code
fetch_counts(struct db *db, struct fetch_counts *ret, struct err *err)
{
    struct fetch_counts counts = {.waiting = 0};
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(db, "SELECT state, COUNT(*), MIN(due_ms) FROM fetch GROUP BY state",
                                NULL, 0, &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        if (db_column_int(rows, 0) == 0) {
            counts.waiting = db_column_int(rows, 1);
            counts.oldest_due_ms = db_column_int(rows, 2);
        } else {
            counts.running = db_column_int(rows, 1);
        }
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret = counts;
    return rc;
}
