/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/extraction.h"
#include "jobs/jobs_internal.h"

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
enum err_code
claim_next_due(struct db *db, int64_t *ret_ms, struct err *err)
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

enum err_code
claim_read(struct arena *arena, const struct db_rows *rows, struct task *task, struct err *err)
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
        task->template_slug = db_is_null(rows, 19) ? NULL : db_column_text(arena, rows, 19);
        if (!db_column_copy(rows, 12, task->extraction_id, sizeof(task->extraction_id)))
            return err_set(err, ERR_SYSTEM, "an extraction has an id that is too long");
    }
    if (task->model == NULL)
        return err_set(err, ERR_LIMIT, "no memory for the task");
    if (!db_column_copy(rows, 17, task->trace, sizeof(task->trace)))
        task->trace[0] = '\0';
    if (!db_column_copy(rows, 20, task->team_id, sizeof(task->team_id)) ||
        !db_column_copy(rows, 6, task->job_id, sizeof(task->job_id)) ||
        !db_column_copy(rows, 7, task->object_id, sizeof(task->object_id)))
        return err_set(err, ERR_SYSTEM, "task %lld: an id is too long", (long long)task->id);
    return ERR_OK;
}

/* Of a claim: the team, and the task where not simply its first is taken. */
struct spot {
    char team_id[UUID_TEXT_SIZE];
    int64_t task_id; /* 0: the first */
    int64_t due_ms;  /* it has been due since then, or longer */
};

/* The plus keeps the planner from the index on due_ms: it would sort all that is due. */
static enum err_code
find_task(struct arena *arena, struct db *db, const struct spot *spot, struct task *ret,
          struct err *err)
{
    static const char first[] =
        TASK_COLUMNS "WHERE t.state = 0 AND t.team_id = $1 AND +t.due_ms <= $2 "
                     "ORDER BY t.turn_ms, t.id LIMIT 1";
    static const char one[] =
        TASK_COLUMNS "WHERE t.state = 0 AND t.team_id = $1 AND t.due_ms <= $2 AND t.id = $3";
    struct db_rows *rows = NULL;
    enum err_code rc =
        spot->task_id == 0
            ? db_first(db, first, DB_ARGS(db_text(spot->team_id), db_int(spot->due_ms)), &rows, err)
            : db_first(db, one,
                       DB_ARGS(db_text(spot->team_id), db_int(spot->due_ms), db_int(spot->task_id)),
                       &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_SYSTEM, "team %s has no task although its counters say so",
                     spot->team_id);
    if (rc == ERR_OK)
        rc = claim_read(arena, rows, ret, err);
    db_end(&rows);
    return rc;
}

int64_t
claim_hold_ms(const struct task_claimer *claimer)
{
    return claimer->choice != NULL ? claimer->choice->hold_ms : 0;
}

/* Where the next claim is made, in fair order among all, or among what the claimer takes. */
static enum err_code
find_spot(struct arena *arena, struct db *db, const struct task_claimer *claimer, struct spot *ret,
          bool *ret_found, struct err *err)
{
    enum err_code rc;

    ret->task_id = 0;
    ret->due_ms = claimer->now_ms - claim_hold_ms(claimer);
    if (!choice_narrows(claimer->choice))
        return find_team(db, ret->due_ms, ret->team_id, ret_found, err);
    rc = choice_find(arena, db, claimer->choice, ret->due_ms, ret->team_id, &ret->task_id, err);
    *ret_found = rc == ERR_OK && ret->task_id != 0;
    return rc;
}

/* Nothing is there to claim: when to look again. due_ms: of the queue as a whole. */
enum err_code
claim_none(const struct task_claimer *claimer, int64_t due_ms, int64_t *ret_next_due_ms,
           struct err *err)
{
    bool known = due_ms != 0 && !choice_narrows(claimer->choice);

    *ret_next_due_ms = known ? due_ms + claim_hold_ms(claimer) : 0;
    return err_set(err, ERR_NOT_FOUND, "no task is due");
}

/* The task there becomes the caller's. */
static enum err_code
take(struct arena *arena, struct db *db, const struct spot *spot,
     const struct task_claimer *claimer, struct task *ret, struct err *err)
{
    struct task task;
    enum err_code rc = find_task(arena, db, spot, &task, err);

    if (rc != ERR_OK)
        return rc;
    task.lease_until_ms = claimer->now_ms + claimer->lease_ms;
    rc = db_post(db,
                 "UPDATE task SET state = 1, token = $1, attempt = $2, lease_until_ms = $3, "
                 "owner = $4 WHERE id = $5",
                 DB_ARGS(db_int(task.token), db_int(task.attempt), db_int(task.lease_until_ms),
                         db_text(claimer->owner), db_int(task.id)),
                 err);
    if (rc == ERR_OK)
        rc = queue_count(db, spot->team_id, -1, 1,
                         task_weight(task.kind, task.page_from, task.page_to), err);
    if (rc == ERR_OK)
        *ret = task;
    return rc;
}

enum err_code
task_claim_chosen(struct arena *arena, struct db *db, const struct task_claimer *claimer,
                  struct task *ret, int64_t *ret_next_due_ms, struct err *err)
{
    struct spot spot;
    int64_t due_ms = 0;
    bool found = false;
    enum err_code rc = queue_reclaim(db, claimer->now_ms, err);

    if (rc == ERR_OK)
        rc = find_spot(arena, db, claimer, &spot, &found, err);
    if (rc == ERR_OK && !found) {
        if (!choice_narrows(claimer->choice))
            rc = claim_next_due(db, &due_ms, err);
        return rc != ERR_OK ? rc : claim_none(claimer, due_ms, ret_next_due_ms, err);
    }
    if (rc == ERR_OK)
        rc = take(arena, db, &spot, claimer, ret, err);
    if (rc == ERR_OK)
        *ret_next_due_ms = 0;
    return rc;
}

enum err_code
task_claim(struct arena *arena, struct db *db, const char *owner, int64_t now_ms, int64_t lease_ms,
           struct task *ret, int64_t *ret_next_due_ms, struct err *err)
{
    const struct task_claimer claimer = {owner, NULL, now_ms, lease_ms};

    return task_claim_chosen(arena, db, &claimer, ret, ret_next_due_ms, err);
}
