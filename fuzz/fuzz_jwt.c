/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Tokens of an identity provider, and its keys. Input: a JWKS document, a newline, a token; without
 * a newline a token for the fixed keys below. Two promises are held: a token that is taken has a
 * subject, and it is not taken again with one bit of its signature turned. */
#include "account/jwt.h"
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tokens.h"

static const int64_t now_ms = INT64_C(1750000000000);
static const struct jwt_rules rules = {.issuer = "https://id.example",
                                       .audience = "leapocr",
                                       .team_claim = "team",
                                       .role_claim = "role"};

static void
require(bool true_thing, const char *promise)
{
    if (true_thing)
        return;
    fprintf(stderr, "broken promise: %s\n", promise);
    abort();
}

static bool
is_taken(const struct jwt_keys *keys, struct span token, struct jwt *ret)
{
    struct arena *arena = arena_new(KiB(256));
    const char *why = NULL;

    if (arena == NULL)
        return false;
    bool taken = jwt_verify(arena, keys, &rules, token, now_ms, ret, &why, NULL) == ERR_OK;
    require(!taken || ret->subject != NULL, "who is taken has a name");
    require(taken || why != NULL, "a refusal has a reason");
    arena_drop(&arena);
    return taken;
}

/* The third character from the end has no bits that decoding drops. */
static void
turn_signature(const struct jwt_keys *keys, struct span token)
{
    struct jwt jwt;
    uint8_t *copy = malloc(token.len);

    if (copy == NULL)
        return;
    memcpy(copy, token.data, token.len);
    copy[token.len - 3] = copy[token.len - 3] == 'A' ? 'B' : 'A';
    require(!is_taken(keys, (struct span){copy, token.len}, &jwt), "a signature is exact");
    free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct jwt_keys *fixed;
    struct jwt_keys *given = NULL;
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    struct span token = end != NULL ? (struct span){end + 1, size - (size_t)(end + 1 - data)}
                                    : (struct span){data, size};
    struct jwt jwt;

    if (fixed == NULL && jwt_keys_read(span_of(jwks), &fixed, NULL) != ERR_OK)
        abort();
    if (end != NULL &&
        jwt_keys_read((struct span){data, (size_t)(end - data)}, &given, NULL) != ERR_OK)
        return 0;
    const struct jwt_keys *keys = given != NULL ? given : fixed;
    (void)jwt_is_token(token);
    if (is_taken(keys, token, &jwt))
        turn_signature(keys, token);
    jwt_keys_drop(&given);
    return 0;
}
