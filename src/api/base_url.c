/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/base_url.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { HOST_MAX = 255 + 6 };

static const char name_chars[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-_";
static const char literal_chars[] = "0123456789abcdefABCDEF:.";

static bool
is_port(const char *s)
{
    size_t digits = strspn(s, "0123456789");
    long port = digits >= 1 && digits <= 5 && s[digits] == '\0' ? strtol(s, NULL, 10) : 0;

    return port >= 1 && port <= 65535;
}

/* A name or an IPv4 address, or an IPv6 address in brackets; with or without a port. */
static bool
is_host(const char *s)
{
    const char *end;

    if (strlen(s) > HOST_MAX)
        return false;
    if (*s == '[') {
        size_t len = strspn(s + 1, literal_chars);
        if (len < 2 || s[1 + len] != ']')
            return false;
        end = s + len + 2;
    } else {
        end = s + strspn(s, name_chars);
        if (end == s)
            return false;
    }
    return *end == '\0' || (*end == ':' && is_port(end + 1));
}

enum err_code
base_url_check(const char *url, struct err *err)
{
    const char *host = NULL;

    if (strncmp(url, "https://", 8) == 0)
        host = url + 8;
    else if (strncmp(url, "http://", 7) == 0)
        host = url + 7;
    if (host == NULL || !is_host(host))
        return err_set(err, ERR_INPUT,
                       "public URL '%.100s' is not http(s)://HOST[:PORT] without a path", url);
    return ERR_OK;
}

enum err_code
base_url_of(struct arena *arena, const char *public_url, struct span host, const char **ret,
            struct err *err)
{
    if (public_url != NULL) {
        *ret = public_url;
        return ERR_OK;
    }
    char *url = arena_printf(arena, "http://%.*s", (int)(host.len < 1000 ? host.len : 1000),
                             host.data != NULL ? (const char *)host.data : "");
    if (url == NULL)
        return err_set(err, ERR_LIMIT, "no room left in the request's arena");
    if (strlen(url) != host.len + 7 || !is_host(url + 7))
        return err_set(err, ERR_SYNTAX, "the Host field is not HOST[:PORT]");
    *ret = url;
    return ERR_OK;
}
