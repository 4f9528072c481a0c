/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/extraction.h"
#include "jobs/jobs_internal.h"

#include <string.h>

/* Fair order: the team with the fewest pages in flight, then the one that has waited longest. Both
 * stand in one small row a team, so that a million waiting tasks are never looked at. */
static enum err_code
find_team(struct db *db, int64_t now_ms, char ret_team[UUID_TEXT_SIZE], bool *ret_found,
          struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT team_id FROM team_load WHERE head_ms IS NOT NULL AND "
                                "head_ms <= $1 ORDER BY running_pages, head_ms LIMIT 1",
                                DB_ARGS(db_int(now_ms)), &rows, err);

    *ret_found = rc == ERR_OK && rows != NULL;
    if (*ret_found && !db_column_copy(rows, 0, ret_team, UUID_TEXT_SIZE))
        rc = err_set(err, ERR_SYSTEM, "a team has an id that is too long");
    db_end(&rows);
    return rc;
}

/* When there may be something to claim: a back-off ends, or the lease of a holder that is gone. */
static enum err_code
find_next_due(struct db *db, int64_t *ret_ms, struct err *err)
{
    struct db_rows *rows = NULL;
    int64_t due = 0;
    enum err_code rc =
        db_first(db,
                 "SELECT (SELECT MIN(head_ms) FROM team_load WHERE head_ms IS NOT NULL), "
                 "(SELECT MIN(lease_until_ms) FROM task WHERE state = 1)",
                 NULL, 0, &rows, err);

    for (int i = 0; rc == ERR_OK && rows != NULL && i < 2; i++)
        if (!db_is_null(rows, i) && (due == 0 || db_column_int(rows, i) < due))
            due = db_column_int(rows, i);
    db_end(&rows);
    if (rc == ERR_OK)
        *ret_ms = due;
    return rc;
}

static enum err_code
read_task(struct arena *arena, const struct db_rows *rows, struct task *task, struct err *err)
{
    *task = (struct task){.id = db_column_int(rows, 0),
                          .token = db_column_int(rows, 1) + 1,
                          .kind = (enum task_kind)db_column_int(rows, 2),
                          .page_from = db_column_int(rows, 3),
                          .page_to = db_column_int(rows, 4),
                          .attempt = db_column_int(rows, 5) + 1,
                          .model = db_column_text(arena, rows, 8),
                          .format = (enum job_format)db_column_int(rows, 9),
                          .bounding_boxes = db_column_int(rows, 10) != 0,
                          .total_pages = db_column_int(rows, 11)};
    if (!db_is_null(rows, 12)) {
        task->format = (enum job_format)db_column_int(rows, 13);
        task->min_confidence = db_column_real(rows, 14);
        task->searchable = db_column_int(rows, 18) == EXTRACTION_PDF;
        task->schema_json = db_is_null(rows, 15) ? NULL : db_column_text(arena, rows, 15);
        task->instructions = db_is_null(rows, 16) ? NULL : db_column_text(arena, rows, 16);
        if (!db_column_copy(rows, 12, task->extraction_id, sizeof(task->extraction_id)))
            return err_set(err, ERR_SYSTEM, "an extraction has an id that is too long");
    }
    if (task->model == NULL)
        return err_set(err, ERR_LIMIT, "no memory for the task");
    if (!db_column_copy(rows, 17, task->trace, sizeof(task->trace)))
        task->trace[0] = '\0';
    if (!db_column_copy(rows, 6, task->job_id, sizeof(task->job_id)) ||
        !db_column_copy(rows, 7, task->object_id, sizeof(task->object_id)))
        return err_set(err, ERR_SYSTEM, "task %lld: an id is too long", (long long)task->id);
    return ERR_OK;
}

/* The plus keeps the planner from the index on due_ms: it would sort all that is due. */
static enum err_code
find_task(struct arena *arena, struct db *db, const char *team_id, int64_t now_ms, struct task *ret,
          struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT t.id, t.token, t.kind, t.page_from, t.page_to, t.attempt, t.job_id, "
        "j.document_id, j.model, j.format, j.bounding_boxes, j.total_pages, e.id, e.format, "
        "e.min_confidence, e.schema_json, e.instructions, j.trace, e.kind FROM task t JOIN job j "
        "ON j.id = "
        "t.job_id "
        "LEFT JOIN extraction e ON e.id = t.extraction_id "
        "WHERE t.state = 0 AND t.team_id = $1 AND +t.due_ms <= $2 ORDER BY t.turn_ms, t.id LIMIT 1",
        DB_ARGS(db_text(team_id), db_int(now_ms)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_SYSTEM, "team %s has no task although its counters say so", team_id);
    if (rc == ERR_OK)
        rc = read_task(arena, rows, ret, err);
    db_end(&rows);
    return rc;
}

enum err_code
task_claim(struct arena *arena, struct db *db, const char *owner, int64_t now_ms, int64_t lease_ms,
           struct task *ret, int64_t *ret_next_due_ms, struct err *err)
{
    struct task task;
    char team_id[UUID_TEXT_SIZE];
    bool found = false;
    enum err_code rc = queue_reclaim(db, now_ms, err);

    if (rc == ERR_OK)
        rc = find_team(db, now_ms, team_id, &found, err);
    if (rc == ERR_OK && !found) {
        rc = find_next_due(db, ret_next_due_ms, err);
        return rc != ERR_OK ? rc : err_set(err, ERR_NOT_FOUND, "no task is due");
    }
    if (rc == ERR_OK)
        rc = find_task(arena, db, team_id, now_ms, &task, err);
    if (rc != ERR_OK)
        return rc;
    task.lease_until_ms = now_ms + lease_ms;
    memcpy(task.team_id, team_id, sizeof(team_id));
    rc = db_exec(db,
                 "UPDATE task SET state = 1, token = $1, attempt = $2, lease_until_ms = $3, "
                 "owner = $4 WHERE id = $5",
                 DB_ARGS(db_int(task.token), db_int(task.attempt), db_int(task.lease_until_ms),
                         db_text(owner), db_int(task.id)),
                 NULL, err);
    if (rc == ERR_OK)
        rc = queue_count(db, team_id, -1, 1, task_weight(task.kind, task.page_from, task.page_to),
                         err);
    if (rc == ERR_OK) {
        *ret = task;
        *ret_next_due_ms = 0;
    }
    return rc;
}
