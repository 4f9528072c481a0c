/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "hooks/hooks_internal.h"
#include "hooks/send.h"

/* Of two machines' clocks beside one database, and of a clock that is being led back slowly. */
static const int64_t doubt_ms = 60000;

enum { HOOKS_AT_ONCE = 64 };

struct found {
    char ids[HOOKS_AT_ONCE][UUID_TEXT_SIZE];
    size_t n;
};

static enum err_code
find(struct db *db, int64_t most_ms, struct found *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc =
        db_query(db,
                 "SELECT s.id FROM webhook_subscription s WHERE s.head_ms > $1 AND EXISTS (SELECT "
                 "1 FROM webhook_delivery d WHERE d.subscription_id = s.id AND d.state = 0 AND "
                 "d.due_ms > $1 AND d.updated_ms > $1) LIMIT $2",
                 DB_ARGS(db_int(most_ms), db_int(HOOKS_AT_ONCE)), &rows, err);

    ret->n = 0;
    while (rc == ERR_OK && ret->n < HOOKS_AT_ONCE && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row)
        if (!db_column_copy(rows, 0, ret->ids[ret->n++], UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a webhook has an id that is too long");
    db_end(&rows);
    return rc;
}

enum err_code
hooks_set_back(struct db *db, int64_t now_ms, struct err *err)
{
    struct found found;
    enum err_code rc = find(db, now_ms + doubt_ms, &found, err);

    for (size_t i = 0; rc == ERR_OK && i < found.n; i++) {
        rc = db_exec(db,
                     "UPDATE webhook_delivery SET due_ms = $1 + (due_ms - updated_ms), "
                     "give_up_ms = $1 + (give_up_ms - updated_ms), updated_ms = $1 WHERE "
                     "subscription_id = $2 AND state = 0 AND updated_ms > $3",
                     DB_ARGS(db_int(now_ms), db_text(found.ids[i]), db_int(now_ms + doubt_ms)),
                     NULL, err);
        if (rc == ERR_OK)
            rc = outbox_find_head(db, found.ids[i], err);
    }
    return rc;
}
