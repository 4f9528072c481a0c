/* SPDX-License-Identifier: AGPL-3.0-or-later
 * courier/system.h - what the machine says about names and addresses, read once at the start:
 * /etc/resolv.conf, /etc/hosts, its own interfaces. No file can be read later. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "base/netpolicy.h"

#include <netinet/in.h>
#include <sys/socket.h>

enum { SYSTEM_SERVERS_MAX = 3, SYSTEM_HOSTS_MAX = 512 };

struct system_server {
    struct sockaddr_storage address;
    socklen_t len;
};

struct system_host {
    char name[URL_HOST_SIZE]; /* lower case */
    struct netaddr address;
};

struct system_names {
    struct system_server servers[SYSTEM_SERVERS_MAX];
    size_t server_count; /* >= 1 */
    struct system_host *hosts;
    size_t host_count;
};

/* name_server: "" or "ADDRESS:PORT" / "[ADDRESS]:PORT"; ERR_INPUT. Files that are missing or have
 * lines that are none are as if those were not there. */
MUST_CHECK
enum err_code system_names_open(const char *name_server, struct system_names *ret, struct err *err);
void system_names_close(struct system_names *names);

/* Adds the addresses of all interfaces to policy->own. */
MUST_CHECK
enum err_code system_own_addresses(struct netpolicy *policy, struct err *err);

/* The two files as text; for their tests. */
void system_read_resolv(const char *text, struct system_names *names);
void system_read_hosts(const char *text, struct system_names *names);

/* A socket address for this address and port. */
socklen_t system_sockaddr(const struct netaddr *address, uint16_t port,
                          struct sockaddr_storage *ret);
