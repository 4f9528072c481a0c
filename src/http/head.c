/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/head.h"

#include "http/chars.h"
#include "http/framing.h"

#include <string.h>
#include <strings.h>

/* The first byte past a limit has come. */
static enum err_code
too_long(const struct head_scan *scan, size_t at, const struct http_limits *limits, struct err *err)
{
    if (at - scan->line_start < limits->line_bytes)
        return err_set(err, ERR_HEADERS, "header: larger than the limit of %zu bytes",
                       limits->head_bytes);
    if (scan->lines == 0)
        return err_set(err, ERR_URI, "request line: longer than the limit of %zu bytes",
                       limits->line_bytes);
    return err_set(err, ERR_HEADERS, "header line %zu: longer than the limit of %zu bytes",
                   scan->lines, limits->line_bytes);
}

/* A line ended at `end` (its CR). Sets *ret_empty for the line that ends the head. */
static enum err_code
end_line(struct head_scan *scan, size_t end, const struct http_limits *limits, bool *ret_empty,
         struct err *err)
{
    *ret_empty = false;
    if (end == scan->line_start) {
        if (scan->lines > 0) {
            *ret_empty = true;
            return ERR_OK;
        }
        /* RFC 9112, 2.2: one empty line before the request line is ignored; more is no HTTP. */
        if (scan->start > 0)
            return err_set(err, ERR_SYNTAX, "request line: expected, but an empty line came");
        scan->start = end + 2;
    } else {
        scan->lines++;
        if (scan->lines - 1 > limits->header_count)
            return err_set(err, ERR_HEADERS, "header: more fields than the limit of %zu",
                           limits->header_count);
    }
    scan->line_start = end + 2;
    return ERR_OK;
}

static enum err_code
bad_byte(const struct head_scan *scan, uint8_t c, struct err *err)
{
    return err_set(err, ERR_SYNTAX, "%s: %s", scan->lines == 0 ? "request line" : "header",
                   c == '\r'   ? "CR without LF"
                   : c == '\n' ? "LF without CR"
                               : "control character");
}

/* Where text within the current line must end. */
static size_t
text_limit(const struct head_scan *scan, const struct http_limits *limits)
{
    size_t line = scan->line_start + limits->line_bytes;
    size_t head = scan->start + limits->head_bytes;

    return line < head ? line : head;
}

enum err_code
head_scan(struct head_scan *scan, struct span bytes, const struct http_limits *limits,
          size_t *ret_end, struct err *err)
{
    const uint8_t *p = bytes.data;
    size_t at = scan->seen;

    *ret_end = 0;
    for (;;) {
        size_t limit = text_limit(scan, limits);
        size_t stop = limit < bytes.len ? limit : bytes.len;
        while (at < stop && char_is_text(p[at]))
            at++;
        scan->seen = at;
        if (at == bytes.len || (p[at] == '\r' && at + 1 == bytes.len))
            return ERR_OK;
        if (char_is_text(p[at]))
            return too_long(scan, at, limits, err);
        if (p[at] != '\r' || p[at + 1] != '\n')
            return bad_byte(scan, p[at], err);
        bool is_end;
        enum err_code rc = end_line(scan, at, limits, &is_end, err);
        if (rc != ERR_OK)
            return rc;
        at += 2;
        if (at - scan->start > limits->head_bytes)
            return err_set(err, ERR_HEADERS, "header: larger than the limit of %zu bytes",
                           limits->head_bytes);
        if (is_end) {
            *ret_end = at;
            return ERR_OK;
        }
    }
}

bool
head_same(struct span a, const char *b)
{
    return a.len == strlen(b) && strncasecmp((const char *)a.data, b, a.len) == 0;
}

bool
head_is_token(struct span s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!char_is_token(s.data[i]))
            return false;
    return s.len > 0;
}

static enum err_code
parse_version(struct span version, int *ret_minor, struct err *err)
{
    const uint8_t *v = version.data;

    if (version.len != 8 || memcmp(v, "HTTP/", 5) != 0 || !char_is_digit(v[5]) || v[6] != '.' ||
        !char_is_digit(v[7]))
        return err_set(err, ERR_SYNTAX, "request line: no HTTP version at its end");
    if (v[5] != '1' || v[7] > '1')
        return err_set(err, ERR_VERSION, "HTTP/%c.%c: only 1.0 and 1.1 are spoken", v[5], v[7]);
    *ret_minor = v[7] - '0';
    return ERR_OK;
}

/* Takes "http://authority" off an absolute-form target. */
static enum err_code
split_absolute(struct span *target, struct span *ret_authority, struct err *err)
{
    const char *text = (const char *)target->data;
    size_t skip = 0;

    if (target->len > 7 && strncasecmp(text, "http://", 7) == 0)
        skip = 7;
    else if (target->len > 8 && strncasecmp(text, "https://", 8) == 0)
        skip = 8;
    else
        return err_set(err, ERR_SYNTAX, "request target: neither a path nor an http URL");
    size_t end = skip;
    while (end < target->len && target->data[end] != '/' && target->data[end] != '?')
        end++;
    if (end == skip)
        return err_set(err, ERR_SYNTAX, "request target: no host in the URL");
    *ret_authority = (struct span){target->data + skip, end - skip};
    target->data += end;
    target->len -= end;
    return ERR_OK;
}

static enum err_code
parse_target(struct span target, struct head *head, struct err *err)
{
    enum err_code rc;

    if (target.len == 0)
        return err_set(err, ERR_SYNTAX, "request target: empty");
    for (size_t i = 0; i < target.len; i++)
        if (target.data[i] <= ' ' || target.data[i] >= 0x7f || target.data[i] == '#')
            return err_set(err, ERR_SYNTAX, "request target: byte 0x%02x at %zu must be encoded",
                           target.data[i], i);
    if (target.len == 1 && target.data[0] == '*') {
        if (!span_equal(head->method, span_of("OPTIONS")))
            return err_set(err, ERR_SYNTAX, "request target: '*' is for OPTIONS only");
        head->path = target;
        return ERR_OK;
    }
    if (target.data[0] != '/' && (rc = split_absolute(&target, &head->authority, err)) != ERR_OK)
        return rc;
    const uint8_t *mark = memchr(target.data, '?', target.len);
    size_t path_len = mark == NULL ? target.len : (size_t)(mark - target.data);
    head->path = path_len == 0 ? span_of("/") : (struct span){target.data, path_len};
    if (mark != NULL)
        head->query = (struct span){mark + 1, target.len - path_len - 1};
    return ERR_OK;
}

static enum err_code
parse_request_line(struct span line, struct head *head, struct err *err)
{
    enum err_code rc;
    const uint8_t *end = line.data + line.len;
    const uint8_t *first = memchr(line.data, ' ', line.len);

    if (first == NULL)
        return err_set(err, ERR_SYNTAX, "request line: not of the form METHOD TARGET VERSION");
    head->method = (struct span){line.data, (size_t)(first - line.data)};
    const uint8_t *second = memchr(first + 1, ' ', (size_t)(end - first - 1));
    if (second == NULL || !head_is_token(head->method))
        return err_set(err, ERR_SYNTAX, "request line: not of the form METHOD TARGET VERSION");
    rc = parse_version((struct span){second + 1, (size_t)(end - second - 1)}, &head->minor, err);
    if (rc != ERR_OK)
        return rc;
    if (span_equal(head->method, span_of("CONNECT")))
        return err_set(err, ERR_NOT_IMPLEMENTED, "CONNECT: this is no proxy");
    return parse_target((struct span){first + 1, (size_t)(second - first - 1)}, head, err);
}

static enum err_code
parse_field(struct span line, struct head_field *ret_field, struct err *err)
{
    const uint8_t *colon = memchr(line.data, ':', line.len);

    if (char_is_blank(line.data[0]))
        return err_set(err, ERR_SYNTAX, "header: folded line");
    if (colon == NULL)
        return err_set(err, ERR_SYNTAX, "header: line without a colon");
    struct span name = {line.data, (size_t)(colon - line.data)};
    if (!head_is_token(name))
        return err_set(err, ERR_SYNTAX, "header: the name before the colon is no token");
    const uint8_t *begin = colon + 1, *end = line.data + line.len;
    while (begin < end && char_is_blank(*begin))
        begin++;
    while (end > begin && char_is_blank(end[-1]))
        end--;
    *ret_field = (struct head_field){name, {begin, (size_t)(end - begin)}};
    return ERR_OK;
}

enum err_code
head_parse(struct arena *arena, struct span text, size_t line_count, struct head *ret_head,
           struct err *err)
{
    enum err_code rc;
    struct head head = {.length = -1, .query = {text.data, 0}, .authority = {text.data, 0}};
    const uint8_t *at = text.data, *end = text.data + text.len;

    head.fields = arena_array(arena, line_count, sizeof(*head.fields));
    if (head.fields == NULL)
        return err_set(err, ERR_UNAVAILABLE, "header: no memory");
    for (size_t i = 0; i < line_count; i++) {
        const uint8_t *cr = memchr(at, '\r', (size_t)(end - at));
        if (cr == NULL || cr == at)
            return err_set(err, ERR_SYNTAX, "header: ends early");
        struct span line = {at, (size_t)(cr - at)};
        rc = i == 0 ? parse_request_line(line, &head, err)
                    : parse_field(line, &head.fields[head.field_count++], err);
        if (rc != ERR_OK)
            return rc;
        at = cr + 2;
    }
    if ((rc = framing_check(&head, err)) != ERR_OK)
        return rc;
    *ret_head = head;
    return ERR_OK;
}

const struct head_field *
head_find(const struct head *head, const char *name)
{
    for (size_t i = 0; i < head->field_count; i++)
        if (head_same(head->fields[i].name, name))
            return &head->fields[i];
    return NULL;
}
