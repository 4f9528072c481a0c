/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/audit.h"
#include "base/clock.h"

static enum err_code
next_number(struct db *db, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_exec(db, "UPDATE counter SET value = value + 1 WHERE name = 'audit'",
                               NULL, 0, NULL, err);

    if (rc == ERR_OK)
        rc = db_first(db, "SELECT value FROM counter WHERE name = 'audit'", NULL, 0, &rows, err);
    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_SYSTEM, "the audit log has no counter");
    if (rc == ERR_OK)
        *ret = db_column_int(rows, 0);
    db_end(&rows);
    return rc;
}

enum err_code
audit_add(struct db *db, const struct audit_entry *entry, struct err *err)
{
    int64_t id = 0;
    enum err_code rc = next_number(db, &id, err);

    if (rc == ERR_OK)
        rc = db_exec(db,
                     "INSERT INTO audit (id, created_ms, organization_id, team_id, actor, action, "
                     "target, origin, request_id, detail) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                     DB_ARGS(db_int(id), db_int(clock_utc_ms()), db_text(entry->organization_id),
                             db_text(entry->team_id), db_text(entry->actor), db_text(entry->action),
                             db_text(entry->target), db_text(entry->origin),
                             db_text(entry->request_id), db_text(entry->detail)),
                     NULL, err);
    return rc;
}

static enum err_code
read_entry(struct arena *arena, const struct db_rows *rows, struct audit_entry *ret,
           struct err *err)
{
    *ret = (struct audit_entry){
        .id = db_column_int(rows, 0),
        .created_ms = db_column_int(rows, 1),
        .organization_id = db_column_text(arena, rows, 2),
        .team_id = db_column_text(arena, rows, 3),
        .actor = db_column_text(arena, rows, 4),
        .action = db_column_text(arena, rows, 5),
        .target = db_column_text(arena, rows, 6),
        .origin = db_column_text(arena, rows, 7),
        .request_id = db_column_text(arena, rows, 8),
        .detail = db_column_text(arena, rows, 9),
    };
    return ret->actor != NULL && ret->action != NULL
               ? ERR_OK
               : err_set(err, ERR_LIMIT, "too much of the audit log at once");
}

#define AUDIT_COLUMNS                                                                              \
    "SELECT id, created_ms, organization_id, team_id, actor, action, target, origin, request_id, " \
    "detail FROM audit "

enum err_code
audit_list(struct arena *arena, struct db *db, const char *team_id, int64_t before, int64_t max,
           struct audit_entry **ret, size_t *ret_n, struct err *err)
{
    struct audit_entry *entries = arena_array(arena, (size_t)max, sizeof(*entries));
    struct db_rows *rows = NULL;
    size_t n = 0;
    bool row = false;

    if (entries == NULL)
        return err_set(err, ERR_LIMIT, "too much of the audit log at once");
    enum err_code rc =
        team_id == NULL
            ? db_query(db, AUDIT_COLUMNS "WHERE id < $1 ORDER BY id DESC LIMIT $2",
                       DB_ARGS(db_int(before), db_int(max)), &rows, err)
            : db_query(db, AUDIT_COLUMNS "WHERE team_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                       DB_ARGS(db_text(team_id), db_int(before), db_int(max)), &rows, err);
    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row)
        rc = read_entry(arena, rows, &entries[n++], err);
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = entries;
        *ret_n = n;
    }
    return rc;
}

enum err_code
audit_count(struct db *db, const char *team_id, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT COUNT(*) FROM audit WHERE team_id = $1",
                                DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK)
        *ret = rows != NULL ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}

/* Numbers and times rise together: mostly the first row says that there is nothing to do. */
enum err_code
audit_forget(struct db *db, int64_t before_ms, int64_t max, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT created_ms FROM audit ORDER BY id LIMIT 1", NULL, 0, &rows, err);
    bool old = rows != NULL && db_column_int(rows, 0) < before_ms;

    db_end(&rows);
    if (rc != ERR_OK || !old)
        return rc;
    return db_exec(db,
                   "DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE created_ms < $1 "
                   "ORDER BY id LIMIT $2)",
                   DB_ARGS(db_int(before_ms), db_int(max)), NULL, err);
}
