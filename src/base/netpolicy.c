/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/netpolicy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WORD_SIZE = 64 };

/* The next of "a,b,c" without blanks around it; false at the end. ERR_INPUT in *ret_rc where a word
 * is too long to be one. */
static bool
next_word(const char **at, char word[WORD_SIZE], enum err_code *ret_rc, struct err *err)
{
    *at += strspn(*at, " ,");
    size_t len = strcspn(*at, " ,");
    if (len == 0)
        return false;
    if (len >= WORD_SIZE) {
        *ret_rc = err_set(err, ERR_INPUT, "'%.40s...' is too long", *at);
        return false;
    }
    memcpy(word, *at, len);
    word[len] = '\0';
    *at += len;
    return true;
}

static enum err_code
parse_port(const char *word, uint16_t *ret, struct err *err)
{
    char *end;
    unsigned long port = strtoul(word, &end, 10);

    if (word[0] < '0' || word[0] > '9' || *end != '\0' || port < 1 || port > 65535)
        return err_set(err, ERR_INPUT, "'%.40s' is no port from 1 to 65535", word);
    *ret = (uint16_t)port;
    return ERR_OK;
}

enum err_code
netpolicy_parse(const char *private_ranges, const char *ports, struct netpolicy *ret,
                struct err *err)
{
    struct netpolicy policy = {0};
    char word[WORD_SIZE];
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && next_word(&private_ranges, word, &rc, err)) {
        if (policy.allowed_count == NETPOLICY_RANGES_MAX)
            return err_set(err, ERR_INPUT, "more than %d address ranges", NETPOLICY_RANGES_MAX);
        rc = netaddr_range_parse(word, &policy.allowed[policy.allowed_count++], err);
    }
    while (rc == ERR_OK && next_word(&ports, word, &rc, err)) {
        if (policy.port_count == NETPOLICY_PORTS_MAX)
            return err_set(err, ERR_INPUT, "more than %d ports", NETPOLICY_PORTS_MAX);
        rc = parse_port(word, &policy.ports[policy.port_count++], err);
    }
    if (rc == ERR_OK)
        *ret = policy;
    return rc;
}

bool
netpolicy_is_allowed(const struct netpolicy *policy, const struct netaddr *address)
{
    for (size_t i = 0; i < policy->allowed_count; i++)
        if (netaddr_in(address, &policy->allowed[i]))
            return true;
    return false;
}

static enum err_code
check_port(const struct netpolicy *policy, uint16_t port, struct err *err)
{
    for (size_t i = 0; i < policy->port_count; i++)
        if (policy->ports[i] == port)
            return ERR_OK;
    return err_set(err, ERR_URL, "port %u is not one that this server connects to", port);
}

enum err_code
netpolicy_check_address(const struct netpolicy *policy, const struct netaddr *address,
                        uint16_t port, struct err *err)
{
    bool own = false;

    if (netpolicy_is_allowed(policy, address))
        return ERR_OK;
    for (size_t i = 0; i < policy->own_count && !own; i++)
        own = memcmp(&policy->own[i], address, sizeof(*address)) == 0;
    if (own || !netaddr_is_public(address))
        return err_set(err, ERR_URL, "the URL leads to an address that is not a public one");
    return check_port(policy, port, err);
}

static bool
is_local_name(const char *host)
{
    static const char suffix[] = ".localhost";
    size_t len = strlen(host), n = sizeof(suffix) - 1;

    return strcmp(host, suffix + 1) == 0 || (len > n && strcmp(host + len - n, suffix) == 0);
}

enum err_code
netpolicy_check_url(const struct netpolicy *policy, const struct url *url, struct err *err)
{
    if (url->is_literal)
        return netpolicy_check_address(policy, &url->literal, url->port, err);
    if (policy->allowed_count > 0) /* what its name leads to decides */
        return ERR_OK;
    if (is_local_name(url->host))
        return err_set(err, ERR_URL, "the URL leads to an address that is not a public one");
    return check_port(policy, url->port, err);
}

enum err_code
netpolicy_check_webhook(const struct netpolicy *policy, const struct url *url, struct err *err)
{
    enum err_code rc = netpolicy_check_url(policy, url, err);

    if (rc != ERR_OK)
        return rc;
    if (url->is_literal && !netpolicy_is_allowed(policy, &url->literal))
        return err_set(err, ERR_URL, "a webhook's URL needs a host name, not an address");
    if (!url->https && policy->allowed_count == 0)
        return err_set(err, ERR_URL, "a webhook's URL has to begin with https://");
    return ERR_OK;
}
