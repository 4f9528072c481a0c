/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/jwt.h"

#include "base/base64.h"
#include "base/json.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <stdlib.h>
#include <string.h>

enum { P256_BYTES = 32, ED25519_BYTES = 32, ED25519_SIGNATURE = 64 };

enum kind { KIND_RSA, KIND_P256, KIND_ED25519, KIND_COUNT };

static const char *const algorithms[KIND_COUNT] = {"RS256", "ES256", "EdDSA"};

struct key {
    enum kind kind;
    char id[JWT_CLAIM_MAX + 1]; /* "": none */
    EVP_PKEY *key;
};

struct jwt_keys {
    size_t n;
    struct key keys[JWT_KEYS_MAX];
};

/* --- the provider's keys --- */

static bool
number(struct arena *arena, const json_t *jwk, const char *name, struct span *ret)
{
    const json_t *value = json_object_get(jwk, name);

    return json_is_string(value) &&
           base64_decode(
               arena, BASE64_URL,
               (struct span){(const uint8_t *)json_string_value(value), json_string_length(value)},
               ret) &&
           ret->len > 0;
}

static EVP_PKEY *
from_params(const char *type, OSSL_PARAM_BLD *build)
{
    EVP_PKEY *key = NULL;
    OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);

    if (params == NULL || ctx == NULL || EVP_PKEY_fromdata_init(ctx) != 1 ||
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    OSSL_PARAM_free(params);
    return key;
}

static EVP_PKEY *
rsa_key(struct arena *arena, const json_t *jwk)
{
    struct span n, e;
    EVP_PKEY *key = NULL;

    if (!number(arena, jwk, "n", &n) || !number(arena, jwk, "e", &e) ||
        n.len > JWT_RSA_BITS_MAX / 8 || e.len > 8)
        return NULL;
    BIGNUM *bn_n = BN_bin2bn(n.data, (int)n.len, NULL);
    BIGNUM *bn_e = BN_bin2bn(e.data, (int)e.len, NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (bn_n != NULL && bn_e != NULL && build != NULL && BN_num_bits(bn_n) >= JWT_RSA_BITS_MIN &&
        BN_is_odd(bn_e) && !BN_is_one(bn_e) &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, bn_n) == 1 &&
        OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, bn_e) == 1)
        key = from_params("RSA", build);
    OSSL_PARAM_BLD_free(build);
    BN_free(bn_n);
    BN_free(bn_e);
    return key;
}

static EVP_PKEY *
p256_key(struct arena *arena, const json_t *jwk)
{
    struct span x, y;
    uint8_t point[1 + 2 * P256_BYTES] = {4}; /* uncompressed */
    EVP_PKEY *key = NULL;

    if (!number(arena, jwk, "x", &x) || !number(arena, jwk, "y", &y) || x.len != P256_BYTES ||
        y.len != P256_BYTES)
        return NULL;
    memcpy(point + 1, x.data, P256_BYTES);
    memcpy(point + 1 + P256_BYTES, y.data, P256_BYTES);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    if (build != NULL &&
        OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0) == 1 &&
        OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)) == 1)
        key = from_params("EC", build);
    OSSL_PARAM_BLD_free(build);
    return key;
}

static EVP_PKEY *
ed25519_key(struct arena *arena, const json_t *jwk)
{
    struct span x;

    if (!number(arena, jwk, "x", &x) || x.len != ED25519_BYTES)
        return NULL;
    return EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, x.data, x.len);
}

static bool
says(const json_t *object, const char *name, const char *text)
{
    const char *value = json_string_value(json_object_get(object, name));

    return value != NULL && strcmp(value, text) == 0;
}

static bool
says_otherwise(const json_t *object, const char *name, const char *text)
{
    return json_object_get(object, name) != NULL && !says(object, name, text);
}

/* ERR_OK with *ret.key NULL for a key that is none of ours. */
static enum err_code
read_key(struct arena *arena, const json_t *jwk, struct key *ret, struct err *err)
{
    const char *id = json_string_value(json_object_get(jwk, "kid"));
    struct key key = {.kind = KIND_COUNT};

    if (says(jwk, "kty", "RSA"))
        key.kind = KIND_RSA;
    else if (says(jwk, "kty", "EC") && says(jwk, "crv", "P-256"))
        key.kind = KIND_P256;
    else if (says(jwk, "kty", "OKP") && says(jwk, "crv", "Ed25519"))
        key.kind = KIND_ED25519;
    *ret = key;
    if (key.kind == KIND_COUNT || says_otherwise(jwk, "use", "sig") ||
        says_otherwise(jwk, "alg", algorithms[key.kind]))
        return ERR_OK;
    if (id != NULL && strlen(id) >= sizeof(key.id))
        return err_set(err, ERR_INPUT, "a key id has more than %d bytes", JWT_CLAIM_MAX);
    if (id != NULL)
        memcpy(key.id, id, strlen(id) + 1);
    key.key = key.kind == KIND_RSA    ? rsa_key(arena, jwk)
              : key.kind == KIND_P256 ? p256_key(arena, jwk)
                                      : ed25519_key(arena, jwk);
    if (key.key == NULL)
        return err_set(err, ERR_INPUT, "key '%.40s' is no good %s key (RSA: %d to %d bits)", key.id,
                       algorithms[key.kind], JWT_RSA_BITS_MIN, JWT_RSA_BITS_MAX);
    *ret = key;
    return ERR_OK;
}

static enum err_code
read_keys(const json_t *list, struct jwt_keys *keys, struct err *err)
{
    struct arena *arena = arena_new(JWT_KEYS_BYTES_MAX * 2);
    const json_t *jwk;
    enum err_code rc = arena != NULL ? ERR_OK : err_set(err, ERR_MEMORY, "no memory");
    size_t i;

    json_array_foreach(list, i, jwk)
    {
        struct key key;
        if (rc == ERR_OK)
            rc = read_key(arena, jwk, &key, err);
        if (rc != ERR_OK || key.key == NULL)
            continue;
        if (keys->n == JWT_KEYS_MAX) {
            EVP_PKEY_free(key.key);
            rc = err_set(err, ERR_INPUT, "more than %d keys", JWT_KEYS_MAX);
            continue;
        }
        keys->keys[keys->n++] = key;
    }
    arena_drop(&arena);
    return rc;
}

enum err_code
jwt_keys_read(struct span json, struct jwt_keys **ret, struct err *err)
{
    json_t *document = NULL;
    struct jwt_keys *keys = NULL;
    enum err_code rc =
        json.len <= JWT_KEYS_BYTES_MAX
            ? json_read(json, &document, err)
            : err_set(err, ERR_INPUT, "keys: more than %d bytes", JWT_KEYS_BYTES_MAX);
    const json_t *list = json_object_get(document, "keys");

    if (rc == ERR_OK && !json_is_array(list))
        rc = err_set(err, ERR_INPUT, "keys: no member \"keys\" that is a list");
    if (rc == ERR_OK && (keys = calloc(1, sizeof(*keys))) == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory");
    if (rc == ERR_OK)
        rc = read_keys(list, keys, err);
    if (rc == ERR_OK && keys->n == 0)
        rc = err_set(err, ERR_NOT_FOUND, "keys: none is for RS256, ES256 or EdDSA signatures");
    json_decref(document);
    if (rc != ERR_OK)
        jwt_keys_drop(&keys);
    else
        *ret = keys;
    return rc;
}

void
jwt_keys_drop(struct jwt_keys **keys)
{
    for (size_t i = 0; *keys != NULL && i < (*keys)->n; i++)
        EVP_PKEY_free((*keys)->keys[i].key);
    free(*keys);
    *keys = NULL;
}

/* --- tokens --- */

struct parts {
    struct span signed_text;                /* header.payload as sent */
    struct span header, payload, signature; /* decoded */
};

static bool
split(struct arena *arena, struct span token, struct parts *ret)
{
    const uint8_t *end = token.data + token.len;
    const uint8_t *first = memchr(token.data, '.', token.len);
    const uint8_t *second =
        first != NULL ? memchr(first + 1, '.', (size_t)(end - first - 1)) : NULL;

    if (token.len > JWT_TOKEN_MAX || second == NULL)
        return false;
    ret->signed_text = (struct span){token.data, (size_t)(second - token.data)};
    return base64_decode(arena, BASE64_URL, (struct span){token.data, (size_t)(first - token.data)},
                         &ret->header) &&
           base64_decode(arena, BASE64_URL, (struct span){first + 1, (size_t)(second - first - 1)},
                         &ret->payload) &&
           base64_decode(arena, BASE64_URL, (struct span){second + 1, (size_t)(end - second - 1)},
                         &ret->signature);
}

bool
jwt_is_token(struct span text)
{
    size_t dots = 0;

    for (size_t i = 0; i < text.len; i++)
        dots += text.data[i] == '.';
    return dots == 2;
}

/* r and s side by side, as OpenSSL wants them. */
static bool
der_signature(struct span raw, uint8_t out[80], size_t *ret_len)
{
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = NULL, *s = NULL;
    uint8_t *at = out;
    int len = -1;

    if (sig != NULL && raw.len == 2 * P256_BYTES) {
        r = BN_bin2bn(raw.data, P256_BYTES, NULL);
        s = BN_bin2bn(raw.data + P256_BYTES, P256_BYTES, NULL);
    }
    if (r != NULL && s != NULL && ECDSA_SIG_set0(sig, r, s) == 1) {
        r = s = NULL; /* the signature's now */
        len = i2d_ECDSA_SIG(sig, NULL) <= 80 ? i2d_ECDSA_SIG(sig, &at) : -1;
    }
    BN_free(r);
    BN_free(s);
    ECDSA_SIG_free(sig);
    *ret_len = len > 0 ? (size_t)len : 0;
    return len > 0;
}

static bool
is_signed_by(const struct key *key, const struct parts *parts)
{
    uint8_t der[80];
    struct span signature = parts->signature;
    const EVP_MD *digest = key->kind == KIND_ED25519 ? NULL : EVP_sha256();

    if (key->kind == KIND_ED25519 && signature.len != ED25519_SIGNATURE)
        return false;
    if (key->kind == KIND_P256) {
        if (!der_signature(parts->signature, der, &signature.len))
            return false;
        signature.data = der;
    }
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestVerifyInit(ctx, NULL, digest, NULL, key->key) == 1 &&
                EVP_DigestVerify(ctx, signature.data, signature.len, parts->signed_text.data,
                                 parts->signed_text.len) == 1;
    EVP_MD_CTX_free(ctx);
    return good;
}

/* A token that names a key is held to that one. */
static const char *
check_signature(const struct jwt_keys *keys, const json_t *header, const struct parts *parts)
{
    const char *algorithm = json_string_value(json_object_get(header, "alg"));
    const char *id = json_string_value(json_object_get(header, "kid"));
    bool found = false;

    if (!json_is_object(header) || algorithm == NULL)
        return "the header names no algorithm";
    if (json_object_get(header, "crit") != NULL)
        return "the header asks for extensions";
    for (size_t i = 0; i < keys->n; i++) {
        const struct key *key = &keys->keys[i];
        if (strcmp(algorithms[key->kind], algorithm) != 0 ||
            (id != NULL && key->id[0] != '\0' && strcmp(key->id, id) != 0))
            continue;
        found = true;
        if (is_signed_by(key, parts))
            return NULL;
    }
    return found ? "the signature is wrong" : "there is no key for its algorithm and key id";
}

static bool
is_for(const json_t *claims, const char *audience)
{
    const json_t *aud = json_object_get(claims, "aud");
    const json_t *each;
    size_t i;

    if (json_is_string(aud))
        return strcmp(json_string_value(aud), audience) == 0;
    json_array_foreach(aud, i, each)
    {
        if (json_is_string(each) && strcmp(json_string_value(each), audience) == 0)
            return true;
    }
    return false;
}

/* Seconds since 1970, in milliseconds; -1 where it is no time. */
static int64_t
time_of(const json_t *claims, const char *name)
{
    const json_t *value = json_object_get(claims, name);
    double seconds = json_is_number(value) ? json_number_value(value) : -1;

    return seconds >= 0 && seconds < 1e12 ? (int64_t)(seconds * 1000) : -1;
}

static const char *
check_claims(const json_t *claims, const struct jwt_rules *rules, int64_t now_ms, int64_t *ret_end)
{
    const int64_t leeway_ms = JWT_LEEWAY_S * 1000;
    int64_t expires = time_of(claims, "exp");

    if (!json_is_object(claims))
        return "the claims are no object";
    if (!says(claims, "iss", rules->issuer))
        return "it is of another issuer";
    if (!is_for(claims, rules->audience))
        return "it is for another audience";
    if (expires < 0)
        return "it has no end";
    if (now_ms >= expires + leeway_ms)
        return "it has expired";
    if (json_object_get(claims, "nbf") != NULL &&
        (time_of(claims, "nbf") < 0 || time_of(claims, "nbf") > now_ms + leeway_ms))
        return "it is not valid yet";
    if (json_object_get(claims, "iat") != NULL &&
        (time_of(claims, "iat") < 0 || time_of(claims, "iat") > now_ms + leeway_ms))
        return "it was issued in the future";
    *ret_end = expires + leeway_ms;
    return NULL;
}

/* Text of a claim in the arena; NULL where there is none of a bearable length. */
static const char *
claim(struct arena *arena, const json_t *claims, const char *name)
{
    const json_t *value = name != NULL ? json_object_get(claims, name) : NULL;
    size_t len = json_string_length(value);

    return json_is_string(value) && len > 0 && len <= JWT_CLAIM_MAX
               ? arena_strndup(arena, json_string_value(value), len)
               : NULL;
}

static const char *
read_token(struct arena *arena, const struct jwt_keys *keys, const struct jwt_rules *rules,
           const struct parts *parts, int64_t now_ms, struct jwt *ret)
{
    json_t *header = NULL, *claims = NULL;
    const char *why = NULL;
    struct jwt token = {0};

    if (json_read(parts->header, &header, NULL) != ERR_OK)
        return "the header is no JSON";
    why = check_signature(keys, header, parts);
    json_decref(header);
    if (why != NULL)
        return why;
    if (json_read(parts->payload, &claims, NULL) != ERR_OK)
        return "the claims are no JSON";
    why = check_claims(claims, rules, now_ms, &token.expires_ms);
    token.subject = claim(arena, claims, "sub");
    if (why == NULL && token.subject == NULL)
        why = "it has no subject";
    if (json_is_true(json_object_get(claims, "email_verified")))
        token.email = claim(arena, claims, "email");
    token.team = claim(arena, claims, rules->team_claim);
    token.role = claim(arena, claims, rules->role_claim);
    json_decref(claims);
    if (why == NULL)
        *ret = token;
    return why;
}

enum err_code
jwt_verify(struct arena *arena, const struct jwt_keys *keys, const struct jwt_rules *rules,
           struct span token, int64_t now_ms, struct jwt *ret, const char **ret_why,
           struct err *err)
{
    struct parts parts;

    *ret_why = split(arena, token, &parts) ? read_token(arena, keys, rules, &parts, now_ms, ret)
                                           : "it has not the form of a signed token";
    return *ret_why == NULL
               ? ERR_OK
               : err_set(err, ERR_AUTH, "the token is malformed, expired, or not for this server");
}
