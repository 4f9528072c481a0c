/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The end of an upload whose parts came here: what a client claims, against what is there. */
#include "store/upload_internal.h"

#include <string.h>

static enum err_code
read_etag(const struct upload_claim *claim, uint8_t ret_md5[MD5_SIZE], struct err *err)
{
    const char *etag = claim->etag != NULL ? claim->etag : "";
    size_t len = strlen(etag);

    if (len >= 2 && etag[0] == '"' && etag[len - 1] == '"') {
        etag++;
        len -= 2;
    }
    if (!hash_unhex(etag, len, ret_md5, MD5_SIZE))
        return err_set(err, ERR_INPUT,
                       "part %lld: etag must be the one its upload answered with: 32 hexadecimal "
                       "digits, with or without quotes",
                       (long long)claim->number);
    return ERR_OK;
}

static bool
is_listed(const struct upload_claim *claims, size_t n, int64_t number)
{
    for (size_t i = 0; i < n; i++)
        if (claims[i].number == number)
            return true;
    return false;
}

/* The numbers alone: exactly 1, 2, ... part_count. */
enum err_code
upload_check_numbers(const struct upload_claim *claims, size_t n, uint32_t count, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        int64_t number = claims[i].number, want = (int64_t)i + 1;
        if (number < 1)
            return err_set(err, ERR_INPUT, "part_number %lld: numbers begin with 1",
                           (long long)number);
        if (number > count)
            return err_set(err, ERR_INPUT, "part_number %lld: this upload has %u part%s",
                           (long long)number, count, count == 1 ? "" : "s");
        if (number == want)
            continue;
        if (is_listed(claims, i, number))
            return err_set(err, ERR_INPUT, "part %lld is listed twice", (long long)number);
        if (is_listed(claims, n, want))
            return err_set(err, ERR_INPUT,
                           "parts must be in ascending order: part %lld stands before part %lld",
                           (long long)number, (long long)want);
        return err_set(err, ERR_INPUT, "part %lld is missing from the list", (long long)want);
    }
    if (n < count)
        return err_set(err, ERR_INPUT, "part %zu is missing from the list: it has %zu of %u parts",
                       n + 1, n, count);
    return ERR_OK;
}

/* The claims against what is stored; *ret_total: bytes of all parts. */
static enum err_code
check_parts(struct db *db, const struct upload *upload, const struct upload_claim *claims,
            uint64_t *ret_total, struct err *err)
{
    struct db_rows *rows = NULL;
    uint64_t total = 0;
    enum err_code rc = db_query(
        db, "SELECT number, size, md5 FROM upload_part WHERE upload_id = $1 ORDER BY number",
        DB_ARGS(db_text(upload->id)), &rows, err);

    for (uint32_t i = 0; rc == ERR_OK && i < upload->part_count; i++) {
        uint8_t md5[MD5_SIZE];
        bool row = false;
        rc = read_etag(&claims[i], md5, err);
        if (rc == ERR_OK)
            rc = db_next(rows, &row, err);
        if (rc != ERR_OK)
            break;
        struct span stored = row ? db_column_bytes(rows, 2) : (struct span){0};
        if (!row || db_column_int(rows, 0) != claims[i].number)
            rc = err_set(err, ERR_INPUT, "part %u was not uploaded", i + 1);
        else if (stored.len != MD5_SIZE || memcmp(stored.data, md5, MD5_SIZE) != 0)
            rc = err_set(err, ERR_INPUT, "part %u: etag differs from that of the part stored",
                         i + 1);
        else
            total += (uint64_t)db_column_int(rows, 1);
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret_total = total;
    return rc;
}

enum err_code
upload_check_total(const struct upload *upload, uint64_t total, struct err *err)
{
    if (upload->declared_bytes != 0 && total != upload->declared_bytes)
        return err_set(err, ERR_INPUT, "the parts have %llu bytes together, file_size said %llu",
                       (unsigned long long)total, (unsigned long long)upload->declared_bytes);
    return ERR_OK;
}

enum err_code
upload_seal(struct db *db, const char *upload_id, const struct upload_claim *claims, size_t n,
            uint64_t *ret_total, struct err *err)
{
    struct upload upload;
    uint64_t total = 0;
    enum err_code rc = upload_find(db, upload_id, &upload, err);

    if (rc != ERR_OK)
        return rc;
    if (upload.object_id[0] != '\0')
        return upload_compare(db, &upload, claims, n, ret_total, err);
    rc = upload_check_numbers(claims, n, upload.part_count, err);
    if (rc == ERR_OK)
        rc = check_parts(db, &upload, claims, &total, err);
    if (rc == ERR_OK)
        rc = upload_check_total(&upload, total, err);
    /* Parts do not change after the seal, so that a list which fits is the list of the first time.
     */
    if (rc == ERR_INPUT && upload.state == UPLOAD_SEALED)
        rc = err_set(err, ERR_CONFLICT,
                     "the upload is complete already, with another list of parts");
    if (rc == ERR_OK && upload.state != UPLOAD_SEALED)
        rc = db_exec(db, "UPDATE upload SET sealed = 1 WHERE id = $1", DB_ARGS(db_text(upload_id)),
                     NULL, err);
    if (rc == ERR_OK)
        *ret_total = total;
    return rc;
}
