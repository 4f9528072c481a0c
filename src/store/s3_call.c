/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/s3_call.h"

#include "base/clock.h"
#include "base/random.h"
#include "store/xml_read.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static const int64_t patience_default_ms = 30000;
static const int64_t connect_ms = 3000;
static const int64_t silent_default_s = 15;
static const int64_t pause_first_ms = 100, pause_most_ms = 2000;

void
s3_result_init(struct s3_result *result)
{
    s3_answer_init(&result->answer);
    result->code[0] = '\0';
}

void
s3_result_fini(struct s3_result *result)
{
    s3_answer_fini(&result->answer);
}

const char *
s3_path(const struct s3 *s3, struct arena *arena, const char *id)
{
    if (id == NULL && s3->config.host_style)
        return "/";
    if (id == NULL)
        return arena_printf(arena, "/%s", s3->config.bucket);
    return arena_printf(arena, "%s%s%s", s3->path_base, s3->config.prefix, id);
}

enum err_code
s3_key(struct s3 *s3, struct arena *arena, bool renew, struct sigv4_key *ret, struct err *err)
{
    struct s3_credentials *c = arena_alloc(arena, sizeof(*c));

    if (c == NULL)
        return err_set(err, ERR_LIMIT, "no room for credentials");
    enum err_code rc = s3_keyring_read(s3->keyring, renew, c, err);
    if (rc == ERR_OK)
        *ret = (struct sigv4_key){.access_id = c->access_id,
                                  .secret = span_of(c->secret),
                                  .region = s3->config.region,
                                  .token = c->token[0] != '\0' ? c->token : NULL};
    return rc;
}

static void
add(struct s3_call *call, const char *name, const char *value)
{
    if (call->extra_count < S3_EXTRA_MAX)
        call->extra[call->extra_count++] = (struct sigv4_field){name, value};
}

void
s3_add_encryption(const struct s3 *s3, struct s3_call *call)
{
    if (s3->config.sse != NULL)
        add(call, "x-amz-server-side-encryption", s3->config.sse);
    if (s3->config.sse_key != NULL)
        add(call, "x-amz-server-side-encryption-aws-kms-key-id", s3->config.sse_key);
}

/* --- one try --- */

static int
by_name(const void *a, const void *b)
{
    return strcmp(((const struct sigv4_field *)a)->name, ((const struct sigv4_field *)b)->name);
}

enum { FIELDS_MAX = S3_EXTRA_MAX + 5 };

/* Fields that are signed, and the signature as the last. */
struct signed_request {
    const char *url;
    struct s3_header headers[FIELDS_MAX];
    size_t n;
};

static enum err_code
sign(struct s3 *s3, struct arena *arena, const struct s3_call *call, bool renew,
     struct signed_request *ret, struct err *err)
{
    char digest[SHA256_HEX_SIZE], date[CLOCK_TEXT_SIZE];
    uint8_t sha256[SHA256_SIZE];
    struct sigv4_field fields[FIELDS_MAX];
    struct sigv4_key key;
    const char *authorization = NULL;
    int64_t now_ms = clock_utc_ms();
    size_t n = 0;
    enum err_code rc = s3_key(s3, arena, renew, &key, err);

    if (rc != ERR_OK)
        return rc;
    hash_sha256(call->body.data, call->body.len, sha256);
    hash_hex(sha256, sizeof(sha256), digest);
    clock_basic8601(now_ms, date);
    const char *payload =
        call->body_sha256 != NULL ? call->body_sha256 : arena_strdup(arena, digest);
    const char *path = s3_path(s3, arena, call->id),
               *query = call->query != NULL ? call->query : "";
    const char *url = path == NULL ? NULL
                                   : arena_printf(arena, "%s://%s%s%s%s", s3->scheme, s3->host,
                                                  path, query[0] != '\0' ? "?" : "", query);
    const char *when = arena_strdup(arena, date);
    if (payload == NULL || url == NULL || when == NULL)
        return err_set(err, ERR_LIMIT, "no room for a request to the store");
    for (; n < call->extra_count; n++)
        fields[n] = call->extra[n];
    fields[n++] = (struct sigv4_field){"host", s3->host};
    fields[n++] = (struct sigv4_field){"x-amz-content-sha256", payload};
    fields[n++] = (struct sigv4_field){"x-amz-date", when};
    if (key.token != NULL)
        fields[n++] = (struct sigv4_field){"x-amz-security-token", key.token};
    qsort(fields, n, sizeof(fields[0]), by_name);
    const struct sigv4_call what = {.method = call->method,
                                    .path = path,
                                    .query = query,
                                    .fields = fields,
                                    .n = n,
                                    .payload_sha256 = payload,
                                    .now_ms = now_ms};
    rc = sigv4_authorize(arena, &key, &what, &authorization, err);
    if (rc != ERR_OK)
        return rc;
    *ret = (struct signed_request){.url = url};
    for (size_t i = 0; i < n; i++)
        ret->headers[ret->n++] = (struct s3_header){fields[i].name, fields[i].value};
    ret->headers[ret->n++] = (struct s3_header){"authorization", authorization};
    return ERR_OK;
}

static enum err_code
see_code(void *ctx, const char *path, const char *text, struct err *err)
{
    struct s3_result *result = ctx;

    (void)err;
    if (strcmp(path, "/Error/Code") == 0 && strlen(text) < sizeof(result->code) &&
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789") ==
            strlen(text))
        memcpy(result->code, text, strlen(text) + 1);
    return ERR_OK;
}

/* A document of another form leaves the code empty. */
static void
read_code(struct s3_result *result)
{
    struct err ignored;

    result->code[0] = '\0';
    if (xml_read(buf_span(&result->answer.text), see_code, result, &ignored) != ERR_OK)
        result->code[0] = '\0';
}

static enum err_code
try_once(struct s3 *s3, const struct s3_call *call, bool renew, struct s3_result *result,
         struct err *err)
{
    struct signed_request request;
    struct arena *arena = arena_new(S3_CALL_ARENA);

    if (arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a request to the store");
    s3_result_fini(result);
    s3_result_init(result);
    enum err_code rc = sign(s3, arena, call, renew, &request, err);
    if (rc == ERR_OK) {
        const struct s3_exchange x = {
            .method = call->method,
            .url = request.url,
            .headers = request.headers,
            .header_count = request.n,
            .body = call->body,
            .body_fd = call->body_fd,
            .body_bytes = call->body_fd >= 0 ? call->body_bytes : call->body.len,
            .connect_ms = connect_ms,
            .silent_s = call->silent_s > 0 ? call->silent_s : silent_default_s,
            .take = call->take,
            .take_ctx = call->ctx};
        rc = s3_http_perform(s3->http, &x, &result->answer, err);
    }
    if (rc == ERR_OK)
        read_code(result);
    if (result->answer.date_ms >= 0)
        atomic_store(&s3->skew_ms, result->answer.date_ms - clock_utc_ms());
    arena_drop(&arena);
    return rc;
}

/* --- what it means --- */

enum verdict { DONE, TRY_AGAIN, RENEW_KEY, GIVE_UP };

static bool
is_one_of(const char *word, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcmp(word, *list) == 0)
            return true;
    return false;
}

static enum verdict
judge(const struct s3_result *result)
{
    static const char *const passing[] = {
        "SlowDown",         "InternalError",  "RequestTimeout",
        "OperationAborted", "Throttling",     "ServiceUnavailable",
        "BadDigest",        "IncompleteBody", NULL};
    static const char *const keys[] = {"ExpiredToken", "InvalidAccessKeyId", "InvalidToken",
                                       "TokenRefreshRequired", NULL};
    long status = result->answer.status;

    /* A completion may fail after its 200: the answer is then an error all the same. */
    if (status >= 200 && status < 300 && result->code[0] == '\0')
        return DONE;
    if (is_one_of(result->code, keys))
        return RENEW_KEY;
    if (status >= 500 || status == 429 || status == 408 || is_one_of(result->code, passing) ||
        strcmp(result->code, "XAmzContentSHA256Mismatch") == 0)
        return TRY_AGAIN;
    return GIVE_UP;
}

/* Of an answer that is not DONE. What the request itself brought about is told apart from what the
 * operator has to mend, for which the work waits. */
static enum err_code
explain(const struct s3 *s3, const struct s3_call *call, const struct s3_result *result,
        struct err *err)
{
    long status = result->answer.status;
    const char *code = result->code[0] != '\0' ? result->code : "no code";
    bool theirs = status == 401 || status == 403 || status == 301 || status == 307 ||
                  status >= 500 || status == 429 || status == 408 ||
                  strcmp(result->code, "NoSuchBucket") == 0 ||
                  strcmp(result->code, "AuthorizationHeaderMalformed") == 0;
    enum err_code rc = theirs ? ERR_UNAVAILABLE : status == 404 ? ERR_NOT_FOUND : ERR_CONFLICT;

    return err_set(err, rc, "the store answers %ld (%s) to %s in bucket %s, request %.60s", status,
                   code, call->method, s3->config.bucket,
                   result->answer.request_id[0] != '\0' ? result->answer.request_id : "without id");
}

/* Half of it for certain, the rest at random; in small steps, so that an end is not waited for. */
static void
pause_before(const struct s3 *s3, int tries)
{
    int64_t most = pause_first_ms << (tries < 10 ? tries : 10);
    uint32_t random;

    random_bytes(&random, sizeof(random));
    most = most < pause_most_ms ? most : pause_most_ms;
    int64_t left = most / 2 + random % (most / 2 + 1);
    for (; left > 0 && !atomic_load(&s3->hurry); left -= 50) {
        const struct timespec step = {.tv_nsec = (left < 50 ? left : 50) * 1000000};
        (void)nanosleep(&step, NULL);
    }
}

enum err_code
s3_run(struct s3 *s3, struct s3_call *call, struct s3_result *result, struct err *err)
{
    int64_t patience = s3->config.patience_ms > 0 ? s3->config.patience_ms : patience_default_ms;
    int64_t end_ms = clock_mono_ms() + patience;
    bool renew = false;

    for (int tries = 0;; tries++) {
        enum err_code rc = try_once(s3, call, renew, result, err);
        enum verdict verdict = rc == ERR_OK            ? judge(result)
                               : rc == ERR_UNAVAILABLE ? TRY_AGAIN
                                                       : GIVE_UP;
        if (verdict == DONE)
            return ERR_OK;
        if (rc == ERR_OK)
            rc = explain(s3, call, result, err);
        if (verdict == GIVE_UP || (verdict == RENEW_KEY && renew))
            return rc;
        renew = renew || verdict == RENEW_KEY;
        if (call->again != NULL && call->again(call->ctx, call)) {
            tries = 0;
            end_ms = clock_mono_ms() + patience;
        }
        if (clock_mono_ms() >= end_ms || atomic_load(&s3->hurry)) {
            err->code = rc == ERR_CONFLICT ? ERR_UNAVAILABLE : rc;
            return err->code;
        }
        pause_before(s3, tries);
    }
}
