/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *process_name = "leapocr";
static enum log_level least_level = LOG_INFO;
static enum log_form line_form = LOG_LOGFMT;

void
log_init(const char *process, enum log_level least)
{
    process_name = process;
    least_level = least;
}

void
log_set_form(enum log_form form)
{
    line_form = form;
}

const char *
log_quote(char out[LOG_QUOTE_SIZE], const char *s)
{
    static const char digits[] = "0123456789abcdef";
    size_t used = 0;

    out[used++] = '"';
    /* 4 for the longest escape, 2 for the closing quote and NUL. */
    for (const unsigned char *c = (const unsigned char *)(s == NULL ? "" : s);
         *c != '\0' && used + 6 < LOG_QUOTE_SIZE; c++) {
        if (*c == '"' || *c == '\\') {
            out[used++] = '\\';
            out[used++] = (char)*c;
        } else if (*c < 0x20 || *c > 0x7e) {
            out[used++] = '\\';
            out[used++] = 'x';
            out[used++] = digits[*c >> 4];
            out[used++] = digits[*c & 15];
        } else {
            out[used++] = (char)*c;
        }
    }
    out[used++] = '"';
    out[used] = '\0';
    return out;
}

/* --- lines as JSON: made of the logfmt pairs, so that there is one way to write a line --- */

/* A line on its way; what does not fit is left out, a character at a time. */
struct line {
    char text[8192];
    size_t len;
};

enum { LINE_END = 4 }; /* "}\n and NUL */

static void
add(struct line *line, const char *text, size_t len)
{
    if (len < sizeof(line->text) - LINE_END - line->len) {
        memcpy(line->text + line->len, text, len);
        line->len += len;
    }
}

static void
add_json(struct line *line, const char *c, size_t len)
{
    char escape[8];

    for (size_t i = 0; i < len; i++) {
        if (c[i] == '"' || c[i] == '\\') {
            snprintf(escape, sizeof(escape), "\\%c", c[i]);
            add(line, escape, 2);
        } else if ((unsigned char)c[i] < 0x20 || (unsigned char)c[i] > 0x7e) {
            snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char)c[i]);
            add(line, escape, 6);
        } else {
            add(line, &c[i], 1);
        }
    }
}

static void
add_member(struct line *line, const char *name, size_t name_len, const char *value,
           size_t value_len)
{
    add(line, line->len == 0 ? "{\"" : ",\"", 2);
    add_json(line, name, name_len);
    add(line, "\":\"", 3);
    add_json(line, value, value_len);
    add(line, "\"", 1);
}

/* The end of a quoted value that begins behind its quote; its escapes stay as they are but for
 * those of quote and backslash. */
static const char *
unquote(const char *c, char out[LOG_QUOTE_SIZE], size_t *ret_len)
{
    size_t n = 0;

    for (; *c != '\0' && *c != '"'; c++) {
        if (*c == '\\' && (c[1] == '"' || c[1] == '\\'))
            c++;
        if (n < LOG_QUOTE_SIZE)
            out[n++] = *c;
    }
    *ret_len = n;
    return *c == '"' ? c + 1 : c;
}

static void
add_pairs(struct line *line, const char *fields)
{
    char value[LOG_QUOTE_SIZE];

    for (const char *c = fields; *c != '\0';) {
        size_t name_len = strcspn(c, "= ");
        const char *name = c;
        size_t len = 0;
        c += name_len;
        if (*c != '=') {
            c += *c == ' ';
            continue;
        }
        c++;
        if (*c == '"') {
            c = unquote(c + 1, value, &len);
            add_member(line, name, name_len, value, len);
        } else {
            len = strcspn(c, " ");
            add_member(line, name, name_len, c, len);
            c += len;
        }
        c += *c == ' ';
    }
}

/* One write a line: lines of several processes do not mix. Nothing can be done if it fails. */
static void
put(const char *text, size_t len)
{
    ssize_t ignored = write(STDERR_FILENO, text, len);

    (void)ignored;
}

static void
put_json(const char *when, const char *level, const char *msg, const char *fields)
{
    struct line line = {.len = 0};

    add_member(&line, "time", 4, when, strlen(when));
    add_member(&line, "level", 5, level, strlen(level));
    add_member(&line, "process", 7, process_name, strlen(process_name));
    add_member(&line, "msg", 3, msg, strlen(msg));
    add_pairs(&line, fields);
    memcpy(line.text + line.len, "}\n", 2);
    put(line.text, line.len + 2);
}

static void
put_logfmt(const char *when, const char *level, const char *msg, const char *fields)
{
    char line[4096], quoted[LOG_QUOTE_SIZE];
    int used = snprintf(line, sizeof(line) - 1, "%s %s %s msg=%s %s", when, level, process_name,
                        log_quote(quoted, msg), fields);
    size_t len = used < 0 ? 0 : (size_t)used;

    if (len > sizeof(line) - 2)
        len = sizeof(line) - 2;
    while (len > 0 && line[len - 1] == ' ')
        len--;
    line[len++] = '\n';
    put(line, len);
}

void
log_line(enum log_level level, const char *msg, const char *fields_fmt, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char when[CLOCK_TEXT_SIZE], fields[4096];
    va_list args;

    if (level < least_level)
        return;
    clock_rfc3339(clock_utc_ms(), when);
    va_start(args, fields_fmt);
    if (vsnprintf(fields, sizeof(fields), fields_fmt, args) < 0)
        fields[0] = '\0';
    va_end(args);
    if (line_form == LOG_JSON)
        put_json(when, names[level], msg, fields);
    else
        put_logfmt(when, names[level], msg, fields);
}
