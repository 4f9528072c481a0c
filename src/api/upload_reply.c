/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/upload_reply.h"

#include "api/base_url.h"
#include "api/errors.h"

#include <inttypes.h>

static enum err_code
part_url(struct call *call, const struct upload *upload, const char *base, uint32_t number,
         int64_t now_ms, const char **ret, struct err *err)
{
    struct api *api = call->api;
    char *path = arena_printf(call->arena, PART_PATH_PREFIX "%s", upload->job_id);
    char *params =
        arena_printf(call->arena, "partNumber=%" PRIu32 "&uploadId=%s", number, upload->id);
    /* The URL and the upload end together. */
    int64_t life_s = (upload->expires_ms - now_ms) / 1000;

    if (path == NULL || params == NULL)
        return err_set(err, ERR_LIMIT, "no room left in the request's arena");
    return sigv4_presign(call->arena, &api->sign, "PUT", base, path, params, now_ms,
                         life_s < 1 ? 1 : life_s, ret, err);
}

static enum err_code
put_parts(struct call *call, const struct upload_reply *made, const char *base, struct jsonw *w,
          struct err *err)
{
    const struct upload *upload = made->upload;

    for (uint32_t number = 1; number <= upload->part_count; number++) {
        const char *url = made->urls != NULL ? made->urls[number - 1] : NULL;
        uint64_t start = 0, end = 0;
        enum err_code rc = url != NULL
                               ? ERR_OK
                               : part_url(call, upload, base, number, made->created_ms, &url, err);
        if (rc != ERR_OK)
            return rc;
        jsonw_object(w, NULL);
        jsonw_int(w, "part_number", number);
        upload_part_range(upload->declared_bytes, number, &start, &end);
        jsonw_int(w, "start_byte", (int64_t)start);
        if (upload->declared_bytes == 0)
            jsonw_null(w, "end_byte");
        else
            jsonw_int(w, "end_byte", (int64_t)end);
        jsonw_string(w, "upload_url", url);
        jsonw_end(w);
    }
    return ERR_OK;
}

static int64_t
chunk_size(const struct upload *upload)
{
    return upload->declared_bytes == 0 ? (int64_t)UPLOAD_PART_BYTES
                                       : (int64_t)upload_slice_bytes(upload->declared_bytes);
}

static const char *
complete_path(struct call *call, const struct upload *upload)
{
    return arena_printf(call->arena, "/api/v1/ocr/uploads/%s/complete", upload->job_id);
}

void
upload_reply(struct call *call, const struct upload_reply *made)
{
    const struct upload *upload = made->upload;
    const char *base = NULL;
    struct err err;
    enum err_code rc = base_url_of(call->arena, call->api->config.public_url,
                                   http_field(call->http, "Host"), &base, &err);
    call_note_job(call, upload->job_id);
    struct jsonw w = call_json(call);

    jsonw_object(&w, NULL);
    jsonw_string(&w, "job_id", upload->job_id);
    jsonw_string(&w, "status", job_status_name(made->complete ? JOB_QUEUED : JOB_UPLOADING));
    if (!call->quirks.no_created_at)
        jsonw_time(&w, "created_at", made->created_ms);
    jsonw_string(&w, "upload_id", upload->id);
    jsonw_string(&w, "upload_type", "multipart");
    jsonw_int(&w, "chunk_size", chunk_size(upload));
    jsonw_int(&w, "total_chunks", upload->part_count);
    jsonw_string(&w, "complete_url", complete_path(call, upload));
    jsonw_time(&w, "expires_at", upload->expires_ms);
    jsonw_array(&w, "parts");
    if (rc == ERR_OK && !made->complete)
        rc = put_parts(call, made, base, &w, &err);
    jsonw_end(&w);
    jsonw_end(&w);
    if (rc != ERR_OK)
        reply_error(call, &err);
    else
        call_reply_json(call, 200);
}
