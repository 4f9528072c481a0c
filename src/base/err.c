/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/err.h"

#include "base/utf8.h"

#undef err_set
#undef err_sys

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct err_row {
    int http;
    bool retry;
    const char *api;
    const char *reason;
};

static const struct err_row table[ERR_CODE_COUNT] = {
#define X(code, http, retry, json, reason) [ERR_##code] = {http, retry, json, reason},
    ERR_TABLE(X)
#undef X
};

static const struct err_row *
row_of(enum err_code code)
{
    if ((unsigned)code >= ERR_CODE_COUNT)
        code = ERR_SYSTEM;
    return &table[code];
}

static void
set_message(struct err *err, enum err_code code, const char *fmt, va_list args)
{
    char text[sizeof(err->msg)];

    /* Aside first: an argument may be the message itself. A text that was cut to a width by the
     * format may end inside a character. */
    vsnprintf(text, sizeof(text), fmt, args);
    utf8_trim(text);
    err->code = code;
    (void)utf8_clean(err->msg, sizeof(err->msg), text, strlen(text));
}

enum err_code
err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    if (err != NULL) {
        va_list args;
        va_start(args, fmt);
        set_message(err, code, fmt, args);
        va_end(args);
    }
    return code;
}

enum err_code
err_sys(struct err *err, const char *fmt, ...)
{
    int number = errno;
    enum err_code code = ERR_SYSTEM;

    if (number == ENOSPC || number == EDQUOT)
        code = ERR_STORAGE_FULL;
    else if (number == ENOMEM)
        code = ERR_MEMORY;
    if (err != NULL) {
        va_list args;
        va_start(args, fmt);
        set_message(err, code, fmt, args);
        va_end(args);
        size_t used = strlen(err->msg);
        snprintf(err->msg + used, sizeof(err->msg) - used, ": %s", strerror(number));
    }
    return code;
}

int
err_http_status(enum err_code code)
{
    return row_of(code)->http;
}

bool
err_is_retryable(enum err_code code)
{
    return row_of(code)->retry;
}

const char *
err_api_code(enum err_code code)
{
    return row_of(code)->api;
}

const char *
err_reason(enum err_code code)
{
    return row_of(code)->reason;
}

enum err_code
err_from_reason(const char *reason)
{
    for (int code = ERR_CODE_COUNT - 1; code > ERR_OK; code--)
        if (strcmp(table[code].reason, reason) == 0)
            return (enum err_code)code;
    return ERR_SYSTEM;
}
