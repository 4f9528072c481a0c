/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/credits_internal.h"
#include "base/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    enum err_code rc = db_query(db,
                                "SELECT id, amount FROM credit_entry WHERE job_id = $1 AND "
                                "kind IN ('reserved', 'consumed', 'released')",
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

/* What has expired is not there to be held; a team without limit gets what it lacks. */
static enum err_code
hold_more(struct db *db, const struct movement *m, bool *ret_enough, struct err *err)
{
    bool topped = false;
    enum err_code rc = credits_expire(db, m->team_id, clock_utc_ms(), err);

    if (rc == ERR_OK)
        rc = credits_move(db, m, ret_enough, err);
    if (rc == ERR_OK && !*ret_enough)
        rc = credits_top_up(db, m->team_id, m->amount, &topped, err);
    if (rc == ERR_OK && topped)
        rc = credits_move(db, m, ret_enough, err);
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
    enum err_code rc = db_first(db,
                                "SELECT granted, consumed, reserved, unlimited FROM credit_account "
                                "WHERE team_id = $1",
                                DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no team %s with credits", team_id);
    if (rc == ERR_OK) {
        *ret = (struct credit_balance){.granted = db_column_int(rows, 0),
                                       .consumed = db_column_int(rows, 1),
                                       .reserved = db_column_int(rows, 2),
                                       .unlimited = db_column_int(rows, 3) != 0};
        ret->available = ret->granted - ret->consumed - ret->reserved;
    }
    db_end(&rows);
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
                         .kind = "reserved",
                         .source = "available",
                         .target = "reserved",
                         .amount = amount,
                         .description = round == 0 ? "reserved at submit" : "reserved at retry"};
    enum err_code rc = hold_more(db, &m, &enough, err);
    if (rc == ERR_OK && !enough)
        rc = refuse(db, team_id, amount, 0, err);
    return rc;
}

enum err_code
credits_reserve(struct db *db, const char *team_id, const char *job_id, int64_t amount,
                struct err *err)
{
    struct hold hold = {0};
    enum err_code rc = credits_check_amount(amount, err);

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
    enum err_code rc = credits_check_amount(amount, err);

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
    enum err_code rc = credits_check_amount(total, err);

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
                         .kind = "reserved",
                         .source = "available",
                         .target = "reserved",
                         .amount = total - hold.held,
                         .description = "page count known"};
    rc = hold_more(db, &m, &enough, err);
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
                         .kind = step,
                         .source = "reserved",
                         .target = target,
                         .amount = amount,
                         .description = step};
    enum err_code rc = credits_move(db, &m, &enough, err);
    if (rc == ERR_OK && !enough)
        rc = err_set(err, ERR_SYSTEM, "team %s has no account", team_id);
    if (rc == ERR_OK && strcmp(target, "consumed") == 0)
        rc = credits_take(db, team_id, amount, err);
    return rc;
}

enum err_code
credits_settle(struct db *db, const char *team_id, const char *job_id, int64_t amount,
               struct err *err)
{
    struct hold hold = {0};
    enum err_code rc = credits_check_amount(amount, err);

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
