/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "stats/bucket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static int64_t
at(const char *text)
{
    int64_t ms = clock_parse_rfc3339(text);

    assert_true(ms >= 0);
    return ms;
}

static void
buckets_begin_where_people_say(void **state)
{
    static const struct {
        enum bucket bucket;
        int offset;
        const char *moment, *begin, *next;
    } cases[] = {
        {BUCKET_HOUR, 0, "2026-03-01T12:34:56.789Z", "2026-03-01T12:00:00Z",
         "2026-03-01T13:00:00Z"},
        {BUCKET_HOUR, 330, "2026-03-01T12:34:56Z", "2026-03-01T12:30:00Z", "2026-03-01T13:30:00Z"},
        {BUCKET_DAY, 0, "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-02T00:00:00Z"},
        {BUCKET_DAY, 120, "2026-03-01T22:30:00Z", "2026-03-01T22:00:00Z", "2026-03-02T22:00:00Z"},
        {BUCKET_DAY, 120, "2026-03-01T21:59:59.999Z", "2026-02-28T22:00:00Z",
         "2026-03-01T22:00:00Z"},
        {BUCKET_DAY, -480, "2026-01-01T07:59:59Z", "2025-12-31T08:00:00Z", "2026-01-01T08:00:00Z"},
        {BUCKET_WEEK, 0, "2026-03-01T12:00:00Z", "2026-02-23T00:00:00Z", "2026-03-02T00:00:00Z"},
        {BUCKET_WEEK, 0, "2026-03-02T00:00:00Z", "2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z"},
        {BUCKET_WEEK, 60, "2026-03-01T23:00:00Z", "2026-03-01T23:00:00Z", "2026-03-08T23:00:00Z"},
        {BUCKET_MONTH, 0, "2028-02-29T23:59:59Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z"},
        {BUCKET_MONTH, 0, "2026-12-31T23:59:59Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
        {BUCKET_MONTH, 60, "2026-12-31T23:00:00Z", "2026-12-31T23:00:00Z", "2027-01-31T23:00:00Z"},
        {BUCKET_MONTH, 0, "2000-01-01T00:00:00Z", "2000-01-01T00:00:00Z", "2000-02-01T00:00:00Z"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t begin = bucket_begin(cases[i].bucket, at(cases[i].moment), cases[i].offset);
        assert_int_equal(begin, at(cases[i].begin));
        assert_int_equal(bucket_next(cases[i].bucket, begin, cases[i].offset), at(cases[i].next));
    }
}

/* Against the C library's calendar, day by day through 400 years. */
static void
months_are_those_of_the_calendar(void **state)
{
    (void)state;
    for (int64_t day = 0; day < 146097; day++) {
        time_t seconds = (time_t)(day * 86400);
        struct tm tm;
        assert_non_null(gmtime_r(&seconds, &tm));
        int64_t begin = bucket_begin(BUCKET_MONTH, day * INT64_C(86400000), 0);
        assert_int_equal(begin, (day - tm.tm_mday + 1) * INT64_C(86400000));
        int64_t monday = bucket_begin(BUCKET_WEEK, day * INT64_C(86400000), 0);
        assert_int_equal(monday, (day - (tm.tm_wday + 6) % 7) * INT64_C(86400000));
        int64_t next = bucket_next(BUCKET_MONTH, begin, 0);
        assert_true(next > begin && bucket_begin(BUCKET_MONTH, next, 0) == next &&
                    bucket_begin(BUCKET_MONTH, next - 1, 0) == begin);
    }
}

static void
words(void **state)
{
    enum bucket bucket;

    (void)state;
    for (int i = BUCKET_HOUR; i <= BUCKET_MONTH; i++) {
        assert_true(bucket_parse(bucket_name((enum bucket)i), &bucket));
        assert_int_equal(bucket, i);
    }
    assert_false(bucket_parse("minute", &bucket));
    assert_false(bucket_parse("", &bucket));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(buckets_begin_where_people_say),
        cmocka_unit_test(months_are_those_of_the_calendar),
        cmocka_unit_test(words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
