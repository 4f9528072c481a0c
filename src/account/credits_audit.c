/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/credits_audit.c - is the ledger what the accounts say? */
#include "account/credits.h"

static enum err_code
audit_teams(struct db *db, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc =
        db_query(db,
                 "SELECT a.team_id, a.granted, a.consumed, a.reserved, "
                 "CAST(COALESCE(SUM(CASE WHEN e.source = 'issued' THEN e.amount "
                 "WHEN e.target = 'issued' THEN -e.amount END), 0) AS BIGINT), "
                 "CAST(COALESCE(SUM(CASE WHEN e.target = 'consumed' THEN e.amount "
                 "WHEN e.source = 'consumed' THEN -e.amount END), 0) AS BIGINT), "
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
                 "HAVING SUM(CASE WHEN target = 'reserved' THEN amount WHEN source = 'reserved' "
                 "THEN -amount ELSE 0 END) < 0",
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

/* What is left of the grants is what is not consumed. */
static enum err_code
audit_grants(struct db *db, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db,
                 "SELECT a.team_id FROM credit_account a LEFT JOIN credit_grant g ON "
                 "g.team_id = a.team_id GROUP BY a.team_id, a.granted, a.consumed "
                 "HAVING CAST(COALESCE(SUM(g.remaining), 0) AS BIGINT) <> a.granted - a.consumed",
                 NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        char team[UUID_TEXT_SIZE] = "?";
        if (!db_column_copy(rows, 0, team, sizeof(team)))
            team[0] = '?';
        rc = err_set(err, ERR_SYSTEM, "team %s: what is left of its grants is not its balance",
                     team);
    }
    db_end(&rows);
    return rc;
}

enum err_code
credits_audit(struct db *db, struct err *err)
{
    enum err_code rc = audit_teams(db, err);

    if (rc == ERR_OK)
        rc = audit_jobs(db, err);
    return rc == ERR_OK ? audit_grants(db, err) : rc;
}

enum err_code
credits_total(struct db *db, struct credit_balance *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT CAST(COALESCE(SUM(granted), 0) AS BIGINT), "
                                "CAST(COALESCE(SUM(consumed), 0) AS BIGINT), "
                                "CAST(COALESCE(SUM(reserved), 0) AS BIGINT) FROM credit_account",
                                NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        *ret = (struct credit_balance){.granted = db_column_int(rows, 0),
                                       .consumed = db_column_int(rows, 1),
                                       .reserved = db_column_int(rows, 2)};
        ret->available = ret->granted - ret->consumed - ret->reserved;
    }
    db_end(&rows);
    return rc;
}
