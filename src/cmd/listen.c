/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/listen.h"

#include "base/fdio.h"

#include <errno.h>
#include <netdb.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { HOST_SIZE = 256, PORT_SIZE = 8 };

static const int backlog = 4096; /* the kernel lowers it to its own limit */

static bool
is_port(const char *text)
{
    size_t len = strspn(text, "0123456789");

    return len > 0 && len <= 5 && text[len] == '\0' && strtol(text, NULL, 10) <= UINT16_MAX;
}

static enum err_code
split(const char *where, char host[HOST_SIZE], char port[PORT_SIZE], struct err *err)
{
    const char *colon = strrchr(where, ':');
    const char *from = where;

    if (colon == NULL || !is_port(colon + 1))
        return err_set(err, ERR_INPUT,
                       "--listen '%.100s': ADDRESS:PORT is expected, the port from 0 to 65535",
                       where);
    size_t len = (size_t)(colon - where);
    bool brackets = len >= 2 && where[0] == '[' && colon[-1] == ']';
    if (!brackets && memchr(where, ':', len) != NULL)
        return err_set(err, ERR_INPUT,
                       "--listen '%.100s': an IPv6 address stands in brackets, as in [::1]:8080",
                       where);
    if (brackets) {
        from++;
        len -= 2;
    }
    if (len == 0 || len >= HOST_SIZE)
        return err_set(err, ERR_INPUT,
                       "--listen '%.100s': the address is missing or too long; 0.0.0.0:PORT "
                       "listens on every one, 127.0.0.1:PORT on this machine only",
                       where);
    memcpy(host, from, len);
    host[len] = '\0';
    snprintf(port, PORT_SIZE, "%.5s", colon + 1);
    return ERR_OK;
}

static enum err_code
describe(int fd, char ret_address[LISTEN_TEXT_SIZE], struct err *err)
{
    struct sockaddr_storage bound = {0};
    socklen_t size = sizeof(bound);
    char host[HOST_SIZE], port[PORT_SIZE];

    if (getsockname(fd, (struct sockaddr *)&bound, &size) != 0)
        return err_sys(err, "getsockname");
    if (getnameinfo((struct sockaddr *)&bound, size, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return err_set(err, ERR_SYSTEM, "getnameinfo failed");
    const char *shape = bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s";
    snprintf(ret_address, LISTEN_TEXT_SIZE, shape, host, port);
    return ERR_OK;
}

static enum err_code
open_one(const struct addrinfo *at, const char *where, int *ret_fd, struct err *err)
{
    enum err_code rc = ERR_OK;
    int one = 1;
    int fd = socket(at->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0)
        rc = err_sys(err, "--listen %.100s: socket", where);
    else if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, backlog) != 0)
        rc = errno == EADDRINUSE
                 ? err_set(err, ERR_CONFLICT,
                           "--listen %.100s: another program listens there; choose another port, "
                           "or 0 for a free one",
                           where)
                 : err_sys(err, "--listen %.100s", where);
    if (rc == ERR_OK)
        *ret_fd = fd;
    else
        fd_close(&fd);
    return rc;
}

enum err_code
listen_open(const char *where, int *ret_fd, char ret_address[LISTEN_TEXT_SIZE], struct err *err)
{
    char host[HOST_SIZE], port[PORT_SIZE];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int fd = -1;
    enum err_code rc = split(where, host, port, err);

    if (rc != ERR_OK)
        return rc;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0)
        return err_set(err, ERR_INPUT, "--listen '%.100s': %s", where, gai_strerror(code));
    /* A name may have an address of a family that this machine does not have. */
    rc = ERR_SYSTEM;
    for (const struct addrinfo *at = found; at != NULL && rc != ERR_OK; at = at->ai_next)
        rc = open_one(at, where, &fd, err);
    freeaddrinfo(found);
    if (rc == ERR_OK)
        rc = describe(fd, ret_address, err);
    if (rc == ERR_OK)
        *ret_fd = fd;
    else
        fd_close(&fd);
    return rc;
}
