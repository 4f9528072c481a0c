/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/upload_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* --- cutting a file into parts --- */

uint32_t
upload_part_count(uint64_t file_bytes)
{
    if (file_bytes < UPLOAD_SINGLE_BYTES)
        return 1;
    if (file_bytes > UPLOAD_MAX_BYTES)
        file_bytes = UPLOAD_MAX_BYTES;
    return (uint32_t)(file_bytes / UPLOAD_PART_BYTES); /* so that no slice is smaller */
}

uint64_t
upload_slice_bytes(uint64_t file_bytes)
{
    uint32_t count = upload_part_count(file_bytes);

    return (file_bytes + count - 1) / count;
}

void
upload_part_range(uint64_t file_bytes, uint32_t number, uint64_t *ret_start, uint64_t *ret_end)
{
    uint32_t count = upload_part_count(file_bytes);
    uint64_t slice = upload_slice_bytes(file_bytes);
    uint64_t start = (uint64_t)(number - 1) * slice;
    uint64_t end = number == count ? file_bytes : start + slice;

    *ret_start = start;
    *ret_end = end > 0 ? end - 1 : 0;
}

uint64_t
upload_part_ceiling(const struct upload *upload)
{
    if (upload->declared_bytes == 0)
        return UPLOAD_MAX_BYTES;
    if (upload->part_count == 1)
        return upload->declared_bytes;
    uint64_t slice = (upload->declared_bytes + upload->part_count - 1) / upload->part_count;
    return slice < UPLOAD_PART_BYTES ? UPLOAD_PART_BYTES : slice;
}

/* --- rows --- */

enum err_code
upload_create(struct db *db, const char *job_id, uint64_t declared_bytes, int64_t expires_ms,
              struct upload *ret, struct err *err)
{
    struct upload upload = {.declared_bytes = declared_bytes,
                            .part_count = upload_part_count(declared_bytes),
                            .expires_ms = expires_ms};
    uint8_t raw[16];

    if (declared_bytes > UPLOAD_MAX_BYTES)
        return err_set(err, ERR_LIMIT, "file_size is %llu bytes, the limit is %llu",
                       (unsigned long long)declared_bytes, (unsigned long long)UPLOAD_MAX_BYTES);
    static_assert(UPLOAD_ID_SIZE == 2 * sizeof(raw) + 1, "the id is the bytes in hexadecimal");
    random_bytes(raw, sizeof(raw));
    hash_hex(raw, sizeof(raw), upload.id);
    snprintf(upload.job_id, sizeof(upload.job_id), "%s", job_id);
    enum err_code rc =
        db_exec(db,
                "INSERT INTO upload (id, job_id, declared_bytes, part_count, expires_ms) "
                "VALUES ($1, $2, $3, $4, $5)",
                DB_ARGS(db_text(upload.id), db_text(job_id), db_int((int64_t)declared_bytes),
                        db_int(upload.part_count), db_int(expires_ms)),
                NULL, err);
    if (rc == ERR_OK)
        *ret = upload;
    return rc;
}

/* Ends the query. */
static enum err_code
read_upload(enum err_code rc, struct db_rows *rows, struct upload *ret, struct err *err)
{
    struct upload upload = {0};

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_NOT_FOUND, "there is no such upload");
    if (rc == ERR_OK && (!db_column_copy(rows, 0, upload.id, sizeof(upload.id)) ||
                         !db_column_copy(rows, 1, upload.job_id, sizeof(upload.job_id))))
        rc = err_set(err, ERR_SYSTEM, "an upload has an id that is too long");
    if (rc == ERR_OK) {
        upload.declared_bytes = (uint64_t)db_column_int(rows, 2);
        upload.part_count = (uint32_t)db_column_int(rows, 3);
        upload.expires_ms = db_column_int(rows, 4);
        upload.state = (enum upload_state)db_column_int(rows, 5);
    }
    if (rc == ERR_OK && !db_is_null(rows, 6) &&
        (!db_column_copy(rows, 6, upload.object_id, sizeof(upload.object_id)) ||
         !db_column_copy(rows, 7, upload.remote_id, sizeof(upload.remote_id))))
        rc = err_set(err, ERR_SYSTEM, "an upload has an id that is too long");
    if (rc == ERR_OK)
        *ret = upload;
    db_end(&rows);
    return rc;
}

enum err_code
upload_find(struct db *db, const char *upload_id, struct upload *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db,
                 "SELECT id, job_id, declared_bytes, part_count, expires_ms, sealed, "
                 "object_id, remote_id FROM upload WHERE id = $1",
                 DB_ARGS(db_text(upload_id)), &rows, err);

    return read_upload(rc, rows, ret, err);
}

enum err_code
upload_of_job(struct db *db, const char *job_id, struct upload *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db,
                 "SELECT id, job_id, declared_bytes, part_count, expires_ms, sealed, "
                 "object_id, remote_id FROM upload WHERE job_id = $1",
                 DB_ARGS(db_text(job_id)), &rows, err);

    return read_upload(rc, rows, ret, err);
}

static enum err_code
check_part(const struct upload *upload, const struct upload_part *part, struct err *err)
{
    uint64_t ceiling = upload_part_ceiling(upload);

    if (upload->state != UPLOAD_OPEN || upload->object_id[0] != '\0')
        return err_set(err, ERR_CONFLICT, "the upload is complete and takes no more parts");
    if (part->number < 1 || part->number > upload->part_count)
        return err_set(err, ERR_INPUT, "part_number %u: this upload has parts 1 to %u",
                       part->number, upload->part_count);
    if (part->size > ceiling)
        return err_set(err, ERR_LIMIT, "part %u has %llu bytes, the limit is %llu", part->number,
                       (unsigned long long)part->size, (unsigned long long)ceiling);
    return ERR_OK;
}

/* The object that the number has now, "" for none. */
static enum err_code
find_displaced(struct db *db, const char *upload_id, uint32_t number, char ret_id[OBJECT_ID_SIZE],
               struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT object_id FROM upload_part WHERE upload_id = $1 AND number = $2",
                 DB_ARGS(db_text(upload_id), db_int(number)), &rows, err);

    ret_id[0] = '\0';
    if (rc == ERR_OK && rows != NULL && !db_column_copy(rows, 0, ret_id, OBJECT_ID_SIZE))
        rc = err_set(err, ERR_SYSTEM, "part %u has an object id that is too long", number);
    db_end(&rows);
    return rc;
}

enum err_code
upload_put_part(struct db *db, const char *upload_id, const struct upload_part *part,
                char ret_displaced[OBJECT_ID_SIZE], struct err *err)
{
    struct upload upload;
    char displaced[OBJECT_ID_SIZE];
    enum err_code rc = upload_find(db, upload_id, &upload, err);

    if (rc == ERR_OK)
        rc = check_part(&upload, part, err);
    if (rc == ERR_OK)
        rc = find_displaced(db, upload_id, part->number, displaced, err);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "INSERT INTO upload_part (upload_id, number, size, md5, sha256, object_id) "
                     "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (upload_id, number) DO UPDATE "
                     "SET size = excluded.size, md5 = excluded.md5, sha256 = excluded.sha256, "
                     "object_id = excluded.object_id",
                     DB_ARGS(db_text(upload_id), db_int(part->number), db_int((int64_t)part->size),
                             db_blob((struct span){part->md5, MD5_SIZE}),
                             db_blob((struct span){part->sha256, SHA256_SIZE}),
                             db_text(part->object_id)),
                     NULL, err);
    if (rc != ERR_OK)
        return rc;
    /* The same object told twice displaces nothing. */
    if (strcmp(displaced, part->object_id) == 0)
        displaced[0] = '\0';
    memcpy(ret_displaced, displaced, sizeof(displaced));
    return ERR_OK;
}

/* --- parts and their objects --- */

/* Of a part that came here. */
static enum err_code
read_part(const struct db_rows *rows, struct upload_part *ret, struct err *err)
{
    struct span md5 = db_column_bytes(rows, 2), sha256 = db_column_bytes(rows, 3);

    if (md5.len != MD5_SIZE || sha256.len != SHA256_SIZE ||
        !db_column_copy(rows, 4, ret->object_id, sizeof(ret->object_id)))
        return err_set(err, ERR_SYSTEM, "a part has a digest or id of a wrong length");
    ret->number = (uint32_t)db_column_int(rows, 0);
    ret->size = (uint64_t)db_column_int(rows, 1);
    memcpy(ret->md5, md5.data, MD5_SIZE);
    memcpy(ret->sha256, sha256.data, SHA256_SIZE);
    return ERR_OK;
}

enum err_code
upload_parts(struct arena *arena, struct db *db, const char *job_id, struct upload_part **ret,
             size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    struct upload upload;
    struct upload_part *parts = NULL;
    size_t n = 0;
    bool row = true;
    enum err_code rc = upload_of_job(db, job_id, &upload, err);

    if (rc != ERR_OK)
        return rc;
    parts = arena_array(arena, upload.part_count, sizeof(*parts));
    if (parts == NULL)
        return err_set(err, ERR_LIMIT, "too many parts to list");
    rc = db_query(db,
                  "SELECT number, size, md5, sha256, object_id FROM upload_part "
                  "WHERE upload_id = $1 AND number <= $2 AND etag IS NULL ORDER BY number",
                  DB_ARGS(db_text(upload.id), db_int(upload.part_count)), &rows, err);
    while (rc == ERR_OK && n < upload.part_count && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row) {
        rc = read_part(rows, &parts[n], err);
        n++;
    }
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = parts;
        *ret_n = n;
    }
    return rc;
}

/* Ids of the parts' objects but for one. */
static enum err_code
list_objects(struct arena *arena, struct db *db, const char *job_id, const char *but,
             char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err)
{
    struct upload_part *parts = NULL;
    size_t n = 0, kept = 0;
    enum err_code rc = upload_parts(arena, db, job_id, &parts, &n, err);

    if (rc != ERR_OK)
        return rc;
    char(*ids)[OBJECT_ID_SIZE] = arena_array(arena, n, sizeof(*ids));
    if (ids == NULL)
        return err_set(err, ERR_LIMIT, "too many parts to list");
    for (size_t i = 0; i < n; i++)
        if (parts[i].object_id[0] != '\0' && strcmp(parts[i].object_id, but) != 0)
            memcpy(ids[kept++], parts[i].object_id, sizeof(*ids));
    *ret_ids = ids;
    *ret_n = kept;
    return ERR_OK;
}

enum err_code
upload_joined(struct arena *arena, struct db *db, const char *job_id, const char *object_id,
              char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err)
{
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    enum err_code rc = list_objects(arena, db, job_id, object_id, &ids, &n, err);

    if (rc == ERR_OK)
        rc = db_exec(db,
                     "UPDATE upload_part SET object_id = NULL WHERE object_id IS NOT NULL AND "
                     "upload_id = (SELECT id FROM upload WHERE job_id = $1)",
                     DB_ARGS(db_text(job_id)), NULL, err);
    if (rc == ERR_OK) {
        *ret_ids = ids;
        *ret_n = n;
    }
    return rc;
}

enum err_code
upload_forget(struct arena *arena, struct db *db, const char *job_id,
              char (**ret_ids)[OBJECT_ID_SIZE], size_t *ret_n, struct err *err)
{
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    enum err_code rc = list_objects(arena, db, job_id, "", &ids, &n, err);

    if (rc == ERR_NOT_FOUND) {
        *ret_ids = NULL;
        *ret_n = 0;
        return ERR_OK;
    }
    if (rc == ERR_OK)
        rc = upload_let_go(arena, db, job_id, &ids, &n, err);
    if (rc == ERR_OK)
        rc = db_exec(db,
                     "DELETE FROM upload_part WHERE upload_id = "
                     "(SELECT id FROM upload WHERE job_id = $1)",
                     DB_ARGS(db_text(job_id)), NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM upload WHERE job_id = $1", DB_ARGS(db_text(job_id)), NULL,
                     err);
    if (rc == ERR_OK) {
        *ret_ids = ids;
        *ret_n = n;
    }
    return rc;
}
