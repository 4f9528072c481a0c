/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "hooks/hooks_internal.h"
#include "hooks/send.h"

#include <string.h>

static const int64_t give_up_after_ms = INT64_C(86400000) * HOOK_DAYS;

static enum err_code
count_log(struct db *db, const struct hook_log *log, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(
        db,
        "SELECT COUNT(*) FROM webhook_delivery WHERE subscription_id = $1 AND "
        "($2 < 0 OR type = $2) AND ($3 < 0 OR state = $3)",
        DB_ARGS(db_text(log->hook_id), db_int(log->event), db_int(log->state)), &rows, err);

    *ret = rc == ERR_OK && rows != NULL ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}

static enum err_code
read_delivery(struct arena *arena, const struct db_rows *rows, struct hook_delivery *ret,
              struct err *err)
{
    *ret = (struct hook_delivery){.event = (enum hook_event)db_column_int(rows, 2),
                                  .state = (enum hook_state)db_column_int(rows, 3),
                                  .attempts = db_column_int(rows, 4),
                                  .http_status = db_column_int(rows, 5),
                                  .created_ms = db_column_int(rows, 6),
                                  .updated_ms = db_column_int(rows, 7),
                                  .url = db_column_text(arena, rows, 8),
                                  .error = db_column_text(arena, rows, 9),
                                  .payload = db_column_text(arena, rows, 10)};
    if (!db_column_copy(rows, 0, ret->id, UUID_TEXT_SIZE) ||
        !db_column_copy(rows, 1, ret->event_id, UUID_TEXT_SIZE))
        return err_set(err, ERR_SYSTEM, "a delivery has an id that is too long");
    return ret->url != NULL && ret->payload != NULL
               ? ERR_OK
               : err_set(err, ERR_LIMIT, "too many deliveries to list");
}

enum err_code
hook_log(struct arena *arena, struct db *db, const struct hook_log *log, struct hook_delivery **ret,
         size_t *ret_n, int64_t *ret_total, struct err *err)
{
    struct db_rows *rows = NULL;
    struct hook_delivery *list = arena_array(arena, (size_t)log->limit, sizeof(*list));
    size_t n = 0;
    bool row = false;
    enum err_code rc = count_log(db, log, ret_total, err);

    if (rc == ERR_OK && list == NULL)
        rc = err_set(err, ERR_LIMIT, "too many deliveries to list");
    if (rc == ERR_OK)
        rc = db_query(
            db,
            "SELECT d.id, d.event_id, d.type, d.state, d.attempts, d.http_status, d.created_ms, "
            "d.updated_ms, d.url, d.error, e.payload FROM webhook_delivery d JOIN webhook_event e "
            "ON e.id = d.event_id WHERE d.subscription_id = $1 AND ($2 < 0 OR d.type = $2) AND "
            "($3 < 0 OR d.state = $3) AND (d.created_ms < $4 OR (d.created_ms = $4 AND "
            "d.id < $5)) ORDER BY d.created_ms DESC, d.id DESC LIMIT $6",
            DB_ARGS(db_text(log->hook_id), db_int(log->event), db_int(log->state),
                    db_int(log->before_ms), db_text(log->before_id), db_int(log->limit)),
            &rows, err);
    while (rc == ERR_OK && n < (size_t)log->limit && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row)
        rc = read_delivery(arena, rows, &list[n++], err);
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = list;
        *ret_n = n;
    }
    return rc;
}

enum err_code
hook_payload(struct arena *arena, struct db *db, const char *team_id, const char *event_id,
             struct hook_payload *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    struct hook_payload found;
    enum err_code rc =
        db_first(db, "SELECT id, type, payload FROM webhook_event WHERE id = $1 AND team_id = $2",
                 DB_ARGS(db_text(event_id), db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such event");
    if (rc == ERR_OK) {
        found.event = (enum hook_event)db_column_int(rows, 1);
        found.payload = db_column_text(arena, rows, 2);
        if (found.payload == NULL || !db_column_copy(rows, 0, found.event_id, UUID_TEXT_SIZE))
            rc = err_set(err, ERR_LIMIT, "the event is too large to read");
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret = found;
    return rc;
}

static enum err_code
find_heads(struct db *db, const char *event_id, struct err *err)
{
    struct db_rows *rows = NULL;
    char ids[HOOKS_PER_TEAM_MAX][UUID_TEXT_SIZE];
    size_t n = 0;
    bool row = false;
    enum err_code rc = db_query(db,
                                "SELECT DISTINCT subscription_id FROM webhook_delivery WHERE "
                                "event_id = $1",
                                DB_ARGS(db_text(event_id)), &rows, err);

    while (rc == ERR_OK && n < HOOKS_PER_TEAM_MAX && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row)
        if (!db_column_copy(rows, 0, ids[n++], UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a webhook has an id that is too long");
    db_end(&rows);
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = outbox_find_head(db, ids[i], err);
    return rc;
}

enum err_code
hook_resend(struct db *db, const char *team_id, const char *event_id, int64_t now_ms,
            int64_t *ret_count, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT 1 FROM webhook_event WHERE id = $1 AND team_id = $2",
                                DB_ARGS(db_text(event_id), db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such event");
    db_end(&rows);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE webhook_delivery SET state = 0, due_ms = $1, give_up_ms = $2, "
                     "updated_ms = $1 WHERE event_id = $3 AND state <> 1",
                     DB_ARGS(db_int(now_ms), db_int(now_ms + give_up_after_ms), db_text(event_id)),
                     ret_count, err);
    return rc != ERR_OK ? rc : find_heads(db, event_id, err);
}
