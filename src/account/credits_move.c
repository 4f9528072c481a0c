/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/credits_internal.h"
#include "base/clock.h"

#include <string.h>

static const int64_t hour_ms = 3600000;

enum err_code
credits_check_amount(int64_t amount, struct err *err)
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

/* Held for work in progress, or given back: no statement shows it. */
static bool
is_hold(const struct movement *m)
{
    return strcmp(m->kind, "reserved") == 0 || strcmp(m->kind, "released") == 0;
}

static enum err_code
change_account(struct db *db, const struct movement *m, bool *ret_enough, struct err *err)
{
    int64_t changed = 0;
    int64_t granted = -effect(m, "issued");
    int64_t need = strcmp(m->source, "available") == 0 ? m->amount : 0;
    enum err_code rc =
        db_exec(db,
                "UPDATE credit_account SET granted = granted + $1, consumed = consumed + $2, "
                "reserved = reserved + $3, sequence = sequence + 1, shown = shown + $4 "
                "WHERE team_id = $5 AND granted - consumed - reserved >= $6 AND granted <= $7",
                DB_ARGS(db_int(granted), db_int(effect(m, "consumed")),
                        db_int(effect(m, "reserved")), db_int(!is_hold(m)), db_text(m->team_id),
                        db_int(need), db_int(CREDITS_MAX - granted)),
                &changed, err);

    if (rc == ERR_OK)
        *ret_enough = changed != 0;
    return rc;
}

/* Whatever a statement shows is summed up by the hour too. */
static enum err_code
add_to_hour(struct db *db, const struct movement *m, int64_t now_ms, struct err *err)
{
    bool adjusted = strcmp(m->kind, "adjusted") == 0;
    int64_t sign = strcmp(m->source, "issued") == 0 ? 1 : -1;

    return db_post(
        db,
        "INSERT INTO credit_hour (team_id, hour_ms, granted, consumed, refunded, adjusted, "
        "expired) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (team_id, hour_ms) DO UPDATE SET "
        "granted = credit_hour.granted + excluded.granted, "
        "consumed = credit_hour.consumed + excluded.consumed, "
        "refunded = credit_hour.refunded + excluded.refunded, "
        "adjusted = credit_hour.adjusted + excluded.adjusted, "
        "expired = credit_hour.expired + excluded.expired",
        DB_ARGS(db_text(m->team_id), db_int(now_ms / hour_ms * hour_ms),
                db_int(strcmp(m->kind, "granted") == 0 ? m->amount : 0),
                db_int(strcmp(m->kind, "consumed") == 0 ? m->amount : 0),
                db_int(strcmp(m->kind, "refunded") == 0 ? m->amount : 0),
                db_int(adjusted ? sign * m->amount : 0),
                db_int(strcmp(m->kind, "expired") == 0 ? m->amount : 0)),
        err);
}

static enum err_code
add_entry(struct db *db, const struct movement *m, struct err *err)
{
    int64_t now_ms = clock_utc_ms();
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT granted - consumed, sequence FROM credit_account WHERE team_id = $1",
                 DB_ARGS(db_text(m->team_id)), &rows, err);
    int64_t balance = rows != NULL ? db_column_int(rows, 0) : 0;
    int64_t sequence = rows != NULL ? db_column_int(rows, 1) : 0;

    db_end(&rows);
    if (rc == ERR_OK)
        rc = db_post(db,
                     "INSERT INTO credit_entry (id, team_id, job_id, kind, source, target, amount, "
                     "balance_after, sequence, expires_ms, created_ms, description) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
                     DB_ARGS(db_text(m->id), db_text(m->team_id), db_text(m->job_id),
                             db_text(m->kind), db_text(m->source), db_text(m->target),
                             db_int(m->amount), db_int(balance), db_int(sequence),
                             db_int(m->expires_ms), db_int(now_ms), db_text(m->description)),
                     err);
    return rc == ERR_OK && !is_hold(m) ? add_to_hour(db, m, now_ms, err) : rc;
}

/* The balance first: where it does not suffice nothing is written (a job that cannot be paid is
 * failed in the same transaction). */
enum err_code
credits_move(struct db *db, const struct movement *m, bool *ret_enough, struct err *err)
{
    enum err_code rc = change_account(db, m, ret_enough, err);

    return rc == ERR_OK && *ret_enough ? add_entry(db, m, err) : rc;
}
