/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/parts.c - PUT of a part to a presigned URL. S3's dialect: the signature in the URL is the
 * only authentication, errors are XML with S3's codes, the answer has the part's ETag.
 *
 * Differences from S3, on purpose: EntityTooLarge is 413, and nothing but PUT is ever allowed on
 * these URLs (403), so that nothing can be fetched from here. An upload that is complete, deleted
 * or expired is NoSuchUpload to a later PUT, as it is with S3. */
#include "api/errors.h"
#include "api/handlers.h"
#include "api/intake.h"
#include "api/upload_reply.h"
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

struct put {
    struct upload upload;
    uint32_t number;
    char displaced[OBJECT_ID_SIZE];
};

static void
refuse(struct call *call, int status, const char *code, const char *message)
{
    reply_s3_error(call, status, &(struct s3_error){.code = code, .message = message});
}

/* A second way to authenticate, or a body that is not the bytes themselves, comes in x-amz-*. */
static bool
has_amz_fields(const struct http_request *http)
{
    static const char prefix[] = "x-amz-";
    struct span name, value;

    for (size_t i = 0; i < http_field_count(http); i++) {
        http_field_at(http, i, &name, &value);
        if (name.len >= sizeof(prefix) - 1 &&
            strncasecmp((const char *)name.data, prefix, sizeof(prefix) - 1) == 0)
            return true;
    }
    return false;
}

/* True if the URL is genuine; else the call has ended. */
static bool
verify(struct call *call, struct sigv4_claims *ret)
{
    const struct sigv4_request request = {
        .method = http_method(call->http),
        .path = http_path(call->http),
        .query = http_query(call->http),
        .host = http_field(call->http, "Host"),
        .has_authorization = http_field(call->http, "Authorization").data != NULL,
        .has_amz_fields = has_amz_fields(call->http),
    };
    struct sigv4_refusal refusal = {0};
    int64_t now_ms = clock_utc_ms();

    sigv4_verify(call->arena, &call->api->sign, &request, now_ms, ret, &refusal);
    if (refusal.code == NULL)
        return true;
    reply_s3_error(call, refusal.http_status,
                   &(struct s3_error){.code = refusal.code,
                                      .message = refusal.message,
                                      .expired = refusal.expired,
                                      .expires_s = refusal.expires_s,
                                      .expires_ms = refusal.expires_ms,
                                      .server_ms = now_ms});
    return false;
}

void
part_refuse(struct call *call)
{
    struct sigv4_claims claims;

    if (verify(call, &claims))
        refuse(call, 403, "AccessDenied", "Upload URLs take PUT only");
}

static bool
check_length(struct call *call, const struct upload *upload)
{
    uint64_t ceiling = upload_part_ceiling(upload);

    if (http_is_chunked(call->http) || http_field(call->http, "Content-Length").data == NULL) {
        refuse(call, 411, "MissingContentLength",
               "You must provide the Content-Length HTTP header.");
        return false;
    }
    if ((uint64_t)http_content_length(call->http) > ceiling) {
        refuse(call, 413, "EntityTooLarge", "Your proposed upload is larger than this part may be");
        return false;
    }
    return true;
}

/* The upload that the claims are about, if it takes this part; else the call has ended. */
static bool
find_upload(struct call *call, const struct sigv4_claims *claims, struct upload *ret)
{
    static const size_t prefix = sizeof(PART_PATH_PREFIX) - 1;
    struct err err;
    enum err_code rc = upload_find(call->api->db, claims->upload_id, ret, &err);

    if (rc != ERR_OK && rc != ERR_NOT_FOUND) {
        reply_s3_err(call, &err);
        return false;
    }
    if (rc == ERR_NOT_FOUND || ret->state != UPLOAD_OPEN || ret->object_id[0] != '\0' ||
        ret->expires_ms <= clock_utc_ms() || strlen(claims->path) < prefix ||
        strcmp(claims->path + prefix, ret->job_id) != 0) {
        refuse(call, 404, "NoSuchUpload",
               "The specified upload does not exist. It may be complete, deleted or expired.");
        return false;
    }
    if (claims->part_number < 1 || claims->part_number > (int64_t)ret->part_count) {
        refuse(call, 400, "InvalidArgument", "partNumber is not one of this upload");
        return false;
    }
    return true;
}

static enum err_code
put_part(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct put *put = work->state;
    const struct store_written *object = intake_written(work);
    struct upload_part part = {.number = put->number, .size = object->size};

    memcpy(part.md5, object->md5, sizeof(part.md5));
    memcpy(part.sha256, object->sha256, sizeof(part.sha256));
    memcpy(part.object_id, object->id, sizeof(part.object_id));
    return upload_put_part(db, put->upload.id, &part, put->displaced, err);
}

static void
reply_etag(struct work *work)
{
    char hex[MD5_HEX_SIZE];
    char etag[MD5_HEX_SIZE + 2];

    hash_hex(intake_written(work)->md5, MD5_SIZE, hex);
    snprintf(etag, sizeof(etag), "\"%s\"", hex);
    call_header(work->call, "ETag", etag);
    call_reply(work->call, 200, NULL, (struct span){0});
}

/* The upload ended while the bytes came (its parts are sealed, or it is gone), or a fault. */
static void
undone(struct work *work)
{
    struct call *call = work->call;

    if (call != NULL && (work->rc == ERR_CONFLICT || work->rc == ERR_NOT_FOUND))
        refuse(call, 404, "NoSuchUpload",
               "The specified upload does not exist. It may be complete, deleted or expired.");
    else if (call != NULL)
        reply_s3_err(call, &work->err);
    work_drop(&work);
}

static void
recorded(struct work *work)
{
    struct put *put = work->state;

    if (work->rc != ERR_OK) {
        intake_undo(work, undone);
        return;
    }
    intake_keep(work);
    if (work->call != NULL)
        reply_etag(work);
    if (put->displaced[0] != '\0')
        work_remove_objects(work, &put->displaced, 1, NULL);
    else
        work_drop(&work);
}

static void
received(struct work *work)
{
    if (work->rc != ERR_OK)
        intake_undo(work, undone);
    else
        work_write(work, put_part, recorded);
}

void
part_put(struct call *call)
{
    struct sigv4_claims claims;
    struct upload upload;
    struct err err;

    if (!verify(call, &claims))
        return;
    if (!find_upload(call, &claims, &upload) || !check_length(call, &upload))
        return;
    struct work *work = work_new(call->api, call, sizeof(struct put));
    if (work == NULL) {
        err_set(&err, ERR_UNAVAILABLE, "no memory for a request's work");
        reply_s3_err(call, &err);
        return;
    }
    struct put *put = work->state;
    put->upload = upload;
    put->number = (uint32_t)claims.part_number;
    if (intake_open(work, upload_part_ceiling(&upload), received, &err) != ERR_OK) {
        work_drop(&work);
        reply_s3_err(call, &err);
        return;
    }
    call->stream = work;
    http_stream(call->http, upload_part_ceiling(&upload));
}

void
part_put_body(struct call *call, struct span piece)
{
    intake_feed(call->stream, piece);
}

void
part_put_end(struct call *call)
{
    intake_end(call->stream);
}
