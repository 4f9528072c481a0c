/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

#include <assert.h>

enum { LAPSED_AT_ONCE = 64 };

/* 0.5 s after the first attempt, 2 s after the second, and up to a quarter more, so that what
 * failed together does not come back together. */
static int64_t
backoff_ms(int64_t attempt)
{
    int64_t base = attempt <= 1 ? 500 : 2000;
    uint16_t dice;

    random_bytes(&dice, sizeof(dice));
    return base + base / 4 * dice / UINT16_MAX;
}

static enum err_code
retry_later(struct db *db, const struct held *held, int64_t due_ms, struct err *err)
{
    enum err_code rc = db_exec(db,
                               "UPDATE task SET state = 0, due_ms = $1, lease_until_ms = 0, "
                               "owner = NULL WHERE id = $2",
                               DB_ARGS(db_int(due_ms), db_int(held->id)), NULL, err);

    return rc != ERR_OK ? rc : queue_count(db, held->team_id, 1, -1, -held->weight, err);
}

/* The page that brings its reader down is left out, so that the others are read. */
static enum err_code
give_up_page(struct db *db, const struct held *held, const struct err *why, int64_t now_ms,
             struct err *err)
{
    struct job_page page = {.number = held->page_from + 1,
                            .reason = err_reason(why->code),
                            .message = job_public_message(why)};
    enum err_code rc = page_store(db, held->job_id, &page, held->done_pages + 1, err);

    return rc != ERR_OK
               ? rc
               : held_advance(db, held, &(struct advance){.pages = 1, .failed = 1}, now_ms, err);
}

enum err_code
held_failed(struct db *db, const struct held *held, const struct err *why, bool backoff,
            int64_t now_ms, struct err *err)
{
    enum err_code rc = ERR_OK;
    bool again = err_is_retryable(why->code);

    if (again) {
        rc = db_exec(db, "UPDATE job SET crashes = crashes + 1, updated_ms = $1 WHERE id = $2",
                     DB_ARGS(db_int(now_ms), db_text(held->job_id)), NULL, err);
        again = held->attempt < TASK_ATTEMPTS_MAX && held->crashes + 1 < TASK_CRASHES_PER_JOB_MAX;
    }
    if (rc != ERR_OK)
        return rc;
    if (again)
        return retry_later(db, held, now_ms + (backoff ? backoff_ms(held->attempt) : 0), err);
    if (held->kind == TASK_PROBE)
        return job_fail(db, held->job_id, held->team_id, why, now_ms, err);
    if (held->kind == TASK_EXTRACT)
        return extraction_failed(db, held, why, now_ms, err);
    if (held->kind == TASK_BIND)
        return bind_end(db, held, now_ms, err);
    return give_up_page(db, held, why, now_ms, err);
}

enum err_code
task_failed(struct db *db, struct task *task, const struct err *why, int64_t now_ms,
            struct err *err)
{
    struct held held;
    enum err_code rc = held_find(db, task->id, task->token, &held, err);

    if (rc == ERR_OK && (why->code == ERR_OK || (unsigned)why->code >= ERR_CODE_COUNT))
        rc = err_set(err, ERR_INPUT, "task %lld failed without an error", (long long)task->id);
    if (rc == ERR_OK)
        rc = held_failed(db, &held, why, true, now_ms, err);
    if (rc == ERR_OK)
        task->lease_until_ms = 0;
    return rc;
}

struct lapsed {
    int64_t id[LAPSED_AT_ONCE];
    int64_t token[LAPSED_AT_ONCE];
    size_t n;
};

/* Ends the query. */
static enum err_code
read_lapsed(enum err_code rc, struct db_rows *rows, struct lapsed *ret, struct err *err)
{
    bool row = false;

    ret->n = 0;
    while (rc == ERR_OK && ret->n < LAPSED_AT_ONCE && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row) {
        ret->id[ret->n] = db_column_int(rows, 0);
        ret->token[ret->n++] = db_column_int(rows, 1);
    }
    db_end(&rows);
    return rc;
}

static void
say_crashed(struct err *ret_why)
{
    (void)err_set(ret_why, ERR_CRASH, "the reader of this page did not come back");
}

/* The runner is gone, whatever ended it. */
static enum err_code
bereft(struct db *db, const struct held *held, int64_t now_ms, struct err *err)
{
    struct err why = {0};

    if (held->crashes + 1 >= TASK_CRASHES_PER_JOB_MAX) {
        say_crashed(&why);
        return held_failed(db, held, &why, false, now_ms, err);
    }
    enum err_code rc = db_exec(db, "UPDATE job SET crashes = crashes + 1 WHERE id = $1",
                               DB_ARGS(db_text(held->job_id)), NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "UPDATE task SET attempt = attempt - 1 WHERE id = $1",
                     DB_ARGS(db_int(held->id)), NULL, err);
    return rc != ERR_OK ? rc : retry_later(db, held, now_ms, err);
}

/* Nobody knows what became of its holder; it has waited long enough to be due at once. */
static enum err_code
overdue(struct db *db, const struct held *held, int64_t now_ms, struct err *err)
{
    struct err why = {0};

    say_crashed(&why);
    return held_failed(db, held, &why, false, now_ms, err);
}

static enum err_code
end_lapsed(struct db *db, const struct lapsed *lapsed,
           enum err_code (*end)(struct db *db, const struct held *held, int64_t now_ms,
                                struct err *err),
           int64_t now_ms, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < lapsed->n; i++) {
        struct held held;
        rc = held_find(db, lapsed->id[i], lapsed->token[i], &held, err);
        if (rc == ERR_OK)
            rc = end(db, &held, now_ms, err);
        else if (rc == ERR_STALE)
            rc = ERR_OK; /* went with its job in this very loop */
    }
    return rc;
}

enum err_code
queue_reclaim(struct db *db, int64_t now_ms, struct err *err)
{
    struct db_rows *rows = NULL;
    struct lapsed lapsed;
    enum err_code rc = db_query(db,
                                "SELECT id, token FROM task WHERE state = 1 AND "
                                "lease_until_ms <= $1 ORDER BY lease_until_ms, id LIMIT 64",
                                DB_ARGS(db_int(now_ms)), &rows, err);

    static_assert(LAPSED_AT_ONCE == 64, "the statement has the number");
    rc = read_lapsed(rc, rows, &lapsed, err);
    return rc != ERR_OK ? rc : end_lapsed(db, &lapsed, overdue, now_ms, err);
}

static enum err_code
recover(struct db *db, const char *sql, const char *owner, int64_t now_ms, int64_t *ret_count,
        struct err *err)
{
    struct lapsed lapsed;
    int64_t count = 0;
    enum err_code rc;

    do {
        struct db_rows *rows = NULL;
        rc = db_query(db, sql, DB_ARGS(db_text(owner)), &rows, err);
        rc = read_lapsed(rc, rows, &lapsed, err);
        if (rc == ERR_OK)
            rc = end_lapsed(db, &lapsed, bereft, now_ms, err);
        count += (int64_t)lapsed.n;
    } while (rc == ERR_OK && lapsed.n > 0);
    if (rc == ERR_OK)
        *ret_count = count;
    return rc;
}

enum err_code
task_recover(struct db *db, const char *owner, int64_t now_ms, int64_t *ret_count, struct err *err)
{
    return recover(db,
                   "SELECT id, token FROM task WHERE state = 1 AND "
                   "(owner IS NULL OR owner <> $1) ORDER BY id LIMIT 64",
                   owner, now_ms, ret_count, err);
}

enum err_code
task_recover_of(struct db *db, const char *owner, int64_t now_ms, int64_t *ret_count,
                struct err *err)
{
    return recover(db,
                   "SELECT id, token FROM task WHERE state = 1 AND owner = $1 ORDER BY id LIMIT 64",
                   owner, now_ms, ret_count, err);
}
