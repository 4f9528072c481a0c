/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/account.h"

#include "account/credits.h"
#include "base/clock.h"

const char *
scope_name(enum scope scope)
{
    if ((scope & SCOPE_READ) != 0)
        return "read";
    return (scope & SCOPE_WRITE) != 0 ? "write" : "admin";
}

/* ERR_OK with *ret_found false where there is no team yet. */
static enum err_code
find_oldest(struct db *db, struct principal *ret, bool *ret_found, struct err *err)
{
    struct db_rows *rows = NULL;
    struct principal who = {0};
    enum err_code rc = db_first(db,
                                "SELECT id, organization_id FROM team "
                                "ORDER BY created_ms, id LIMIT 1",
                                NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL &&
        !(db_column_copy(rows, 0, who.team_id, sizeof(who.team_id)) &&
          db_column_copy(rows, 1, who.organization_id, sizeof(who.organization_id))))
        rc = err_set(err, ERR_SYSTEM, "the oldest team has an id that is too long");
    if (rc == ERR_OK) {
        *ret_found = rows != NULL;
        *ret = who;
    }
    db_end(&rows);
    return rc;
}

static enum err_code
create_default(struct db *db, int64_t credits, struct principal *ret, struct err *err)
{
    struct principal who = {0};
    int64_t now = clock_utc_ms();
    enum err_code rc;

    random_uuid(who.organization_id);
    random_uuid(who.team_id);
    rc = db_exec(db, "INSERT INTO organization (id, name, created_ms) VALUES ($1, $2, $3)",
                 DB_ARGS(db_text(who.organization_id), db_text("default"), db_int(now)), NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(
            db, "INSERT INTO team (id, organization_id, name, created_ms) VALUES ($1, $2, $3, $4)",
            DB_ARGS(db_text(who.team_id), db_text(who.organization_id), db_text("default"),
                    db_int(now)),
            NULL, err);
    if (rc == ERR_OK)
        rc = credits_grant(db, who.team_id, credits, "initial credits", err);
    if (rc == ERR_OK)
        *ret = who;
    return rc;
}

enum err_code
account_ensure_default(struct db *db, int64_t initial_credits, struct principal *ret,
                       bool *ret_created, struct err *err)
{
    bool found = false;
    enum err_code rc = find_oldest(db, ret, &found, err);

    if (rc == ERR_OK && !found)
        rc = create_default(db, initial_credits, ret, err);
    if (rc == ERR_OK)
        *ret_created = !found;
    return rc;
}
