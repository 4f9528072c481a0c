/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "hooks/send.h"

#include "hooks/hooks_internal.h"

#include <string.h>

static const int64_t day_ms = INT64_C(86400000);

/* Before the second, third, ... attempt; the last one again and again until the time is up. */
static const int64_t waits_ms[] = {5000,    30000,   120000,   600000,
                                   1800000, 3600000, 10800000, 21600000};

/* Brought forward when a receiver answers again, the others by their own time. */
enum { FORWARD_MAX = 1000, PURGE_MAX = 500 };

enum err_code
hooks_due(struct db *db, int64_t now_ms, uint64_t (*host_number)(const char *url),
          struct hook_due *ret, size_t max, size_t *ret_n, int64_t *ret_next_ms, struct err *err)
{
    char url[URL_TEXT_SIZE];
    struct db_rows *rows = NULL;
    size_t n = 0;
    bool row = false;
    int64_t next_ms = 0;
    enum err_code rc = db_query(
        db,
        "SELECT id, failure_count, head_ms, url FROM webhook_subscription WHERE head_ms IS NOT "
        "NULL ORDER BY head_ms LIMIT $1",
        DB_ARGS(db_int((int64_t)max)), &rows, err);

    while (rc == ERR_OK && n < max && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        if (db_column_int(rows, 2) > now_ms) {
            next_ms = db_column_int(rows, 2);
            break;
        }
        ret[n].failure_count = db_column_int(rows, 1);
        ret[n].host = db_column_copy(rows, 3, url, sizeof(url)) ? host_number(url) : 0;
        if (!db_column_copy(rows, 0, ret[n++].id, UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a webhook has an id that is too long");
    }
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret_n = n;
        *ret_next_ms = n == max ? now_ms : next_ms;
    }
    return rc;
}

static enum err_code
read_sending(struct arena *arena, const struct db_rows *rows, const struct seal_key *key,
             struct hook_sending *ret, struct err *err)
{
    ret->attempt = db_column_int(rows, 3) + 1;
    ret->url = db_column_text(arena, rows, 4);
    ret->payload = db_column_text(arena, rows, 5);
    if (!db_column_copy(rows, 0, ret->delivery_id, UUID_TEXT_SIZE) ||
        !db_column_copy(rows, 1, ret->hook_id, UUID_TEXT_SIZE) ||
        !db_column_copy(rows, 2, ret->event_id, UUID_TEXT_SIZE))
        return err_set(err, ERR_SYSTEM, "a delivery has an id that is too long");
    if (ret->url == NULL || ret->payload == NULL)
        return err_set(err, ERR_LIMIT, "no room for the deliveries");
    if (!db_column_copy(rows, 7, ret->trace, sizeof(ret->trace)))
        ret->trace[0] = '\0';
    return seal_open(key, db_column_bytes(rows, 6), span_of(ret->hook_id), ret->secret,
                     sizeof(ret->secret), err);
}

enum err_code
hooks_claim(struct arena *arena, struct db *db, const struct seal_key *key, const char *hook_id,
            int64_t now_ms, int64_t lease_ms, struct hook_sending *ret, size_t max, size_t *ret_n,
            struct err *err)
{
    struct db_rows *rows = NULL;
    size_t n = 0;
    bool row = false;
    enum err_code rc = db_query(
        db,
        "SELECT d.id, d.subscription_id, d.event_id, d.attempts, d.url, e.payload, s.secret, "
        "j.trace "
        "FROM webhook_delivery d JOIN webhook_event e ON e.id = d.event_id "
        "JOIN webhook_subscription s ON s.id = d.subscription_id "
        "LEFT JOIN job j ON j.id = e.job_id "
        "WHERE d.subscription_id = $1 AND d.state < 2 AND d.due_ms <= $2 "
        "ORDER BY d.due_ms LIMIT $3",
        DB_ARGS(db_text(hook_id), db_int(now_ms), db_int((int64_t)max)), &rows, err);

    while (rc == ERR_OK && n < max && (rc = db_next(rows, &row, err)) == ERR_OK && row)
        rc = read_sending(arena, rows, key, &ret[n++], err);
    db_end(&rows);
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = db_exec(db,
                     "UPDATE webhook_delivery SET state = 1, attempts = $1, due_ms = $2, "
                     "updated_ms = $3 WHERE id = $4",
                     DB_ARGS(db_int(ret[i].attempt), db_int(now_ms + lease_ms), db_int(now_ms),
                             db_text(ret[i].delivery_id)),
                     NULL, err);
    if (rc == ERR_OK)
        rc = outbox_find_head(db, hook_id, err);
    *ret_n = rc == ERR_OK ? n : 0;
    return rc;
}

enum err_code
hooks_hold(struct db *db, const char *hook_id, int64_t until_ms, struct err *err)
{
    return db_exec(db,
                   "UPDATE webhook_subscription SET head_ms = $1 WHERE id = $2 AND head_ms < $1",
                   DB_ARGS(db_int(until_ms), db_text(hook_id)), NULL, err);
}

/* A fifth more or less, so that what failed together does not come back together. */
static int64_t
wait_ms(int64_t attempt)
{
    size_t at = attempt < 1 ? 0 : (size_t)attempt - 1;
    int64_t base = waits_ms[at < ARRAY_LEN(waits_ms) ? at : ARRAY_LEN(waits_ms) - 1];
    uint16_t dice;

    random_bytes(&dice, sizeof(dice));
    return base - base / 5 + base * 2 / 5 * dice / UINT16_MAX;
}

static enum err_code
find_claimed(struct db *db, const struct hook_sending *sending, bool *ret_ours,
             int64_t *ret_give_up_ms, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db,
                 "SELECT give_up_ms FROM webhook_delivery WHERE id = $1 AND state = 1 AND "
                 "attempts = $2",
                 DB_ARGS(db_text(sending->delivery_id), db_int(sending->attempt)), &rows, err);

    *ret_ours = rc == ERR_OK && rows != NULL;
    if (*ret_ours)
        *ret_give_up_ms = db_column_int(rows, 0);
    db_end(&rows);
    return rc;
}

static enum err_code
note_success(struct db *db, const struct hook_sending *sending, int64_t http_status, int64_t now_ms,
             struct err *err)
{
    int64_t recovered = 0;
    enum err_code rc = db_exec(
        db,
        "UPDATE webhook_delivery SET state = 2, http_status = $1, "
        "error = NULL, updated_ms = $2 WHERE id = $3",
        DB_ARGS(db_int(http_status), db_int(now_ms), db_text(sending->delivery_id)), NULL, err);
    /* It answers again: the rest need not wait out what the outage has earned them. */
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE webhook_subscription SET failing_since_ms = 0 WHERE id = $1 AND "
                     "failing_since_ms > 0",
                     DB_ARGS(db_text(sending->hook_id)), &recovered, err);
    if (rc == ERR_OK && recovered > 0)
        rc = db_exec(db,
                     "UPDATE webhook_delivery SET due_ms = $1 WHERE id IN (SELECT id FROM "
                     "webhook_delivery WHERE subscription_id = $2 AND state = 0 AND due_ms > $1 "
                     "ORDER BY due_ms LIMIT $3) AND state < 2",
                     DB_ARGS(db_int(now_ms), db_text(sending->hook_id), db_int(FORWARD_MAX)), NULL,
                     err);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE webhook_subscription SET failure_count = 0, last_attempt_ms = $1, "
                     "last_success_ms = $1, last_http_status = $2, last_error = NULL WHERE "
                     "id = $3",
                     DB_ARGS(db_int(now_ms), db_int(http_status), db_text(sending->hook_id)), NULL,
                     err);
    return rc;
}

static enum err_code
note_failure(struct db *db, const struct hook_sending *sending, const struct hook_report *report,
             int64_t give_up_ms, int64_t now_ms, struct err *err)
{
    int64_t due_ms = now_ms + wait_ms(sending->attempt);
    char text[HOOK_ERROR_SIZE];

    (void)memccpy(text, report->failure->msg, '\0', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    enum err_code rc =
        db_exec(db,
                "UPDATE webhook_delivery SET state = $1, due_ms = $2, http_status = $3, "
                "error = $4, updated_ms = $5 WHERE id = $6",
                DB_ARGS(db_int(due_ms > give_up_ms ? HOOK_GIVEN_UP : HOOK_WAITING), db_int(due_ms),
                        db_int(report->http_status), db_text(text), db_int(now_ms),
                        db_text(sending->delivery_id)),
                NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(
            db,
            "UPDATE webhook_subscription SET failure_count = failure_count + 1, "
            "failing_since_ms = CASE WHEN failing_since_ms = 0 THEN $1 ELSE failing_since_ms END, "
            "last_attempt_ms = $1, last_http_status = $2, last_error = $3 WHERE id = $4",
            DB_ARGS(db_int(now_ms), db_int(report->http_status), db_text(text),
                    db_text(sending->hook_id)),
            NULL, err);
    return rc;
}

static enum err_code
disable_if_dead(struct db *db, const char *hook_id, int64_t now_ms, bool *ret_disabled,
                struct err *err)
{
    int64_t changed = 0;
    enum err_code rc =
        db_exec(db,
                "UPDATE webhook_subscription SET enabled = 0, disabled_ms = $1, "
                "updated_ms = $1 WHERE id = $2 AND enabled = 1 AND "
                "failing_since_ms > 0 AND failing_since_ms <= $3",
                DB_ARGS(db_int(now_ms), db_text(hook_id), db_int(now_ms - HOOK_DAYS * day_ms)),
                &changed, err);

    *ret_disabled = changed > 0;
    return rc;
}

enum err_code
hooks_report(struct db *db, const struct hook_sending *sending, const struct hook_report *report,
             int64_t now_ms, bool *ret_disabled, struct err *err)
{
    bool ours = false;
    int64_t give_up_ms = 0;
    enum err_code rc = find_claimed(db, sending, &ours, &give_up_ms, err);

    *ret_disabled = false;
    if (rc != ERR_OK || !ours)
        return rc;
    if (report->failure == NULL)
        rc = note_success(db, sending, report->http_status, now_ms, err);
    else
        rc = note_failure(db, sending, report, give_up_ms, now_ms, err);
    if (rc == ERR_OK && report->failure != NULL)
        rc = disable_if_dead(db, sending->hook_id, now_ms, ret_disabled, err);
    return rc != ERR_OK ? rc : outbox_find_head(db, sending->hook_id, err);
}

enum err_code
hooks_recover(struct db *db, int64_t now_ms, struct err *err)
{
    enum err_code rc =
        db_exec(db,
                "UPDATE webhook_subscription SET head_ms = $1 WHERE enabled = 1 AND id IN (SELECT "
                "subscription_id FROM webhook_delivery WHERE state = 1)",
                DB_ARGS(db_int(now_ms)), NULL, err);

    return rc != ERR_OK ? rc
                        : db_exec(db,
                                  "UPDATE webhook_delivery SET state = 0, due_ms = $1 WHERE "
                                  "state = 1",
                                  DB_ARGS(db_int(now_ms)), NULL, err);
}

enum err_code
hooks_purge(struct db *db, int64_t now_ms, bool *ret_more, struct err *err)
{
    int64_t before_ms = now_ms - HOOK_LOG_DAYS * day_ms;
    int64_t gone = 0, events = 0;
    enum err_code rc =
        db_exec(db,
                "DELETE FROM webhook_delivery WHERE state >= 2 AND event_id IN (SELECT id FROM "
                "webhook_event WHERE created_ms < $1 ORDER BY created_ms LIMIT $2)",
                DB_ARGS(db_int(before_ms), db_int(PURGE_MAX)), &gone, err);

    if (rc == ERR_OK)
        rc = db_exec(db,
                     "DELETE FROM webhook_event WHERE id IN (SELECT e.id FROM webhook_event e "
                     "WHERE e.created_ms < $1 AND NOT EXISTS (SELECT 1 FROM webhook_delivery d "
                     "WHERE d.event_id = e.id) ORDER BY e.created_ms LIMIT $2)",
                     DB_ARGS(db_int(before_ms), db_int(PURGE_MAX)), &events, err);
    if (rc == ERR_OK)
        *ret_more = gone > 0 || events > 0;
    return rc;
}

enum err_code
hooks_counts(struct db *db, struct hooks_counts *ret, struct err *err)
{
    struct hooks_counts counts = {.waiting = 0};
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(db,
                                "SELECT state, COUNT(*), MIN(due_ms) FROM webhook_delivery "
                                "WHERE state < 2 GROUP BY state",
                                NULL, 0, &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        if (db_column_int(rows, 0) == 0) {
            counts.waiting = db_column_int(rows, 1);
            counts.oldest_due_ms = db_column_int(rows, 2);
        } else {
            counts.sending = db_column_int(rows, 1);
        }
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret = counts;
    return rc;
}
