/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/multipart_head.h"

#include "base/utf8.h"
#include "http/chars.h"
#include "http/head.h"

#include <string.h>
#include <strings.h>

static const size_t text_limit = KiB(8); /* of the whole header, and so of each text in it */

static void
skip_blanks(struct span *s)
{
    while (s->len > 0 && char_is_blank(s->data[0])) {
        s->data++;
        s->len--;
    }
}

static void
skip(struct span *s, size_t n)
{
    s->data += n;
    s->len -= n;
}

/* Two dialects: MIME puts a backslash before '"' and '\'; browsers write %22 for '"' and leave
 * backslashes alone, as in C:\report.pdf. Reading only these three forms serves both. */
static bool
read_quoted(struct span *rest, struct buf *ret_value)
{
    skip(rest, 1);
    while (rest->len > 0 && rest->data[0] != '"') {
        size_t taken = 1;
        uint8_t c = rest->data[0];
        if (c == '\\' && rest->len > 1 && (rest->data[1] == '"' || rest->data[1] == '\\')) {
            c = rest->data[1];
            taken = 2;
        } else if (rest->len > 2 && memcmp(rest->data, "%22", 3) == 0) {
            c = '"';
            taken = 3;
        }
        buf_char(ret_value, (char)c);
        skip(rest, taken);
    }
    if (rest->len == 0)
        return false;
    skip(rest, 1);
    return true;
}

static bool
read_bare(struct span *rest, struct buf *ret_value)
{
    size_t len = 0;

    while (len < rest->len && rest->data[len] != ';' && !char_is_blank(rest->data[len])) {
        if (rest->data[len] == '"' || rest->data[len] == '\\')
            return false;
        len++;
    }
    buf_append(ret_value, rest->data, len);
    skip(rest, len);
    return len > 0;
}

bool
multipart_parameter(struct span *rest, struct span *ret_name, struct buf *ret_value)
{
    size_t len = 0;

    skip_blanks(rest);
    if (rest->len == 0 || rest->data[0] != ';')
        return false;
    struct span s = *rest;
    skip(&s, 1);
    skip_blanks(&s);
    if (s.len == 0) { /* a closing ';' is common and harmless */
        *rest = s;
        return false;
    }
    while (len < s.len && char_is_token(s.data[len]))
        len++;
    *ret_name = (struct span){s.data, len};
    skip(&s, len);
    if (len == 0 || s.len == 0 || s.data[0] != '=')
        return false;
    skip(&s, 1);
    if (s.len == 0 || !(s.data[0] == '"' ? read_quoted(&s, ret_value) : read_bare(&s, ret_value)))
        return false;
    *rest = s;
    return true;
}

void
multipart_head_init(struct multipart_head *head)
{
    *head = (struct multipart_head){0};
    buf_init(&head->name, text_limit);
    buf_init(&head->file_name, text_limit);
    buf_init(&head->content_type, text_limit);
}

void
multipart_head_fini(struct multipart_head *head)
{
    buf_fini(&head->name);
    buf_fini(&head->file_name);
    buf_fini(&head->content_type);
}

static bool
is_clean_text(const struct buf *text)
{
    for (size_t i = 0; i < text->len; i++)
        if (text->data[i] < 0x20 || text->data[i] == 0x7f)
            return false;
    return text->len == 0 || utf8_valid(text->data, text->len);
}

/* UTF-8''percent-encoded (RFC 8187) into plain bytes; false for other charsets and bad escapes. */
static bool
decode_extended(const struct buf *value, struct buf *ret_text)
{
    const char *text = buf_text(value);

    if (strncasecmp(text, "UTF-8'", 6) != 0)
        return false;
    const char *p = strchr(text + 6, '\'');
    if (p == NULL)
        return false;
    for (p++; *p != '\0'; p++) {
        if (*p != '%') {
            buf_char(ret_text, *p);
            continue;
        }
        int high = char_hex((uint8_t)p[1]);
        int low = high < 0 ? -1 : char_hex((uint8_t)p[2]);
        if (low < 0)
            return false;
        buf_char(ret_text, (char)(high << 4 | low));
        p += 2;
    }
    return ret_text->len > 0 && is_clean_text(ret_text);
}

struct disposition {
    struct buf value;    /* of the parameter being read */
    struct buf extended; /* filename*, decoded */
    bool has_name;
    bool has_file_name;
    bool has_extended;
};

static enum err_code
take_parameter(struct multipart_head *head, struct disposition *d, struct span name,
               struct err *err)
{
    struct buf *to = NULL;
    bool *has = NULL;

    if (head_same(name, "name")) {
        to = &head->name;
        has = &d->has_name;
    } else if (head_same(name, "filename")) {
        to = &head->file_name;
        has = &d->has_file_name;
    } else if (head_same(name, "filename*")) {
        /* RFC 7578 forbids senders to use it; where it is sound it is better than nothing. */
        buf_clear(&d->extended);
        d->has_extended = decode_extended(&d->value, &d->extended);
        return ERR_OK;
    } else {
        return ERR_OK;
    }
    if (*has)
        return err_set(err, ERR_SYNTAX, "part: '%.*s' is given twice", (int)name.len,
                       (const char *)name.data);
    if (!is_clean_text(&d->value))
        return err_set(err, ERR_SYNTAX, "part: '%.*s' is not clean UTF-8 text", (int)name.len,
                       (const char *)name.data);
    *has = true;
    buf_append(to, d->value.data, d->value.len);
    return ERR_OK;
}

static enum err_code
read_disposition(struct multipart_head *head, struct span value, struct err *err)
{
    enum err_code rc = ERR_OK;
    struct disposition d = {0};
    struct span name;
    static const char type[] = "form-data";

    if (value.len < sizeof(type) - 1 ||
        strncasecmp((const char *)value.data, type, sizeof(type) - 1) != 0)
        return err_set(err, ERR_SYNTAX, "part: Content-Disposition is not form-data");
    skip(&value, sizeof(type) - 1);
    buf_init(&d.value, text_limit);
    buf_init(&d.extended, text_limit);
    while (rc == ERR_OK && multipart_parameter(&value, &name, &d.value)) {
        rc = take_parameter(head, &d, name, err);
        buf_clear(&d.value);
    }
    if (rc == ERR_OK && value.len > 0)
        rc = err_set(err, ERR_SYNTAX, "part: malformed Content-Disposition");
    if (rc == ERR_OK && !d.has_name)
        rc = err_set(err, ERR_SYNTAX, "part: Content-Disposition without a name");
    if (rc == ERR_OK && !d.has_file_name && d.has_extended)
        buf_append(&head->file_name, d.extended.data, d.extended.len);
    head->has_file_name = d.has_file_name || d.has_extended;
    buf_fini(&d.value);
    buf_fini(&d.extended);
    return rc;
}

static enum err_code
read_line(struct multipart_head *head, struct span line, bool *has_disposition, struct err *err)
{
    const uint8_t *colon = memchr(line.data, ':', line.len);
    struct span name = {line.data, colon == NULL ? 0 : (size_t)(colon - line.data)};

    if (!head_is_token(name))
        return err_set(err, ERR_SYNTAX, "part: malformed header line");
    struct span value = {colon + 1, line.len - name.len - 1};
    skip_blanks(&value);
    while (value.len > 0 && char_is_blank(value.data[value.len - 1]))
        value.len--;
    for (size_t i = 0; i < value.len; i++)
        if (!char_is_text(value.data[i]))
            return err_set(err, ERR_SYNTAX, "part: control character in its header");
    bool is_disposition = head_same(name, "Content-Disposition");
    if (!is_disposition && !head_same(name, "Content-Type"))
        return ERR_OK;
    bool *has = is_disposition ? has_disposition : &head->has_content_type;
    if (*has)
        return err_set(err, ERR_SYNTAX, "part: '%.*s' is given twice", (int)name.len,
                       (const char *)name.data);
    *has = true;
    if (is_disposition)
        return read_disposition(head, value, err);
    buf_append(&head->content_type, value.data, value.len);
    return ERR_OK;
}

enum err_code
multipart_head_read(struct multipart_head *head, struct span text, struct err *err)
{
    bool has_disposition = false;

    buf_clear(&head->name);
    buf_clear(&head->file_name);
    buf_clear(&head->content_type);
    head->has_file_name = head->has_content_type = false;
    while (text.len > 0) {
        const uint8_t *lf = memchr(text.data, '\n', text.len);
        if (lf == NULL || lf == text.data || lf[-1] != '\r')
            return err_set(err, ERR_SYNTAX, "part: header line without CRLF");
        struct span line = {text.data, (size_t)(lf - text.data) - 1};
        enum err_code rc = read_line(head, line, &has_disposition, err);
        if (rc != ERR_OK)
            return rc;
        skip(&text, line.len + 2);
    }
    if (!has_disposition)
        return err_set(err, ERR_SYNTAX, "part: no Content-Disposition");
    if (head->name.spoilt || head->file_name.spoilt || head->content_type.spoilt)
        return err_set(err, ERR_UNAVAILABLE, "part: no memory");
    return ERR_OK;
}
