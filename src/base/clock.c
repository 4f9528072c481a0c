/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"

#include <stdbool.h>
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
clock_mono_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
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

/* timegm repairs 31 February; a date that needed repair was no date: -1, as before 1970. */
static int64_t
join(struct tm given)
{
    struct tm tm = given;
    time_t seconds = timegm(&tm);

    if (tm.tm_mon != given.tm_mon || tm.tm_mday != given.tm_mday || tm.tm_hour != given.tm_hour ||
        tm.tm_min != given.tm_min || tm.tm_sec != given.tm_sec || seconds < 0)
        return -1;
    return (int64_t)seconds * 1000;
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
    return join(tm);
}

/* Digits at *at; -1 where one of them is none. Moves past them. */
static int
digits(const char **at, int count)
{
    int value = 0;

    for (int i = 0; i < count; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return -1;
        value = value * 10 + (**at - '0');
    }
    return value;
}

static bool
take(const char **at, const char *any_of)
{
    if (**at == '\0' || strchr(any_of, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

/* ".678" in milliseconds; -1 for a point without digits. */
static int
fraction(const char **at)
{
    int ms = 0, scale = 100;

    if (!take(at, "."))
        return 0;
    if (**at < '0' || **at > '9')
        return -1;
    for (; **at >= '0' && **at <= '9'; (*at)++) {
        ms += (**at - '0') * scale;
        scale /= 10;
    }
    return ms;
}

/* "Z" or "+01:00", in minutes east of Greenwich; false where it is neither. */
static bool
offset(const char **at, int *ret_minutes)
{
    char sign = **at;

    *ret_minutes = 0;
    if (take(at, "Zz"))
        return true;
    if (!take(at, "+- "))
        return false;
    int hours = digits(at, 2);
    if (hours < 0 || !take(at, ":"))
        return false;
    int minutes = digits(at, 2);
    if (hours > 23 || minutes < 0 || minutes > 59)
        return false;
    *ret_minutes = (hours * 60 + minutes) * (sign == '-' ? -1 : 1);
    return true;
}

int64_t
clock_parse_rfc3339(const char *text)
{
    const char *at = text;
    struct tm tm = {0};
    int ms = 0, minutes = 0;

    tm.tm_year = digits(&at, 4) - 1900;
    if (tm.tm_year < 70 || !take(&at, "-"))
        return -1;
    tm.tm_mon = digits(&at, 2) - 1;
    if (tm.tm_mon < 0 || !take(&at, "-"))
        return -1;
    tm.tm_mday = digits(&at, 2);
    if (*at == '\0')
        return join(tm);
    if (!take(&at, "Tt "))
        return -1;
    tm.tm_hour = digits(&at, 2);
    if (tm.tm_hour < 0 || !take(&at, ":"))
        return -1;
    tm.tm_min = digits(&at, 2);
    if (tm.tm_min < 0 || !take(&at, ":"))
        return -1;
    tm.tm_sec = digits(&at, 2);
    ms = fraction(&at);
    if (tm.tm_sec < 0 || ms < 0 || !offset(&at, &minutes) || *at != '\0')
        return -1;
    int64_t local = join(tm);
    int64_t utc = local + ms - (int64_t)minutes * 60000;
    return local < 0 || utc < 0 ? -1 : utc;
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
