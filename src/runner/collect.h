/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/collect.h - removes what lies in the store and belongs to nothing: objects whose
 * transaction never came, uploads at a service that no row knows of.
 *
 * An object is put before the row that names it is written. So what is younger than the longest of
 * such transactions is no garbage yet: an hour is far more. */
#pragma once

#include "db/db.h"
#include "store/store.h"

#include <stdatomic.h>

static const int64_t collect_age_ms = INT64_C(3600000);

struct collect {
    struct db *db;
    struct store *store;
    int64_t age_ms;           /* younger things are let be */
    const atomic_bool *stop;  /* NULL: nobody ends it */
    int64_t objects, uploads; /* removed so far */
};

/* Objects: all of them in a folder, a sixteenth on S3 (store_walk). */
MUST_CHECK
enum err_code collect_objects(struct collect *collect, struct err *err);

/* Uploads that were begun at the service; nothing on a folder. */
MUST_CHECK
enum err_code collect_uploads(struct collect *collect, struct err *err);
