/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * After the machine's clock was set back. Due times are wall-clock times, since they have to
 * outlive a process and a restart of the machine; what was due just before an hour was taken back
 * would wait for that hour. A task that is due later than any wait of the queue's own can only come
 * from that. */
#include "hooks/send.h"
#include "jobs/jobs_internal.h"

static const int64_t task_wait_most_ms = 60000;   /* see backoff_ms in abnormal.c */
static const int64_t fetch_wait_most_ms = 120000; /* see waits_ms in fetch.c */

enum { TEAMS_AT_ONCE = 64, TASKS_AT_ONCE = 5000 };

struct teams {
    char ids[TEAMS_AT_ONCE][UUID_TEXT_SIZE];
    size_t n;
};

static enum err_code
find_teams(struct db *db, int64_t most_ms, struct teams *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(db,
                                "SELECT l.team_id FROM team_load l WHERE l.head_ms IS NOT NULL AND "
                                "EXISTS (SELECT 1 FROM task t WHERE t.team_id = l.team_id AND "
                                "t.state = 0 AND t.due_ms > $1) LIMIT $2",
                                DB_ARGS(db_int(most_ms), db_int(TEAMS_AT_ONCE)), &rows, err);

    ret->n = 0;
    while (rc == ERR_OK && ret->n < TEAMS_AT_ONCE && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row)
        if (!db_column_copy(rows, 0, ret->ids[ret->n++], UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a team has an id that is too long");
    db_end(&rows);
    return rc;
}

/* Their place in the row goes back with the clock, so that they stay before what comes now. */
static enum err_code
bring_forward(struct db *db, const char *team_id, int64_t now_ms, struct err *err)
{
    enum err_code rc = db_exec(
        db,
        "UPDATE task SET turn_ms = turn_ms - (due_ms - $1), due_ms = $1 WHERE id IN (SELECT id "
        "FROM task WHERE team_id = $2 AND state = 0 AND due_ms > $3 ORDER BY due_ms LIMIT $4)",
        DB_ARGS(db_int(now_ms), db_text(team_id), db_int(now_ms + task_wait_most_ms),
                db_int(TASKS_AT_ONCE)),
        NULL, err);

    return rc != ERR_OK ? rc : queue_look(db, team_id, 0, 0, 0, err);
}

enum err_code
queue_set_back(struct db *db, int64_t now_ms, struct err *err)
{
    struct teams teams;
    enum err_code rc = find_teams(db, now_ms + task_wait_most_ms, &teams, err);

    for (size_t i = 0; rc == ERR_OK && i < teams.n; i++)
        rc = bring_forward(db, teams.ids[i], now_ms, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "UPDATE fetch_task SET due_ms = $1 WHERE state = 0 AND due_ms > $2",
                     DB_ARGS(db_int(now_ms), db_int(now_ms + fetch_wait_most_ms)), NULL, err);
    return rc != ERR_OK ? rc : hooks_set_back(db, now_ms, err);
}
