/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "hooks/note.h"

#include "base/jsonw.h"
#include "hooks/hooks_internal.h"
#include "hooks/send.h"

#include <string.h>

/* File names of 255 characters, messages of a few hundred, all of it escaped. */
enum { PAYLOAD_MAX = 16 << 10 };

static const int64_t give_up_after_ms = INT64_C(86400000) * HOOK_DAYS;

struct takers {
    char id[HOOKS_PER_TEAM_MAX][UUID_TEXT_SIZE];
    size_t n;
};

enum err_code
outbox_add_event(struct db *db, const struct new_event *event, struct err *err)
{
    return db_exec(db,
                   "INSERT INTO webhook_event (id, team_id, job_id, type, created_ms, payload) "
                   "VALUES ($1, $2, $3, $4, $5, $6)",
                   DB_ARGS(db_text(event->id), db_text(event->team_id), db_text(event->job_id),
                           db_int(event->event), db_int(event->now_ms), db_text(event->payload)),
                   NULL, err);
}

enum err_code
outbox_add_delivery(struct db *db, const struct new_event *event, const char *hook_id,
                    struct err *err)
{
    char id[UUID_TEXT_SIZE];

    random_uuid(id);
    enum err_code rc = db_exec(
        db,
        "INSERT INTO webhook_delivery (id, subscription_id, event_id, type, due_ms, give_up_ms, "
        "created_ms, updated_ms, url) "
        "VALUES ($1, $2, $3, $4, $5, $6, $5, $5, "
        "(SELECT url FROM webhook_subscription WHERE id = $2))",
        DB_ARGS(db_text(id), db_text(hook_id), db_text(event->id), db_int(event->event),
                db_int(event->now_ms), db_int(event->now_ms + give_up_after_ms)),
        NULL, err);
    return rc != ERR_OK ? rc : outbox_find_head(db, hook_id, err);
}

enum err_code
outbox_find_head(struct db *db, const char *hook_id, struct err *err)
{
    return db_exec(db,
                   "UPDATE webhook_subscription SET head_ms = CASE WHEN enabled = 1 THEN "
                   "(SELECT MIN(due_ms) FROM webhook_delivery WHERE subscription_id = $1 AND "
                   "state < 2) ELSE NULL END WHERE id = $1",
                   DB_ARGS(db_text(hook_id)), NULL, err);
}

static enum err_code
find_takers(struct db *db, const char *team_id, enum hook_event event, struct takers *ret,
            struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc =
        db_query(db,
                 "SELECT id FROM webhook_subscription WHERE team_id = $1 AND enabled = 1 AND "
                 "(events & $2) <> 0",
                 DB_ARGS(db_text(team_id), db_int(INT64_C(1) << event)), &rows, err);

    ret->n = 0;
    while (rc == ERR_OK && ret->n < HOOKS_PER_TEAM_MAX &&
           (rc = db_next(rows, &row, err)) == ERR_OK && row)
        if (!db_column_copy(rows, 0, ret->id[ret->n++], UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a webhook has an id that is too long");
    db_end(&rows);
    return rc;
}

/* What every payload begins with; leaves the object open. */
static void
begin_payload(struct jsonw *w, enum hook_event event, const char *event_id, int64_t now_ms,
              const char *job_id)
{
    jsonw_object(w, NULL);
    jsonw_string(w, "event_type", hook_event_name(event));
    jsonw_string(w, "event_id", event_id);
    jsonw_time(w, "timestamp", now_ms);
    jsonw_string(w, "job_id", job_id);
}

static void
put_text(struct jsonw *w, const char *key, const struct db_rows *rows, int column)
{
    struct span text = db_column_bytes(rows, column);

    if (db_is_null(rows, column))
        jsonw_null(w, key);
    else
        jsonw_bytes(w, key, text.data, text.len);
}

/* The API's words for the numbers of jobs/jobs.h, which stands above this folder. */
static const char *
status_name(int64_t status)
{
    static const char *const names[] = {"pending",   "pending",        "processing",
                                        "completed", "partially_done", "failed"};

    return status >= 0 && status < (int64_t)ARRAY_LEN(names) ? names[status] : "failed";
}

static const char *
format_name(int64_t format)
{
    static const char *const names[] = {"markdown", "structured", "per_page_structured"};

    return format >= 0 && format < (int64_t)ARRAY_LEN(names) ? names[format] : names[0];
}

static void
put_job(struct jsonw *w, const struct db_rows *rows)
{
    put_text(w, "user_id", rows, 14);
    put_text(w, "team_id", rows, 13);
    put_text(w, "organization_id", rows, 12);
    jsonw_string(w, "status", status_name(db_column_int(rows, 0)));
    put_text(w, "file_name", rows, 8);
    put_text(w, "model", rows, 9);
    jsonw_string(w, "result_format", format_name(db_column_int(rows, 1)));
    jsonw_int(w, "total_pages", db_column_int(rows, 2));
    jsonw_int(w, "processed_pages", db_column_int(rows, 3));
    jsonw_int(w, "failed_pages", db_column_int(rows, 4));
    jsonw_int(w, "credits_used", db_column_int(rows, 5));
    jsonw_time(w, "created_at", db_column_int(rows, 6));
    jsonw_time(w, "completed_at", db_column_int(rows, 7));
    put_text(w, "error_code", rows, 10);
    put_text(w, "error_message", rows, 11);
}

static enum err_code
write_payload(struct db *db, const struct new_event *event, struct buf *out, struct err *err)
{
    struct db_rows *rows = NULL;
    struct jsonw w = {.out = out};
    enum err_code rc = db_first(
        db,
        "SELECT j.status, j.format, j.total_pages, j.done_pages, j.failed_pages, j.credits_used, "
        "j.created_ms, j.completed_ms, j.file_name, j.model, j.reason, j.message, "
        "t.organization_id, t.id, j.submitted_by FROM job j JOIN team t ON t.id = j.team_id WHERE "
        "j.id = $1",
        DB_ARGS(db_text(event->job_id)), &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_SYSTEM, "an event of a job that is not there");
    if (rc == ERR_OK) {
        begin_payload(&w, event->event, event->id, event->now_ms, event->job_id);
        put_job(&w, rows);
        jsonw_end(&w);
        rc = buf_check(out, "webhook's payload", err);
    }
    db_end(&rows);
    return rc;
}

static enum err_code
add_for_all(struct db *db, struct new_event *event, const struct takers *takers, struct err *err)
{
    struct buf payload;

    buf_init(&payload, PAYLOAD_MAX);
    enum err_code rc = write_payload(db, event, &payload, err);
    event->payload = buf_text(&payload);
    if (rc == ERR_OK)
        rc = outbox_add_event(db, event, err);
    for (size_t i = 0; rc == ERR_OK && i < takers->n; i++)
        rc = outbox_add_delivery(db, event, takers->id[i], err);
    buf_fini(&payload);
    return rc;
}

enum err_code
hooks_note(struct db *db, const char *team_id, const char *job_id, enum hook_event type,
           int64_t now_ms, struct err *err)
{
    struct takers takers;
    struct new_event event = {
        .team_id = team_id, .job_id = job_id, .event = type, .now_ms = now_ms};
    enum err_code rc = find_takers(db, team_id, type, &takers, err);

    if (rc != ERR_OK || takers.n == 0)
        return rc;
    random_uuid(event.id);
    return add_for_all(db, &event, &takers, err);
}

/* --- after a deletion --- */

struct past {
    char id[UUID_TEXT_SIZE];
    enum hook_event event;
    int64_t created_ms;
};

enum { PAST_MAX = 64 }; /* a job has a handful of events */

static enum err_code
find_past(struct db *db, const char *job_id, struct past *ret, size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    size_t n = 0;
    enum err_code rc =
        db_query(db, "SELECT id, type, created_ms FROM webhook_event WHERE job_id = $1 LIMIT 64",
                 DB_ARGS(db_text(job_id)), &rows, err);

    while (rc == ERR_OK && n < PAST_MAX && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        ret[n].event = (enum hook_event)db_column_int(rows, 1);
        ret[n].created_ms = db_column_int(rows, 2);
        if (!db_column_copy(rows, 0, ret[n++].id, UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "an event has an id that is too long");
    }
    db_end(&rows);
    *ret_n = n;
    return rc;
}

static enum err_code
redact_one(struct db *db, const struct past *past, const char *team_id, const char *job_id,
           struct err *err)
{
    struct buf payload;
    struct jsonw w = {.out = &payload};

    buf_init(&payload, PAYLOAD_MAX);
    begin_payload(&w, past->event, past->id, past->created_ms, job_id);
    jsonw_string(&w, "team_id", team_id);
    jsonw_bool(&w, "redacted", true);
    jsonw_end(&w);
    enum err_code rc = buf_check(&payload, "webhook's payload", err);
    if (rc == ERR_OK)
        rc = db_exec(db, "UPDATE webhook_event SET payload = $1 WHERE id = $2",
                     DB_ARGS(db_text(buf_text(&payload)), db_text(past->id)), NULL, err);
    buf_fini(&payload);
    return rc;
}

enum err_code
hooks_redact(struct db *db, const char *team_id, const char *job_id, int64_t now_ms,
             struct err *err)
{
    struct past past[PAST_MAX];
    size_t n = 0;
    enum err_code rc = find_past(db, job_id, past, &n, err);

    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = redact_one(db, &past[i], team_id, job_id, err);
    return rc != ERR_OK ? rc : hooks_note(db, team_id, job_id, HOOK_JOB_DELETED, now_ms, err);
}
