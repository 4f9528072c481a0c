/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "render/escape.h"

#include <string.h>

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_alnum(char c)
{
    return is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

static bool
is_punct(char c)
{
    return c > ' ' && c < 0x7f && !is_alnum(c);
}

/* The number of times that c stands at the front. */
static size_t
run_length(const char *s, size_t len, char c)
{
    size_t n = 0;

    while (n < len && s[n] == c)
        n++;
    return n;
}

/* Place of the character that must be escaped because it would begin a block there; len: none. */
static size_t
block_marker(const char *s, size_t len)
{
    size_t digits = 0;

    switch (s[0]) {
    case '#':
        return run_length(s, len, '#') == len && len <= 6 ? 0 : len;
    case '>':
    case '[':
    case '|':
    case ':':
        return s[0] != ':' || (len > 1 && s[1] == '-') ? 0 : len;
    case '-':
        return run_length(s, len, '-') == len || memchr(s, '|', len) != NULL ? 0 : len;
    case '+':
        return len == 1 ? 0 : len;
    case '=':
        return run_length(s, len, '=') == len ? 0 : len;
    case '*':
    case '_':
        return 0;
    case '~':
        return run_length(s, len, '~') >= 3 ? 0 : len;
    default:
        break;
    }
    while (digits < len && is_digit(s[digits]))
        digits++;
    bool item =
        digits > 0 && digits <= 9 && digits + 1 == len && (s[digits] == '.' || s[digits] == ')');
    return item ? digits : len;
}

/* &name; or &#12; or &#x1f; */
static bool
is_entity(const char *s, size_t len)
{
    size_t at = 1;

    if (at < len && s[at] == '#')
        at++;
    size_t from = at;
    while (at < len && is_alnum(s[at]))
        at++;
    return at > from && at < len && s[at] == ';';
}

/* A run of * or _ that cannot open or close emphasis. */
static bool
is_harmless_run(const char *s, size_t len, size_t at, unsigned place)
{
    size_t from = at, to = at;

    while (from > 0 && s[from - 1] == s[at])
        from--;
    while (to < len && s[to] == s[at])
        to++;
    if (from == 0 && to == len)
        return (place & ESCAPE_EMPHASIS) == 0;
    return s[at] == '_' && from > 0 && to < len && is_alnum(s[from - 1]) && is_alnum(s[to]);
}

static bool
needs_escape(const char *s, size_t len, size_t at, unsigned place)
{
    bool last = at + 1 == len;
    char next = last ? ' ' : s[at + 1];

    switch (s[at]) {
    case '\\':
        return last || is_punct(next);
    case '`':
        return true;
    case '*':
    case '_':
        return !is_harmless_run(s, len, at, place);
    case '~':
        return at > 0; /* one that cannot close leaves none that is closed */
    case '[':
        return (place & ESCAPE_LINK_TEXT) != 0;
    case ']':
        return (place & ESCAPE_LINK_TEXT) != 0 || next == '(' || next == ':' || next == '[';
    case '<':
        return is_alnum(next) ? !is_digit(next) : next == '/' || next == '!' || next == '?';
    case '&':
        return is_entity(s + at, len - at);
    case '!':
        return next == '[';
    case '|':
        return (place & ESCAPE_TABLE) != 0;
    case '#':
        return (place & ESCAPE_HEADING) != 0 && run_length(s, len, '#') == len;
    default:
        return false;
    }
}

void
escape_chain(const char *chain, size_t len, size_t from, size_t to, unsigned place, struct buf *out)
{
    size_t marker = (place & ESCAPE_LINE_START) != 0 && len > 0 ? block_marker(chain, len) : len;
    size_t clean_from = from;

    for (size_t i = from; i < to; i++) {
        unsigned char c = (unsigned char)chain[i];
        if (c < ' ' || c == 0x7f) {
            buf_append(out, chain + clean_from, i - clean_from);
            buf_char(out, ' ');
            clean_from = i + 1;
        } else if (i == marker || (is_punct((char)c) && needs_escape(chain, len, i, place)) ||
                   (c == '!' && i + 1 == to && (place & ESCAPE_BEFORE_LINK) != 0)) {
            buf_append(out, chain + clean_from, i - clean_from);
            buf_char(out, '\\');
            clean_from = i;
        }
    }
    buf_append(out, chain + clean_from, to - clean_from);
}

void
escape_text(const char *text, unsigned place, struct buf *out)
{
    bool first = true;

    while (*text != '\0') {
        size_t len = 0;
        while ((unsigned char)text[len] > ' ')
            len++;
        if (len > 0) {
            if (!first)
                buf_char(out, ' ');
            escape_chain(text, len, 0, len, place, out);
            first = false;
        }
        text += len;
        while (*text != '\0' && (unsigned char)*text <= ' ')
            text++;
    }
}

void
escape_uri(const char *uri, struct buf *out)
{
    for (; *uri != '\0'; uri++) {
        unsigned char c = (unsigned char)*uri;
        if (c <= ' ' || c >= 0x7f || strchr("<>()[]\\\"`|*_", c) != NULL)
            buf_printf(out, c == '_' ? "_" : "%%%02X", c);
        else
            buf_char(out, (char)c);
    }
}
