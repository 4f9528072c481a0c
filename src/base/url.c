/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/url.h"

#include "base/utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

enum { LABEL_MAX = 63 };

static bool
is_host_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.' || c == '_';
}

static enum err_code
check_characters(const char *text, struct err *err)
{
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= 0x20 || *c == 0x7f)
            return err_set(err, ERR_INPUT, "the URL has a space or a control character in it");
    if (!utf8_valid(text, strlen(text)))
        return err_set(err, ERR_INPUT, "the URL is not text in UTF-8");
    return ERR_OK;
}

/* What resolvers of addresses take for a number: decimal, octal, hexadecimal. */
static bool
is_number(const char *label, size_t len)
{
    size_t digits = strspn(label, "0123456789");

    if (digits >= len)
        return true;
    return len >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X') &&
           2 + strspn(label + 2, "0123456789abcdefABCDEF") >= len;
}

static enum err_code
check_name(struct url *url, struct err *err)
{
    const char *label = url->host;
    size_t len = strlen(url->host);

    if (len > 0 && url->host[len - 1] == '.')
        url->host[--len] = '\0';
    if (len == 0)
        return err_set(err, ERR_INPUT, "the URL names no host");
    for (;;) {
        size_t size = strcspn(label, ".");
        if (size == 0 || size > LABEL_MAX)
            return err_set(err, ERR_INPUT, "the URL's host has an empty or too long part");
        if (label[size] == '\0')
            break;
        label += size + 1;
    }
    if (!is_number(label, strlen(label)))
        return ERR_OK;
    url->is_literal = true;
    if (strchr(url->host, ':') == NULL && netaddr_parse(url->host, &url->literal))
        return ERR_OK;
    return err_set(err, ERR_INPUT,
                   "the URL's host is a number: an address has four decimal numbers");
}

static enum err_code
read_bracketed(const char *host, size_t len, struct url *url, struct err *err)
{
    if (len < 2 || host[len - 1] != ']' || len - 2 >= sizeof(url->host))
        return err_set(err, ERR_INPUT, "the URL's host has a bracket that is not closed");
    memcpy(url->host, host + 1, len - 2);
    url->host[len - 2] = '\0';
    url->is_literal = true;
    if (strchr(url->host, ':') == NULL || !netaddr_parse(url->host, &url->literal))
        return err_set(err, ERR_INPUT, "the URL's host in brackets is no IPv6 address");
    netaddr_text(&url->literal, url->host); /* a mapped address is said as what it is */
    return ERR_OK;
}

static enum err_code
read_host(const char *host, size_t len, struct url *url, struct err *err)
{
    if (len > 0 && host[0] == '[')
        return read_bracketed(host, len, url, err);
    if (len >= sizeof(url->host))
        return err_set(err, ERR_INPUT, "the URL's host is longer than %d characters",
                       URL_HOST_SIZE - 1);
    for (size_t i = 0; i < len; i++) {
        if (!is_host_char(host[i]))
            return err_set(err, ERR_INPUT,
                           "the URL's host may have letters, digits, '-', '_' and '.' only");
        url->host[i] = (char)tolower((unsigned char)host[i]);
    }
    url->host[len] = '\0';
    return check_name(url, err);
}

static enum err_code
read_port(const char *text, size_t len, struct url *url, struct err *err)
{
    unsigned port = 0;

    url->port = url->https ? 443 : 80;
    if (len == 0)
        return ERR_OK;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9' || i >= 5)
            return err_set(err, ERR_INPUT, "the URL's port is no number from 1 to 65535");
        port = port * 10 + (unsigned)(text[i] - '0');
    }
    if (port < 1 || port > 65535)
        return err_set(err, ERR_INPUT, "the URL's port is no number from 1 to 65535");
    url->port = (uint16_t)port;
    return ERR_OK;
}

static enum err_code
read_authority(const char *text, size_t len, struct url *url, struct err *err)
{
    if (memchr(text, '@', len) != NULL)
        return err_set(err, ERR_INPUT, "the URL has credentials in it, which are not sent");
    const char *behind = text[0] == '[' ? memchr(text, ']', len) : text;
    if (behind == NULL)
        return err_set(err, ERR_INPUT, "the URL's host has a bracket that is not closed");
    const char *colon = memchr(behind, ':', len - (size_t)(behind - text));
    size_t host_len = colon != NULL ? (size_t)(colon - text) : len;
    enum err_code rc = read_host(text, host_len, url, err);
    if (rc == ERR_OK && colon != NULL)
        return read_port(colon + 1, len - host_len - 1, url, err);
    return rc == ERR_OK ? read_port("", 0, url, err) : rc;
}

static bool
must_be_encoded(char c)
{
    return (unsigned char)c >= 0x80 || strchr("\"<>\\^`{|}", c) != NULL;
}

/* Path and query behind what text has already; '/' where there is none. */
static enum err_code
write_target(const char *target, struct url *url, struct err *err)
{
    size_t at = strlen(url->text);

    url->target = (uint16_t)at;
    if (target[0] != '/')
        url->text[at++] = '/';
    for (const char *c = target; *c != '\0' && *c != '#'; c++) {
        bool encode = must_be_encoded(*c);
        if (at + (encode ? 3 : 1) > URL_MAX)
            return err_set(err, ERR_INPUT, "the URL is longer than %d characters", URL_MAX);
        at += (size_t)snprintf(url->text + at, sizeof(url->text) - at, encode ? "%%%02X" : "%c",
                               (unsigned char)*c);
    }
    url->text[at] = '\0';
    return ERR_OK;
}

static enum err_code
write_text(const char *target, struct url *url, struct err *err)
{
    bool brackets = url->is_literal && strchr(url->host, ':') != NULL;
    char port[8] = "";

    if (url->port != (url->https ? 443 : 80))
        snprintf(port, sizeof(port), ":%u", url->port);
    snprintf(url->text, sizeof(url->text), "%s://%s%s%s%s", url->https ? "https" : "http",
             brackets ? "[" : "", url->host, brackets ? "]" : "", port);
    return write_target(target, url, err);
}

enum err_code
url_parse(const char *text, struct url *ret, struct err *err)
{
    struct url url = {0};
    const char *rest;
    enum err_code rc = check_characters(text, err);

    if (rc != ERR_OK)
        return rc;
    url.https = strncasecmp(text, "https://", 8) == 0;
    if (!url.https && strncasecmp(text, "http://", 7) != 0)
        return err_set(err, ERR_INPUT, "the URL does not begin with http:// or https://");
    rest = text + (url.https ? 8 : 7);
    size_t len = strcspn(rest, "/?#");
    rc = read_authority(rest, len, &url, err);
    if (rc == ERR_OK)
        rc = write_text(rest + len, &url, err);
    if (rc == ERR_OK)
        *ret = url;
    return rc;
}

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

void
url_file_name(const struct url *url, char *out, size_t cap)
{
    const char *path = url->text + url->target;
    size_t end = strcspn(path, "?");
    size_t begin = end, n = 0;
    char plain[URL_TEXT_SIZE];

    while (begin > 0 && path[begin - 1] != '/')
        begin--;
    for (size_t i = begin; i < end; i++) {
        int high = path[i] == '%' && i + 2 < end + 1 ? hex_digit(path[i + 1]) : -1;
        int low = high >= 0 && i + 2 < end ? hex_digit(path[i + 2]) : -1;
        if (low >= 0) {
            plain[n] = (char)(high * 16 + low);
            i += 2;
        } else {
            plain[n] = path[i];
        }
        if (plain[n] == '/' || plain[n] == '\\')
            plain[n] = '_';
        n++;
    }
    (void)utf8_clean(out, cap, plain, n);
}
