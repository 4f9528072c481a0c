/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/replay.h"

#include "api/routes.h"

#include <stdlib.h>
#include <string.h>

enum err_code
replay_read(struct call *call, struct arena *arena, const json_t *body, struct idempotency *ret,
            struct err *err)
{
    struct span key = http_field(call->http, "Idempotency-Key");

    *ret = (struct idempotency){.key = NULL};
    if (key.data == NULL)
        return ERR_OK;
    if (key.len < 1 || key.len > IDEMPOTENCY_KEY_MAX)
        return err_set(err, ERR_INPUT, "Idempotency-Key has %zu characters, it may have 1 to %d",
                       key.len, IDEMPOTENCY_KEY_MAX);
    for (size_t i = 0; i < key.len; i++)
        if (key.data[i] < 0x21 || key.data[i] > 0x7e)
            return err_set(err, ERR_INPUT,
                           "Idempotency-Key may have visible ASCII characters only");
    ret->key = arena_strndup(arena, (const char *)key.data, key.len);
    ret->team_id = arena_strdup(arena, call->who.team_id);
    char *text = json_dumps(body, JSON_COMPACT | JSON_SORT_KEYS);
    if (ret->key == NULL || ret->team_id == NULL || text == NULL) {
        free(text);
        return err_set(err, ERR_LIMIT, "no room left for a request");
    }
    hash_sha256(text, strlen(text), ret->digest);
    free(text);
    replay_add_bytes(ret, call->route->pattern, strlen(call->route->pattern));
    return ERR_OK;
}

void
replay_add_bytes(struct idempotency *request, const void *bytes, size_t len)
{
    uint8_t both[2 * SHA256_SIZE];

    if (request->key == NULL)
        return;
    memcpy(both, request->digest, SHA256_SIZE);
    hash_sha256(bytes, len, both + SHA256_SIZE);
    hash_sha256(both, sizeof(both), request->digest);
}

enum err_code
replay_find(struct arena *arena, struct db *db, const struct idempotency *request, int64_t now_ms,
            struct job *ret_job, bool *ret_found, struct err *err)
{
    char job_id[UUID_TEXT_SIZE];
    enum err_code rc = idempotency_find(db, request, now_ms, job_id, err);

    *ret_found = false;
    if (rc != ERR_OK || job_id[0] == '\0')
        return rc;
    rc = job_find(arena, db, request->team_id, job_id, ret_job, err);
    if (rc == ERR_NOT_FOUND)
        return err_set(err, ERR_CONFLICT,
                       "the job that was made with this Idempotency-Key has been deleted");
    *ret_found = rc == ERR_OK;
    return rc;
}

void
replay_mark(struct call *call)
{
    call_header(call, "Idempotent-Replayed", "true");
}
