/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "courier/system.h"

#include "base/arena.h"
#include "base/fdio.h"

#include <ctype.h>
#include <fcntl.h>
#include <ifaddrs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FILE_MAX = 256 << 10, DNS_PORT = 53, WORDS_MAX = 16, LINE_MAX_BYTES = 512 };

socklen_t
system_sockaddr(const struct netaddr *address, uint16_t port, struct sockaddr_storage *ret)
{
    *ret = (struct sockaddr_storage){0};
    if (netaddr_is_v4(address)) {
        struct sockaddr_in in = {.sin_family = AF_INET, .sin_port = htons(port)};
        memcpy(&in.sin_addr, address->bytes + 12, 4);
        memcpy(ret, &in, sizeof(in));
        return sizeof(in);
    }
    struct sockaddr_in6 in6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    memcpy(&in6.sin6_addr, address->bytes, 16);
    memcpy(ret, &in6, sizeof(in6));
    return sizeof(in6);
}

static void
add_server(struct system_names *names, const struct netaddr *address, uint16_t port)
{
    if (names->server_count == SYSTEM_SERVERS_MAX)
        return;
    struct system_server *server = &names->servers[names->server_count++];
    server->len = system_sockaddr(address, port, &server->address);
}

/* The next line cut into words, comments left out. False at the end. */
static bool
next_line(const char **text, char line[LINE_MAX_BYTES], char *words[WORDS_MAX], size_t *ret_n)
{
    char *rest = NULL;
    size_t len = strcspn(*text, "\n"), kept;

    *ret_n = 0;
    if (**text == '\0')
        return false;
    kept = len < LINE_MAX_BYTES ? len : 0; /* no line of ours is that long */
    memcpy(line, *text, kept);
    line[kept] = '\0';
    line[strcspn(line, "#;")] = '\0';
    *text += len + ((*text)[len] == '\n');
    for (char *word = strtok_r(line, " \t\r", &rest); word != NULL && *ret_n < WORDS_MAX;
         word = strtok_r(NULL, " \t\r", &rest))
        words[(*ret_n)++] = word;
    return true;
}

void
system_read_resolv(const char *text, struct system_names *names)
{
    char line[LINE_MAX_BYTES], *words[WORDS_MAX];
    struct netaddr address;
    size_t n;

    while (next_line(&text, line, words, &n))
        if (n >= 2 && strcmp(words[0], "nameserver") == 0 && netaddr_parse(words[1], &address))
            add_server(names, &address, DNS_PORT);
}

static void
add_host(struct system_names *names, const char *name, const struct netaddr *address)
{
    size_t len = strlen(name);

    if (names->host_count == SYSTEM_HOSTS_MAX || len >= URL_HOST_SIZE)
        return;
    struct system_host *host = &names->hosts[names->host_count++];
    for (size_t i = 0; i <= len; i++)
        host->name[i] = (char)tolower((unsigned char)name[i]);
    host->address = *address;
}

void
system_read_hosts(const char *text, struct system_names *names)
{
    char line[LINE_MAX_BYTES], *words[WORDS_MAX];
    struct netaddr address;
    size_t n;

    while (next_line(&text, line, words, &n)) {
        if (n < 2 || !netaddr_parse(words[0], &address))
            continue;
        for (size_t i = 1; i < n; i++)
            add_host(names, words[i], &address);
    }
}

/* The text of a file, "" where it cannot be read. */
static const char *
load(struct arena *arena, const char *path)
{
    struct span bytes;
    struct err err;

    if (fd_load_file(arena, AT_FDCWD, path, FILE_MAX, &bytes, &err) != ERR_OK)
        return "";
    const char *text = arena_strndup(arena, (const char *)bytes.data, bytes.len);
    return text != NULL ? text : "";
}

static enum err_code
read_given(const char *text, struct system_names *names, struct err *err)
{
    char address[NETADDR_TEXT_SIZE + 2];
    struct netaddr found;
    const char *colon = strrchr(text, ':');
    size_t len = colon != NULL ? (size_t)(colon - text) : 0;
    unsigned long port = colon != NULL ? strtoul(colon + 1, NULL, 10) : 0;
    bool brackets = text[0] == '[' && len > 2 && text[len - 1] == ']';

    if (len == 0 || len >= sizeof(address) || port < 1 || port > 65535)
        return err_set(err, ERR_INPUT, "'%.60s' is no name server such as 127.0.0.1:53", text);
    memcpy(address, text + brackets, len - 2 * brackets);
    address[len - 2 * brackets] = '\0';
    if (!netaddr_parse(address, &found))
        return err_set(err, ERR_INPUT, "'%.60s' is no name server such as 127.0.0.1:53", text);
    add_server(names, &found, (uint16_t)port);
    return ERR_OK;
}

enum err_code
system_names_open(const char *name_server, struct system_names *ret, struct err *err)
{
    struct system_names names = {.hosts = calloc(SYSTEM_HOSTS_MAX, sizeof(*names.hosts))};
    struct arena *arena = arena_new(MiB(1));
    struct netaddr loopback;
    enum err_code rc = ERR_OK;

    if (names.hosts == NULL || arena == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory for the names of hosts");
    if (rc == ERR_OK && name_server[0] != '\0')
        rc = read_given(name_server, &names, err);
    else if (rc == ERR_OK)
        system_read_resolv(load(arena, "/etc/resolv.conf"), &names);
    if (rc == ERR_OK)
        system_read_hosts(load(arena, "/etc/hosts"), &names);
    /* What resolv.conf(5) says of a file without servers. */
    if (rc == ERR_OK && names.server_count == 0 && netaddr_parse("127.0.0.1", &loopback))
        add_server(&names, &loopback, DNS_PORT);
    arena_drop(&arena);
    if (rc != ERR_OK)
        system_names_close(&names);
    else
        *ret = names;
    return rc;
}

void
system_names_close(struct system_names *names)
{
    free(names->hosts);
    names->hosts = NULL;
}

enum err_code
system_own_addresses(struct netpolicy *policy, struct err *err)
{
    struct ifaddrs *list = NULL;

    if (getifaddrs(&list) != 0)
        return err_sys(err, "addresses of this machine");
    for (const struct ifaddrs *at = list; at != NULL; at = at->ifa_next)
        if (at->ifa_addr != NULL && policy->own_count < NETPOLICY_OWN_MAX &&
            netaddr_of(at->ifa_addr, &policy->own[policy->own_count]))
            policy->own_count++;
    freeifaddrs(list);
    return ERR_OK;
}
