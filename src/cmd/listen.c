/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/listen.h"

#include "base/fdio.h"

#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static const int backlog = 4096; /* the kernel lowers it to its own limit */

static enum err_code
split(const char *where, char host[256], char port[8], struct err *err)
{
    const char *colon = strrchr(where, ':');
    const char *from = where;

    if (colon == NULL || colon[1] == '\0' || strlen(colon + 1) > 5)
        return err_set(err, ERR_INPUT, "--listen '%.100s': ADDRESS:PORT is expected", where);
    size_t len = (size_t)(colon - where);
    if (len >= 2 && where[0] == '[' && colon[-1] == ']') {
        from++;
        len -= 2;
    }
    if (len == 0 || len >= 256)
        return err_set(err, ERR_INPUT, "--listen '%.100s': the address is missing", where);
    memcpy(host, from, len);
    host[len] = '\0';
    snprintf(port, 8, "%.5s", colon + 1);
    return ERR_OK;
}

static enum err_code
describe(int fd, char ret_address[LISTEN_TEXT_SIZE], struct err *err)
{
    struct sockaddr_storage bound;
    socklen_t size = sizeof(bound);
    char host[256], port[8];

    if (getsockname(fd, (struct sockaddr *)&bound, &size) != 0)
        return err_sys(err, "getsockname");
    if (getnameinfo((struct sockaddr *)&bound, size, host, sizeof(host), port, sizeof(port),
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0)
        return err_set(err, ERR_SYSTEM, "getnameinfo failed");
    const char *shape = bound.ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s";
    snprintf(ret_address, LISTEN_TEXT_SIZE, shape, host, port);
    return ERR_OK;
}

enum err_code
listen_open(const char *where, int *ret_fd, char ret_address[LISTEN_TEXT_SIZE], struct err *err)
{
    char host[256], port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int one = 1;
    int fd = -1;
    enum err_code rc = split(where, host, port, err);

    if (rc != ERR_OK)
        return rc;
    int code = getaddrinfo(host, port, &hints, &found);
    if (code != 0)
        return err_set(err, ERR_INPUT, "--listen '%.100s': %s", where, gai_strerror(code));
    fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0)
        rc = err_sys(err, "socket");
    else if (bind(fd, found->ai_addr, found->ai_addrlen) != 0)
        rc = errno == EADDRINUSE
                 ? err_set(err, ERR_CONFLICT, "%.100s is in use by another program", where)
                 : err_sys(err, "bind to %.100s", where);
    else if (listen(fd, backlog) != 0)
        rc = err_sys(err, "listen on %.100s", where);
    freeaddrinfo(found);
    if (rc == ERR_OK)
        rc = describe(fd, ret_address, err);
    if (rc == ERR_OK)
        *ret_fd = fd;
    else
        fd_close(&fd);
    return rc;
}
