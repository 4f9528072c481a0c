/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "stats/bucket.h"

#include "base/attrs.h"

#include <string.h>

static const char *const names[] = {"hour", "day", "week", "month"};
static const int64_t hour_ms = 3600000, day_ms = 86400000;

const char *
bucket_name(enum bucket bucket)
{
    return names[bucket];
}

bool
bucket_parse(const char *word, enum bucket *ret)
{
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (strcmp(word, names[i]) == 0) {
            *ret = (enum bucket)i;
            return true;
        }
    }
    return false;
}

/* Rounded down, below zero too: a zone may put the first hours of 1970 into 1969. */
static int64_t
floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Days since 1970-01-01 and back, proleptic Gregorian (Hinnant, "chrono-compatible low-level date
 * algorithms"). */
static int64_t
days_of(int64_t year, int64_t month)
{
    year -= month <= 2;
    int64_t era = floor_div(year, 400);
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void
month_of(int64_t days, int64_t *ret_year, int64_t *ret_month)
{
    days += 719468;
    int64_t era = floor_div(days, 146097);
    int64_t of_era = days - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153;

    *ret_month = month + (month < 10 ? 3 : -9);
    *ret_year = year + era * 400 + (*ret_month <= 2);
}

int64_t
bucket_begin(enum bucket bucket, int64_t utc_ms, int offset_minutes)
{
    int64_t offset = (int64_t)offset_minutes * 60000;
    int64_t local = utc_ms + offset;
    int64_t days = floor_div(local, day_ms);
    int64_t year, month;

    switch (bucket) {
    case BUCKET_HOUR:
        return floor_div(local, hour_ms) * hour_ms - offset;
    case BUCKET_WEEK: /* 1970-01-01 was a Thursday */
        days = floor_div(days + 3, 7) * 7 - 3;
        break;
    case BUCKET_MONTH:
        month_of(days, &year, &month);
        days = days_of(year, month);
        break;
    case BUCKET_DAY:
        break;
    }
    return days * day_ms - offset;
}

int64_t
bucket_next(enum bucket bucket, int64_t begin_ms, int offset_minutes)
{
    static const int64_t lengths[] = {3600000, 86400000, 7 * INT64_C(86400000),
                                      32 * INT64_C(86400000)};

    return bucket_begin(bucket, begin_ms + lengths[bucket], offset_minutes);
}
