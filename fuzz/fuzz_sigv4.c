/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Judging and making presigned URLs. Input: method, host, path and query, one a line. Two promises
 * are held: nothing that was not signed here is genuine, and what is signed here is. */
#include "store/sigv4.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const int64_t now_ms = INT64_C(1369353600000);

static struct span
next_line(struct span *rest)
{
    const uint8_t *end = rest->len > 0 ? memchr(rest->data, '\n', rest->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - rest->data) : rest->len;
    struct span line = {rest->data, len};

    rest->data += len + (end != NULL);
    rest->len -= len + (end != NULL);
    return line;
}

static void
require(bool true_thing, const char *promise)
{
    if (true_thing)
        return;
    fprintf(stderr, "broken promise: %s\n", promise);
    abort();
}

/* What is signed here is genuine: the input gives the path and the upload id. */
static void
round_trip(struct arena *arena, const struct sigv4_key *key, struct span path, struct span id)
{
    const char *url, *raw_path = arena_strndup(arena, (const char *)path.data, path.len);
    const char *raw_id = arena_strndup(arena, (const char *)id.data, id.len);
    const char *safe_path = raw_path != NULL ? sigv4_encode(arena, raw_path, true) : NULL;
    const char *safe_id = raw_id != NULL ? sigv4_encode(arena, raw_id, false) : NULL;
    const char *params =
        safe_id != NULL ? arena_printf(arena, "partNumber=1&uploadId=%s", safe_id) : NULL;
    struct sigv4_claims claims;
    struct sigv4_refusal refusal;

    if (safe_path == NULL || params == NULL || raw_id[0] == '\0' ||
        sigv4_presign(arena, key, "PUT", "http://h:1", safe_path, params, now_ms, 60, &url, NULL) !=
            ERR_OK)
        return;
    struct sigv4_request request = {.method = span_of("PUT"),
                                    .host = span_of("h:1"),
                                    .path = span_of(safe_path),
                                    .query = span_of(strchr(url, '?') + 1)};
    sigv4_verify(arena, key, &request, now_ms, &claims, &refusal);
    if (refusal.code == NULL)
        require(strcmp(claims.upload_id, raw_id) == 0, "the upload id comes back");
    else
        require(strcmp(refusal.code, "SignatureDoesNotMatch") != 0 || request.path.len > 1024 ||
                    request.query.len > 1024,
                "what was signed here is genuine");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t secret[32] = {7};
    struct sigv4_key key = {"AKIAIOSFODNN7EXAMPLE", {secret, sizeof(secret)}, "local"};
    struct sigv4_claims claims;
    struct sigv4_refusal refusal;
    struct span rest = {data, size};
    struct span method = next_line(&rest), host = next_line(&rest), path = next_line(&rest);
    struct sigv4_request request = {.method = method, .host = host, .path = path, .query = rest};
    struct arena *arena = arena_new(KiB(256));

    if (arena == NULL)
        return 0;
    sigv4_verify(arena, &key, &request, now_ms, &claims, &refusal);
    require(refusal.code != NULL, "nothing that was not signed here is genuine");
    round_trip(arena, &key, path, rest);
    arena_drop(&arena);
    return 0;
}
