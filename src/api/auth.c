/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/auth.h"

#include "api/call.h"
#include "api/errors.h"
#include "api/work.h"
#include "base/clock.h"

#include <string.h>
#include <strings.h>

static const int64_t touch_every_ms = 60 * 1000;

/* The key as sent; data NULL if there is none. */
static struct span
sent_key(const struct http_request *http)
{
    static const char scheme[] = "bearer ";
    struct span key = http_field(http, "X-API-Key");

    if (key.data != NULL)
        return key;
    struct span value = http_field(http, "Authorization");
    if (value.data == NULL || value.len < sizeof(scheme) - 1 ||
        strncasecmp((const char *)value.data, scheme, sizeof(scheme) - 1) != 0)
        return (struct span){0};
    value.data += sizeof(scheme) - 1;
    value.len -= sizeof(scheme) - 1;
    while (value.len > 0 && value.data[0] == ' ') {
        value.data++;
        value.len--;
    }
    return value;
}

struct touch {
    char key_id[UUID_TEXT_SIZE];
    int64_t now_ms;
};

static enum err_code
touch(struct db *db, void *arg, struct err *err)
{
    const struct touch *state = ((struct work *)arg)->state;

    return key_touch(db, state->key_id, state->now_ms, err);
}

static void
touched(struct work *work)
{
    work_drop(&work);
}

/* When a key was last used is a convenience: without memory it is left out. */
static void
note_use(struct api *api, struct auth_slot *slot, int64_t mono_ms)
{
    if (slot->who.key_id[0] == '\0')
        return;
    if (slot->touched_ms != 0 && mono_ms - slot->touched_ms < touch_every_ms)
        return;
    slot->touched_ms = mono_ms;
    struct work *work = work_new(api, NULL, sizeof(struct touch));
    if (work == NULL)
        return;
    struct touch *state = work->state;
    memcpy(state->key_id, slot->who.key_id, sizeof(state->key_id));
    state->now_ms = clock_utc_ms();
    work_write(work, touch, touched);
}

void
auth_refuse(struct call *call, const struct err *why)
{
    int wait_s = 0;
    struct err err;

    if (why->code == ERR_AUTH)
        wait_s = limiter_hit(&call->api->auth.failures, call->peer, clock_mono_ms());
    if (wait_s == 0) {
        reply_error(call, why);
        return;
    }
    err_set(&err, ERR_RATE, "too many wrong API keys from this address, limit %d a minute",
            LIMITER_HITS);
    reply_error_later(call, &err, wait_s);
}

/* A key as issued, or a token of the identity provider. */
static enum err_code
find_principal(struct call *call, struct span key, struct principal *ret, struct err *err)
{
    struct api *api = call->api;

    if (api->oidc.keys != NULL && jwt_is_token(key))
        return oidc_principal(api, call->arena, key, ret, err);
    return key_verify(api->db, key, clock_utc_ms(), ret, err);
}

bool
auth_call(struct call *call)
{
    struct api *api = call->api;
    struct span key = sent_key(call->http);
    uint8_t digest[SHA256_SIZE];
    struct err err;
    int64_t now_ms = clock_mono_ms();

    if (key.data == NULL) {
        err_set(&err, ERR_AUTH, "no API key: send it in X-API-Key, or as a Bearer token");
        reply_error(call, &err);
        return false;
    }
    hash_sha256(key.data, key.len, digest);
    struct auth_slot *slot =
        &api->auth.slots[((unsigned)digest[0] << 8 | digest[1]) % AUTH_CACHE_SLOTS];
    bool same = memcmp(slot->digest, digest, sizeof(digest)) == 0;
    if (!same || now_ms >= slot->good_until_ms) {
        struct principal who;
        if (find_principal(call, key, &who, &err) != ERR_OK) {
            auth_refuse(call, &err);
            return false;
        }
        if (!same)
            *slot = (struct auth_slot){.touched_ms = 0};
        memcpy(slot->digest, digest, sizeof(digest));
        slot->who = who;
        slot->good_until_ms = now_ms + AUTH_CACHE_MS;
        note_use(api, slot, now_ms);
    }
    call->who = slot->who;
    return true;
}
