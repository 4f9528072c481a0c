/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/replay.h - the Idempotency-Key of a request that submits a job (jobs/idempotency.h). */
#pragma once

#include "api/call.h"
#include "base/json.h"
#include "jobs/idempotency.h"

/* Reads the key, if one was sent, into the arena: 1 to IDEMPOTENCY_KEY_MAX visible characters,
 * ERR_INPUT for others. The digest is that of the route and of body, whose members may come in any
 * order; replay_add_bytes adds what the body does not hold. */
MUST_CHECK
enum err_code replay_read(struct call *call, struct arena *arena, const json_t *body,
                          struct idempotency *ret, struct err *err);
void replay_add_bytes(struct idempotency *request, const void *bytes, size_t len);

/* The job that this request has made before, "" if none. In the submitting transaction, before. */
MUST_CHECK
enum err_code replay_find(struct arena *arena, struct db *db, const struct idempotency *request,
                          int64_t now_ms, struct job *ret_job, bool *ret_found, struct err *err);

/* The answer is that of an earlier request: says so in a field of it. */
void replay_mark(struct call *call);
