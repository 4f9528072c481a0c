/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/xml_read.h"

#include <string.h>

enum { NAME_MAX_BYTES = 64 };

struct reader {
    const char *at, *end;
    struct buf text; /* of the innermost element */
    char path[XML_PATH_SIZE];
    size_t path_len;
    int depth;
    bool had_root;
};

static bool
begins(const struct reader *r, const char *word)
{
    size_t n = strlen(word);

    return (size_t)(r->end - r->at) >= n && memcmp(r->at, word, n) == 0;
}

static enum err_code
broken(const struct reader *r, const char *what, struct err *err)
{
    return err_set(err, ERR_SYNTAX, "XML of the store: %s in %.100s", what,
                   r->path_len > 0 ? r->path : "the document");
}

static bool
is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool
is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == ':';
}

/* Behind the next occurrence of word. */
static enum err_code
skip_past(struct reader *r, const char *word, struct err *err)
{
    const char *found = memmem(r->at, (size_t)(r->end - r->at), word, strlen(word));

    if (found == NULL)
        return broken(r, "no end", err);
    r->at = found + strlen(word);
    return ERR_OK;
}

/* The local part of the name that begins here. */
static enum err_code
read_name(struct reader *r, const char **ret_name, size_t *ret_len, struct err *err)
{
    const char *start = r->at, *local = start;

    while (r->at < r->end && is_name_char(*r->at)) {
        if (*r->at == ':')
            local = r->at + 1;
        r->at++;
    }
    if (local == r->at || r->at - start > NAME_MAX_BYTES)
        return broken(r, "a name that is none", err);
    *ret_name = local;
    *ret_len = (size_t)(r->at - local);
    return ERR_OK;
}

/* --- text --- */

static void
put_utf8(struct buf *out, uint32_t c)
{
    if (c < 0x80) {
        buf_char(out, (char)c);
    } else if (c < 0x800) {
        buf_char(out, (char)(0xc0 | c >> 6));
        buf_char(out, (char)(0x80 | (c & 63)));
    } else if (c < 0x10000) {
        buf_char(out, (char)(0xe0 | c >> 12));
        buf_char(out, (char)(0x80 | (c >> 6 & 63)));
        buf_char(out, (char)(0x80 | (c & 63)));
    } else {
        buf_char(out, (char)(0xf0 | c >> 18));
        buf_char(out, (char)(0x80 | (c >> 12 & 63)));
        buf_char(out, (char)(0x80 | (c >> 6 & 63)));
        buf_char(out, (char)(0x80 | (c & 63)));
    }
}

static int
digit_of(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

/* "&#10;" or "&#xA;", of which the first two bytes have been seen. */
static enum err_code
read_number(struct reader *r, struct err *err)
{
    uint32_t c = 0, base = 10;
    int digits = 0;

    r->at += 2;
    if (r->at < r->end && *r->at == 'x') {
        base = 16;
        r->at++;
    }
    for (; r->at < r->end && digit_of(*r->at) < (int)base && digits < 8; r->at++, digits++)
        c = c * base + (uint32_t)digit_of(*r->at);
    bool allowed =
        c == 9 || c == 10 || c == 13 || (c >= 32 && c < 0xd800) || (c >= 0xe000 && c <= 0x10ffff);
    if (digits == 0 || !allowed || r->at == r->end || *r->at != ';')
        return broken(r, "a wrong character reference", err);
    r->at++;
    put_utf8(&r->text, c);
    return ERR_OK;
}

static enum err_code
read_reference(struct reader *r, struct err *err)
{
    static const struct {
        const char *name;
        char c;
    } known[] = {{"&amp;", '&'}, {"&lt;", '<'}, {"&gt;", '>'}, {"&quot;", '"'}, {"&apos;", '\''}};

    if (begins(r, "&#"))
        return read_number(r, err);
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        if (!begins(r, known[i].name))
            continue;
        r->at += strlen(known[i].name);
        buf_char(&r->text, known[i].c);
        return ERR_OK;
    }
    return broken(r, "an unknown entity", err);
}

static enum err_code
read_text(struct reader *r, struct err *err)
{
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && r->at < r->end && *r->at != '<') {
        if (*r->at == '\0')
            rc = broken(r, "a NUL byte", err);
        else if (*r->at == '&')
            rc = read_reference(r, err);
        else
            buf_char(&r->text, *r->at++);
        if (r->depth == 0 && r->text.len > 0 && !is_space((char)r->text.data[r->text.len - 1]))
            rc = broken(r, "text outside of the root", err);
    }
    return rc == ERR_OK && r->text.spoilt ? broken(r, "a text that is too long", err) : rc;
}

static enum err_code
read_cdata(struct reader *r, struct err *err)
{
    r->at += 9;
    const char *start = r->at;
    enum err_code rc = skip_past(r, "]]>", err);

    if (rc == ERR_OK && r->depth == 0)
        return broken(r, "text outside of the root", err);
    if (rc != ERR_OK)
        return rc;
    size_t len = (size_t)(r->at - 3 - start);
    if (memchr(start, '\0', len) != NULL)
        return broken(r, "a NUL byte", err);
    buf_append(&r->text, start, len);
    return r->text.spoilt ? broken(r, "a text that is too long", err) : ERR_OK;
}

/* --- elements --- */

typedef enum err_code (*on_end)(void *ctx, const char *path, const char *text, struct err *err);

/* The innermost element ends: told, and its name taken off the path. */
static enum err_code
end_element(struct reader *r, on_end seen, void *ctx, struct err *err)
{
    const char *text = buf_text(&r->text);
    size_t len = r->text.len, start = 0;

    while (start < len && is_space(text[start]))
        start++;
    while (len > start && is_space(text[len - 1]))
        len--;
    buf_cut(&r->text, len);
    enum err_code rc = seen(ctx, r->path, buf_text(&r->text) + start, err);
    buf_clear(&r->text); /* what stands around elements is of no use */
    char *slash = strrchr(r->path, '/');
    r->path_len = (size_t)(slash - r->path);
    *slash = '\0';
    r->depth--;
    return rc;
}

static enum err_code
begin_element(struct reader *r, on_end seen, void *ctx, struct err *err)
{
    const char *name;
    size_t len;
    char quote = '\0';

    r->at++;
    enum err_code rc = read_name(r, &name, &len, err);
    if (rc != ERR_OK)
        return rc;
    if (r->depth == XML_DEPTH_MAX || r->path_len + len + 2 > sizeof(r->path))
        return broken(r, "elements too deep", err);
    if (r->depth == 0 && r->had_root)
        return broken(r, "a second root", err);
    r->had_root = true;
    r->path[r->path_len++] = '/';
    memcpy(r->path + r->path_len, name, len);
    r->path_len += len;
    r->path[r->path_len] = '\0';
    r->depth++;
    buf_clear(&r->text);
    for (; r->at < r->end && (quote != '\0' || *r->at != '>'); r->at++) {
        if (quote == '\0' && (*r->at == '"' || *r->at == '\''))
            quote = *r->at;
        else if (quote == *r->at)
            quote = '\0';
        else if (quote == '\0' && *r->at == '<')
            return broken(r, "a tag without an end", err);
    }
    if (r->at == r->end)
        return broken(r, "a tag without an end", err);
    r->at++;
    return r->at[-2] == '/' ? end_element(r, seen, ctx, err) : ERR_OK;
}

static enum err_code
close_element(struct reader *r, on_end seen, void *ctx, struct err *err)
{
    const char *name;
    size_t len;

    r->at += 2;
    enum err_code rc = read_name(r, &name, &len, err);
    if (rc != ERR_OK)
        return rc;
    while (r->at < r->end && is_space(*r->at))
        r->at++;
    const char *open = r->depth > 0 ? strrchr(r->path, '/') + 1 : "";
    if (r->at == r->end || *r->at != '>' || strlen(open) != len || memcmp(open, name, len) != 0)
        return broken(r, "a wrong end tag", err);
    r->at++;
    return end_element(r, seen, ctx, err);
}

static enum err_code
read_markup(struct reader *r, on_end seen, void *ctx, struct err *err)
{
    if (begins(r, "<?"))
        return skip_past(r, "?>", err);
    if (begins(r, "<!--"))
        return skip_past(r, "-->", err);
    if (begins(r, "<![CDATA["))
        return read_cdata(r, err);
    if (begins(r, "<!"))
        return broken(r, "a document type", err);
    return begins(r, "</") ? close_element(r, seen, ctx, err) : begin_element(r, seen, ctx, err);
}

enum err_code
xml_read(struct span xml, on_end seen, void *ctx, struct err *err)
{
    const char *text = xml.len > 0 ? (const char *)xml.data : "";
    struct reader r = {.at = text, .end = text + xml.len};
    enum err_code rc = ERR_OK;

    if (xml.len == 0)
        return broken(&r, "nothing", err);
    buf_init(&r.text, XML_TEXT_MAX);
    if (begins(&r, "\xef\xbb\xbf"))
        r.at += 3;
    while (rc == ERR_OK && r.at < r.end)
        rc = *r.at == '<' ? read_markup(&r, seen, ctx, err) : read_text(&r, err);
    if (rc == ERR_OK && (r.depth > 0 || !r.had_root))
        rc = broken(&r, "an element without an end", err);
    buf_fini(&r.text);
    return rc;
}
