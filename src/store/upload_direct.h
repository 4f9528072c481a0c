/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/upload_direct.h - uploads whose parts clients send to the S3 service: what of them is in
 * the database. The service itself is spoken to between these transactions, never within one:
 *
 *   begin    store_upload_begin, then the upload is made and upload_send_to'd in one transaction
 *   complete store_upload_parts; upload_close (the list stands); store_upload_finish; upload_end
 *   given up upload_forget notes it; upload_gone_list, store_upload_abort, upload_gone_drop
 *
 * A process that ends between two of these loses nothing: complete can be asked for again at each
 * step; what nobody asks for again expires and is given up; an upload at the service that the
 * database knows nothing of is found by store_upload_walk and upload_is_known. */
#pragma once

#include "store/upload.h"

/* Of an upload that was made in this transaction. */
MUST_CHECK
enum err_code upload_send_to(struct db *db, struct upload *upload, const char *object_id,
                             const char *remote_id, struct err *err);

/* What the service says has come; gone: it knows no such upload. */
struct upload_came {
    const struct store_part *parts;
    size_t n;
    bool gone;
};
/* The exact check of `complete`, as upload_seal's; ETags are the service's, whatever their form.
 * Each part but the last has UPLOAD_PART_BYTES at least, all together max_bytes at most. OK: the
 * list stands, *ret_parts (in the arena) is what the service is to be told. Closed already: OK for
 * the same list, whatever came; ERR_CONFLICT for another. */
MUST_CHECK
enum err_code upload_close(struct arena *arena, struct db *db, const struct upload *upload,
                           const struct upload_claim *claims, size_t n,
                           const struct upload_came *came, uint64_t max_bytes,
                           struct store_part **ret_parts, size_t *ret_n, struct err *err);
/* The service refused the list: another one may be given. */
MUST_CHECK
enum err_code upload_reopen(struct db *db, const char *upload_id, struct err *err);
/* The object is there. */
MUST_CHECK
enum err_code upload_end(struct db *db, const char *upload_id, struct err *err);

enum { UPLOAD_GONE_BATCH = 32 };
struct upload_gone {
    char object_id[OBJECT_ID_SIZE];
    char remote_id[STORE_REMOTE_SIZE];
};
/* Some of those that the service is still to be told the end of; ret: UPLOAD_GONE_BATCH of them. */
MUST_CHECK
enum err_code upload_gone_list(struct db *db, struct upload_gone *ret, size_t *ret_n,
                               struct err *err);
MUST_CHECK
enum err_code upload_gone_drop(struct db *db, const char *object_id, struct err *err);

/* Whether an upload has this object, or is noted in upload_gone with it. */
MUST_CHECK
enum err_code upload_is_known(struct db *db, const char *object_id, bool *ret, struct err *err);
