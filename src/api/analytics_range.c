/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/analytics_range.h"

#include "api/query.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_MAX = 40, TIME_MAX = 64 };

static const int64_t day_ms = 86400000;
static const int64_t longest_days = 3660;

static const struct {
    const char *word;
    int days;
} words[] = {{"24h", 1},    {"1d", 1},   {"day", 1},    {"7d", 7},    {"week", 7},
             {"14d", 14},   {"30d", 30}, {"month", 30}, {"90d", 90},  {"quarter", 90},
             {"180d", 180}, {"6m", 180}, {"365d", 365}, {"year", 365}};
static const int default_days = 30;

static enum err_code
read_word(struct arena *arena, struct span query, int *ret_days, const char **ret_word,
          struct err *err)
{
    const char *text = NULL;
    enum err_code rc = query_words(arena, query, "range", WORD_MAX, &text, err);

    *ret_days = 0;
    if (rc != ERR_OK || text == NULL)
        return rc;
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (strcmp(words[i].word, text) == 0) {
            *ret_days = words[i].days;
            *ret_word = words[i].word;
            return ERR_OK;
        }
    }
    return err_set(err, ERR_INPUT,
                   "query parameter 'range' must be 24h, 1d, day, 7d, week, 14d, 30d, month, 90d, "
                   "quarter, 180d, 6m, 365d or year");
}

/* Minutes of "+02:00" at the end; 0 for Z and for a day. clock_parse_rfc3339 has seen the text. */
static int
offset_of(const char *text)
{
    size_t len = strlen(text);
    const char *zone = len > 6 ? text + len - 6 : "";

    if (len <= 10 || zone[3] != ':' || strchr("+- ", zone[0]) == NULL)
        return 0;
    int minutes = (int)strtol(zone + 1, NULL, 10) * 60 + (int)strtol(zone + 4, NULL, 10);
    return zone[0] == '-' ? -minutes : minutes;
}

/* *ret is -1 where the parameter is not there. */
static enum err_code
read_moment(struct arena *arena, struct span query, const char *name, int64_t *ret, bool *ret_day,
            int *ret_offset, struct err *err)
{
    const char *text = NULL;
    enum err_code rc = query_words(arena, query, name, TIME_MAX, &text, err);

    *ret = -1;
    *ret_day = false;
    if (rc != ERR_OK || text == NULL)
        return rc;
    rc = query_time(arena, query, name, -1, ret, err);
    *ret_day = strlen(text) == strlen("2026-01-31");
    *ret_offset = offset_of(text);
    return rc;
}

static enum err_code
read_bucket(struct arena *arena, struct span query, struct analytics_range *range, struct err *err)
{
    const char *name = NULL, *other = NULL;
    int64_t days = (range->to_ms - range->from_ms) / day_ms;
    enum err_code rc = query_words(arena, query, "bucket", WORD_MAX, &name, err);

    if (rc == ERR_OK)
        rc = query_words(arena, query, "granularity", WORD_MAX, &other, err);
    if (rc != ERR_OK)
        return rc;
    if (name != NULL && other != NULL && strcmp(name, other) != 0)
        return err_set(err, ERR_INPUT,
                       "query parameters 'bucket' and 'granularity' are the same and differ");
    name = name != NULL ? name : other;
    range->bucket = days <= 2     ? BUCKET_HOUR
                    : days <= 92  ? BUCKET_DAY
                    : days <= 366 ? BUCKET_WEEK
                                  : BUCKET_MONTH;
    if (name != NULL && !bucket_parse(name, &range->bucket))
        return err_set(err, ERR_INPUT,
                       "query parameter 'bucket' (or 'granularity') must be hour, day, week or "
                       "month");
    if (range->bucket == BUCKET_HOUR && days * 24 > RANGE_BUCKETS_MAX)
        return err_set(err, ERR_INPUT,
                       "query parameter 'bucket': %lld days have more than %d hours, the limit",
                       (long long)days, RANGE_BUCKETS_MAX);
    return ERR_OK;
}

static enum err_code
check_order(const struct analytics_range *range, struct err *err)
{
    if (range->from_ms >= range->to_ms)
        return err_set(err, ERR_INPUT, "query parameter 'start' must be before 'end'");
    if (range->to_ms - range->from_ms > longest_days * day_ms)
        return err_set(err, ERR_INPUT, "query parameters 'start' and 'end': more than %lld days",
                       (long long)longest_days);
    return ERR_OK;
}

enum err_code
analytics_range_read(struct arena *arena, struct span query, int64_t now_ms,
                     struct analytics_range *ret, struct err *err)
{
    struct analytics_range range = {.requested = "30d"};
    int64_t start = -1, end = -1;
    int days = 0, unused;
    bool start_day, end_day;
    enum err_code rc = read_word(arena, query, &days, &range.requested, err);

    if (rc == ERR_OK)
        rc = read_moment(arena, query, "start", &start, &start_day, &range.offset_minutes, err);
    if (rc == ERR_OK)
        rc = read_moment(arena, query, "end", &end, &end_day, &unused, err);
    if (rc != ERR_OK)
        return rc;
    if (start >= 0 || end >= 0)
        range.requested = "custom";
    range.to_ms = end < 0 ? now_ms + 1 : end_day ? end + day_ms : end;
    range.from_ms = start >= 0 ? start : range.to_ms - (days > 0 ? days : default_days) * day_ms;
    if (range.from_ms < 0)
        range.from_ms = 0;
    rc = check_order(&range, err);
    if (rc == ERR_OK)
        rc = read_bucket(arena, query, &range, err);
    if (rc == ERR_OK)
        *ret = range;
    return rc;
}
