/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/framing.h"

#include "http/chars.h"

#include <string.h>
#include <strings.h>

/* Fields that have one value: a second line of the same name is a mistake or an attack, because
 * two programs that read the request would not pick the same one. */
enum single {
    HOST,
    CONTENT_LENGTH,
    TRANSFER_ENCODING,
    EXPECT,
    OTHERS,
};

static const char *const singles[] = {
    [HOST] = "host",
    [CONTENT_LENGTH] = "content-length",
    [TRANSFER_ENCODING] = "transfer-encoding",
    [EXPECT] = "expect",
    [OTHERS] = "content-type",
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "idempotency-key",
    "content-md5",
    "content-range",
    "content-location",
    "date",
    "from",
    "if-modified-since",
    "if-unmodified-since",
    "if-range",
    "max-forwards",
    "range",
    "referer",
    "user-agent",
};

/* Index into singles, or -1. Lengths are compared first: nearly all names end there. */
static int
find_single(struct span name)
{
    static const uint8_t lengths[] = {4,  14, 17, 6,  12, 13, 19, 9, 15, 11, 13,
                                      16, 4,  4,  17, 19, 8,  12, 5, 7,  10};
    _Static_assert(ARRAY_LEN(lengths) == ARRAY_LEN(singles), "one length a name");

    for (size_t i = 0; i < ARRAY_LEN(singles); i++)
        if (lengths[i] == name.len &&
            strncasecmp((const char *)name.data, singles[i], name.len) == 0)
            return (int)i;
    return -1;
}

/* The next element of a comma-separated list; false at its end. Empty elements are skipped. */
static bool
next_element(struct span *list, struct span *ret_element)
{
    while (list->len > 0) {
        const uint8_t *comma = memchr(list->data, ',', list->len);
        size_t len = comma == NULL ? list->len : (size_t)(comma - list->data);
        struct span e = {list->data, len};
        size_t step = comma == NULL ? len : len + 1;
        list->data += step;
        list->len -= step;
        while (e.len > 0 && char_is_blank(e.data[0])) {
            e.data++;
            e.len--;
        }
        while (e.len > 0 && char_is_blank(e.data[e.len - 1]))
            e.len--;
        if (e.len > 0) {
            *ret_element = e;
            return true;
        }
    }
    return false;
}

static bool
host_is_sound(struct span host)
{
    const uint8_t *p = host.data, *end = host.data + host.len;

    if (p < end && *p == '[') {
        const uint8_t *close = memchr(p, ']', host.len);
        if (close == NULL || close == p + 1)
            return false;
        for (p++; p < close; p++)
            if (char_hex(*p) < 0 && *p != ':' && *p != '.')
                return false;
        p++;
    } else {
        const uint8_t *begin = p;
        while (p < end && (char_is_alpha(*p) || char_is_digit(*p) || *p == '-' || *p == '.' ||
                           *p == '_' || *p == '~'))
            p++;
        if (p == begin)
            return false;
    }
    if (p == end)
        return true;
    if (*p++ != ':' || end - p > 5)
        return false;
    unsigned port = 0;
    for (; p < end; p++) {
        if (!char_is_digit(*p))
            return false;
        port = port * 10 + (*p - '0');
    }
    return port <= 65535;
}

static enum err_code
check_host(const struct head *head, const struct head_field *host, struct err *err)
{
    if (host == NULL) {
        if (head->minor >= 1)
            return err_set(err, ERR_SYNTAX, "Host: missing");
    } else if (!host_is_sound(host->value)) {
        return err_set(err, ERR_SYNTAX, "Host: not a name or address with an optional port");
    }
    if (head->authority.len == 0)
        return ERR_OK;
    if (!host_is_sound(head->authority))
        return err_set(err, ERR_SYNTAX, "request target: bad authority");
    if (host != NULL && (host->value.len != head->authority.len ||
                         strncasecmp((const char *)host->value.data,
                                     (const char *)head->authority.data, host->value.len) != 0))
        return err_set(err, ERR_SYNTAX, "Host: differs from the request target");
    return ERR_OK;
}

static enum err_code
parse_length(struct span value, int64_t *ret_length, struct err *err)
{
    int64_t length = 0;

    for (size_t i = 0; i < value.len; i++) {
        if (!char_is_digit(value.data[i]))
            return err_set(err, ERR_SYNTAX, "Content-Length: not a decimal number");
        if (__builtin_mul_overflow(length, 10, &length) ||
            __builtin_add_overflow(length, value.data[i] - '0', &length))
            return err_set(err, ERR_SYNTAX, "Content-Length: number too large");
    }
    if (value.len == 0)
        return err_set(err, ERR_SYNTAX, "Content-Length: empty");
    *ret_length = length;
    return ERR_OK;
}

static enum err_code
check_coding(const struct head *head, struct span value, struct err *err)
{
    struct span element, last = {NULL, 0};
    size_t count = 0, chunked = 0;

    if (head->minor == 0)
        return err_set(err, ERR_SYNTAX, "Transfer-Encoding: not in HTTP/1.0");
    if (head_same(value, "chunked"))
        return ERR_OK;
    while (next_element(&value, &element)) {
        if (!head_is_token(element))
            return err_set(err, ERR_SYNTAX, "Transfer-Encoding: malformed");
        count++;
        chunked += head_same(element, "chunked");
        last = element;
    }
    if (count >= 2 && chunked == 1 && head_same(last, "chunked"))
        return err_set(err, ERR_NOT_IMPLEMENTED, "Transfer-Encoding: only 'chunked' is known");
    return err_set(err, ERR_SYNTAX, "Transfer-Encoding: must be 'chunked', once");
}

static enum err_code
check_body(struct head *head, const struct head_field *const found[], struct err *err)
{
    enum err_code rc;

    if (found[TRANSFER_ENCODING] != NULL) {
        if ((rc = check_coding(head, found[TRANSFER_ENCODING]->value, err)) != ERR_OK)
            return rc;
        if (found[CONTENT_LENGTH] != NULL)
            return err_set(err, ERR_SYNTAX, "Content-Length: not together with Transfer-Encoding");
        head->chunked = true;
    } else if (found[CONTENT_LENGTH] != NULL) {
        if ((rc = parse_length(found[CONTENT_LENGTH]->value, &head->length, err)) != ERR_OK)
            return rc;
    }
    /* HTTP/1.0 did not know Expect; RFC 9110 has it ignored there. */
    if (found[EXPECT] != NULL && head->minor >= 1) {
        if (!head_same(found[EXPECT]->value, "100-continue"))
            return err_set(err, ERR_EXPECT, "Expect: only '100-continue' can be met");
        head->expects_continue = head->chunked || head->length > 0;
    }
    return ERR_OK;
}

static void
read_connection(struct span value, bool *close, bool *keep)
{
    struct span element;

    while (next_element(&value, &element)) {
        *close = *close || head_same(element, "close");
        *keep = *keep || head_same(element, "keep-alive");
    }
}

enum err_code
framing_check(struct head *head, struct err *err)
{
    enum err_code rc;
    const struct head_field *found[ARRAY_LEN(singles)] = {NULL};
    bool close = false, keep = head->minor >= 1;

    for (size_t i = 0; i < head->field_count; i++) {
        const struct head_field *field = &head->fields[i];
        int known = find_single(field->name);
        if (known >= 0) {
            if (found[known] != NULL)
                return err_set(err, ERR_SYNTAX, "header: '%s' is given twice", singles[known]);
            found[known] = field;
        } else if (head_same(field->name, "connection")) {
            read_connection(field->value, &close, &keep);
        }
    }
    head->keep_alive = keep && !close;
    if ((rc = check_host(head, found[HOST], err)) != ERR_OK)
        return rc;
    return check_body(head, found, err);
}
