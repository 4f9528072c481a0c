/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/upload_internal.h - what the files about uploads share; nobody else includes it. */
#pragma once

#include "store/upload.h"
#include "store/upload_direct.h"

/* Exactly 1, 2, ... count. ERR_INPUT says which is wrong. */
MUST_CHECK
enum err_code upload_check_numbers(const struct upload_claim *claims, size_t n, uint32_t count,
                                   struct err *err);

/* The sum of the parts against what was declared. */
MUST_CHECK
enum err_code upload_check_total(const struct upload *upload, uint64_t total, struct err *err);

/* Of an upload to the S3 service that is sealed: OK for the same list again, else ERR_CONFLICT. */
MUST_CHECK
enum err_code upload_compare(struct db *db, const struct upload *upload,
                             const struct upload_claim *claims, size_t n, uint64_t *ret_total,
                             struct err *err);

/* An upload to the S3 service is forgotten before it was sealed: noted in upload_gone; the object
 * that it may have become is added to the ids. */
MUST_CHECK
enum err_code upload_let_go(struct arena *arena, struct db *db, const char *job_id,
                            char (**ids)[OBJECT_ID_SIZE], size_t *n, struct err *err);
