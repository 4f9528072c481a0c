/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/sigv4.h"

#include "base/clock.h"
#include "store/sigv4_internal.h"

#include <stdio.h>
#include <string.h>

static bool
is_unreserved(uint8_t c)
{
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_' || c == '~';
}

const char *
sigv4_encode(struct arena *arena, const char *text, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t len = strlen(text);
    char *encoded = arena_array(arena, len + 1, 3);
    size_t at = 0;

    if (encoded == NULL)
        return NULL;
    for (size_t i = 0; i < len; i++) {
        uint8_t c = (uint8_t)text[i];
        if (is_unreserved(c) || (keep_slash && c == '/')) {
            encoded[at++] = (char)c;
            continue;
        }
        encoded[at++] = '%';
        encoded[at++] = digits[c >> 4];
        encoded[at++] = digits[c & 15];
    }
    encoded[at] = '\0';
    return encoded;
}

static bool
is_upper_hex(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
}

bool
sigv4_is_canonical(struct span text, const char *also)
{
    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i], escaped;
        if (is_unreserved(c) || (c != '\0' && strchr(also, c) != NULL))
            continue;
        if (c != '%' || text.len - i < 3 || !is_upper_hex(text.data[i + 1]) ||
            !is_upper_hex(text.data[i + 2]))
            return false;
        (void)hash_unhex((const char *)text.data + i + 1, 2, &escaped, 1); /* two digits, seen */
        if (is_unreserved(escaped) || (escaped != '\0' && strchr(also, escaped) != NULL))
            return false;
        i += 2;
    }
    return true;
}

bool
sigv4_is_canonical_path(struct span path)
{
    size_t start = 1;

    if (path.len == 0 || path.data[0] != '/' || !sigv4_is_canonical(path, "/"))
        return false;
    for (size_t i = 1; i <= path.len; i++) {
        if (i < path.len && path.data[i] != '/')
            continue;
        size_t len = i - start;
        const uint8_t *segment = path.data + start;
        if (len == 0 || (len == 1 && segment[0] == '.') ||
            (len == 2 && segment[0] == '.' && segment[1] == '.'))
            return false;
        start = i + 1;
    }
    return true;
}

static void
chain(uint8_t key[SHA256_SIZE], const char *text)
{
    uint8_t next[SHA256_SIZE];

    hash_hmac_sha256((struct span){key, SHA256_SIZE}, span_of(text), next);
    memcpy(key, next, SHA256_SIZE);
    hash_wipe(next, sizeof(next));
}

/* The secret, bound step by step to the day, the region and the service. */
static void
derive_key(const struct sigv4_key *key, const char *date, uint8_t ret_key[SHA256_SIZE])
{
    uint8_t first[4 + SIGV4_SECRET_MAX] = {'A', 'W', 'S', '4'};
    char day[9];

    (void)snprintf(day, sizeof(day), "%.8s", date);
    memcpy(first + 4, key->secret.data, key->secret.len);
    hash_hmac_sha256((struct span){first, 4 + key->secret.len}, span_of(day), ret_key);
    hash_wipe(first, sizeof(first));
    chain(ret_key, key->region);
    chain(ret_key, "s3");
    chain(ret_key, "aws4_request");
}

enum err_code
sigv4_sign_text(struct arena *arena, const struct sigv4_key *key, const char *date,
                const char *request, char ret_signature[SIGV4_SIGNATURE_SIZE], struct err *err)
{
    uint8_t digest[SHA256_SIZE], signing_key[SHA256_SIZE];
    char hex[SHA256_HEX_SIZE];

    if (key->secret.len == 0 || key->secret.len > SIGV4_SECRET_MAX)
        return err_set(err, ERR_INPUT, "the presign secret must have 1 to %d bytes",
                       SIGV4_SECRET_MAX);
    hash_sha256(request, strlen(request), digest);
    hash_hex(digest, sizeof(digest), hex);
    const char *to_sign = arena_printf(arena, SIGV4_ALGORITHM "\n%s\n%.8s/%s/s3/aws4_request\n%s",
                                       date, date, key->region, hex);
    if (to_sign == NULL)
        return err_set(err, ERR_LIMIT, "no room to sign a request");
    derive_key(key, date, signing_key);
    hash_hmac_sha256((struct span){signing_key, sizeof(signing_key)}, span_of(to_sign), digest);
    hash_wipe(signing_key, sizeof(signing_key));
    hash_hex(digest, sizeof(digest), ret_signature);
    return ERR_OK;
}

enum err_code
sigv4_sign(struct arena *arena, const struct sigv4_key *key, const struct sigv4_message *message,
           char ret_signature[SIGV4_SIGNATURE_SIZE], struct err *err)
{
    const char *request =
        arena_printf(arena, "%.*s\n%.*s\n%.*s\nhost:%.*s\n\nhost\nUNSIGNED-PAYLOAD",
                     (int)message->method.len, (const char *)message->method.data,
                     (int)message->path.len, (const char *)message->path.data,
                     (int)message->query.len, (const char *)message->query.data,
                     (int)message->host.len, (const char *)message->host.data);
    if (request == NULL)
        return err_set(err, ERR_LIMIT, "no room to sign a request");
    return sigv4_sign_text(arena, key, message->date, request, ret_signature, err);
}

/* --- making URLs --- */

static bool
has_suffix(const char *text, size_t len, const char *suffix)
{
    size_t n = strlen(suffix);

    return len > n && memcmp(text + len - n, suffix, n) == 0;
}

/* Scheme and host of a base URL as clients will send them. */
static enum err_code
split_base(struct arena *arena, const char *base_url, const char **ret_scheme,
           const char **ret_host, struct err *err)
{
    static const char host_characters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]";
    bool tls = strncmp(base_url, "https://", 8) == 0;

    if (!tls && strncmp(base_url, "http://", 7) != 0)
        return err_set(err, ERR_INPUT, "base URL: http:// or https:// expected");
    const char *start = base_url + (tls ? 8 : 7);
    size_t len = strspn(start, host_characters);
    if (len == 0 || len > 255 || (start[len] != '\0' && strcmp(start + len, "/") != 0))
        return err_set(err, ERR_INPUT, "base URL: scheme, host and port only, no path");
    if (has_suffix(start, len, tls ? ":443" : ":80"))
        len -= tls ? 4 : 3;
    char *host = arena_strndup(arena, start, len);
    if (host == NULL)
        return err_set(err, ERR_LIMIT, "no room to sign a URL");
    for (char *c = host; *c != '\0'; c++)
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    *ret_scheme = tls ? "https" : "http";
    *ret_host = host;
    return ERR_OK;
}

static enum err_code
check_inputs(const struct sigv4_key *key, const char *path, const char *params, int64_t now_ms,
             int64_t expires_s, struct err *err)
{
    size_t access_len = strlen(key->access_id);

    if (access_len < 1 || access_len > SIGV4_ACCESS_MAX ||
        !sigv4_is_canonical(span_of(key->access_id), "") || strchr(key->access_id, '%') != NULL)
        return err_set(err, ERR_INPUT, "access id: 1 to %d unreserved characters expected",
                       SIGV4_ACCESS_MAX);
    if (key->region[0] == '\0' || strchr(key->region, '%') != NULL ||
        !sigv4_is_canonical(span_of(key->region), ""))
        return err_set(err, ERR_INPUT, "region: unreserved characters expected");
    if (!sigv4_is_canonical_path(span_of(path)))
        return err_set(err, ERR_INPUT, "path: not in canonical form");
    if (!sigv4_is_canonical(span_of(params), "&=") ||
        (params[0] != '\0' && (params[0] < 'a' || params[0] > 'z')))
        return err_set(err, ERR_INPUT, "parameters: not in canonical form");
    if (expires_s < 1 || expires_s > SIGV4_EXPIRES_MAX_S)
        return err_set(err, ERR_INPUT, "expiry: %lld s, must be 1 to %d", (long long)expires_s,
                       SIGV4_EXPIRES_MAX_S);
    if (now_ms < 0 || now_ms > INT64_C(253402300799000)) /* 9999-12-31T23:59:59Z */
        return err_set(err, ERR_INPUT, "the clock is outside the years 1970 to 9999");
    return ERR_OK;
}

/* "&X-Amz-Security-Token=..." of a key that has one; NULL if the arena is full. */
static const char *
security_token(struct arena *arena, const struct sigv4_key *key)
{
    if (key->token == NULL)
        return "";
    const char *value = sigv4_encode(arena, key->token, false);
    return value != NULL ? arena_printf(arena, "&X-Amz-Security-Token=%s", value) : NULL;
}

enum err_code
sigv4_presign(struct arena *arena, const struct sigv4_key *key, const char *method,
              const char *base_url, const char *path, const char *params, int64_t now_ms,
              int64_t expires_s, const char **ret_url, struct err *err)
{
    char date[CLOCK_TEXT_SIZE], signature[SIGV4_SIGNATURE_SIZE];
    const char *scheme = NULL, *host = NULL;
    enum err_code rc = check_inputs(key, path, params, now_ms, expires_s, err);

    if (rc == ERR_OK)
        rc = split_base(arena, base_url, &scheme, &host, err);
    if (rc != ERR_OK)
        return rc;
    clock_basic8601(now_ms, date);
    const char *join = params[0] != '\0' ? "&" : "";
    const char *token = security_token(arena, key);
    if (token == NULL)
        return err_set(err, ERR_LIMIT, "no room to sign a URL");
    const char *auth = arena_printf(
        arena,
        "X-Amz-Algorithm=" SIGV4_ALGORITHM "&X-Amz-Credential=%s%%2F%.8s%%2F%s%%2Fs3%%2F"
        "aws4_request&X-Amz-Date=%s&X-Amz-Expires=%lld%s&X-Amz-SignedHeaders=host",
        key->access_id, date, key->region, date, (long long)expires_s, token);
    /* Sorted: 'X' stands before every lower-case letter. */
    const char *query = auth != NULL ? arena_printf(arena, "%s%s%s", auth, join, params) : NULL;
    if (query == NULL)
        return err_set(err, ERR_LIMIT, "no room to sign a URL");
    struct sigv4_message message = {.method = span_of(method),
                                    .path = span_of(path),
                                    .query = span_of(query),
                                    .host = span_of(host),
                                    .date = date};
    rc = sigv4_sign(arena, key, &message, signature, err);
    if (rc != ERR_OK)
        return rc;
    const char *url = arena_printf(arena, "%s://%s%s?%s%s%s&X-Amz-Signature=%s", scheme, host, path,
                                   params, join, auth, signature);
    if (url == NULL)
        return err_set(err, ERR_LIMIT, "no room to sign a URL");
    *ret_url = url;
    return ERR_OK;
}
