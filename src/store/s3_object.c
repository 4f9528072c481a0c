/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/base64.h"
#include "base/clock.h"
#include "store/s3_call.h"
#include "store/s3_digest.h"
#include "store/store_internal.h"
#include "store/xml_read.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of a transfer whose bytes were wrong: so often, and so long, since it is some proxy on the way
 * more often than it is the object. */
enum { WHOLE_TRIES = 3 };
static const int64_t wrong_ms = 10000;

/* --- put --- */

enum err_code
s3_put(struct s3 *s3, const struct store_written *object, int fd, struct err *err)
{
    char sha256[SHA256_HEX_SIZE];
    struct buf md5;
    struct s3_result result;

    buf_init(&md5, 64);
    base64_encode(BASE64_PADDED, (struct span){object->md5, MD5_SIZE}, &md5);
    hash_hex(object->sha256, SHA256_SIZE, sha256);
    struct s3_call call = {.method = "PUT",
                           .id = object->id,
                           .extra = {{"content-md5", buf_text(&md5)},
                                     {"content-type", "application/octet-stream"},
                                     {"x-amz-meta-sha256", sha256}},
                           .extra_count = 3,
                           .body_fd = fd,
                           .body_bytes = object->size,
                           .body_sha256 = sha256};
    s3_add_encryption(s3, &call);
    s3_result_init(&result);
    enum err_code rc = buf_check(&md5, "digest", err);
    if (rc == ERR_OK)
        rc = s3_run(s3, &call, &result, err);
    s3_result_fini(&result);
    buf_fini(&md5);
    return rc == ERR_CONFLICT || rc == ERR_NOT_FOUND ? s3_wait_for_mending(err) : rc;
}

enum err_code
s3_wait_for_mending(struct err *err)
{
    err->code = ERR_UNAVAILABLE;
    return ERR_UNAVAILABLE;
}

/* --- fetch --- */

struct fetching {
    int fd;
    uint64_t have;  /* bytes written */
    uint64_t total; /* UINT64_MAX: not known yet */
    uint64_t tried; /* have when the present try began */
    bool begun;     /* of this try: its head has been looked at */
    char etag[S3_ETAG_SIZE];
    char range[64];
    struct s3_digest digest;
};

/* A try sends the whole object, or the rest of it. */
static enum err_code
see_head(struct fetching *f, const struct s3_answer *answer, struct err *err)
{
    enum err_code rc = ERR_OK;

    f->begun = true;
    if (answer->status == 206 &&
        (answer->range_start != f->have || answer->range_total != f->total))
        return err_set(err, ERR_UNAVAILABLE, "the store sends another range than was asked for");
    if (answer->status == 206)
        return ERR_OK;
    f->have = 0;
    f->total = answer->length;
    memcpy(f->etag, answer->etag, sizeof(f->etag));
    if (f->total == UINT64_MAX || f->total > INT64_MAX)
        return err_set(err, ERR_UNAVAILABLE, "the store does not say how long an object is");
    if (ftruncate(f->fd, 0) != 0)
        return err_sys(err, "scratch file of an object");
    rc = s3_digest_begin(&f->digest, answer, err);
    return rc;
}

static enum err_code
take_piece(void *ctx, const struct s3_answer *answer, struct span piece, struct err *err)
{
    struct fetching *f = ctx;
    size_t done = 0;
    enum err_code rc = f->begun ? ERR_OK : see_head(f, answer, err);

    if (rc == ERR_OK && piece.len > f->total - f->have)
        rc = err_set(err, ERR_UNAVAILABLE, "the store sends more bytes than it said");
    while (rc == ERR_OK && done < piece.len) {
        ssize_t n = pwrite(f->fd, piece.data + done, piece.len - done, (off_t)(f->have + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            rc = err_sys(err, "scratch file of an object");
        else
            done += (size_t)n;
    }
    if (rc != ERR_OK)
        return rc;
    f->have += piece.len;
    return s3_digest_add(&f->digest, piece, err);
}

/* The next try asks for what is missing. */
static bool
ask_for_rest(void *ctx, struct s3_call *call)
{
    struct fetching *f = ctx;
    bool moved = f->have > f->tried;

    f->begun = false;
    f->tried = f->have;
    call->extra_count = 0;
    if (f->have > 0 && f->etag[0] != '\0') {
        (void)snprintf(f->range, sizeof(f->range), "bytes=%llu-", (unsigned long long)f->have);
        call->extra[call->extra_count++] = (struct sigv4_field){"if-match", f->etag};
        call->extra[call->extra_count++] = (struct sigv4_field){"range", f->range};
    }
    return moved;
}

static enum err_code
fetch_whole(struct s3 *s3, const char *id, struct fetching *f, struct err *err)
{
    struct s3_result result;
    struct s3_call call = {.method = "GET",
                           .id = id,
                           .body_fd = -1,
                           .take = take_piece,
                           .ctx = f,
                           .again = ask_for_rest};

    s3_result_init(&result);
    enum err_code rc = s3_run(s3, &call, &result, err);
    if (rc == ERR_OK && !f->begun) /* no byte came: it is empty */
        rc = see_head(f, &result.answer, err);
    if (rc == ERR_OK && f->have != f->total)
        rc = err_set(err, ERR_UNAVAILABLE, "the store sent %llu of %llu bytes",
                     (unsigned long long)f->have, (unsigned long long)f->total);
    s3_result_fini(&result);
    return rc == ERR_CONFLICT ? s3_wait_for_mending(err) : rc;
}

enum err_code
s3_fetch(struct s3 *s3, const char *id, int fd, uint64_t *ret_size, struct err *err)
{
    uint8_t before[SHA256_SIZE] = {0}, now[SHA256_SIZE] = {0};
    enum s3_verdict verdict = S3_WRONG;
    enum err_code rc = ERR_OK;
    int64_t until_ms = clock_mono_ms() + wrong_ms;

    for (int tries = 0;
         rc == ERR_OK && verdict != S3_RIGHT && (tries < WHOLE_TRIES || clock_mono_ms() < until_ms);
         tries++) {
        if (tries > 0 && verdict == S3_WRONG && !s3_pause(s3, tries))
            break;
        struct fetching f = {.fd = fd, .total = UINT64_MAX};
        rc = fetch_whole(s3, id, &f, err);
        if (rc == ERR_OK)
            rc = s3_digest_end(&f.digest, &verdict, now, err);
        s3_digest_drop(&f.digest);
        if (verdict == S3_UNSURE && tries > 0 && memcmp(before, now, sizeof(now)) == 0)
            verdict = S3_RIGHT;
        memcpy(before, now, sizeof(before));
        if (rc == ERR_OK)
            *ret_size = f.total;
    }
    if (rc == ERR_OK && verdict != S3_RIGHT)
        rc = err_set(err, ERR_SYSTEM, "object %s: the store gives other bytes than were put", id);
    return rc;
}

enum err_code
s3_size(struct s3 *s3, const char *id, uint64_t *ret_size, struct err *err)
{
    struct s3_result result;
    struct s3_call call = {.method = "HEAD", .id = id, .body_fd = -1};

    s3_result_init(&result);
    enum err_code rc = s3_run(s3, &call, &result, err);
    if (rc == ERR_OK && result.answer.length == UINT64_MAX)
        rc = err_set(err, ERR_UNAVAILABLE, "the store does not say how long an object is");
    if (rc == ERR_OK)
        *ret_size = result.answer.length;
    s3_result_fini(&result);
    return rc == ERR_CONFLICT ? s3_wait_for_mending(err) : rc;
}

enum err_code
s3_remove(struct s3 *s3, const char *id, struct err *err)
{
    struct s3_result result;
    struct s3_call call = {.method = "DELETE", .id = id, .body_fd = -1};

    s3_result_init(&result);
    enum err_code rc = s3_run(s3, &call, &result, err);
    s3_result_fini(&result);
    if (rc == ERR_NOT_FOUND && strcmp(result.code, "NoSuchBucket") != 0)
        return ERR_OK;
    return rc == ERR_CONFLICT ? s3_wait_for_mending(err) : rc;
}

/* --- walk --- */

struct walk {
    struct s3 *s3;
    int64_t before_ms;
    char key[S3_KEY_SIZE];
    int64_t changed_ms;
    enum err_code (*seen)(void *ctx, const char *id, struct err *err);
    void *ctx;
    char next[S3_MARKER_SIZE]; /* "": that was all */
};

const char *
s3_id_of_key(const struct s3 *s3, const char *key)
{
    size_t len = strlen(s3->config.prefix);

    return strncmp(key, s3->config.prefix, len) == 0 && path_id_valid(key + len) ? key + len : NULL;
}

bool
s3_copy_text(char *out, size_t cap, const char *text)
{
    return (size_t)snprintf(out, cap, "%s", text) < cap;
}

static enum err_code
see_listed(void *ctx, const char *path, const char *text, struct err *err)
{
    struct walk *w = ctx;

    if (strcmp(path, "/ListBucketResult/Contents/Key") == 0) {
        if (!s3_copy_text(w->key, sizeof(w->key), text))
            w->key[0] = '\0';
    } else if (strcmp(path, "/ListBucketResult/Contents/LastModified") == 0) {
        w->changed_ms = clock_parse_rfc3339(text);
    } else if (strcmp(path, "/ListBucketResult/NextContinuationToken") == 0) {
        if (!s3_copy_text(w->next, sizeof(w->next), text))
            return err_set(err, ERR_UNAVAILABLE, "the store lists with a token that is too long");
    } else if (strcmp(path, "/ListBucketResult/Contents") == 0) {
        const char *id = s3_id_of_key(w->s3, w->key);
        bool old = w->changed_ms >= 0 && w->changed_ms <= w->before_ms;
        w->key[0] = '\0';
        w->changed_ms = -1;
        return id != NULL && old ? w->seen(w->ctx, id, err) : ERR_OK;
    }
    return ERR_OK;
}

static enum err_code
walk_page(struct walk *w, char digit, struct err *err)
{
    struct arena *arena = arena_new(S3_CALL_ARENA);
    struct s3_result result;
    const char *token = arena != NULL ? sigv4_encode(arena, w->next, false) : NULL;
    const char *prefix = arena != NULL ? sigv4_encode(arena, w->s3->config.prefix, false) : NULL;
    const char *query = token == NULL || prefix == NULL ? NULL
                        : w->next[0] == '\0'
                            ? arena_printf(arena, "list-type=2&prefix=%s%c", prefix, digit)
                            : arena_printf(arena, "continuation-token=%s&list-type=2&prefix=%s%c",
                                           token, prefix, digit);
    struct s3_call call = {.method = "GET", .query = query, .body_fd = -1};

    s3_result_init(&result);
    enum err_code rc = query == NULL ? err_set(err, ERR_MEMORY, "no memory to list objects")
                                     : s3_run(w->s3, &call, &result, err);
    w->next[0] = '\0';
    if (rc == ERR_OK)
        rc = xml_read(buf_span(&result.answer.text), see_listed, w, err);
    s3_result_fini(&result);
    arena_drop(&arena);
    return rc == ERR_CONFLICT || rc == ERR_SYNTAX ? s3_wait_for_mending(err) : rc;
}

/* Ages are told by the service's clock. */
enum err_code
s3_walk(struct s3 *s3, int64_t min_age_ms,
        enum err_code (*seen)(void *ctx, const char *id, struct err *err), void *ctx,
        struct err *err)
{
    struct walk w = {.s3 = s3,
                     .before_ms = clock_utc_ms() + s3_clock_skew_ms(s3) - min_age_ms,
                     .changed_ms = -1,
                     .seen = seen,
                     .ctx = ctx};
    char digit = "0123456789abcdef"[atomic_fetch_add(&s3->walked, 1) % 16];
    enum err_code rc;

    do
        rc = walk_page(&w, digit, err);
    while (rc == ERR_OK && w.next[0] != '\0');
    return rc;
}
