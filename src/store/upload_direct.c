/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/upload_internal.h"

#include <inttypes.h>
#include <string.h>

enum err_code
upload_send_to(struct db *db, struct upload *upload, const char *object_id, const char *remote_id,
               struct err *err)
{
    if (strlen(object_id) >= sizeof(upload->object_id) ||
        strlen(remote_id) >= sizeof(upload->remote_id))
        return err_set(err, ERR_SYSTEM, "an upload has an id that is too long");
    memcpy(upload->object_id, object_id, strlen(object_id) + 1);
    memcpy(upload->remote_id, remote_id, strlen(remote_id) + 1);
    return db_exec(db, "UPDATE upload SET object_id = $1, remote_id = $2 WHERE id = $3",
                   DB_ARGS(db_text(object_id), db_text(remote_id), db_text(upload->id)), NULL, err);
}

/* --- complete --- */

static enum err_code
claimed_etag(const struct upload_claim *claim, char ret[STORE_ETAG_SIZE], struct err *err)
{
    if (store_etag_plain(claim->etag != NULL ? claim->etag : "", ret))
        return ERR_OK;
    return err_set(err, ERR_INPUT,
                   "part %" PRId64 ": etag must be the one its upload answered with",
                   claim->number);
}

static const struct store_part *
find_part(const struct upload_came *came, int64_t number)
{
    for (size_t i = 0; i < came->n; i++)
        if ((int64_t)came->parts[i].number == number)
            return &came->parts[i];
    return NULL;
}

static enum err_code
check_part(const struct upload *upload, const struct upload_claim *claim,
           const struct upload_came *came, struct store_part *ret, struct err *err)
{
    char etag[STORE_ETAG_SIZE];
    const struct store_part *part = find_part(came, claim->number);
    enum err_code rc = claimed_etag(claim, etag, err);

    if (rc != ERR_OK)
        return rc;
    if (part == NULL)
        return err_set(err, ERR_INPUT, "part %" PRId64 " was not uploaded", claim->number);
    if (strcmp(part->etag, etag) != 0)
        return err_set(err, ERR_INPUT,
                       "part %" PRId64 ": etag differs from that of the part stored",
                       claim->number);
    if (claim->number < (int64_t)upload->part_count && part->size < UPLOAD_PART_BYTES)
        return err_set(err, ERR_INPUT,
                       "part %" PRId64 " has %" PRIu64
                       " bytes: each part but the last needs at least %" PRIu64,
                       claim->number, part->size, UPLOAD_PART_BYTES);
    *ret = *part;
    return ERR_OK;
}

static enum err_code
keep_list(struct db *db, const struct upload *upload, const struct store_part *parts, size_t n,
          struct err *err)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = db_exec(db,
                     "INSERT INTO upload_part (upload_id, number, size, etag) "
                     "VALUES ($1, $2, $3, $4)",
                     DB_ARGS(db_text(upload->id), db_int(parts[i].number),
                             db_int((int64_t)parts[i].size), db_text(parts[i].etag)),
                     NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "UPDATE upload SET sealed = $1 WHERE id = $2",
                     DB_ARGS(db_int(UPLOAD_CLOSING), db_text(upload->id)), NULL, err);
    return rc;
}

static enum err_code
close_now(struct db *db, const struct upload *upload, const struct upload_claim *claims,
          const struct upload_came *came, uint64_t max_bytes, struct store_part *parts,
          struct err *err)
{
    uint64_t total = 0;
    enum err_code rc = ERR_OK;

    if (came->gone)
        return err_set(err, ERR_CONFLICT, "the upload was not completed in time and is closed");
    for (uint32_t i = 0; rc == ERR_OK && i < upload->part_count; i++) {
        rc = check_part(upload, &claims[i], came, &parts[i], err);
        total += parts[i].size;
    }
    if (rc == ERR_OK)
        rc = upload_check_total(upload, total, err);
    if (rc == ERR_OK && total > max_bytes)
        rc = err_set(err, ERR_LIMIT, "the file has %" PRIu64 " bytes, the limit is %" PRIu64, total,
                     max_bytes);
    return rc == ERR_OK ? keep_list(db, upload, parts, upload->part_count, err) : rc;
}

/* The list that stands; parts: room for part_count, or NULL. */
static enum err_code
read_list(struct db *db, const struct upload *upload, const struct upload_claim *claims,
          struct store_part *parts, uint64_t *ret_total, struct err *err)
{
    struct db_rows *rows = NULL;
    uint64_t total = 0;
    enum err_code rc = db_query(
        db, "SELECT number, size, etag FROM upload_part WHERE upload_id = $1 ORDER BY number",
        DB_ARGS(db_text(upload->id)), &rows, err);

    for (uint32_t i = 0; rc == ERR_OK && i < upload->part_count; i++) {
        struct store_part part = {.number = i + 1};
        char etag[STORE_ETAG_SIZE];
        bool row = false;
        rc = claimed_etag(&claims[i], etag, err);
        if (rc == ERR_OK)
            rc = db_next(rows, &row, err);
        if (rc == ERR_OK && (!row || db_column_int(rows, 0) != (int64_t)part.number ||
                             !db_column_copy(rows, 2, part.etag, sizeof(part.etag))))
            rc = err_set(err, ERR_SYSTEM, "the parts of an upload are not what was closed");
        if (rc == ERR_OK && strcmp(part.etag, etag) != 0)
            rc = err_set(err, ERR_INPUT, "part %u: etag differs from that of the part stored",
                         part.number);
        if (rc != ERR_OK)
            break;
        part.size = (uint64_t)db_column_int(rows, 1);
        total += part.size;
        if (parts != NULL)
            parts[i] = part;
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret_total = total;
    return rc;
}

enum err_code
upload_compare(struct db *db, const struct upload *upload, const struct upload_claim *claims,
               size_t n, uint64_t *ret_total, struct err *err)
{
    enum err_code rc = upload->state == UPLOAD_SEALED
                           ? upload_check_numbers(claims, n, upload->part_count, err)
                           : err_set(err, ERR_CONFLICT, "the upload is being completed");

    if (rc == ERR_OK)
        rc = read_list(db, upload, claims, NULL, ret_total, err);
    return rc == ERR_INPUT ? err_set(err, ERR_CONFLICT,
                                     "the upload is complete already, with another list of parts")
                           : rc;
}

enum err_code
upload_close(struct arena *arena, struct db *db, const struct upload *upload,
             const struct upload_claim *claims, size_t n, const struct upload_came *came,
             uint64_t max_bytes, struct store_part **ret_parts, size_t *ret_n, struct err *err)
{
    uint64_t total = 0;
    struct store_part *parts = arena_array(arena, upload->part_count, sizeof(*parts));
    enum err_code rc = parts == NULL ? err_set(err, ERR_LIMIT, "too many parts to complete")
                                     : upload_check_numbers(claims, n, upload->part_count, err);

    if (rc == ERR_OK && upload->state == UPLOAD_OPEN)
        rc = close_now(db, upload, claims, came, max_bytes, parts, err);
    else if (rc == ERR_OK)
        rc = read_list(db, upload, claims, parts, &total, err);
    if (rc == ERR_INPUT && upload->state != UPLOAD_OPEN)
        rc = err_set(err, ERR_CONFLICT,
                     "the upload is complete already, with another list of parts");
    if (rc == ERR_OK) {
        *ret_parts = parts;
        *ret_n = upload->part_count;
    }
    return rc;
}

enum err_code
upload_reopen(struct db *db, const char *upload_id, struct err *err)
{
    enum err_code rc = db_exec(db,
                               "DELETE FROM upload_part WHERE upload_id = "
                               "(SELECT id FROM upload WHERE id = $1 AND sealed = $2)",
                               DB_ARGS(db_text(upload_id), db_int(UPLOAD_CLOSING)), NULL, err);

    if (rc == ERR_OK)
        rc = db_exec(db, "UPDATE upload SET sealed = $1 WHERE id = $2 AND sealed = $3",
                     DB_ARGS(db_int(UPLOAD_OPEN), db_text(upload_id), db_int(UPLOAD_CLOSING)), NULL,
                     err);
    return rc;
}

enum err_code
upload_end(struct db *db, const char *upload_id, struct err *err)
{
    return db_exec(db, "UPDATE upload SET sealed = $1 WHERE id = $2",
                   DB_ARGS(db_int(UPLOAD_SEALED), db_text(upload_id)), NULL, err);
}

/* --- given up --- */

enum err_code
upload_let_go(struct arena *arena, struct db *db, const char *job_id, char (**ids)[OBJECT_ID_SIZE],
              size_t *n, struct err *err)
{
    struct upload upload;
    enum err_code rc = upload_of_job(db, job_id, &upload, err);

    if (rc != ERR_OK || upload.object_id[0] == '\0' || upload.state == UPLOAD_SEALED)
        return rc;
    rc = db_exec(db,
                 "INSERT INTO upload_gone (object_id, remote_id) VALUES ($1, $2) "
                 "ON CONFLICT (object_id) DO NOTHING",
                 DB_ARGS(db_text(upload.object_id), db_text(upload.remote_id)), NULL, err);
    if (rc != ERR_OK || upload.state != UPLOAD_CLOSING)
        return rc;
    char(*more)[OBJECT_ID_SIZE] = arena_grow(arena, *ids, *n, *n + 1, sizeof(*more));
    if (more == NULL)
        return err_set(err, ERR_LIMIT, "too many parts to list");
    memcpy(more[*n], upload.object_id, sizeof(*more));
    *ids = more;
    ++*n;
    return ERR_OK;
}

enum err_code
upload_gone_list(struct db *db, struct upload_gone *ret, size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    size_t n = 0;
    bool row = true;
    enum err_code rc = db_query(db, "SELECT object_id, remote_id FROM upload_gone LIMIT $1",
                                DB_ARGS(db_int(UPLOAD_GONE_BATCH)), &rows, err);

    while (rc == ERR_OK && n < UPLOAD_GONE_BATCH && (rc = db_next(rows, &row, err)) == ERR_OK &&
           row) {
        if (!db_column_copy(rows, 0, ret[n].object_id, sizeof(ret[n].object_id)) ||
            !db_column_copy(rows, 1, ret[n].remote_id, sizeof(ret[n].remote_id)))
            rc = err_set(err, ERR_SYSTEM, "an upload has an id that is too long");
        n++;
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret_n = n;
    return rc;
}

enum err_code
upload_gone_drop(struct db *db, const char *object_id, struct err *err)
{
    return db_exec(db, "DELETE FROM upload_gone WHERE object_id = $1", DB_ARGS(db_text(object_id)),
                   NULL, err);
}

enum err_code
upload_is_known(struct db *db, const char *object_id, bool *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db,
                                "SELECT 1 FROM upload WHERE object_id = $1 UNION ALL "
                                "SELECT 1 FROM upload_gone WHERE object_id = $1 LIMIT 1",
                                DB_ARGS(db_text(object_id)), &rows, err);

    if (rc == ERR_OK)
        *ret = rows != NULL;
    db_end(&rows);
    return rc;
}
