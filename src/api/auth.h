/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/auth.h - who is asking: X-API-Key, or Authorization: Bearer, with the key as issued or a
 * token of the identity provider (api/oidc.h).
 *
 * A key that was good is believed for AUTH_CACHE_MS more, so that a busy client costs no query a
 * request; the cache knows SHA-256 digests, not keys. Failures are counted by peer
 * (api/limiter.h). A good key always passes: behind a proxy all clients have one address, and one
 * that guesses must not lock out the others. */
#pragma once

#include "account/account.h"
#include "api/limiter.h"
#include "base/hash.h"

#include <stdint.h>

struct call;

enum { AUTH_CACHE_SLOTS = 1024, AUTH_CACHE_MS = 1000 };

struct auth_slot {
    uint8_t digest[SHA256_SIZE];
    struct principal who;
    int64_t good_until_ms; /* monotonic */
    int64_t touched_ms;    /* when the use of the key was last noted */
};

struct auth {
    struct auth_slot slots[AUTH_CACHE_SLOTS]; /* by the digest's first bytes */
    struct limiter failures;
};

/* Ends the call with why, or with 429 where the peer has failed too often. */
void auth_refuse(struct call *call, const struct err *why);

/* Sets call->who, or ends the call with 401 or 429 and returns false. */
MUST_CHECK
bool auth_call(struct call *call);
