/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/idempotency.h"

#include <string.h>

static const int64_t life_ms = INT64_C(86400000);

enum err_code
idempotency_find(struct db *db, const struct idempotency *request, int64_t now_ms,
                 char ret_job[UUID_TEXT_SIZE], struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = ERR_OK;

    ret_job[0] = '\0';
    if (request->key == NULL)
        return ERR_OK;
    rc = db_first(
        db,
        "SELECT job_id, digest FROM idempotency WHERE team_id = $1 AND key = $2 AND "
        "created_ms > $3",
        DB_ARGS(db_text(request->team_id), db_text(request->key), db_int(now_ms - life_ms)), &rows,
        err);
    if (rc == ERR_OK && rows != NULL) {
        struct span digest = db_column_bytes(rows, 1);
        if (digest.len != SHA256_SIZE || memcmp(digest.data, request->digest, SHA256_SIZE) != 0)
            rc = err_set(err, ERR_CONFLICT,
                         "this Idempotency-Key was used for another request within the last day");
        else if (!db_column_copy(rows, 0, ret_job, UUID_TEXT_SIZE))
            rc = err_set(err, ERR_SYSTEM, "a job has an id that is too long");
    }
    db_end(&rows);
    return rc;
}

enum err_code
idempotency_add(struct db *db, const struct idempotency *request, const char *job_id,
                int64_t now_ms, struct err *err)
{
    if (request->key == NULL)
        return ERR_OK;
    return db_exec(db,
                   "INSERT INTO idempotency (team_id, key, created_ms, digest, job_id) VALUES "
                   "($1, $2, $3, $4, $5) ON CONFLICT (team_id, key) DO UPDATE SET "
                   "created_ms = $3, digest = $4, job_id = $5",
                   DB_ARGS(db_text(request->team_id), db_text(request->key), db_int(now_ms),
                           db_blob((struct span){request->digest, SHA256_SIZE}), db_text(job_id)),
                   NULL, err);
}

enum err_code
idempotency_purge(struct db *db, int64_t now_ms, struct err *err)
{
    return db_exec(db, "DELETE FROM idempotency WHERE created_ms <= $1",
                   DB_ARGS(db_int(now_ms - life_ms)), NULL, err);
}
