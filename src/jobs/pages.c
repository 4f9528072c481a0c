/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/hash.h"
#include "jobs/jobs_internal.h"

#include <stdio.h>

/* A UUID of version 8 (RFC 9562: the maker's own rule) out of SHA-256, so that a page has the same
 * id at every reading and no row has to keep it. */
static void
derive_id(const char *job_id, int64_t number, char ret_id[UUID_TEXT_SIZE])
{
    char text[UUID_TEXT_SIZE + 24], hex[SHA256_HEX_SIZE];
    uint8_t digest[SHA256_SIZE];
    int len = snprintf(text, sizeof(text), "%s/%lld", job_id, (long long)number);

    hash_sha256(text, (size_t)len, digest);
    digest[6] = (uint8_t)(0x80 | (digest[6] & 0x0f));
    digest[8] = (uint8_t)(0x80 | (digest[8] & 0x3f));
    hash_hex(digest, 16, hex);
    snprintf(ret_id, UUID_TEXT_SIZE, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16,
             hex + 20);
}

enum err_code
page_store(struct db *db, const char *job_id, const struct job_page *page, int64_t seq,
           struct err *err)
{
    if (!(page->confidence >= 0 && page->confidence <= 1) || page->offset > INT64_MAX)
        return err_set(err, ERR_INPUT, "page %lld: confidence or offset out of range",
                       (long long)page->number);
    return db_post(
        db,
        "INSERT INTO job_page (job_id, number, reason, message, confidence, width_px, height_px, "
        "object_id, byte_offset, markdown_bytes, tree_bytes, seq) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        DB_ARGS(db_text(job_id), db_int(page->number), db_text(page->reason),
                db_text(page->message), db_real(page->confidence), db_int(page->width_px),
                db_int(page->height_px),
                db_text(page->object_id[0] != '\0' ? page->object_id : NULL),
                db_int((int64_t)page->offset), db_int(page->markdown_bytes),
                db_int(page->tree_bytes), db_int(seq)),
        err);
}

static enum err_code
read_page(struct arena *arena, const struct db_rows *rows, const char *job_id, struct job_page *ret,
          struct err *err)
{
    *ret = (struct job_page){
        .number = db_column_int(rows, 0),
        .reason = db_column_text(arena, rows, 1),
        .message = db_column_text(arena, rows, 2),
        .confidence = db_column_real(rows, 3),
        .width_px = db_column_int(rows, 4),
        .height_px = db_column_int(rows, 5),
        .offset = (uint64_t)db_column_int(rows, 7),
        .markdown_bytes = (uint32_t)db_column_int(rows, 8),
        .tree_bytes = (uint32_t)db_column_int(rows, 9),
        .seq = db_column_int(rows, 10),
    };
    if ((ret->reason == NULL && !db_is_null(rows, 1)) ||
        (ret->message == NULL && !db_is_null(rows, 2)))
        return err_set(err, ERR_LIMIT, "too many pages to list");
    if (!db_column_copy(rows, 6, ret->object_id, sizeof(ret->object_id)))
        return err_set(err, ERR_SYSTEM, "a page has an object id that is too long");
    derive_id(job_id, ret->number, ret->id);
    return ERR_OK;
}

#define PAGE_COLUMNS                                                                               \
    "number, reason, message, confidence, width_px, height_px, object_id, byte_offset, "           \
    "markdown_bytes, tree_bytes, seq"

/* Ends the query. */
static enum err_code
read_pages(struct arena *arena, enum err_code rc, struct db_rows *rows, const char *job_id,
           struct job_page **ret, size_t *ret_n, struct err *err)
{
    struct job_page *pages = NULL;
    size_t n = 0, cap = 0;
    bool row = false;

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        if (n == cap) {
            cap = cap == 0 ? 16 : cap * 2;
            pages = arena_grow(arena, pages, n, cap, sizeof(*pages));
        }
        rc = pages == NULL ? err_set(err, ERR_LIMIT, "too many pages to list")
                           : read_page(arena, rows, job_id, &pages[n], err);
        n++;
    }
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = pages;
        *ret_n = n;
    }
    return rc;
}

enum err_code
job_pages(struct arena *arena, struct db *db, const char *job_id, int64_t first, int64_t count,
          struct job_page **ret, size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;

    if (count > JOB_PAGE_LIST_MAX)
        count = JOB_PAGE_LIST_MAX;
    if (first < 1 || first > JOB_PAGES_MAX || count < 0)
        count = 0;
    enum err_code rc = db_query(
        db,
        "SELECT " PAGE_COLUMNS " FROM job_page WHERE job_id = $1 AND number >= $2 AND "
        "number < $3 ORDER BY number",
        DB_ARGS(db_text(job_id), db_int(first), db_int(count == 0 ? first : first + count)), &rows,
        err);
    return read_pages(arena, rc, rows, job_id, ret, ret_n, err);
}

enum err_code
job_pages_since(struct arena *arena, struct db *db, const char *job_id, int64_t seq, int64_t count,
                struct job_page **ret, size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_query(db,
                                "SELECT " PAGE_COLUMNS " FROM job_page WHERE job_id = $1 AND "
                                "seq > $2 ORDER BY seq LIMIT $3",
                                DB_ARGS(db_text(job_id), db_int(seq), db_int(count)), &rows, err);

    return read_pages(arena, rc, rows, job_id, ret, ret_n, err);
}
