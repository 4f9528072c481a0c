/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Claims where others claim beside us. Teams are looked for without a lock, and those that somebody
 * else works for at this moment are passed over, so that runners hardly ever wait for each other;
 * one that has been emptied meanwhile is no error, the next is looked for. Several tasks are taken
 * in one transaction: it costs little more than one. */
#include "base/random.h"
#include "jobs/jobs_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { EQUALS_MAX = 32, LOOKS_MAX = 8 };

/* Teams with as few pages in flight as any; the first n are still to be tried. */
struct equals {
    char ids[EQUALS_MAX][UUID_TEXT_SIZE];
    size_t n;
    int64_t spare_pages; /* of one alone: so many it may have before another is as entitled */
};

struct claim {
    struct arena *arena;
    const struct task_claimer *claimer;
    int64_t due_ms; /* of tasks that are looked at */
    char teams[DB_OWNERS_MAX][UUID_TEXT_SIZE];
    size_t team_count;
    int64_t task_id;     /* the only one to take; 0: the first of its team */
    int64_t spare_pages; /* see equals */
    struct task *tasks;
    size_t max, n;
};

static enum err_code
find_equals(struct db *db, int64_t due_ms, struct equals *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = true;
    int64_t fewest = 0;
    enum err_code rc = db_query(db,
                                "SELECT team_id, running_pages FROM team_load WHERE head_ms IS NOT "
                                "NULL AND head_ms <= $1 ORDER BY running_pages, head_ms LIMIT 32",
                                DB_ARGS(db_int(due_ms)), &rows, err);

    static_assert(EQUALS_MAX == 32, "the statement has the number");
    ret->n = 0;
    ret->spare_pages = INT64_MAX;
    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        int64_t pages = db_column_int(rows, 1);
        if (ret->n > 0 && pages != fewest) {
            ret->spare_pages = pages - fewest;
            break;
        }
        fewest = pages;
        if (!db_column_copy(rows, 0, ret->ids[ret->n++], UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a team has an id that is too long");
    }
    db_end(&rows);
    return rc;
}

/* Takes some of them by chance. */
static void
draw_teams(struct equals *equals, struct claim *c)
{
    c->spare_pages = equals->n == 1 ? equals->spare_pages : 0;
    for (c->team_count = 0;
         equals->n > 0 && c->team_count < DB_OWNERS_MAX && c->team_count < c->max;
         c->team_count++) {
        uint32_t chance = 0;
        if (equals->n > 1)
            random_bytes(&chance, sizeof(chance));
        size_t i = chance % equals->n--;
        memcpy(c->teams[c->team_count], equals->ids[i], UUID_TEXT_SIZE);
        memmove(equals->ids[i], equals->ids[equals->n], UUID_TEXT_SIZE);
    }
}

/* --- one transaction --- */

/* The plus keeps the planner from the index on due_ms: it would sort all that is due. */
#define DUE(team) "WHERE state = 0 AND team_id = " team " AND +due_ms <= $2 "
#define FIRST_OF(team)                                                                             \
    "SELECT id FROM (SELECT id FROM task " DUE(team) "ORDER BY turn_ms, id LIMIT 1) AS f"

static enum err_code
query_tasks(struct db *db, const struct claim *c, struct db_rows **ret_rows, struct err *err)
{
    static const char one[] =
        TASK_COLUMNS "WHERE t.state = 0 AND t.team_id = $1 AND t.due_ms <= $2 AND t.id = $3";
    static const char first[] = TASK_COLUMNS "WHERE t.id IN (" FIRST_OF("$1") ")";
    static const char some[] = TASK_COLUMNS
        "WHERE t.id IN (SELECT id FROM task " DUE("$1") "ORDER BY turn_ms, id LIMIT 8) "
                                                        "ORDER BY t.turn_ms, t.id";
    static const char of_each[] =
        TASK_COLUMNS "WHERE t.id IN (" FIRST_OF("$1") " UNION ALL " FIRST_OF(
            "$3") " UNION ALL " FIRST_OF("$4") " UNION ALL " FIRST_OF("$5") ")";
    struct db_value args[1 + DB_OWNERS_MAX];

    static_assert(TASK_CLAIM_MAX == 8 && DB_OWNERS_MAX == 4, "the statements have the numbers");
    args[0] = db_text(c->teams[0]);
    args[1] = db_int(c->due_ms);
    args[2] = db_int(c->task_id);
    if (c->task_id != 0)
        return db_query(db, one, args, 3, ret_rows, err);
    if (c->team_count == 1)
        return db_query(db, c->max == 1 ? first : some, args, 2, ret_rows, err);
    for (size_t i = 1; i < DB_OWNERS_MAX; i++)
        args[1 + i] = db_text(i < c->team_count ? c->teams[i] : "");
    return db_query(db, of_each, args, ARRAY_LEN(args), ret_rows, err);
}

/* The claim has the task's team, and still room for so many pages of it. */
static bool
may_take(const struct db *db, const struct claim *c, const struct task *task, int64_t pages)
{
    if (c->n > 0 && c->team_count == 1 && pages >= c->spare_pages)
        return false;
    for (size_t i = 0; i < c->team_count; i++)
        if (strcmp(c->teams[i], task->team_id) == 0)
            return db_has_owner(db, i);
    return false;
}

static enum err_code
read_tasks(struct db *db, struct claim *c, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = true;
    int64_t pages = 0;
    enum err_code rc = query_tasks(db, c, &rows, err);

    c->n = 0;
    while (rc == ERR_OK && c->n < c->max && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        struct task task;
        rc = claim_read(c->arena, rows, &task, err);
        if (rc != ERR_OK || !may_take(db, c, &task, pages))
            continue;
        task.lease_until_ms = c->claimer->now_ms + c->claimer->lease_ms;
        pages += task_weight(task.kind, task.page_from, task.page_to);
        c->tasks[c->n++] = task;
    }
    db_end(&rows);
    if (rc == ERR_OK && c->n == 0)
        rc = err_set(err, ERR_NOT_FOUND, "no task of these teams is due any more");
    return rc;
}

static enum err_code
mark_tasks(struct db *db, const struct claim *c, struct err *err)
{
    const int64_t none = -1; /* no task has it */
    struct db_value args[2 + TASK_CLAIM_MAX];

    args[0] = db_int(c->claimer->now_ms + c->claimer->lease_ms);
    args[1] = db_text(c->claimer->owner);
    for (size_t i = 0; i < TASK_CLAIM_MAX; i++)
        args[2 + i] = db_int(i < c->n ? c->tasks[i].id : none);
    if (c->n == 1)
        return db_post(db,
                       "UPDATE task SET state = 1, token = token + 1, attempt = attempt + 1, "
                       "lease_until_ms = $1, owner = $2 WHERE id = $3",
                       args, 3, err);
    return db_post(db,
                   "UPDATE task SET state = 1, token = token + 1, attempt = attempt + 1, "
                   "lease_until_ms = $1, owner = $2 WHERE id IN ($3, $4, $5, $6, $7, $8, $9, $10)",
                   args, ARRAY_LEN(args), err);
}

static enum err_code
count_tasks(struct db *db, const struct claim *c, const char *team_id, struct err *err)
{
    int64_t n = 0, pages = 0;

    for (size_t i = 0; i < c->n; i++) {
        const struct task *task = &c->tasks[i];
        if (strcmp(task->team_id, team_id) != 0)
            continue;
        n++;
        pages += task_weight(task->kind, task->page_from, task->page_to);
    }
    return n == 0 ? ERR_OK : queue_count(db, team_id, -n, n, pages, err);
}

/* The tasks there become the caller's. */
static enum err_code
take_tasks(struct db *db, void *arg, struct err *err)
{
    struct claim *c = arg;
    enum err_code rc = read_tasks(db, c, err);

    if (rc == ERR_OK)
        rc = mark_tasks(db, c, err);
    for (size_t i = 0; rc == ERR_OK && i < c->team_count; i++)
        rc = count_tasks(db, c, c->teams[i], err);
    return rc;
}

static enum err_code
reclaim(struct db *db, void *arg, struct err *err)
{
    return queue_reclaim(db, *(const int64_t *)arg, err);
}

/* --- which teams --- */

/* Of equals those that nobody else works for just now; where all are busy the last is waited for.
 */
static enum err_code
take_of(struct db *db, struct claim *c, struct equals *equals, struct err *err)
{
    bool busy = true;
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && busy && equals->n > 0) {
        const char *teams[DB_OWNERS_MAX];
        draw_teams(equals, c);
        for (size_t i = 0; i < c->team_count; i++)
            teams[i] = c->teams[i];
        rc = db_transact_any(db, teams, c->team_count, take_tasks, c, &busy, err);
    }
    if (rc != ERR_OK || !busy)
        return rc;
    c->team_count = 1;
    return db_transact_for(db, c->teams[0], take_tasks, c, err);
}

/* ERR_NOT_FOUND: *ret_found says whether to look again. */
static enum err_code
claim_once(struct db *db, struct claim *c, bool *ret_found, struct err *err)
{
    struct equals equals;
    enum err_code rc;

    if (choice_narrows(c->claimer->choice)) {
        c->team_count = 1;
        rc =
            choice_find(c->arena, db, c->claimer->choice, c->due_ms, c->teams[0], &c->task_id, err);
        *ret_found = rc == ERR_OK && c->task_id != 0;
        if (*ret_found)
            return db_transact_for(db, c->teams[0], take_tasks, c, err);
    } else {
        rc = find_equals(db, c->due_ms, &equals, err);
        *ret_found = rc == ERR_OK && equals.n > 0;
        if (*ret_found)
            return take_of(db, c, &equals, err);
    }
    return rc == ERR_OK ? ERR_NOT_FOUND : rc;
}

enum err_code
task_claim_shared(struct arena *arena, struct db *db, const struct task_claimer *claimer,
                  struct task *ret, size_t max, size_t *ret_n, int64_t *ret_next_due_ms,
                  struct err *err)
{
    struct claim c = {.arena = arena,
                      .claimer = claimer,
                      .due_ms = claimer->now_ms - claim_hold_ms(claimer),
                      .tasks = ret,
                      .max = max < TASK_CLAIM_MAX ? max : TASK_CLAIM_MAX};
    int64_t due_ms = 0, now_ms = claimer->now_ms;
    bool found = true;
    enum err_code rc = ERR_NOT_FOUND;

    for (int looks = 0; rc == ERR_NOT_FOUND && found && looks < LOOKS_MAX; looks++)
        rc = claim_once(db, &c, &found, err);
    if (rc == ERR_OK)
        *ret_n = c.n;
    if (rc != ERR_NOT_FOUND)
        return rc;
    rc = claim_next_due(db, &due_ms, err);
    if (rc == ERR_OK && due_ms != 0 && due_ms <= now_ms)
        rc = db_transact(db, reclaim, &now_ms, err);
    return rc != ERR_OK ? rc : claim_none(claimer, due_ms, ret_next_due_ms, err);
}
