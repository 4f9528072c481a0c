/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/grants.c - where credits come from and how they end without being used: grants, which may
 * expire, corrections by hand, refunds. */
#include "account/credits_internal.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static const int64_t top_up_least = 1000000; /* one row of the ledger for a million pages */

enum { DUE_MAX = 100 }; /* grants that one call ends */

/* A row with this id is there already: the same step again is no change, another one is refused. */
static enum err_code
find_done(struct db *db, const struct movement *m, bool *ret_done, struct err *err)
{
    struct db_rows *rows = NULL;
    char kind[16] = "", target[16] = "";
    enum err_code rc = db_first(db, "SELECT kind, target, amount FROM credit_entry WHERE id = $1",
                                DB_ARGS(db_text(m->id)), &rows, err);

    *ret_done = rows != NULL;
    if (rc == ERR_OK && rows != NULL &&
        (!db_column_copy(rows, 0, kind, sizeof(kind)) || strcmp(kind, m->kind) != 0 ||
         !db_column_copy(rows, 1, target, sizeof(target)) || strcmp(target, m->target) != 0 ||
         db_column_int(rows, 2) != m->amount))
        rc = err_set(err, ERR_CONFLICT, "this idempotency key was used for another transaction");
    db_end(&rows);
    return rc;
}

static enum err_code
entry_id(const char *step, const struct credit_change *change, char ret[CREDITS_ENTRY_ID_SIZE],
         struct err *err)
{
    char uuid[UUID_TEXT_SIZE];

    if (change->key != NULL && strlen(change->key) > CREDITS_KEY_MAX)
        return err_set(err, ERR_INPUT, "an idempotency key has at most %d bytes", CREDITS_KEY_MAX);
    random_uuid(uuid);
    if (change->key != NULL)
        snprintf(ret, CREDITS_ENTRY_ID_SIZE, "%s_%s_%s", step, change->team_id, change->key);
    else
        snprintf(ret, CREDITS_ENTRY_ID_SIZE, "%s_%s", step, uuid);
    return ERR_OK;
}

static enum err_code
ensure_account(struct db *db, const char *team_id, struct err *err)
{
    enum err_code rc = db_exec(db,
                               "INSERT INTO credit_account (team_id) VALUES ($1) "
                               "ON CONFLICT (team_id) DO NOTHING",
                               DB_ARGS(db_text(team_id)), NULL, err);

    if (rc == ERR_CONFLICT)
        rc = err_set(err, ERR_NOT_FOUND, "there is no team %s", team_id);
    return rc;
}

/* What comes to be available is a grant of its own. */
static enum err_code
add_grant(struct db *db, const struct movement *m, struct err *err)
{
    return db_exec(db,
                   "INSERT INTO credit_grant (id, team_id, remaining, expires_ms) "
                   "VALUES ($1, $2, $3, $4)",
                   DB_ARGS(db_text(m->id), db_text(m->team_id), db_int(m->amount),
                           db_int(m->expires_ms != 0 ? m->expires_ms : INT64_MAX)),
                   NULL, err);
}

static enum err_code
issue(struct db *db, const struct movement *m, struct err *err)
{
    bool enough = true, done = false;
    enum err_code rc = find_done(db, m, &done, err);

    if (rc != ERR_OK || done)
        return rc;
    rc = credits_move(db, m, &enough, err);
    if (rc == ERR_OK && !enough)
        return err_set(err, ERR_LIMIT, "a team cannot be granted more than %lld credits in all",
                       (long long)CREDITS_MAX);
    return rc == ERR_OK ? add_grant(db, m, err) : rc;
}

enum err_code
credits_give(struct db *db, const struct credit_change *change, struct err *err)
{
    char id[CREDITS_ENTRY_ID_SIZE];
    enum err_code rc = credits_check_amount(change->amount, err);

    if (rc == ERR_OK)
        rc = ensure_account(db, change->team_id, err);
    if (rc == ERR_OK)
        rc = entry_id("grant", change, id, err);
    if (rc != ERR_OK || change->amount == 0)
        return rc;
    if (change->expires_ms < 0)
        return err_set(err, ERR_INPUT, "credits cannot expire before 1970");
    return issue(db,
                 &(struct movement){.id = id,
                                    .team_id = change->team_id,
                                    .kind = "granted",
                                    .source = "issued",
                                    .target = "available",
                                    .amount = change->amount,
                                    .expires_ms = change->expires_ms,
                                    .description = change->description},
                 err);
}

enum err_code
credits_grant(struct db *db, const char *team_id, int64_t amount, const char *description,
              struct err *err)
{
    return credits_give(
        db,
        &(struct credit_change){.team_id = team_id, .amount = amount, .description = description},
        err);
}

enum err_code
credits_adjust(struct db *db, const struct credit_change *change, struct err *err)
{
    char id[CREDITS_ENTRY_ID_SIZE];
    bool more = change->amount > 0, done = false, enough = true;
    enum err_code rc = change->amount < -CREDITS_MAX || change->amount > CREDITS_MAX
                           ? err_set(err, ERR_INPUT, "the range is -%lld to %lld credits",
                                     (long long)CREDITS_MAX, (long long)CREDITS_MAX)
                           : ensure_account(db, change->team_id, err);

    if (rc == ERR_OK)
        rc = entry_id("adjust", change, id, err);
    if (rc != ERR_OK || change->amount == 0)
        return rc;
    struct movement m = {.id = id,
                         .team_id = change->team_id,
                         .kind = "adjusted",
                         .source = more ? "issued" : "available",
                         .target = more ? "available" : "issued",
                         .amount = more ? change->amount : -change->amount,
                         .expires_ms = more ? change->expires_ms : 0,
                         .description = change->description};
    if (more)
        return issue(db, &m, err);
    rc = find_done(db, &m, &done, err);
    if (rc != ERR_OK || done)
        return rc;
    rc = credits_move(db, &m, &enough, err);
    if (rc == ERR_OK && !enough)
        return err_set(err, ERR_CREDITS, "the team does not have %lld credits to take away",
                       (long long)m.amount);
    return rc == ERR_OK ? credits_take(db, m.team_id, m.amount, err) : rc;
}

/* What a job has cost so far. */
static enum err_code
consumed_by(struct db *db, const char *team_id, const char *job_id, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT CAST(COALESCE(SUM(CASE WHEN kind = 'consumed' THEN amount "
                                "WHEN kind = 'refunded' THEN -amount ELSE 0 END), 0) AS BIGINT) "
                                "FROM credit_entry WHERE team_id = $1 AND job_id = $2",
                                DB_ARGS(db_text(team_id), db_text(job_id)), &rows, err);

    *ret = rc == ERR_OK && rows != NULL ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}

enum err_code
credits_refund(struct db *db, const char *job_id, const struct credit_change *change,
               struct err *err)
{
    char id[CREDITS_ENTRY_ID_SIZE];
    int64_t cost = 0;
    bool done = false;
    enum err_code rc = credits_check_amount(change->amount, err);

    if (rc == ERR_OK)
        rc = entry_id("refund", change, id, err);
    if (rc != ERR_OK || change->amount == 0)
        return rc;
    struct movement m = {.id = id,
                         .team_id = change->team_id,
                         .job_id = job_id,
                         .kind = "refunded",
                         .source = "consumed",
                         .target = "available",
                         .amount = change->amount,
                         .description = change->description};
    rc = find_done(db, &m, &done, err);
    if (rc != ERR_OK || done)
        return rc;
    rc = consumed_by(db, change->team_id, job_id, &cost, err);
    if (rc == ERR_OK && cost < change->amount)
        return err_set(err, ERR_INPUT, "job %.40s has cost %lld credits, %lld are to be refunded",
                       job_id, (long long)cost, (long long)change->amount);
    return rc == ERR_OK ? issue(db, &m, err) : rc;
}

/* --- what is left of the grants --- */

struct lot {
    char id[CREDITS_ENTRY_ID_SIZE];
    int64_t remaining;
};

/* The first grant of the team with something left, behind the given one if that is not NULL. */
static enum err_code
first_lot(struct db *db, const char *team_id, struct lot *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT id, remaining FROM credit_grant WHERE team_id = $1 AND "
                                "remaining > 0 ORDER BY expires_ms, id LIMIT 1",
                                DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK && (rows == NULL || !db_column_copy(rows, 0, ret->id, sizeof(ret->id))))
        rc = err_set(err, ERR_SYSTEM, "team %s has spent more than it was granted", team_id);
    if (rc == ERR_OK)
        ret->remaining = db_column_int(rows, 1);
    db_end(&rows);
    return rc;
}

static enum err_code
set_lot(struct db *db, const char *id, int64_t remaining, struct err *err)
{
    return db_exec(db, "UPDATE credit_grant SET remaining = $1 WHERE id = $2",
                   DB_ARGS(db_int(remaining), db_text(id)), NULL, err);
}

enum err_code
credits_take(struct db *db, const char *team_id, int64_t amount, struct err *err)
{
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && amount > 0) {
        struct lot lot;
        rc = first_lot(db, team_id, &lot, err);
        if (rc != ERR_OK)
            break;
        int64_t taken = lot.remaining < amount ? lot.remaining : amount;
        rc = set_lot(db, lot.id, lot.remaining - taken, err);
        amount -= taken;
    }
    return rc;
}

enum err_code
credits_top_up(struct db *db, const char *team_id, int64_t need, bool *ret_topped, struct err *err)
{
    struct credit_balance balance;
    enum err_code rc = credits_balance(db, team_id, &balance, err);

    *ret_topped = false;
    if (rc != ERR_OK || !balance.unlimited)
        return rc == ERR_NOT_FOUND ? ERR_OK : rc;
    rc = credits_grant(db, team_id, need > top_up_least ? need : top_up_least,
                       "granted by itself: this team is not limited", err);
    *ret_topped = rc == ERR_OK;
    return rc;
}

struct due {
    struct lot lots[DUE_MAX];
    size_t n;
};

static enum err_code
find_due(struct db *db, const char *team_id, int64_t now_ms, struct due *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc =
        db_query(db,
                 "SELECT id, remaining FROM credit_grant WHERE team_id = $1 AND remaining > 0 AND "
                 "expires_ms <= $2 ORDER BY expires_ms, id LIMIT $3",
                 DB_ARGS(db_text(team_id), db_int(now_ms), db_int(DUE_MAX)), &rows, err);

    ret->n = 0;
    while (rc == ERR_OK && ret->n < DUE_MAX && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        struct lot *lot = &ret->lots[ret->n++];
        lot->remaining = db_column_int(rows, 1);
        if (!db_column_copy(rows, 0, lot->id, sizeof(lot->id)))
            rc = err_set(err, ERR_SYSTEM, "a grant has an id that is too long");
    }
    db_end(&rows);
    return rc;
}

static enum err_code
expire_lot(struct db *db, const char *team_id, const struct lot *lot, int64_t kept, struct err *err)
{
    char id[CREDITS_ENTRY_ID_SIZE + 32];
    bool enough = true;

    snprintf(id, sizeof(id), "expired_%s_%lld", lot->id, (long long)lot->remaining);
    struct movement m = {.id = id,
                         .team_id = team_id,
                         .kind = "expired",
                         .source = "available",
                         .target = "issued",
                         .amount = lot->remaining - kept,
                         .description = "expired"};
    enum err_code rc = credits_move(db, &m, &enough, err);

    if (rc == ERR_OK && !enough)
        rc = err_set(err, ERR_SYSTEM, "team %s: more expires than there is", team_id);
    return rc == ERR_OK ? set_lot(db, lot->id, kept, err) : rc;
}

/* What is held by work in progress is held from what expires first: it stays until that has
 * ended. */
enum err_code
credits_expire(struct db *db, const char *team_id, int64_t now_ms, struct err *err)
{
    struct due due;
    struct credit_balance balance = {0};
    enum err_code rc = find_due(db, team_id, now_ms, &due, err);

    if (rc != ERR_OK || due.n == 0)
        return rc;
    rc = credits_balance(db, team_id, &balance, err);
    for (size_t i = 0; rc == ERR_OK && i < due.n; i++) {
        const struct lot *lot = &due.lots[i];
        int64_t kept = lot->remaining < balance.reserved ? lot->remaining : balance.reserved;
        balance.reserved -= kept;
        if (kept < lot->remaining)
            rc = expire_lot(db, team_id, lot, kept, err);
    }
    return rc;
}

enum err_code
credits_expire_all(struct db *db, int64_t now_ms, struct err *err)
{
    char teams[DUE_MAX][UUID_TEXT_SIZE];
    struct db_rows *rows = NULL;
    size_t n = 0;
    bool row = false;
    enum err_code rc = db_query(db,
                                "SELECT DISTINCT g.team_id FROM credit_grant g JOIN credit_account "
                                "a ON a.team_id = g.team_id WHERE g.remaining > 0 AND "
                                "g.expires_ms <= $1 AND a.granted - a.consumed > a.reserved "
                                "LIMIT $2",
                                DB_ARGS(db_int(now_ms), db_int(DUE_MAX)), &rows, err);

    while (rc == ERR_OK && n < DUE_MAX && (rc = db_next(rows, &row, err)) == ERR_OK && row)
        if (!db_column_copy(rows, 0, teams[n++], UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a team has an id that is too long");
    db_end(&rows);
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = credits_expire(db, teams[i], now_ms, err);
    return rc;
}

enum err_code
credits_set_unlimited(struct db *db, const char *team_id, bool unlimited, struct err *err)
{
    enum err_code rc = ensure_account(db, team_id, err);

    if (rc == ERR_OK)
        rc = db_exec(db, "UPDATE credit_account SET unlimited = $1 WHERE team_id = $2",
                     DB_ARGS(db_int(unlimited), db_text(team_id)), NULL, err);
    return rc;
}
