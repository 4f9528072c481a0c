/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/jobs_internal.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum { EXTENSION_SIZE = 17 };

static enum err_code
check_open_uploads(struct db *db, const char *team_id, int64_t open_max, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT COUNT(*) FROM (SELECT id FROM job WHERE team_id = $1 AND "
                                "status = 0 LIMIT $2) AS open_uploads",
                                DB_ARGS(db_text(team_id), db_int(open_max)), &rows, err);

    if (rc == ERR_OK && rows != NULL && db_column_int(rows, 0) >= open_max)
        rc = err_set(err, ERR_RATE,
                     "%lld uploads of this team are not finished, which is the limit: complete or "
                     "delete some",
                     (long long)open_max);
    db_end(&rows);
    return rc;
}

/* What follows the last point of the name, as far as it looks like a kind of file. */
static void
write_extension(const char *file_name, char out[EXTENSION_SIZE])
{
    const char *point = strrchr(file_name, '.');
    size_t n = 0;

    for (const char *c = point != NULL ? point + 1 : ""; *c != '\0'; c++) {
        if (n == EXTENSION_SIZE - 1 || !isalnum((unsigned char)*c)) {
            n = 0;
            break;
        }
        out[n++] = (char)tolower((unsigned char)*c);
    }
    out[n] = '\0';
}

enum err_code
job_add(struct db *db, const char *id, const struct principal *who, const struct job_spec *spec,
        enum job_status status, int64_t now_ms, struct err *err)
{
    char extension[EXTENSION_SIZE];

    write_extension(spec->file_name, extension);
    enum err_code rc = db_exec(
        db,
        "INSERT INTO job (id, team_id, status, format, bounding_boxes, "
        "save_as_template, credits_per_page, file_bytes, created_ms, updated_ms, model, "
        "file_name, content_type, template_slug, instructions, schema_json, "
        "surcharge_per_page, template_internal, template_id, template_name, "
        "submitted_by, extension, source_url, min_confidence, trace, set_aside) VALUES ($1, $2, "
        "$3, $4, $5, "
        "$6, $7, "
        "$8, $9, $9, "
        "$10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)",
        DB_ARGS(db_text(id), db_text(who->team_id), db_int(status), db_int(spec->format),
                db_int(spec->bounding_boxes), db_int(spec->save_as_template),
                db_int(spec->credits_per_page), db_int((int64_t)spec->file_bytes), db_int(now_ms),
                db_text(spec->model), db_text(spec->file_name), db_text(spec->content_type),
                db_text(spec->template_slug), db_text(spec->instructions),
                db_text(spec->schema_json), db_int(spec->surcharge_per_page),
                db_int(spec->template_internal), db_text(spec->template_id),
                db_text(spec->template_name),
                db_text(who->user_id[0] != '\0' ? who->user_id : who->key_id), db_text(extension),
                db_text(spec->source_url), db_real(spec->min_confidence), db_text(spec->trace),
                db_text(spec->set_aside)),
        NULL, err);
    if (rc == ERR_OK)
        rc = tally_add(db, id, 1, err);
    return rc != ERR_OK ? rc : hooks_note(db, who->team_id, id, HOOK_JOB_CREATED, now_ms, err);
}

enum err_code
job_submit(struct db *db, const struct principal *who, const struct job_spec *spec, int64_t now_ms,
           int64_t upload_ttl_ms, int64_t open_max, char ret_id[UUID_TEXT_SIZE],
           struct upload *ret_upload, struct err *err)
{
    char id[UUID_TEXT_SIZE];
    struct upload upload;
    enum err_code rc;

    static_assert(JOB_UPLOADING == 0, "SQL in this folder names the states by number");
    random_uuid(id);
    if (spec->file_bytes > UPLOAD_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "file_size is %llu bytes, the limit is %llu",
                       (unsigned long long)spec->file_bytes, (unsigned long long)UPLOAD_MAX_BYTES);
    rc = check_open_uploads(db, who->team_id, open_max, err);
    if (rc == ERR_OK)
        rc = credits_reserve(db, who->team_id, id, spec->credits_per_page, err);
    if (rc == ERR_OK)
        rc = job_add(db, id, who, spec, JOB_UPLOADING, now_ms, err);
    if (rc == ERR_OK)
        rc = upload_create(db, id, spec->file_bytes, now_ms + upload_ttl_ms, &upload, err);
    if (rc == ERR_OK) {
        memcpy(ret_id, id, sizeof(id));
        *ret_upload = upload;
    }
    return rc;
}
