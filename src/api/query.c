/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/query.h"

#include "base/clock.h"
#include "base/hash.h"
#include "base/utf8.h"

#include <string.h>

static bool
read_digits(struct span text, int64_t max, int64_t *ret)
{
    int64_t value = 0;

    if (text.len == 0 || text.len > 18)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        value = value * 10 + (text.data[i] - '0');
    }
    *ret = value;
    return value <= max;
}

/* The next name=value of the query. */
static bool
next_pair(struct span *rest, struct span *ret_name, struct span *ret_value)
{
    if (rest->len == 0)
        return false;
    const uint8_t *amp = memchr(rest->data, '&', rest->len);
    size_t len = amp != NULL ? (size_t)(amp - rest->data) : rest->len;
    const uint8_t *is = memchr(rest->data, '=', len);
    size_t name_len = is != NULL ? (size_t)(is - rest->data) : len;
    *ret_name = (struct span){rest->data, name_len};
    size_t skip = is != NULL ? name_len + 1 : name_len;
    *ret_value = (struct span){rest->data + skip, len - skip};
    size_t used = amp != NULL ? len + 1 : len;
    rest->data += used;
    rest->len -= used;
    return true;
}

enum err_code
query_int(struct span query, const char *name, int64_t min, int64_t max, int64_t missing,
          int64_t *ret, struct err *err)
{
    struct span found, value;
    struct span wanted = span_of(name);
    int64_t number = missing;
    int seen = 0;

    while (next_pair(&query, &found, &value)) {
        if (!span_equal(found, wanted))
            continue;
        if (++seen > 1)
            return err_set(err, ERR_INPUT, "query parameter '%s' is given twice", name);
        if (!read_digits(value, max, &number) || number < min)
            return err_set(err, ERR_INPUT,
                           "query parameter '%s' is not a whole number from %lld to %lld", name,
                           (long long)min, (long long)max);
    }
    *ret = number;
    return ERR_OK;
}

/* The one value of the parameter; *ret_found false where there is none. */
static enum err_code
find(struct span query, const char *name, struct span *ret, bool *ret_found, struct err *err)
{
    struct span found, value;
    struct span wanted = span_of(name);

    *ret_found = false;
    while (next_pair(&query, &found, &value)) {
        if (!span_equal(found, wanted))
            continue;
        if (*ret_found)
            return err_set(err, ERR_INPUT, "query parameter '%s' is given twice", name);
        *ret_found = true;
        *ret = value;
    }
    return ERR_OK;
}

/* The decoded text; false for a broken escape, control characters or what is no UTF-8. */
static bool
decode(struct span value, char *out, size_t *ret_len)
{
    size_t len = 0;

    for (size_t i = 0; i < value.len; i++) {
        uint8_t c = value.data[i] == '+' ? ' ' : value.data[i];
        if (c == '%') {
            if (value.len - i < 3 || !hash_unhex((const char *)value.data + i + 1, 2, &c, 1))
                return false;
            i += 2;
        }
        if (c < ' ' || c == 0x7f)
            return false;
        out[len++] = (char)c;
    }
    out[len] = '\0';
    *ret_len = len;
    return utf8_valid(out, len);
}

enum err_code
query_text(struct arena *arena, struct span query, const char *name, size_t max, const char **ret,
           struct err *err)
{
    struct span value = {0};
    size_t len = 0;
    bool found;
    enum err_code rc = find(query, name, &value, &found, err);

    if (rc == ERR_OK && !found)
        *ret = NULL;
    if (rc != ERR_OK || !found)
        return rc;
    char *text = arena_alloc(arena, value.len + 1);
    if (text == NULL)
        return err_set(err, ERR_URI, "query parameter '%s' is too long", name);
    if (!decode(value, text, &len))
        return err_set(err, ERR_INPUT, "query parameter '%s' is not percent-encoded UTF-8", name);
    if (len > max)
        return err_set(err, ERR_INPUT, "query parameter '%s' has %zu bytes, limit %zu", name, len,
                       max);
    *ret = text;
    return ERR_OK;
}

enum err_code
query_words(struct arena *arena, struct span query, const char *name, size_t max, const char **ret,
            struct err *err)
{
    const char *text = NULL;
    enum err_code rc = query_text(arena, query, name, 4 * max, &text, err);

    if (rc != ERR_OK)
        return rc;
    size_t chars = text != NULL ? utf8_length(text, strlen(text)) : 0;
    if (chars > max)
        return err_set(err, ERR_INPUT, "query parameter '%s' has %zu characters, limit %zu", name,
                       chars, max);
    *ret = chars > 0 ? text : NULL;
    return ERR_OK;
}

enum err_code
query_bool(struct span query, const char *name, bool missing, bool *ret, struct err *err)
{
    struct span value = {0};
    bool found;
    enum err_code rc = find(query, name, &value, &found, err);

    if (rc != ERR_OK)
        return rc;
    bool yes = found && (span_equal(value, span_of("true")) || span_equal(value, span_of("1")));
    bool no = found && (span_equal(value, span_of("false")) || span_equal(value, span_of("0")));
    if (found && !yes && !no)
        return err_set(err, ERR_INPUT, "query parameter '%s' is neither true nor false", name);
    *ret = found ? yes : missing;
    return ERR_OK;
}

enum err_code
query_time(struct arena *arena, struct span query, const char *name, int64_t missing, int64_t *ret,
           struct err *err)
{
    enum { TIME_TEXT_MAX = 64 };
    const char *text = NULL;
    enum err_code rc = query_text(arena, query, name, TIME_TEXT_MAX, &text, err);

    if (rc != ERR_OK)
        return rc;
    /* '+' of an offset that was not escaped has become a space. */
    int64_t ms = text != NULL ? clock_parse_rfc3339(text) : missing;
    if (text != NULL && ms < 0)
        return err_set(err, ERR_INPUT,
                       "query parameter '%s' is no time: use 2026-01-31T12:00:00Z or 2026-01-31",
                       name);
    *ret = ms;
    return ERR_OK;
}
