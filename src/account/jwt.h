/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/jwt.h - signed tokens (RFC 7519) of an outside identity provider, by its keys (RFC 7517).
 *
 * RS256, ES256 and EdDSA (Ed25519). The key decides: a token whose header names an algorithm that
 * is not the one of the key it finds is refused, and there is no key for "none" or for the HMACs.
 * What the header says is used to find the key and for nothing else; "crit" is refused. The only
 * file beside base/hash.c that includes OpenSSL. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

enum {
    JWT_TOKEN_MAX = 8192, /* bytes */
    JWT_KEYS_MAX = 32,    /* of a provider */
    JWT_KEYS_BYTES_MAX = 262144,
    JWT_RSA_BITS_MIN = 2048,
    JWT_RSA_BITS_MAX = 8192,
    JWT_CLAIM_MAX = 255, /* bytes of a claim that is used */
    JWT_LEEWAY_S = 60    /* clocks differ */
};

struct jwt_keys;

/* Reads {"keys": [...]}. Keys for other uses or of other kinds are passed over. ERR_INPUT says what
 * is wrong; ERR_NOT_FOUND: no key is left. */
MUST_CHECK
enum err_code jwt_keys_read(struct span json, struct jwt_keys **ret, struct err *err);
void jwt_keys_drop(struct jwt_keys **keys);

struct jwt_rules {
    const char *issuer;                  /* "iss" is exactly this */
    const char *audience;                /* "aud" is this or has it */
    const char *team_claim, *role_claim; /* names of claims; NULL: not looked for */
};

/* What a token says; texts in the arena, NULL where it does not say it. */
struct jwt {
    const char *subject; /* never NULL */
    const char *email;   /* only where "email_verified" is true */
    const char *team, *role;
    int64_t expires_ms;
};

/* True for what has the form of a token: a caller with another kind of key is told apart. */
bool jwt_is_token(struct span text);

/* ERR_AUTH with one text for every reason, which is in *ret_why for the log: a static text. */
MUST_CHECK
enum err_code jwt_verify(struct arena *arena, const struct jwt_keys *keys,
                         const struct jwt_rules *rules, struct span token, int64_t now_ms,
                         struct jwt *ret, const char **ret_why, struct err *err);
