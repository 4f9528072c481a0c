/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/uploads_form.c - POST /ocr/uploads/direct with multipart/form-data: the file and its fields
 * in one request. The file streams into the store as it comes; at the end job, part and completion
 * are one transaction, so that there is a queued job or nothing. */
#include "api/errors.h"
#include "api/handlers.h"
#include "api/intake.h"
#include "api/replay.h"
#include "api/spec.h"
#include "api/upload_reply.h"
#include "api/wanted.h"
#include "base/clock.h"
#include "http/multipart.h"

#include <string.h>

enum { PARTS_MAX = 32, FIELD_NAME_MAX = 64 };

static const size_t fields_max = KiB(256);  /* text of all fields together */
static const uint64_t framing_max = MiB(1); /* on top of the file */

struct form {
    struct principal who;
    struct multipart *reader;
    json_t *fields;
    bool file_seen;
    bool in_file;
    char *file_name;
    char *field; /* its name, while it is read; NULL in the file */
    struct buf text;
    size_t text_total;
    uint64_t file_bytes;
    struct job_spec spec;
    struct idempotency request;
    int64_t now_ms;
    struct upload upload;
    bool replayed; /* the file has come before: its object is given up */
};

/* The reader's state is of no use once the body has ended. */
static void
drop_reader(struct work *work)
{
    struct form *form = work->state;

    multipart_drop(&form->reader);
    json_decref(form->fields);
    form->fields = NULL;
    buf_fini(&form->text);
}

static void
orphaned(struct work *work)
{
    work_drop(&work);
}

/* --- the parts as they come --- */

static void received(struct work *work);

static enum err_code
begin_file(struct work *work, const struct multipart_part *part, struct err *err)
{
    struct form *form = work->state;

    if (form->file_seen)
        return err_set(err, ERR_INPUT, "'file' is given twice");
    form->file_seen = true;
    form->in_file = true;
    if (part->file_name != NULL)
        form->file_name = arena_strdup(work->arena, part->file_name);
    return intake_open(work, work->api->config.file_bytes_max, received, err);
}

static enum err_code
on_part(void *ctx, const struct multipart_part *part, struct err *err)
{
    struct work *work = ctx;
    struct form *form = work->state;

    form->in_file = false;
    if (strcmp(part->name, "file") == 0)
        return begin_file(work, part, err);
    if (strlen(part->name) > FIELD_NAME_MAX)
        return err_set(err, ERR_INPUT, "a form field's name has %zu bytes, limit %d",
                       strlen(part->name), FIELD_NAME_MAX);
    form->field = arena_strdup(work->arena, part->name);
    buf_clear(&form->text);
    return form->field != NULL ? ERR_OK : err_set(err, ERR_LIMIT, "the form is too large");
}

static enum err_code
on_data(void *ctx, struct span piece, struct err *err)
{
    struct work *work = ctx;
    struct form *form = work->state;

    if (form->in_file) {
        form->file_bytes += piece.len;
        if (form->file_bytes > work->api->config.file_bytes_max)
            return err_set(err, ERR_LIMIT, "the file is larger than the limit of %llu bytes",
                           (unsigned long long)work->api->config.file_bytes_max);
        intake_feed(work, piece);
        return ERR_OK;
    }
    form->text_total += piece.len;
    if (form->text_total > fields_max)
        return err_set(err, ERR_LIMIT, "the form's fields are larger than the limit of %zu bytes",
                       fields_max);
    buf_append(&form->text, piece.data, piece.len);
    return buf_check(&form->text, "form field", err);
}

static enum err_code
on_part_end(void *ctx, struct err *err)
{
    struct work *work = ctx;
    struct form *form = work->state;

    if (form->in_file)
        return ERR_OK;
    if (json_object_get(form->fields, form->field) != NULL)
        return err_set(err, ERR_INPUT, "form field '%s' is given twice", form->field);
    json_t *value = memchr(buf_text(&form->text), '\0', form->text.len) == NULL
                        ? json_stringn(buf_text(&form->text), form->text.len)
                        : NULL;
    if (json_object_set_new(form->fields, form->field, value) != 0)
        return err_set(err, ERR_INPUT, "form field '%s' is not text in UTF-8", form->field);
    return ERR_OK;
}

static const struct multipart_calls calls = {on_part, on_data, on_part_end};

/* --- the request --- */

void
uploads_form(struct call *call)
{
    struct err err;
    struct work *work = work_begin(call, sizeof(struct form));

    if (work == NULL)
        return;
    struct form *form = work->state;
    form->who = call->who;
    form->fields = json_object();
    buf_init(&form->text, fields_max);
    work->on_orphan = orphaned;
    work->on_drop = drop_reader;
    if (form->fields == NULL || multipart_new(http_field(call->http, "Content-Type"), PARTS_MAX,
                                              &calls, work, &form->reader, &err) != ERR_OK) {
        if (form->fields == NULL)
            err_set(&err, ERR_UNAVAILABLE, "no memory for a form");
        reply_error(call, &err);
        return;
    }
    call->stream = work;
    http_stream(call->http, call->api->config.file_bytes_max + framing_max);
}

void
uploads_form_body(struct call *call, struct span piece)
{
    struct work *work = call->stream;
    struct form *form = work->state;
    struct err err;

    if (form->reader != NULL && multipart_feed(form->reader, piece, &err) != ERR_OK)
        reply_error(call, &err);
}

static enum err_code
read_fields(struct call *call, struct work *work, struct err *err)
{
    struct form *form = work->state;
    const struct spec_limits limits = {.is_form = true,
                                       .db = work->api->db,
                                       .catalog = work->api->catalog,
                                       .team_id = form->who.team_id};

    if (!form->file_seen || form->file_bytes == 0)
        return err_set(err, ERR_INPUT,
                       form->file_seen ? "'file' is empty" : "form field 'file' is missing");
    if (json_object_get(form->fields, "file_name") == NULL) {
        json_t *name = json_string(form->file_name != NULL ? form->file_name : "document");
        if (json_object_set_new(form->fields, "file_name", name) != 0)
            return err_set(err, ERR_INPUT, "the file's name is not text in UTF-8");
    }
    enum err_code rc = spec_read(work->arena, form->fields, &limits, &form->spec, err);
    form->spec.trace = call_trace(call, work->arena);
    return rc != ERR_OK ? rc : replay_read(call, work->arena, form->fields, &form->request, err);
}

void
uploads_form_end(struct call *call)
{
    struct work *work = call->stream;
    struct form *form = work->state;
    struct err err;
    enum err_code rc = multipart_end(form->reader, &err);

    if (rc == ERR_OK)
        rc = read_fields(call, work, &err);
    if (rc != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    drop_reader(work);
    intake_end(work);
}

/* --- the object is durable --- */

/* The job of the same form under the same key. */
static enum err_code
find_made(struct work *work, struct db *db, struct err *err)
{
    struct form *form = work->state;
    struct job job;
    enum err_code rc =
        replay_find(work->arena, db, &form->request, form->now_ms, &job, &form->replayed, err);

    if (rc != ERR_OK || !form->replayed)
        return rc;
    work_audit_nothing(work);
    form->now_ms = job.created_ms;
    return upload_of_job(db, job.id, &form->upload, err);
}

/* The upload is declared without a size, which makes it one of a single part whatever the size. */
static enum err_code
submit_whole(struct db *db, void *arg, struct err *err)
{
    struct work *work = arg;
    struct form *form = work->state;
    const struct store_written *object = intake_written(work);
    const struct api_config *config = &work->api->config;
    struct upload_part part = {.number = 1, .size = object->size};
    char job_id[UUID_TEXT_SIZE];
    char displaced[OBJECT_ID_SIZE];
    char etag[MD5_HEX_SIZE];

    memcpy(part.md5, object->md5, sizeof(part.md5));
    memcpy(part.sha256, object->sha256, sizeof(part.sha256));
    memcpy(part.object_id, object->id, sizeof(part.object_id));
    hash_hex(object->md5, MD5_SIZE, etag);
    const struct upload_claim claim = {.number = 1, .etag = etag};
    enum err_code rc = find_made(work, db, err);
    if (rc != ERR_OK || form->replayed)
        return rc;
    rc = wanted_submit(work->arena, db, &form->who, &form->spec, form->now_ms, err);
    const struct job_room room = {config->team_jobs_max, config->team_bytes_max};
    if (rc == ERR_OK)
        rc = job_check_room(db, form->who.team_id, &room, (int64_t)object->size, err);
    if (rc == ERR_OK)
        rc = job_submit(db, &form->who, &form->spec, form->now_ms, config->upload_ttl_ms,
                        config->uploads_open_max, job_id, &form->upload, err);
    if (rc == ERR_OK)
        rc = upload_put_part(db, form->upload.id, &part, displaced, err);
    if (rc == ERR_OK)
        rc = job_complete(db, form->who.team_id, job_id, &claim, 1, form->now_ms, err);
    work_audit_target(work, form->upload.job_id);
    if (rc == ERR_OK)
        rc = idempotency_add(db, &form->request, job_id, form->now_ms, err);
    return rc;
}

static void
undone(struct work *work)
{
    if (work->call != NULL)
        reply_error(work->call, &work->err);
    work_drop(&work);
}

static void
reply(struct call *call, const struct form *form)
{
    if (form->replayed)
        replay_mark(call);
    upload_reply(call, &(struct upload_reply){.upload = &form->upload,
                                              .spec = &form->spec,
                                              .created_ms = form->now_ms,
                                              .complete = true});
}

static void
submitted(struct work *work)
{
    const struct form *form = work->state;

    if (work->rc != ERR_OK) {
        intake_undo(work, undone);
        return;
    }
    if (form->replayed && work->call != NULL) {
        reply(work->call, form); /* its end gives the second object up */
        return;
    }
    if (form->replayed) {
        intake_give_up(work);
        return;
    }
    intake_keep(work);
    if (work->call != NULL)
        reply(work->call, form);
    work_drop(&work);
}

static void
received(struct work *work)
{
    struct form *form = work->state;

    if (work->rc != ERR_OK) {
        intake_undo(work, undone);
        return;
    }
    form->now_ms = clock_utc_ms();
    replay_add_bytes(&form->request, intake_written(work)->sha256, SHA256_SIZE);
    work->wakes = true;
    work_write_for_team(work, submit_whole, submitted);
}
