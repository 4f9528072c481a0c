/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/storage.h - where objects lie, from the options: the data folder, another one, or an S3
 * service. */
#pragma once

#include "cmd/options.h"
#include "store/s3_config.h"
#include "store/store.h"

struct storage {
    struct store_config config; /* borrows from here and from the options: not to be moved */
    struct s3_config s3;
    char texts[4096]; /* bucket, prefix, endpoint, key of encryption */
};

/* dir: the data folder, borrowed. ERR_INPUT names the option. */
MUST_CHECK
enum err_code storage_init(const struct options *options, const char *dir, struct storage *ret,
                           struct err *err);
/* The same for a place that another option names. */
MUST_CHECK
enum err_code storage_init_at(const struct options *options, const char *url, const char *dir,
                              struct storage *ret, struct err *err);

/* "s3://bucket/prefix at https://...", for people. */
void storage_describe(const struct storage *storage, struct buf *out);
