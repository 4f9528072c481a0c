/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/query.h"

#include <stdbool.h>
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
