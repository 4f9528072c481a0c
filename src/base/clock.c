/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static int64_t
read_ms(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t
clock_mono_ms(void)
{
    return read_ms(CLOCK_MONOTONIC);
}

int64_t
clock_utc_ms(void)
{
    return read_ms(CLOCK_REALTIME);
}

static struct tm
split(int64_t utc_ms)
{
    time_t seconds = (time_t)(utc_ms / 1000);
    struct tm tm = {0};

    gmtime_r(&seconds, &tm);
    return tm;
}

void
clock_rfc3339(int64_t utc_ms, char ret_text[CLOCK_TEXT_SIZE])
{
    struct tm tm = split(utc_ms);
    size_t used = strftime(ret_text, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);

    snprintf(ret_text + used, CLOCK_TEXT_SIZE - used, ".%03dZ", (int)(utc_ms % 1000));
}

void
clock_basic8601(int64_t utc_ms, char ret_text[CLOCK_TEXT_SIZE])
{
    struct tm tm = split(utc_ms);

    strftime(ret_text, CLOCK_TEXT_SIZE, "%Y%m%dT%H%M%SZ", &tm);
}

int64_t
clock_parse_basic8601(const char *text, size_t len)
{
    static const char shape[] = "ddddddddTddddddZ";
    int v[16] = {0};

    if (len != sizeof(shape) - 1)
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (shape[i] != 'd') {
            if (text[i] != shape[i])
                return -1;
            continue;
        }
        if (text[i] < '0' || text[i] > '9')
            return -1;
        v[i] = text[i] - '0';
    }
    struct tm tm = {
        .tm_year = v[0] * 1000 + v[1] * 100 + v[2] * 10 + v[3] - 1900,
        .tm_mon = v[4] * 10 + v[5] - 1,
        .tm_mday = v[6] * 10 + v[7],
        .tm_hour = v[9] * 10 + v[10],
        .tm_min = v[11] * 10 + v[12],
        .tm_sec = v[13] * 10 + v[14],
    };
    struct tm given = tm;
    time_t seconds = timegm(&tm);
    /* timegm repairs 31 February; a date that needed repair was no date. */
    if (tm.tm_mon != given.tm_mon || tm.tm_mday != given.tm_mday || tm.tm_hour != given.tm_hour ||
        tm.tm_min != given.tm_min || tm.tm_sec != given.tm_sec || seconds < 0)
        return -1;
    return (int64_t)seconds * 1000;
}

void
clock_http_date(int64_t utc_ms, char ret_text[CLOCK_TEXT_SIZE])
{
    static const char days[7][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct tm tm = split(utc_ms);

    snprintf(ret_text, CLOCK_TEXT_SIZE, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[tm.tm_wday % 7],
             tm.tm_mday % 100, months[tm.tm_mon % 12], (tm.tm_year + 1900) % 10000,
             tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
}
