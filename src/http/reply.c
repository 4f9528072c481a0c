/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/reply.h"

#include "http/chars.h"
#include "http/head.h"

#include <string.h>
#include <strings.h>

static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {203, "Non-Authoritative Information"},
    {204, "No Content"},
    {205, "Reset Content"},
    {206, "Partial Content"},
    {300, "Multiple Choices"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
    {511, "Network Authentication Required"},
};

const char *
http_phrase(int status)
{
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++)
        if (phrases[i].status == status)
            return phrases[i].phrase;
    return "Unknown";
}

bool
reply_has_no_body(int status)
{
    return status < 200 || status == 204 || status == 304;
}

static bool
value_is_sound(const char *value)
{
    for (; *value != '\0'; value++)
        if (!char_is_text((uint8_t)*value))
            return false;
    return true;
}

bool
reply_headers_sound(const struct http_header *headers, size_t n)
{
    static const char *const ours[] = {"content-length", "transfer-encoding", "date"};

    for (size_t i = 0; i < n; i++) {
        if (!head_is_token(span_of(headers[i].name)) || !value_is_sound(headers[i].value))
            return false;
        for (size_t k = 0; k < ARRAY_LEN(ours); k++)
            if (strcasecmp(headers[i].name, ours[k]) == 0)
                return false;
        if (strcasecmp(headers[i].name, "connection") == 0 &&
            strcasecmp(headers[i].value, "close") != 0)
            return false;
    }
    return true;
}

bool
reply_headers_close(const struct http_header *headers, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(headers[i].name, "connection") == 0)
            return true;
    return false;
}

static void
put_number(struct buf *out, size_t number)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    buf_append(out, digits + at, sizeof(digits) - at);
}

static void
put_field(struct buf *out, const char *name, const char *value)
{
    buf_string(out, name);
    buf_append(out, ": ", 2);
    buf_string(out, value);
    buf_append(out, "\r\n", 2);
}

void
reply_head(struct buf *out, int status, enum reply_connection connection, const char *date,
           const struct http_header *headers, size_t n, size_t body_len)
{
    buf_append(out, "HTTP/1.1 ", 9);
    put_number(out, (size_t)status);
    buf_char(out, ' ');
    buf_string(out, http_phrase(status));
    buf_append(out, "\r\n", 2);
    put_field(out, "Date", date);
    if (body_len == REPLY_CHUNKED) {
        put_field(out, "Transfer-Encoding", "chunked");
    } else if (!reply_has_no_body(status) && body_len != REPLY_TO_END) {
        buf_string(out, "Content-Length: ");
        put_number(out, body_len);
        buf_append(out, "\r\n", 2);
    }
    if (connection != REPLY_PLAIN)
        put_field(out, "Connection", connection == REPLY_CLOSE ? "close" : "keep-alive");
    for (size_t i = 0; i < n; i++)
        if (strcasecmp(headers[i].name, "connection") != 0)
            put_field(out, headers[i].name, headers[i].value);
    buf_append(out, "\r\n", 2);
}
