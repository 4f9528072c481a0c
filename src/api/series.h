/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/series.h - the fourteen analytics answers, from sums and rankings to JSON. */
#pragma once

#include "api/analytics_range.h"
#include "base/jsonw.h"
#include "db/db.h"
#include "stats/stats.h"

struct series_query {
    struct arena *arena;
    const char *team_id;
    const struct analytics_range *range;
    int64_t limit;
};

struct series {
    const char *name;      /* what stands behind "/analytics/" in the path */
    int64_t limit_default; /* of a ranking; 0: has no limit */
    enum err_code (*write)(struct db *db, const struct series_query *query, struct jsonw *w,
                           struct err *err);
};

/* By the pattern of its route; the routes and the table have the same ones. */
const struct series *series_find(const char *pattern);

/* The whole body; inside one db_read, so that all of it sees one moment. */
MUST_CHECK
enum err_code series_write(const struct series *series, struct db *db,
                           const struct series_query *query, struct buf *out, struct err *err);
