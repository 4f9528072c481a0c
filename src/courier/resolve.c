/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "courier/resolve.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ROUNDS = 2, KEPT_MAX = 128, ADDRESSES_MAX = 2 * DNS_ADDRESSES_MAX };

/* For one server to answer. */
static const int64_t answer_ms = 2000;

struct kept {
    char host[URL_HOST_SIZE];
    int64_t until_ms;
    struct netaddr addresses[ADDRESSES_MAX];
    size_t n;
};

struct resolver {
    const struct system_names *names; /* borrowed */
    struct kept kept[KEPT_MAX];
    size_t next_kept;
    int failures;
};

struct question {
    uint16_t type, id;
    int fd;
    size_t asked; /* servers asked so far, over all rounds */
    int64_t due_ms;
    bool over, answered;
    struct netaddr addresses[DNS_ADDRESSES_MAX];
    size_t n;
    uint32_t ttl_s;
};

struct lookup {
    struct resolver *resolver;
    char host[URL_HOST_SIZE];
    struct question questions[LOOKUP_FDS_MAX];
    bool over;
    struct netaddr addresses[ADDRESSES_MAX];
    size_t n;
};

enum err_code
resolver_open(const struct system_names *names, struct resolver **ret, struct err *err)
{
    struct resolver *resolver = calloc(1, sizeof(*resolver));

    if (resolver == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a resolver");
    resolver->names = names;
    *ret = resolver;
    return ERR_OK;
}

void
resolver_close(struct resolver **resolver)
{
    free(*resolver);
    *resolver = NULL;
}

int
resolver_failures(const struct resolver *resolver)
{
    return resolver->failures;
}

static void
add(struct lookup *lookup, const struct netaddr *address)
{
    if (lookup->n < ADDRESSES_MAX)
        lookup->addresses[lookup->n++] = *address;
}

/* "localhost" and what ends with it never leaves the machine (RFC 6761). */
static bool
find_local(struct lookup *lookup)
{
    const struct system_names *names = lookup->resolver->names;
    static const char suffix[] = ".localhost";
    size_t len = strlen(lookup->host);
    struct netaddr loopback;

    for (size_t i = 0; i < names->host_count; i++)
        if (strcmp(names->hosts[i].name, lookup->host) == 0)
            add(lookup, &names->hosts[i].address);
    bool local =
        strcmp(lookup->host, suffix + 1) == 0 ||
        (len >= sizeof(suffix) && strcmp(lookup->host + len - (sizeof(suffix) - 1), suffix) == 0);
    if (lookup->n == 0 && local && netaddr_parse("127.0.0.1", &loopback))
        add(lookup, &loopback);
    return lookup->n > 0;
}

static bool
find_kept(struct lookup *lookup)
{
    struct resolver *resolver = lookup->resolver;
    int64_t now = clock_mono_ms();

    for (size_t i = 0; i < KEPT_MAX; i++) {
        const struct kept *kept = &resolver->kept[i];
        if (now >= kept->until_ms || strcmp(kept->host, lookup->host) != 0)
            continue;
        memcpy(lookup->addresses, kept->addresses, sizeof(kept->addresses));
        lookup->n = kept->n;
        return true;
    }
    return false;
}

static void
keep(struct lookup *lookup)
{
    struct resolver *resolver = lookup->resolver;
    int64_t life_ms = RESOLVE_KEPT_MS;

    for (size_t i = 0; i < LOOKUP_FDS_MAX; i++) {
        const struct question *q = &lookup->questions[i];
        if (q->n > 0 && (int64_t)q->ttl_s * 1000 < life_ms)
            life_ms = (int64_t)q->ttl_s * 1000;
    }
    if (lookup->n == 0 || life_ms == 0)
        return;
    struct kept *kept = &resolver->kept[resolver->next_kept++ % KEPT_MAX];
    memcpy(kept->host, lookup->host, sizeof(kept->host));
    memcpy(kept->addresses, lookup->addresses, sizeof(kept->addresses));
    kept->n = lookup->n;
    kept->until_ms = clock_mono_ms() + life_ms;
}

/* Asks the next server; over when all have been asked ROUNDS times. */
static void
ask(struct lookup *lookup, struct question *q)
{
    const struct system_names *names = lookup->resolver->names;
    uint8_t query[DNS_QUERY_MAX];

    fd_close(&q->fd);
    while (q->asked < names->server_count * ROUNDS) {
        const struct system_server *server = &names->servers[q->asked++ % names->server_count];
        random_bytes(&q->id, sizeof(q->id));
        size_t len = dns_write_query(&(struct dns_question){q->id, q->type, lookup->host}, query);
        if (len == 0)
            break;
        q->fd = socket(server->address.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        if (q->fd >= 0 &&
            connect(q->fd, (const struct sockaddr *)&server->address, server->len) == 0 &&
            send(q->fd, query, len, MSG_NOSIGNAL) == (ssize_t)len) {
            q->due_ms = clock_mono_ms() + answer_ms;
            return;
        }
        fd_close(&q->fd);
    }
    q->over = true;
}

static void
hear(struct lookup *lookup, struct question *q)
{
    uint8_t bytes[DNS_ANSWER_MAX];
    const struct dns_question question = {q->id, q->type, lookup->host};
    ssize_t len;

    while (!q->over && q->fd >= 0 && (len = recv(q->fd, bytes, sizeof(bytes), 0)) >= 0) {
        enum dns_verdict verdict = dns_read_answer(&question, (struct span){bytes, (size_t)len},
                                                   q->addresses, &q->n, &q->ttl_s);
        if (verdict == DNS_FOUND) {
            q->over = q->answered = true;
            fd_close(&q->fd);
        } else if (verdict == DNS_TROUBLE) {
            q->answered = true;
            ask(lookup, q);
        }
    }
    if (!q->over && q->fd >= 0 && errno != EAGAIN && errno != EINTR)
        ask(lookup, q); /* nobody listens at that port */
}

static void
finish(struct lookup *lookup)
{
    bool answered = false;

    lookup->over = true;
    for (size_t i = 0; i < LOOKUP_FDS_MAX; i++) {
        const struct question *q = &lookup->questions[i];
        answered = answered || q->answered;
        for (size_t k = 0; k < q->n; k++)
            add(lookup, &q->addresses[k]);
    }
    lookup->resolver->failures = answered ? 0 : lookup->resolver->failures + 1;
    keep(lookup);
}

enum err_code
lookup_open(struct resolver *resolver, const char *host, struct lookup **ret, struct err *err)
{
    static const uint16_t types[LOOKUP_FDS_MAX] = {DNS_TYPE_A, DNS_TYPE_AAAA};
    struct lookup *lookup = calloc(1, sizeof(*lookup));

    if (lookup == NULL || strlen(host) >= sizeof(lookup->host)) {
        free(lookup);
        return err_set(err, ERR_MEMORY, "no memory for a look-up");
    }
    lookup->resolver = resolver;
    memcpy(lookup->host, host, strlen(host) + 1);
    for (size_t i = 0; i < LOOKUP_FDS_MAX; i++)
        lookup->questions[i] = (struct question){.type = types[i], .fd = -1};
    lookup->over = find_local(lookup) || find_kept(lookup);
    for (size_t i = 0; !lookup->over && i < LOOKUP_FDS_MAX; i++)
        ask(lookup, &lookup->questions[i]);
    *ret = lookup;
    return ERR_OK;
}

void
lookup_close(struct lookup **lookup)
{
    if (*lookup == NULL)
        return;
    for (size_t i = 0; i < LOOKUP_FDS_MAX; i++)
        fd_close(&(*lookup)->questions[i].fd);
    free(*lookup);
    *lookup = NULL;
}

bool
lookup_step(struct lookup *lookup)
{
    bool over = true;

    if (lookup->over)
        return true;
    for (size_t i = 0; i < LOOKUP_FDS_MAX; i++) {
        struct question *q = &lookup->questions[i];
        if (!q->over)
            hear(lookup, q);
        if (!q->over && clock_mono_ms() >= q->due_ms)
            ask(lookup, q);
        over = over && q->over;
    }
    if (over)
        finish(lookup);
    return over;
}

void
lookup_fds(const struct lookup *lookup, int ret_fds[LOOKUP_FDS_MAX])
{
    for (size_t i = 0; i < LOOKUP_FDS_MAX; i++)
        ret_fds[i] = lookup->questions[i].over ? -1 : lookup->questions[i].fd;
}

int64_t
lookup_due_ms(const struct lookup *lookup)
{
    int64_t due = INT64_MAX;

    if (lookup->over)
        return 0;
    for (size_t i = 0; i < LOOKUP_FDS_MAX; i++) {
        const struct question *q = &lookup->questions[i];
        if (!q->over && q->due_ms < due)
            due = q->due_ms;
    }
    return due;
}

size_t
lookup_addresses(const struct lookup *lookup, const struct netaddr **ret)
{
    *ret = lookup->addresses;
    return lookup->n;
}
