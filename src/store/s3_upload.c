/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Documents that clients send to the service themselves. */
#include "base/clock.h"
#include "base/xml.h"
#include "store/s3_call.h"
#include "store/store_internal.h"
#include "store/xml_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PAGE_PARTS = 1000, PARTS_ARENA = 8 << 20 };

/* A completion of many parts takes its time, and little is sent meanwhile. */
static const int64_t finish_silent_s = 60;

/* --- begin --- */

struct begun {
    char *remote;
    bool found;
};

static enum err_code
see_begun(void *ctx, const char *path, const char *text, struct err *err)
{
    struct begun *b = ctx;

    if (strcmp(path, "/InitiateMultipartUploadResult/UploadId") != 0)
        return ERR_OK;
    b->found = text[0] != '\0' && s3_copy_text(b->remote, STORE_REMOTE_SIZE, text);
    return b->found ? ERR_OK : err_set(err, ERR_SYNTAX, "an upload id of a wrong length");
}

enum err_code
s3_upload_begin(struct s3 *s3, const char *id, char ret_remote[STORE_REMOTE_SIZE], struct err *err)
{
    struct s3_result result;
    struct begun begun = {.remote = ret_remote};
    struct s3_call call = {.method = "POST",
                           .id = id,
                           .query = "uploads=",
                           .extra = {{"content-type", "application/octet-stream"}},
                           .extra_count = 1,
                           .body_fd = -1};

    s3_add_encryption(s3, &call);
    s3_result_init(&result);
    enum err_code rc = s3_run(s3, &call, &result, err);
    if (rc == ERR_OK)
        rc = xml_read(buf_span(&result.answer.text), see_begun, &begun, err);
    if (rc == ERR_OK && !begun.found)
        rc = err_set(err, ERR_SYNTAX, "the store begins an upload without saying its id");
    s3_result_fini(&result);
    return rc != ERR_OK && rc != ERR_MEMORY ? s3_wait_for_mending(err) : rc;
}

/* --- URLs --- */

enum err_code
s3_upload_url(struct s3 *s3, struct arena *arena, const char *id, const char *remote,
              uint32_t number, int64_t now_ms, int64_t life_s, const char **ret_url,
              struct err *err)
{
    struct sigv4_key key;
    const char *escaped = sigv4_encode(arena, remote, false), *path = s3_path(s3, arena, id);
    const char *params =
        escaped != NULL ? arena_printf(arena, "partNumber=%" PRIu32 "&uploadId=%s", number, escaped)
                        : NULL;

    if (path == NULL || params == NULL)
        return err_set(err, ERR_LIMIT, "no room to sign a URL");
    enum err_code rc = s3_key(s3, arena, false, &key, err);
    return rc == ERR_OK ? sigv4_presign(arena, &key, "PUT", s3->public_base, path, params, now_ms,
                                        life_s, ret_url, err)
                        : rc;
}

/* --- what came --- */

struct listing {
    struct arena *arena;
    struct store_part *parts;
    size_t n, cap;
    struct store_part part; /* the one being read */
    uint64_t next;          /* marker of the next page; 0: that was all */
    bool is_cut;
};

static bool
read_number(const char *text, uint64_t *ret)
{
    size_t len = strspn(text, "0123456789");

    if (len == 0 || len > 18 || text[len] != '\0')
        return false;
    *ret = strtoull(text, NULL, 10);
    return true;
}

static enum err_code
add_part(struct listing *l, struct err *err)
{
    bool follows = l->n == 0 || l->part.number > l->parts[l->n - 1].number;

    if (l->part.number == 0 || l->part.number > SIGV4_PART_MAX || !follows)
        return err_set(err, ERR_SYNTAX, "the store lists parts in disorder");
    if (l->n == l->cap) {
        l->cap = l->cap > 0 ? 4 * l->cap : 64;
        l->parts = arena_grow(l->arena, l->parts, l->n, l->cap, sizeof(*l->parts));
    }
    if (l->parts == NULL)
        return err_set(err, ERR_LIMIT, "too many parts to list");
    l->parts[l->n++] = l->part;
    l->part = (struct store_part){.number = 0};
    return ERR_OK;
}

static enum err_code
see_part(void *ctx, const char *path, const char *text, struct err *err)
{
    struct listing *l = ctx;
    uint64_t number = 0;
    bool good = true;

    if (strcmp(path, "/ListPartsResult/Part/PartNumber") == 0) {
        good = read_number(text, &number) && number <= SIGV4_PART_MAX;
        l->part.number = (uint32_t)number;
    } else if (strcmp(path, "/ListPartsResult/Part/Size") == 0) {
        good = read_number(text, &l->part.size);
    } else if (strcmp(path, "/ListPartsResult/Part/ETag") == 0) {
        good = store_etag_plain(text, l->part.etag);
    } else if (strcmp(path, "/ListPartsResult/NextPartNumberMarker") == 0) {
        good = text[0] == '\0' || read_number(text, &l->next);
    } else if (strcmp(path, "/ListPartsResult/IsTruncated") == 0) {
        l->is_cut = strcmp(text, "true") == 0;
    } else if (strcmp(path, "/ListPartsResult/Part") == 0) {
        return add_part(l, err);
    }
    return good ? ERR_OK : err_set(err, ERR_SYNTAX, "the store lists a part wrongly");
}

static enum err_code
list_page(struct s3 *s3, const char *id, const char *escaped, struct listing *l, struct err *err)
{
    struct s3_result result;
    uint64_t marker = l->next;
    const char *query =
        arena_printf(l->arena, "max-parts=%d&part-number-marker=%" PRIu64 "&uploadId=%s",
                     PAGE_PARTS, marker, escaped);
    struct s3_call call = {.method = "GET", .id = id, .query = query, .body_fd = -1};

    if (query == NULL)
        return err_set(err, ERR_LIMIT, "no room to list parts");
    s3_result_init(&result);
    enum err_code rc = s3_run(s3, &call, &result, err);
    l->is_cut = false;
    if (rc == ERR_OK)
        rc = xml_read(buf_span(&result.answer.text), see_part, l, err);
    if (rc == ERR_OK && l->is_cut && l->next <= marker)
        rc = err_set(err, ERR_SYNTAX, "the store lists parts without an end");
    s3_result_fini(&result);
    return rc;
}

enum err_code
s3_upload_parts(struct s3 *s3, struct arena *arena, const char *id, const char *remote,
                struct store_part **ret, size_t *ret_n, struct err *err)
{
    struct listing l = {.arena = arena};
    const char *escaped = sigv4_encode(arena, remote, false);
    enum err_code rc = escaped == NULL ? err_set(err, ERR_LIMIT, "no room to list parts") : ERR_OK;

    do {
        if (rc == ERR_OK)
            rc = list_page(s3, id, escaped, &l, err);
    } while (rc == ERR_OK && l.is_cut);
    if (rc == ERR_OK) {
        *ret = l.parts;
        *ret_n = l.n;
    }
    return rc == ERR_CONFLICT || rc == ERR_SYNTAX ? s3_wait_for_mending(err) : rc;
}

/* --- the end --- */

static void
put_parts(struct buf *out, const struct store_part *parts, size_t n)
{
    buf_string(out, "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">");
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "<Part><PartNumber>%" PRIu32 "</PartNumber><ETag>&quot;", parts[i].number);
        xml_put_string(out, parts[i].etag);
        buf_string(out, "&quot;</ETag></Part>");
    }
    buf_string(out, "</CompleteMultipartUpload>");
}

/* The upload is not there any more: it was completed by an earlier try whose answer was lost, if
 * its object is there, which nobody else can have made. */
static enum err_code
look_for_object(struct s3 *s3, const char *id, uint64_t total, struct err *err)
{
    uint64_t size = 0;
    struct err why;
    enum err_code rc = s3_size(s3, id, &size, &why);

    if (rc == ERR_NOT_FOUND)
        return err_set(err, ERR_NOT_FOUND, "the upload is not there any more");
    if (rc != ERR_OK)
        return err_set(err, rc, "%s", why.msg);
    if (size != total)
        return err_set(err, ERR_SYSTEM, "object %s has %" PRIu64 " bytes, its parts have %" PRIu64,
                       id, size, total);
    return ERR_OK;
}

enum err_code
s3_upload_finish(struct s3 *s3, const char *id, const char *remote, const struct store_part *parts,
                 size_t n, struct err *err)
{
    struct arena *arena = arena_new(PARTS_ARENA);
    const char *escaped = arena != NULL ? sigv4_encode(arena, remote, false) : NULL;
    const char *query = escaped != NULL ? arena_printf(arena, "uploadId=%s", escaped) : NULL;
    struct s3_result result;
    struct buf body;
    uint64_t total = 0;

    for (size_t i = 0; i < n; i++)
        total += parts[i].size;
    buf_init(&body, PARTS_ARENA);
    put_parts(&body, parts, n);
    struct s3_call call = {.method = "POST",
                           .id = id,
                           .query = query,
                           .extra = {{"content-type", "application/xml"}},
                           .extra_count = 1,
                           .body = buf_span(&body),
                           .body_fd = -1,
                           .silent_s = finish_silent_s};
    s3_result_init(&result);
    enum err_code rc = buf_check(&body, "list of parts", err);
    if (rc == ERR_OK && query == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory to complete an upload");
    if (rc == ERR_OK)
        rc = s3_run(s3, &call, &result, err);
    if (rc == ERR_NOT_FOUND)
        rc = look_for_object(s3, id, total, err);
    else if (rc == ERR_CONFLICT)
        rc = err_set(err, ERR_CONFLICT, "the store refuses the parts: %s",
                     result.code[0] != '\0' ? result.code : "it does not say why");
    s3_result_fini(&result);
    buf_fini(&body);
    arena_drop(&arena);
    return rc;
}

enum err_code
s3_upload_abort(struct s3 *s3, const char *id, const char *remote, struct err *err)
{
    struct arena *arena = arena_new(S3_CALL_ARENA);
    const char *escaped = arena != NULL ? sigv4_encode(arena, remote, false) : NULL;
    const char *query = escaped != NULL ? arena_printf(arena, "uploadId=%s", escaped) : NULL;
    struct s3_call call = {.method = "DELETE", .id = id, .query = query, .body_fd = -1};
    struct s3_result result;

    s3_result_init(&result);
    enum err_code rc = query == NULL ? err_set(err, ERR_MEMORY, "no memory to abort an upload")
                                     : s3_run(s3, &call, &result, err);
    bool gone = rc == ERR_NOT_FOUND && strcmp(result.code, "NoSuchBucket") != 0;
    s3_result_fini(&result);
    arena_drop(&arena);
    if (gone)
        return ERR_OK;
    return rc == ERR_CONFLICT || rc == ERR_NOT_FOUND ? s3_wait_for_mending(err) : rc;
}

/* --- uploads that nobody knows of any more --- */

struct uploads {
    struct s3 *s3;
    int64_t before_ms;
    char key[S3_KEY_SIZE], remote[STORE_REMOTE_SIZE];
    int64_t begun_ms;
    char next_key[S3_KEY_SIZE], next_remote[STORE_REMOTE_SIZE];
    bool is_cut;
    enum err_code (*seen)(void *ctx, const char *id, const char *remote, struct err *err);
    void *ctx;
};

/* One that is too long for us is not one of ours. */
static void
keep_text(char *out, size_t cap, const char *text)
{
    if (!s3_copy_text(out, cap, text))
        out[0] = '\0';
}

static enum err_code
see_upload(void *ctx, const char *path, const char *text, struct err *err)
{
    struct uploads *u = ctx;

    if (strcmp(path, "/ListMultipartUploadsResult/Upload/Key") == 0) {
        keep_text(u->key, sizeof(u->key), text);
    } else if (strcmp(path, "/ListMultipartUploadsResult/Upload/UploadId") == 0) {
        keep_text(u->remote, sizeof(u->remote), text);
    } else if (strcmp(path, "/ListMultipartUploadsResult/Upload/Initiated") == 0) {
        u->begun_ms = clock_parse_rfc3339(text);
    } else if (strcmp(path, "/ListMultipartUploadsResult/NextKeyMarker") == 0) {
        keep_text(u->next_key, sizeof(u->next_key), text);
    } else if (strcmp(path, "/ListMultipartUploadsResult/NextUploadIdMarker") == 0) {
        keep_text(u->next_remote, sizeof(u->next_remote), text);
    } else if (strcmp(path, "/ListMultipartUploadsResult/IsTruncated") == 0) {
        u->is_cut = strcmp(text, "true") == 0;
    } else if (strcmp(path, "/ListMultipartUploadsResult/Upload") == 0) {
        const char *id = s3_id_of_key(u->s3, u->key);
        bool old = u->begun_ms >= 0 && u->begun_ms <= u->before_ms;
        enum err_code rc = id != NULL && old && u->remote[0] != '\0'
                               ? u->seen(u->ctx, id, u->remote, err)
                               : ERR_OK;
        u->key[0] = u->remote[0] = '\0';
        u->begun_ms = -1;
        return rc;
    }
    return ERR_OK;
}

static enum err_code
walk_page(struct uploads *u, struct err *err)
{
    struct arena *arena = arena_new(S3_CALL_ARENA);
    const char *key = arena != NULL ? sigv4_encode(arena, u->next_key, false) : NULL;
    const char *remote = arena != NULL ? sigv4_encode(arena, u->next_remote, false) : NULL;
    const char *prefix = arena != NULL ? sigv4_encode(arena, u->s3->config.prefix, false) : NULL;
    const char *query = NULL;
    struct s3_result result;

    if (key != NULL && remote != NULL && prefix != NULL)
        query = key[0] == '\0'
                    ? arena_printf(arena, "max-uploads=1000&prefix=%s&uploads=", prefix)
                    : arena_printf(arena,
                                   "key-marker=%s&max-uploads=1000&prefix=%s&upload-id-marker=%s"
                                   "&uploads=",
                                   key, prefix, remote);
    struct s3_call call = {.method = "GET", .query = query, .body_fd = -1};
    s3_result_init(&result);
    enum err_code rc = query == NULL ? err_set(err, ERR_MEMORY, "no memory to list uploads")
                                     : s3_run(u->s3, &call, &result, err);
    u->next_key[0] = u->next_remote[0] = '\0';
    u->is_cut = false;
    if (rc == ERR_OK)
        rc = xml_read(buf_span(&result.answer.text), see_upload, u, err);
    s3_result_fini(&result);
    arena_drop(&arena);
    return rc == ERR_CONFLICT || rc == ERR_SYNTAX ? s3_wait_for_mending(err) : rc;
}

enum err_code
s3_upload_walk(struct s3 *s3, int64_t min_age_ms,
               enum err_code (*seen)(void *ctx, const char *id, const char *remote,
                                     struct err *err),
               void *ctx, struct err *err)
{
    struct uploads u = {.s3 = s3,
                        .before_ms = clock_utc_ms() + s3_clock_skew_ms(s3) - min_age_ms,
                        .begun_ms = -1,
                        .seen = seen,
                        .ctx = ctx};
    enum err_code rc;

    do
        rc = walk_page(&u, err);
    while (rc == ERR_OK && u.is_cut && u.next_key[0] != '\0');
    return rc;
}
