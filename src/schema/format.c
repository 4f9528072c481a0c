/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/schema_internal.h"

#include "base/utf8.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* Reads exactly `digits` digits. */
static bool
take_digits(const char **at, const char *end, size_t digits, int *ret_number)
{
    int number = 0;
    if ((size_t)(end - *at) < digits)
        return false;
    for (size_t i = 0; i < digits; i++) {
        char c = (*at)[i];
        if (c < '0' || c > '9')
            return false;
        number = number * 10 + (c - '0');
    }
    *at += digits;
    *ret_number = number;
    return true;
}

static bool
take(const char **at, const char *end, const char *any)
{
    if (*at >= end || **at == '\0' || strchr(any, **at) == NULL)
        return false;
    (*at)++;
    return true;
}

/* RFC 3339 full-date. */
static bool
take_date(const char **at, const char *end)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day;

    if (!take_digits(at, end, 4, &year) || !take(at, end, "-") ||
        !take_digits(at, end, 2, &month) || !take(at, end, "-") || !take_digits(at, end, 2, &day))
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return month >= 1 && month <= 12 && day >= 1 &&
           day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

/* RFC 3339 full-time; a leap second only where it is the last of the day in UTC. */
static bool
take_time(const char **at, const char *end)
{
    int hour, minute, second, off_hour = 0, off_minute = 0, sign = 1;

    if (!take_digits(at, end, 2, &hour) || !take(at, end, ":") ||
        !take_digits(at, end, 2, &minute) || !take(at, end, ":") ||
        !take_digits(at, end, 2, &second))
        return false;
    if (take(at, end, ".")) {
        if (!take(at, end, "0123456789"))
            return false;
        while (take(at, end, "0123456789"))
            continue;
    }
    if (!take(at, end, "Zz")) {
        if (*at < end && **at == '-')
            sign = -1;
        if (!take(at, end, "+-") || !take_digits(at, end, 2, &off_hour) || !take(at, end, ":") ||
            !take_digits(at, end, 2, &off_minute) || off_hour > 23 || off_minute > 59)
            return false;
    }
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    int utc = ((hour - sign * off_hour) * 60 + minute - sign * off_minute + 2 * 1440) % 1440;
    return second < 60 || utc == 1439;
}

static bool
is_date(const char *s, const char *end)
{
    return take_date(&s, end) && s == end;
}

static bool
is_time(const char *s, const char *end)
{
    return take_time(&s, end) && s == end;
}

static bool
is_date_time(const char *s, const char *end)
{
    return take_date(&s, end) && take(&s, end, "Tt") && take_time(&s, end) && s == end;
}

/* ISO 8601 duration as RFC 3339 appendix A has it: units in order, none skipped. */
static bool
is_duration(const char *s, const char *end)
{
    const char *units = "YMWD";
    bool in_time = false, some = false;
    const char *next = units;

    if (!take(&s, end, "P"))
        return false;
    while (s < end) {
        if (!in_time && take(&s, end, "T")) {
            in_time = true;
            some = false;
            next = "HMS";
            continue;
        }
        if (!take(&s, end, "0123456789"))
            return false;
        while (take(&s, end, "0123456789"))
            continue;
        const char *unit = s < end ? strchr(next, *s) : NULL;
        if (unit == NULL || *s == '\0' || (some && unit != next) ||
            (*unit == 'W' && (some || s + 1 != end)))
            return false;
        if (*unit == 'M' && !in_time)
            next = "D";
        else
            next = unit + 1;
        some = true;
        s++;
    }
    return some;
}

static bool
is_hostname(const char *s, const char *end)
{
    size_t label = 0;
    const char *start = s;

    if (s == end || end - s > 253)
        return false;
    for (; s < end; s++) {
        bool alnum = (*s >= '0' && *s <= '9') || ((*s | 0x20) >= 'a' && (*s | 0x20) <= 'z');
        if (*s == '.') {
            if (label == 0 || s[-1] == '-')
                return false;
            label = 0;
            continue;
        }
        if (!alnum && (*s != '-' || label == 0))
            return false;
        if (label == 3 && s[0] == '-' && s[-1] == '-' && s - start >= 3 &&
            strncasecmp(s - 3, "xn", 2) != 0)
            return false;
        if (++label > 63)
            return false;
    }
    return label > 0 && end[-1] != '-';
}

static bool
is_ip(const char *s, const char *end, int family)
{
    char text[64];
    uint8_t address[16];
    size_t len = (size_t)(end - s);

    if (len >= sizeof(text) || memchr(s, '\0', len) != NULL)
        return false;
    memcpy(text, s, len);
    text[len] = '\0';
    return inet_pton(family, text, address) == 1;
}

static bool
is_ipv4(const char *s, const char *end)
{
    return is_ip(s, end, AF_INET);
}

static bool
is_ipv6(const char *s, const char *end)
{
    return is_ip(s, end, AF_INET6);
}

static bool
is_email(const char *s, const char *end)
{
    const char *at = end;
    while (at > s && *at != '@')
        at--;
    if (at == s || end - at < 2)
        return false;
    bool quoted = *s == '"' && at - s > 2 && at[-1] == '"';
    for (const char *c = s; !quoted && c < at; c++) {
        bool dot = *c == '.' && (c == s || c + 1 == at || c[1] == '.');
        if (dot || (uint8_t)*c <= ' ' || strchr("()<>[]:;@\\,\"", *c) != NULL)
            return false;
    }
    if (at[1] == '[' && end[-1] == ']') {
        bool six = end - at > 7 && strncasecmp(at + 2, "IPv6:", 5) == 0;
        return six ? is_ipv6(at + 7, end - 1) : is_ipv4(at + 2, end - 1);
    }
    return is_hostname(at + 1, end);
}

static bool
is_uuid(const char *s, const char *end)
{
    if (end - s != 36)
        return false;
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        bool hex = (s[i] >= '0' && s[i] <= '9') || ((s[i] | 0x20) >= 'a' && (s[i] | 0x20) <= 'f');
        if (dash ? s[i] != '-' : !hex)
            return false;
    }
    return true;
}

static bool
is_uri_reference(const char *s, const char *end)
{
    bool fragment = false;
    for (; s < end; s++) {
        uint8_t c = (uint8_t)*s;
        if (c <= ' ' || c >= 0x7F || strchr("\"<>\\^`{|}", c) != NULL)
            return false;
        if (c == '%' && (end - s < 3 || strspn(s + 1, "0123456789abcdefABCDEF") < 2))
            return false;
        if (c == '#' && fragment)
            return false;
        fragment = fragment || c == '#';
    }
    return true;
}

static bool
is_uri(const char *s, const char *end)
{
    size_t scheme = 0;
    while (s + scheme < end &&
           (((s[scheme] | 0x20) >= 'a' && (s[scheme] | 0x20) <= 'z') ||
            (scheme > 0 && s[scheme] != '\0' && strchr("0123456789+-.", s[scheme]) != NULL)))
        scheme++;
    return scheme > 0 && s + scheme < end && s[scheme] == ':' && is_uri_reference(s, end);
}

static bool
is_pointer(const char *s, const char *end)
{
    if (s < end && *s != '/')
        return false;
    for (; s < end; s++)
        if (*s == '~' && (s + 1 == end || (s[1] != '0' && s[1] != '1')))
            return false;
    return true;
}

static bool
is_regex(const char *s, const char *end)
{
    struct pattern *pattern;
    struct arena *arena = arena_new(MiB(2));
    bool good =
        arena != NULL && pattern_compile(arena, s, (size_t)(end - s), &pattern, NULL) == ERR_OK;
    arena_drop(&arena);
    return good;
}

static const struct {
    const char *name;
    bool (*matches)(const char *s, const char *end);
} formats[] = {
    {"date", is_date},
    {"time", is_time},
    {"date-time", is_date_time},
    {"duration", is_duration},
    {"email", is_email},
    {"hostname", is_hostname},
    {"ipv4", is_ipv4},
    {"ipv6", is_ipv6},
    {"uri", is_uri},
    {"uri-reference", is_uri_reference},
    {"uuid", is_uuid},
    {"json-pointer", is_pointer},
    {"regex", is_regex},
};

bool
format_matches(const char *format, const char *text, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(formats); i++)
        if (strcmp(formats[i].name, format) == 0)
            return formats[i].matches(text, text + len);
    return true;
}
