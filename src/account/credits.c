/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/credits.h"

#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One movement: a row of the ledger, and what it does to the team's balance. */
struct movement {
    const char *id;
    const char *team_id;
    const char *job_id; /* NULL: no job's */
    const char *source;
    const char *target;
    int64_t amount;
    const char *description;
};

/* What the ledger holds for a job. */
struct hold {
    int64_t held;
    int64_t reserved; /* by the first step; 0: none */
    int64_t round;    /* the newest */
    bool raised;
    bool settled;
};

enum { ENTRY_ID_SIZE = 4 + UUID_TEXT_SIZE + 12 + 8 };

#define ROUND_MAX INT64_C(999999)

static void
entry_id(char out[ENTRY_ID_SIZE], const char *job_id, const char *step, int64_t round)
{
    if (round == 0)
        snprintf(out, ENTRY_ID_SIZE, "job_%.36s_%.11s", job_id, step);
    else
        snprintf(out, ENTRY_ID_SIZE, "job_%.36s_%.11s_%d", job_id, step, (int)round);
}

static enum err_code
check_amount(int64_t amount, struct err *err)
{
    if (amount < 0 || amount > CREDITS_MAX)
        return err_set(err, ERR_INPUT, "%lld credits: the range is 0 to %lld", (long long)amount,
                       (long long)CREDITS_MAX);
    return ERR_OK;
}

/* amount if the movement ends (or begins, negated) at the account. */
static int64_t
effect(const struct movement *m, const char *account)
{
    return (strcmp(m->target, account) == 0 ? m->amount : 0) -
           (strcmp(m->source, account) == 0 ? m->amount : 0);
}

/* The balance first: where it does not suffice nothing is written, and the caller may go on in the
 * same transaction (a job that cannot be paid is failed there). */
static enum err_code
move(struct db *db, const struct movement *m, bool *ret_enough, struct err *err)
{
    int64_t changed = 0;
    int64_t granted = strcmp(m->source, "issued") == 0 ? m->amount : 0;
    int64_t need = strcmp(m->source, "available") == 0 ? m->amount : 0;
    enum err_code rc = db_exec(
        db,
        "UPDATE credit_account SET granted = granted + $1, consumed = consumed + $2, "
        "reserved = reserved + $3 WHERE team_id = $4 AND granted - consumed - reserved >= $5 "
        "AND granted <= $6",
        DB_ARGS(db_int(granted), db_int(effect(m, "consumed")), db_int(effect(m, "reserved")),
                db_text(m->team_id), db_int(need), db_int(CREDITS_MAX - granted)),
        &changed, err);

    if (rc == ERR_OK && changed != 0)
        rc = db_exec(db,
                     "INSERT INTO credit_entry (id, team_id, job_id, source, target, amount, "
                     "created_ms, description) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                     DB_ARGS(db_text(m->id), db_text(m->team_id), db_text(m->job_id),
                             db_text(m->source), db_text(m->target), db_int(m->amount),
                             db_int(clock_utc_ms()), db_text(m->description)),
                     NULL, err);
    if (rc == ERR_OK)
        *ret_enough = changed != 0;
    return rc;
}

/* Of "job_<id>_<step>" or "job_<id>_<step>_<round>". */
static void
note_entry(struct hold *hold, const char *id, const char *job_id, int64_t amount)
{
    const char *step = id + strlen("job__") + strlen(job_id);
    const char *mark = strchr(step, '_');
    int64_t round = mark != NULL ? strtoll(mark + 1, NULL, 10) : 0;
    bool reserved = strncmp(step, "reserved", 8) == 0;
    bool raised = strncmp(step, "raised", 6) == 0;

    if (round < hold->round)
        return;
    if (round > hold->round)
        *hold = (struct hold){.round = round};
    hold->held += reserved || raised ? amount : -amount;
    hold->settled = hold->settled || !(reserved || raised);
    hold->raised = hold->raised || raised;
    if (reserved)
        hold->reserved = amount;
}

static enum err_code
read_hold(struct db *db, const char *job_id, struct hold *ret, struct err *err)
{
    struct hold hold = {0};
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(db, "SELECT id, amount FROM credit_entry WHERE job_id = $1",
                                DB_ARGS(db_text(job_id)), &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        char id[ENTRY_ID_SIZE];
        if (db_column_copy(rows, 0, id, sizeof(id)) &&
            strlen(id) > strlen("job__") + strlen(job_id))
            note_entry(&hold, id, job_id, db_column_int(rows, 1));
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret = hold;
    return rc;
}

/* need and have: in the terms of the person who pays. */
static enum err_code
refuse(struct db *db, const char *team_id, int64_t need, int64_t held, struct err *err)
{
    struct credit_balance balance;
    enum err_code rc = credits_balance(db, team_id, &balance, err);

    if (rc != ERR_OK)
        return rc;
    return err_set(err, ERR_CREDITS, "not enough credits: %lld needed, %lld available",
                   (long long)need, (long long)(balance.available + held));
}

enum err_code
credits_balance(struct db *db, const char *team_id, struct credit_balance *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT granted, consumed, reserved FROM credit_account WHERE team_id = $1",
                 DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no team %s with credits", team_id);
    if (rc == ERR_OK) {
        *ret = (struct credit_balance){.granted = db_column_int(rows, 0),
                                       .consumed = db_column_int(rows, 1),
                                       .reserved = db_column_int(rows, 2)};
        ret->available = ret->granted - ret->consumed - ret->reserved;
    }
    db_end(&rows);
    return rc;
}

enum err_code
credits_grant(struct db *db, const char *team_id, int64_t amount, const char *description,
              struct err *err)
{
    char uuid[UUID_TEXT_SIZE], id[ENTRY_ID_SIZE];
    bool enough = true;
    enum err_code rc = check_amount(amount, err);

    if (rc == ERR_OK)
        rc = db_exec(db,
                     "INSERT INTO credit_account (team_id) VALUES ($1) ON CONFLICT (team_id) "
                     "DO NOTHING",
                     DB_ARGS(db_text(team_id)), NULL, err);
    if (rc == ERR_CONFLICT)
        rc = err_set(err, ERR_NOT_FOUND, "there is no team %s", team_id);
    if (rc != ERR_OK || amount == 0)
        return rc;
    random_uuid(uuid);
    snprintf(id, sizeof(id), "grant_%s", uuid);
    struct movement m = {.id = id,
                         .team_id = team_id,
                         .source = "issued",
                         .target = "available",
                         .amount = amount,
                         .description = description};
    rc = move(db, &m, &enough, err);
    if (rc == ERR_OK && !enough)
        rc = err_set(err, ERR_LIMIT, "a team cannot be granted more than %lld credits in all",
                     (long long)CREDITS_MAX);
    return rc;
}

static enum err_code
reserve(struct db *db, const char *team_id, const char *job_id, int64_t round, int64_t amount,
        struct err *err)
{
    char id[ENTRY_ID_SIZE];
    bool enough = true;

    entry_id(id, job_id, "reserved", round);
    struct movement m = {.id = id,
                         .team_id = team_id,
                         .job_id = job_id,
                         .source = "available",
                         .target = "reserved",
                         .amount = amount,
                         .description = round == 0 ? "reserved at submit" : "reserved at retry"};
    enum err_code rc = move(db, &m, &enough, err);
    if (rc == ERR_OK && !enough)
        rc = refuse(db, team_id, amount, 0, err);
    return rc;
}

enum err_code
credits_reserve(struct db *db, const char *team_id, const char *job_id, int64_t amount,
                struct err *err)
{
    struct hold hold = {0};
    enum err_code rc = check_amount(amount, err);

    if (rc == ERR_OK)
        rc = read_hold(db, job_id, &hold, err);
    if (rc != ERR_OK || amount == hold.reserved)
        return rc;
    if (hold.reserved != 0)
        return err_set(err, ERR_CONFLICT, "job %s has another reservation already", job_id);
    return reserve(db, team_id, job_id, 0, amount, err);
}

enum err_code
credits_reserve_again(struct db *db, const char *team_id, const char *job_id, int64_t round,
                      int64_t amount, struct err *err)
{
    struct hold hold = {0};
    enum err_code rc = check_amount(amount, err);

    if (rc == ERR_OK && (round < 1 || round > ROUND_MAX))
        rc = err_set(err, ERR_CONFLICT, "job %s was begun too often", job_id);
    if (rc == ERR_OK)
        rc = read_hold(db, job_id, &hold, err);
    if (rc != ERR_OK || amount == 0 || (hold.round == round && hold.reserved == amount))
        return rc;
    if (hold.round >= round || (hold.held > 0 && !hold.settled))
        return err_set(err, ERR_CONFLICT, "job %s has another reservation already", job_id);
    return reserve(db, team_id, job_id, round, amount, err);
}

enum err_code
credits_raise(struct db *db, const char *team_id, const char *job_id, int64_t total,
              struct err *err)
{
    char id[ENTRY_ID_SIZE];
    struct hold hold = {0};
    bool enough = true;
    enum err_code rc = check_amount(total, err);

    if (rc == ERR_OK)
        rc = read_hold(db, job_id, &hold, err);
    if (rc != ERR_OK || (total == hold.held && !hold.settled))
        return rc;
    if (hold.raised || hold.settled || total < hold.held)
        return err_set(err, ERR_CONFLICT, "the hold of job %s is %lld and cannot become %lld",
                       job_id, (long long)hold.held, (long long)total);
    entry_id(id, job_id, "raised", hold.round);
    struct movement m = {.id = id,
                         .team_id = team_id,
                         .job_id = job_id,
                         .source = "available",
                         .target = "reserved",
                         .amount = total - hold.held,
                         .description = "page count known"};
    rc = move(db, &m, &enough, err);
    if (rc == ERR_OK && !enough)
        rc = refuse(db, team_id, total, hold.held, err);
    return rc;
}

/* One of the two ends of a hold; nothing for nothing. */
static enum err_code
end_hold(struct db *db, const char *team_id, const char *job_id, int64_t round, const char *step,
         const char *target, int64_t amount, struct err *err)
{
    char id[ENTRY_ID_SIZE];
    bool enough = true;

    if (amount == 0)
        return ERR_OK;
    entry_id(id, job_id, step, round);
    struct movement m = {.id = id,
                         .team_id = team_id,
                         .job_id = job_id,
                         .source = "reserved",
                         .target = target,
                         .amount = amount,
                         .description = step};
    enum err_code rc = move(db, &m, &enough, err);
    if (rc == ERR_OK && !enough)
        rc = err_set(err, ERR_SYSTEM, "team %s has no account", team_id);
    return rc;
}

enum err_code
credits_settle(struct db *db, const char *team_id, const char *job_id, int64_t amount,
               struct err *err)
{
    struct hold hold = {0};
    enum err_code rc = check_amount(amount, err);

    if (rc == ERR_OK)
        rc = read_hold(db, job_id, &hold, err);
    if (rc != ERR_OK || hold.settled)
        return rc;
    if (amount > hold.held)
        return err_set(err, ERR_CONFLICT, "job %s holds %lld credits, %lld were to be consumed",
                       job_id, (long long)hold.held, (long long)amount);
    rc = end_hold(db, team_id, job_id, hold.round, "consumed", "consumed", amount, err);
    if (rc == ERR_OK)
        rc = end_hold(db, team_id, job_id, hold.round, "released", "available", hold.held - amount,
                      err);
    return rc;
}

/* --- audit --- */

static enum err_code
audit_teams(struct db *db, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(
        db,
        "SELECT a.team_id, a.granted, a.consumed, a.reserved, "
        "CAST(COALESCE(SUM(CASE WHEN e.source = 'issued' THEN e.amount END), 0) AS BIGINT), "
        "CAST(COALESCE(SUM(CASE WHEN e.target = 'consumed' THEN e.amount END), 0) AS BIGINT), "
        "CAST(COALESCE(SUM(CASE WHEN e.target = 'reserved' THEN e.amount "
        "WHEN e.source = 'reserved' THEN -e.amount END), 0) AS BIGINT) "
        "FROM credit_account a LEFT JOIN credit_entry e ON e.team_id = a.team_id "
        "GROUP BY a.team_id, a.granted, a.consumed, a.reserved",
        NULL, 0, &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        static const char *const names[] = {"granted", "consumed", "reserved"};
        char team[UUID_TEXT_SIZE] = "?";
        int64_t stored[3];
        if (!db_column_copy(rows, 0, team, sizeof(team)))
            team[0] = '?';
        for (int i = 0; i < 3; i++) {
            int64_t sum = db_column_int(rows, 4 + i);
            stored[i] = db_column_int(rows, 1 + i);
            if (stored[i] != sum || sum < 0)
                rc = err_set(err, ERR_SYSTEM, "team %s: %s is %lld, the ledger says %lld", team,
                             names[i], (long long)stored[i], (long long)sum);
        }
        if (rc == ERR_OK && stored[0] - stored[1] - stored[2] < 0)
            rc = err_set(err, ERR_SYSTEM, "team %s: the balance is negative", team);
    }
    db_end(&rows);
    return rc;
}

static enum err_code
audit_jobs(struct db *db, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db,
                 "SELECT job_id FROM credit_entry WHERE job_id IS NOT NULL GROUP BY job_id "
                 "HAVING SUM(CASE WHEN target = 'reserved' THEN amount ELSE -amount END) < 0",
                 NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        char job[UUID_TEXT_SIZE] = "?";
        if (!db_column_copy(rows, 0, job, sizeof(job)))
            job[0] = '?';
        rc = err_set(err, ERR_SYSTEM, "job %s gave back more credits than it held", job);
    }
    db_end(&rows);
    return rc;
}

enum err_code
credits_audit(struct db *db, struct err *err)
{
    enum err_code rc = audit_teams(db, err);

    return rc == ERR_OK ? audit_jobs(db, err) : rc;
}
