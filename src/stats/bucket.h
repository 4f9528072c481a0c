/* SPDX-License-Identifier: AGPL-3.0-or-later
 * stats/bucket.h - hours, days, weeks and months as stretches of UTC time, in a time zone that is a
 * fixed offset from UTC. Weeks begin on Monday (ISO 8601). */
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum bucket { BUCKET_HOUR, BUCKET_DAY, BUCKET_WEEK, BUCKET_MONTH };

const char *bucket_name(enum bucket bucket);
/* False for a word that is none. */
bool bucket_parse(const char *word, enum bucket *ret);

/* When the bucket that holds the moment begins; any moment since 1970. */
int64_t bucket_begin(enum bucket bucket, int64_t utc_ms, int offset_minutes);
/* When the one after it begins. */
int64_t bucket_next(enum bucket bucket, int64_t begin_ms, int offset_minutes);
