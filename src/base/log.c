/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/log.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char *process_name = "leapocr";
static enum log_level least_level = LOG_INFO;

void
log_init(const char *process, enum log_level least)
{
    process_name = process;
    least_level = least;
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

void
log_line(enum log_level level, const char *msg, const char *fields_fmt, ...)
{
    static const char *const names[] = {"debug", "info", "warn", "error"};
    char line[4096];
    char when[CLOCK_TEXT_SIZE];
    char quoted[LOG_QUOTE_SIZE];
    va_list args;

    if (level < least_level)
        return;
    clock_rfc3339(clock_utc_ms(), when);
    int used = snprintf(line, sizeof(line), "%s %s %s msg=%s ", when, names[level], process_name,
                        log_quote(quoted, msg));
    va_start(args, fields_fmt);
    int more = vsnprintf(line + used, sizeof(line) - (size_t)used, fields_fmt, args);
    va_end(args);
    size_t len = (size_t)used + (more < 0 ? 0 : (size_t)more);
    if (len > sizeof(line) - 2)
        len = sizeof(line) - 2;
    while (len > 0 && line[len - 1] == ' ')
        len--;
    line[len++] = '\n';
    /* One write a line: lines of several processes do not mix. Nothing can be done if it fails. */
    ssize_t ignored = write(STDERR_FILENO, line, len);
    (void)ignored;
}
