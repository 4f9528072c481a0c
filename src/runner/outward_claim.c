/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/outward_internal.h"

#include "base/fdio.h"
#include "wire/channel.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A subscription that has enough under way waits. */
static const int64_t held_ms = 250;
/* Looking for work without being woken. */
static const int64_t idle_ms = 1000;

/* What one transaction claims. */
struct claim {
    struct outward *o;
    size_t room;
    struct fetch fetches[FETCHES_MAX];
    struct hook_sending sendings[DELIVERIES_MAX];
    uint64_t hosts[DELIVERIES_MAX];
    bool troubled[DELIVERIES_MAX];
    size_t n;
    int64_t next_ms; /* UTC; 0: nothing waits */
};

struct claim *
claim_new(void)
{
    return calloc(1, sizeof(struct claim));
}

/* --- giving an errand to the courier --- */

static struct errand *
free_errand(struct outward *o, enum wire_errand_kind kind)
{
    size_t first = kind == ERRAND_FETCH ? 0 : FETCHES_MAX;
    size_t end = kind == ERRAND_FETCH ? FETCHES_MAX : ERRANDS_MAX;

    for (size_t i = first; i < end; i++)
        if (o->errands[i].state == ERRAND_FREE)
            return &o->errands[i];
    return NULL;
}

static enum err_code
send_errand(struct outward *o, struct errand *errand, struct wire_errand *message, int fd,
            struct err *err)
{
    struct buf frame;

    message->runner = o->self;
    message->id = errand->id = o->next_id++;
    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_errand(&frame, message);
    enum err_code rc = channel_send(o->config.channel_fd, &frame, &fd, 1, err);
    buf_fini(&frame);
    if (rc == ERR_OK) {
        errand->state = ERRAND_UNDER_WAY;
        errand->kind = message->kind;
        errand->begun_us = clock_mono_us();
        errand->deadline_ms = clock_mono_ms() + message->time_ms + patience_ms;
    }
    return rc;
}

static void
begin_fetch(struct outward *o, const struct fetch *fetch)
{
    struct errand *errand = free_errand(o, ERRAND_FETCH);
    struct wire_errand message = {
        .kind = ERRAND_FETCH, .time_ms = o->config.fetch_ms, .bytes_max = o->config.document_bytes};
    int fds[2] = {-1, -1};
    struct err err;

    errand->fetch = *fetch;
    errand->fetch.url = NULL; /* goes with the arena */
    errand->extend_due_ms = clock_mono_ms() + fetch_lease_ms / 10;
    (void)memccpy(message.url, fetch->url, '\0', sizeof(message.url) - 1);
    memcpy(message.trace, fetch->trace, sizeof(message.trace));
    enum err_code rc = pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0
                           ? err_sys(&err, "pipe of a document")
                           : send_errand(o, errand, &message, fds[1], &err);
    fd_close(&fds[1]);
    errand->pipe_fd = fds[0];
    if (rc != ERR_OK) {
        errand->kind = ERRAND_FETCH;
        outward_report(errand, END_OURS, err.msg);
    }
}

static void
begin_delivery(struct outward *o, const struct claim *claim, size_t i)
{
    const struct hook_sending *sending = &claim->sendings[i];
    struct errand *errand = free_errand(o, ERRAND_DELIVERY);
    struct wire_errand message = {.kind = ERRAND_DELIVERY, .time_ms = o->config.delivery_ms};
    struct err err;
    int fd = -1;

    errand->sending = *sending;
    errand->sending.url = errand->sending.payload = NULL; /* go with the arena */
    errand->host = claim->hosts[i];
    errand->troubled = claim->troubled[i];
    errand->pipe_fd = -1;
    (void)memccpy(message.url, sending->url, '\0', sizeof(message.url) - 1);
    memcpy(message.trace, sending->trace, sizeof(message.trace));
    errand_sign(sending, clock_utc_ms() / 1000, &message);
    enum err_code rc = errand_body(sending->payload, &fd, &err);
    if (rc == ERR_OK)
        rc = send_errand(o, errand, &message, fd, &err);
    fd_close(&fd);
    if (rc != ERR_OK) {
        errand->kind = ERRAND_DELIVERY;
        outward_report(errand, END_OURS, err.msg);
    }
}

/* --- claims --- */

int64_t
outward_look_again(int64_t utc_ms)
{
    int64_t wait = utc_ms == 0 ? idle_ms : utc_ms - clock_utc_ms();

    return clock_mono_ms() + (wait < 1 ? 1 : wait > idle_ms ? idle_ms : wait);
}

static enum err_code
do_claim_fetches(struct db *db, void *arg, struct err *err)
{
    struct claim *claim = arg;

    return fetch_claim(claim->o->arena, db, clock_utc_ms(), fetch_lease_ms, claim->fetches,
                       claim->room, &claim->n, &claim->next_ms, err);
}

void
claim_fetches(struct outward *o, struct claim *claim)
{
    *claim = (struct claim){.o = o, .room = FETCHES_MAX - outward_count(o, ERRAND_FETCH)};
    if (claim->room == 0 || clock_mono_ms() < o->fetch_due_ms)
        return;
    arena_reset(o->arena);
    bool got =
        outward_transact(o, do_claim_fetches, claim, "documents to fetch could not be claimed");
    for (size_t i = 0; got && i < claim->n; i++)
        begin_fetch(o, &claim->fetches[i]);
    o->fetch_due_ms =
        got && claim->n == claim->room ? clock_mono_ms() : outward_look_again(claim->next_ms);
}

/* How much of a subscription may be begun now. */
static size_t
room_for(struct outward *o, const struct claim *claim, const struct hook_due *due)
{
    size_t hook = 0, host = 0, troubled = 0;
    size_t most = due->failure_count > 0 ? 1 : HOOK_AT_ONCE;

    for (size_t i = FETCHES_MAX; i < ERRANDS_MAX; i++) {
        const struct errand *errand = &o->errands[i];
        if (errand->state == ERRAND_FREE)
            continue;
        hook += strcmp(errand->sending.hook_id, due->id) == 0;
        host += errand->host == due->host;
        troubled += errand->troubled;
    }
    for (size_t i = 0; i < claim->n; i++) {
        host += claim->hosts[i] == due->host;
        troubled += claim->troubled[i];
    }
    if (hook >= most || host >= HOSTS_AT_ONCE ||
        (due->failure_count > 0 && troubled >= TROUBLED_MAX))
        return 0;
    size_t room = most - hook;
    room = room < HOSTS_AT_ONCE - host ? room : HOSTS_AT_ONCE - host;
    room = room < claim->room - claim->n ? room : claim->room - claim->n;
    return hosts_take(&o->hosts, due->host, room, clock_mono_ms());
}

static enum err_code
claim_of(struct db *db, struct claim *claim, const struct hook_due *due, int64_t now_ms,
         struct err *err)
{
    struct outward *o = claim->o;
    size_t n = 0, room = room_for(o, claim, due);

    if (room == 0)
        return hooks_hold(db, due->id, now_ms + held_ms, err);
    enum err_code rc =
        hooks_claim(o->arena, db, &o->key, due->id, now_ms, o->config.delivery_ms + 2 * patience_ms,
                    claim->sendings + claim->n, room, &n, err);
    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        claim->hosts[claim->n] = due->host;
        claim->troubled[claim->n++] = due->failure_count > 0;
    }
    return rc;
}

static enum err_code
do_claim_hooks(struct db *db, void *arg, struct err *err)
{
    struct claim *claim = arg;
    struct hook_due due[DELIVERIES_MAX];
    int64_t now_ms = clock_utc_ms();
    size_t n = 0;
    enum err_code rc =
        hooks_due(db, now_ms, hosts_number, due, ARRAY_LEN(due), &n, &claim->next_ms, err);

    for (size_t i = 0; rc == ERR_OK && i < n && claim->n < claim->room; i++)
        rc = claim_of(db, claim, &due[i], now_ms, err);
    if (rc == ERR_OK && n > 0) /* what was held, or has more */
        claim->next_ms = now_ms + 1;
    return rc;
}

void
claim_hooks(struct outward *o, struct claim *claim)
{
    *claim = (struct claim){.o = o, .room = DELIVERIES_MAX - outward_count(o, ERRAND_DELIVERY)};
    if (claim->room == 0 || clock_mono_ms() < o->hook_due_ms)
        return;
    arena_reset(o->arena);
    bool got = outward_transact(o, do_claim_hooks, claim, "deliveries could not be claimed");
    for (size_t i = 0; got && i < claim->n; i++)
        begin_delivery(o, claim, i);
    hash_wipe(claim->sendings, sizeof(claim->sendings));
    o->hook_due_ms = outward_look_again(got ? claim->next_ms : 0);
}
