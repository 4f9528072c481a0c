/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "hooks/hooks.h"

#include "base/hash.h"
#include "base/jsonw.h"
#include "hooks/hooks_internal.h"

#include <stdio.h>
#include <string.h>

static const char secret_prefix[] = "whsec_";

#define HOOK_COLUMNS                                                                               \
    "id, team_id, organization_id, user_id, enabled, events, failure_count, failing_since_ms, "    \
    "last_attempt_ms, last_success_ms, last_http_status, disabled_ms, created_ms, updated_ms, "    \
    "url, description, last_error, secret"

/* Sealed for the id of its subscription. */
static enum err_code
make_secret(const struct seal_key *key, struct hook *hook,
            uint8_t sealed[SEAL_OVERHEAD + HOOK_SECRET_SIZE - 1], struct err *err)
{
    size_t prefix = sizeof(secret_prefix) - 1;

    memcpy(hook->secret, secret_prefix, prefix);
    random_text(hook->secret + prefix, HOOK_SECRET_SIZE - 1 - prefix);
    return seal_close(key, span_of(hook->secret), span_of(hook->id), sealed, err);
}

static enum err_code
check_count(struct db *db, const char *team_id, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT COUNT(*) FROM webhook_subscription WHERE team_id = $1",
                                DB_ARGS(db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows != NULL && db_column_int(rows, 0) >= HOOKS_PER_TEAM_MAX)
        rc = err_set(err, ERR_CONFLICT, "the team has %d webhooks, which is the limit",
                     HOOKS_PER_TEAM_MAX);
    db_end(&rows);
    return rc;
}

enum err_code
hook_create(struct db *db, const struct seal_key *key, struct hook *hook, int64_t now_ms,
            struct err *err)
{
    uint8_t sealed[SEAL_OVERHEAD + HOOK_SECRET_SIZE - 1];
    enum err_code rc = check_count(db, hook->team_id, err);

    random_uuid(hook->id);
    hook->created_ms = hook->updated_ms = now_ms;
    if (rc == ERR_OK)
        rc = make_secret(key, hook, sealed, err);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "INSERT INTO webhook_subscription (id, team_id, organization_id, user_id, "
                     "enabled, events, created_ms, updated_ms, secret, url, description) "
                     "VALUES ($1, $2, $3, $4, $5, $6, $7, $7, $8, $9, $10)",
                     DB_ARGS(db_text(hook->id), db_text(hook->team_id),
                             db_text(hook->organization_id), db_text(hook->user_id),
                             db_int(hook->enabled), db_int(hook->events), db_int(now_ms),
                             db_blob((struct span){sealed, sizeof(sealed)}), db_text(hook->url),
                             db_text(hook->description)),
                     NULL, err);
    return rc;
}

static enum err_code
read_ids(const struct db_rows *rows, struct hook *hook, struct err *err)
{
    if (db_column_copy(rows, 0, hook->id, UUID_TEXT_SIZE) &&
        db_column_copy(rows, 1, hook->team_id, UUID_TEXT_SIZE) &&
        db_column_copy(rows, 2, hook->organization_id, UUID_TEXT_SIZE) &&
        db_column_copy(rows, 3, hook->user_id, UUID_TEXT_SIZE))
        return ERR_OK;
    return err_set(err, ERR_SYSTEM, "a webhook has an id that is too long");
}

/* Of HOOK_COLUMNS. */
static enum err_code
read_hook(struct arena *arena, const struct db_rows *rows, const struct seal_key *key,
          struct hook *hook, struct err *err)
{
    *hook = (struct hook){.enabled = db_column_int(rows, 4) != 0,
                          .events = db_column_int(rows, 5),
                          .failure_count = db_column_int(rows, 6),
                          .failing_since_ms = db_column_int(rows, 7),
                          .last_attempt_ms = db_column_int(rows, 8),
                          .last_success_ms = db_column_int(rows, 9),
                          .last_http_status = db_column_int(rows, 10),
                          .disabled_ms = db_column_int(rows, 11),
                          .created_ms = db_column_int(rows, 12),
                          .updated_ms = db_column_int(rows, 13),
                          .url = db_column_text(arena, rows, 14),
                          .description = db_column_text(arena, rows, 15),
                          .last_error = db_column_text(arena, rows, 16)};
    enum err_code rc = read_ids(rows, hook, err);
    if (rc == ERR_OK && (hook->url == NULL || hook->description == NULL))
        rc = err_set(err, ERR_LIMIT, "too many webhooks to read");
    if (rc == ERR_OK)
        rc = seal_open(key, db_column_bytes(rows, 17), span_of(hook->id), hook->secret,
                       sizeof(hook->secret), err);
    return rc;
}

enum err_code
hook_find(struct arena *arena, struct db *db, const struct seal_key *key, const char *team_id,
          const char *id, struct hook *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    struct hook hook;
    enum err_code rc = db_first(
        db, "SELECT " HOOK_COLUMNS " FROM webhook_subscription WHERE id = $1 AND team_id = $2",
        DB_ARGS(db_text(id), db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such webhook");
    if (rc == ERR_OK)
        rc = read_hook(arena, rows, key, &hook, err);
    if (rc == ERR_OK)
        *ret = hook;
    db_end(&rows);
    return rc;
}

static enum err_code
count_hooks(struct db *db, const struct hook_list *list, int64_t *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT COUNT(*) FROM webhook_subscription WHERE team_id = $1 AND "
                                "($2 < 0 OR enabled = $2)",
                                DB_ARGS(db_text(list->team_id), db_int(list->enabled)), &rows, err);

    *ret = rc == ERR_OK && rows != NULL ? db_column_int(rows, 0) : 0;
    db_end(&rows);
    return rc;
}

enum err_code
hook_list(struct arena *arena, struct db *db, const struct seal_key *key,
          const struct hook_list *list, struct hook **ret, size_t *ret_n, int64_t *ret_total,
          struct err *err)
{
    struct db_rows *rows = NULL;
    struct hook *hooks = arena_array(arena, (size_t)list->limit, sizeof(*hooks));
    size_t n = 0;
    bool row = false;
    enum err_code rc = count_hooks(db, list, ret_total, err);

    if (rc == ERR_OK && hooks == NULL)
        rc = err_set(err, ERR_LIMIT, "too many webhooks to list");
    if (rc == ERR_OK)
        rc =
            db_query(db,
                     "SELECT " HOOK_COLUMNS " FROM webhook_subscription WHERE team_id = $1 AND "
                     "($2 < 0 OR enabled = $2) AND (created_ms < $3 OR (created_ms = $3 AND "
                     "id < $4)) ORDER BY created_ms DESC, id DESC LIMIT $5",
                     DB_ARGS(db_text(list->team_id), db_int(list->enabled), db_int(list->before_ms),
                             db_text(list->before_id), db_int(list->limit)),
                     &rows, err);
    while (rc == ERR_OK && n < (size_t)list->limit && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row)
        rc = read_hook(arena, rows, key, &hooks[n++], err);
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = hooks;
        *ret_n = n;
    }
    return rc;
}

enum err_code
hook_update(struct db *db, const struct hook *hook, int64_t now_ms, struct err *err)
{
    enum err_code rc = db_exec(
        db,
        "UPDATE webhook_subscription SET failure_count = CASE WHEN enabled < $1 THEN 0 ELSE "
        "failure_count END, failing_since_ms = CASE WHEN enabled < $1 THEN 0 ELSE "
        "failing_since_ms END, disabled_ms = CASE WHEN $1 = 1 THEN 0 ELSE disabled_ms END, "
        "enabled = $1, events = $2, url = $3, description = $4, updated_ms = $5 WHERE id = $6",
        DB_ARGS(db_int(hook->enabled), db_int(hook->events), db_text(hook->url),
                db_text(hook->description), db_int(now_ms), db_text(hook->id)),
        NULL, err);

    /* What waits goes where the subscription points now. */
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE webhook_delivery SET due_ms = $1, url = $2 WHERE "
                     "subscription_id = $3 AND state = 0",
                     DB_ARGS(db_int(now_ms), db_text(hook->url), db_text(hook->id)), NULL, err);
    return rc != ERR_OK ? rc : outbox_find_head(db, hook->id, err);
}

enum err_code
hook_remove(struct db *db, const char *team_id, const char *id, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT 1 FROM webhook_subscription WHERE id = $1 AND team_id = $2",
                 DB_ARGS(db_text(id), db_text(team_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such webhook");
    db_end(&rows);
    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM webhook_delivery WHERE subscription_id = $1",
                     DB_ARGS(db_text(id)), NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM webhook_subscription WHERE id = $1", DB_ARGS(db_text(id)),
                     NULL, err);
    return rc;
}

enum err_code
hook_rotate(struct db *db, const struct seal_key *key, struct hook *hook, int64_t now_ms,
            struct err *err)
{
    uint8_t sealed[SEAL_OVERHEAD + HOOK_SECRET_SIZE - 1];
    enum err_code rc = make_secret(key, hook, sealed, err);

    hook->updated_ms = now_ms;
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE webhook_subscription SET secret = $1, updated_ms = $2 WHERE id = $3",
                     DB_ARGS(db_blob((struct span){sealed, sizeof(sealed)}), db_int(now_ms),
                             db_text(hook->id)),
                     NULL, err);
    return rc;
}

enum err_code
hook_test(struct db *db, const struct hook *hook, int64_t now_ms, char ret_event_id[UUID_TEXT_SIZE],
          struct err *err)
{
    struct new_event event = {.team_id = hook->team_id, .event = HOOK_TEST, .now_ms = now_ms};
    struct buf payload;
    struct jsonw w = {.out = &payload};

    if (!hook->enabled)
        return err_set(err, ERR_CONFLICT, "the webhook is disabled; enable it to test it");
    random_uuid(event.id);
    buf_init(&payload, KiB(2));
    jsonw_object(&w, NULL);
    jsonw_string(&w, "event_type", hook_event_name(HOOK_TEST));
    jsonw_string(&w, "event_id", event.id);
    jsonw_time(&w, "timestamp", now_ms);
    jsonw_string(&w, "message", "This is a test webhook event");
    jsonw_end(&w);
    event.payload = buf_text(&payload);
    enum err_code rc = buf_check(&payload, "webhook's payload", err);
    if (rc == ERR_OK)
        rc = outbox_add_event(db, &event, err);
    if (rc == ERR_OK)
        rc = outbox_add_delivery(db, &event, hook->id, err);
    buf_fini(&payload);
    if (rc == ERR_OK)
        memcpy(ret_event_id, event.id, UUID_TEXT_SIZE);
    return rc;
}

enum err_code
hook_counts(struct db *db, const char *id, struct hook_counts *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    struct hook_counts counts = {0};
    enum err_code rc = db_query(db,
                                "SELECT state, COUNT(*) FROM webhook_delivery WHERE "
                                "subscription_id = $1 GROUP BY state",
                                DB_ARGS(db_text(id)), &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        int64_t state = db_column_int(rows, 0), n = db_column_int(rows, 1);
        if (state == HOOK_DELIVERED)
            counts.delivered = n;
        else if (state == HOOK_GIVEN_UP)
            counts.given_up = n;
        else
            counts.waiting += n;
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret = counts;
    return rc;
}
