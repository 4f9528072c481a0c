/* SPDX-License-Identifier: AGPL-3.0-or-later
 * jobs/idempotency.h - which job a request with a key of the client's has made, so that the same
 * request again makes no second one.
 *
 * Looked up and written in the transaction that submits the job: of two requests at the same moment
 * one makes the job, the other finds it. A request that was refused leaves nothing, so that it can
 * be tried again under its key. A key is good for a day, for its team. */
#pragma once

#include "base/hash.h"
#include "base/random.h"
#include "db/db.h"

enum { IDEMPOTENCY_KEY_MAX = 255 };

struct idempotency {
    const char *team_id;
    const char *key;             /* NULL: none was sent */
    uint8_t digest[SHA256_SIZE]; /* of the path and the body */
};

/* *ret_job: the job that this request has made before, "" if it has not. ERR_CONFLICT where another
 * request had the key. */
MUST_CHECK
enum err_code idempotency_find(struct db *db, const struct idempotency *request, int64_t now_ms,
                               char ret_job[UUID_TEXT_SIZE], struct err *err);
MUST_CHECK
enum err_code idempotency_add(struct db *db, const struct idempotency *request, const char *job_id,
                              int64_t now_ms, struct err *err);
/* Forgets what is older than a day. */
MUST_CHECK
enum err_code idempotency_purge(struct db *db, int64_t now_ms, struct err *err);
