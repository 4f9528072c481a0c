/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/outward_internal.h"

#include "base/fdio.h"
#include "base/log.h"
#include "base/thread.h"
#include "jobs/idempotency.h"
#include "wire/channel.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { ARENA_BYTES = 8 << 20, PURGES_A_TIME = 10 };

/* Looking at what is under way without being woken. */
static const int64_t idle_ms = 1000;
static const int64_t purge_ms = 600000;
/* A courier that starts with its runner has greeted by then. */
static const int64_t greet_ms = 500;
/* Most that the end waits for deliveries. */
static const int64_t stop_ms = 10000;

void
outward_note_error(const char *what, const struct err *why)
{
    char quoted[LOG_QUOTE_SIZE];

    log_line(LOG_ERROR, what, "error=%s", log_quote(quoted, why->msg));
}

bool
outward_transact(struct outward *o, db_work work, void *arg, const char *what)
{
    struct err err;
    enum err_code rc = db_transact(o->db, work, arg, &err);

    if (rc != ERR_OK && rc != ERR_NOT_FOUND && rc != ERR_STALE)
        outward_note_error(what, &err);
    if (db_is_dead(o->db))
        atomic_store(&o->dead, true);
    return rc == ERR_OK;
}

void
outward_report(struct errand *errand, enum wire_end end, const char *text)
{
    errand->state = ERRAND_REPORTED;
    errand->outcome = (struct wire_outcome){.id = errand->id, .end = end};
    (void)memccpy(errand->outcome.text, text, '\0', sizeof(errand->outcome.text) - 1);
    fd_close(&errand->pipe_fd);
}

size_t
outward_count(const struct outward *o, enum wire_errand_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < ERRANDS_MAX; i++)
        n += o->errands[i].state != ERRAND_FREE && o->errands[i].kind == kind;
    return n;
}

void
outward_cancel(struct outward *o, uint64_t id)
{
    struct buf frame;
    struct err err;

    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_cancel(&frame, id);
    (void)!channel_send(o->config.channel_fd, &frame, NULL, 0, &err); /* it ends by itself, too */
    buf_fini(&frame);
}

/* --- the loop --- */

static void
lose_all(struct outward *o, const char *text)
{
    for (size_t i = 0; i < ERRANDS_MAX; i++)
        if (o->errands[i].state == ERRAND_UNDER_WAY)
            outward_report(&o->errands[i], END_OURS, text);
    asking_lose(o->config.asking, text);
}

static void
take_outcome(struct outward *o, struct span payload)
{
    struct wire_outcome outcome;
    struct err err;

    if (wire_take_outcome(payload, &outcome, &err) != ERR_OK) {
        outward_note_error("the courier broke the protocol", &err);
        return;
    }
    asking_outcome(o->config.asking, &outcome);
    for (size_t i = 0; i < ERRANDS_MAX; i++) {
        struct errand *errand = &o->errands[i];
        if (errand->state == ERRAND_UNDER_WAY && errand->id == outcome.id) {
            errand->outcome = outcome;
            errand->state = ERRAND_REPORTED;
        }
    }
}

static void
take_messages(struct outward *o)
{
    struct channel_message message;
    enum channel_state state = CHANNEL_MESSAGE;
    struct err err;

    while (channel_receive(o->config.channel_fd, &message, &state, &err) == ERR_OK &&
           state == CHANNEL_MESSAGE) {
        if (message.header.type == WIRE_OUTCOME)
            take_outcome(o, message.payload);
        else if (message.header.type == WIRE_HELLO) {
            lose_all(o, "the courier was started anew");
            o->greeted = true;
        }
        channel_close_fds(&message);
    }
}

static void
take_documents(struct outward *o)
{
    int64_t now = clock_mono_ms();

    for (size_t i = 0; i < ERRANDS_MAX; i++) {
        struct errand *errand = &o->errands[i];
        if (errand->state == ERRAND_FREE)
            continue;
        if (errand->pipe_fd >= 0 && errand->state != ERRAND_KEEPING)
            errand_read(errand, o->config.store, o->config.document_bytes);
        if (errand->state == ERRAND_UNDER_WAY && errand->broken.code != ERR_OK) {
            outward_cancel(o, errand->id);
            outward_report(errand, END_OURS, errand->broken.msg);
        } else if (errand->state == ERRAND_UNDER_WAY && now >= errand->deadline_ms) {
            outward_report(errand, END_OURS, "the courier did not answer in time");
        }
        if (errand->kind == ERRAND_FETCH && errand_is_complete(errand))
            outward_keep_document(o, i);
        if (errand->kind == ERRAND_FETCH && outward_has_kept(o, i))
            outward_file_document(o, errand);
    }
}

struct purge {
    bool more;
};

static enum err_code
do_purge(struct db *db, void *arg, struct err *err)
{
    struct purge *purge = arg;
    int64_t now_ms = clock_utc_ms();
    enum err_code rc = hooks_purge(db, now_ms, &purge->more, err);

    return rc != ERR_OK ? rc : idempotency_purge(db, now_ms, err);
}

static void
purge_old(struct outward *o)
{
    struct purge purge = {.more = true};

    if (clock_mono_ms() < o->purge_due_ms)
        return;
    for (int i = 0; i < PURGES_A_TIME && purge.more; i++)
        if (!outward_transact(o, do_purge, &purge, "old events could not be removed"))
            break;
    o->purge_due_ms = clock_mono_ms() + purge_ms;
}

/* Both start together, and a greeting ends all errands that were sent before it: one sent too early
 * would be done twice. A courier that was there before its runner does not greet again. */
static bool
may_send(const struct outward *o)
{
    return o->greeted || clock_mono_ms() >= o->greet_due_ms;
}

static void
wait_for_something(struct outward *o)
{
    struct pollfd fds[2 + FETCHES_MAX];
    nfds_t n = 0;
    uint64_t wakes;
    int64_t due = o->fetch_due_ms < o->hook_due_ms ? o->fetch_due_ms : o->hook_due_ms;
    int64_t left = (may_send(o) ? due : o->greet_due_ms) - clock_mono_ms();

    fds[n++] = (struct pollfd){.fd = o->wake_fd, .events = POLLIN};
    fds[n++] = (struct pollfd){.fd = o->config.channel_fd, .events = POLLIN};
    for (size_t i = 0; i < FETCHES_MAX; i++)
        if (o->errands[i].pipe_fd >= 0)
            fds[n++] = (struct pollfd){.fd = o->errands[i].pipe_fd, .events = POLLIN};
    left = left > idle_ms ? idle_ms : left < 1 ? 1 : left;
    if (poll(fds, n, (int)left) > 0 && fds[0].revents != 0 &&
        read(o->wake_fd, &wakes, sizeof(wakes)) == (ssize_t)sizeof(wakes))
        o->fetch_due_ms = o->hook_due_ms = 0;
}

/* Documents go back at once; deliveries may still end. True when nothing is left to wait for. */
static bool
wind_up(struct outward *o)
{
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        struct errand *errand = &o->errands[i];
        if (errand->state == ERRAND_UNDER_WAY) {
            outward_cancel(o, errand->id);
            outward_report(errand, END_CANCELED, "the runner stops");
        }
        if (errand->state != ERRAND_FREE && errand_is_complete(errand))
            outward_keep_document(o, i);
        if (outward_has_kept(o, i))
            outward_file_document(o, errand);
    }
    return outward_count(o, ERRAND_DELIVERY) + outward_count(o, ERRAND_FETCH) == 0 ||
           clock_mono_ms() >= atomic_load(&o->stop_until_ms) || atomic_load(&o->dead);
}

static void *
run_thread(void *arg)
{
    struct outward *o = arg;
    const struct asking_way way = {o->config.channel_fd, o->self, &o->next_id};
    struct claim *claim = claim_new();

    while (claim != NULL) {
        take_messages(o);
        take_documents(o);
        outward_record_deliveries(o);
        if (may_send(o))
            asking_step(o->config.asking, &way);
        if (atomic_load(&o->stopping)) {
            if (wind_up(o))
                break;
        } else if (!atomic_load(&o->dead) && may_send(o)) {
            outward_extend_fetches(o);
            claim_fetches(o, claim);
            claim_hooks(o, claim);
            purge_old(o);
        }
        wait_for_something(o);
    }
    if (claim == NULL)
        atomic_store(&o->dead, true); /* no memory at the start: a new process may fare better */
    free(claim);
    return NULL;
}

static enum err_code
do_recover(struct db *db, void *arg, struct err *err)
{
    int64_t now_ms = clock_utc_ms();
    enum err_code rc = fetch_recover(db, now_ms, err);

    (void)arg;
    return rc != ERR_OK ? rc : hooks_recover(db, now_ms, err);
}

static enum err_code
open_parts(struct outward *o, struct err *err)
{
    enum err_code rc = seal_key_load(o->config.webhook_key, &o->key, err);

    o->greet_due_ms = clock_mono_ms() + greet_ms;
    o->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (rc == ERR_OK && o->wake_fd < 0)
        rc = err_sys(err, "eventfd");
    if (rc == ERR_OK && (o->arena = arena_new(ARENA_BYTES)) == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory for errands");
    if (rc == ERR_OK)
        rc = db_open(o->config.db_place, &o->db, err);
    for (size_t i = 0; rc == ERR_OK && store_is_remote(o->config.store) && i < FETCHES_MAX; i++)
        rc = berth_open(o->wake_fd, &o->berths[i], err);
    if (rc == ERR_OK && o->config.sole)
        rc = db_transact(o->db, do_recover, NULL, err);
    if (rc == ERR_OK)
        asking_attach(o->config.asking, o->wake_fd);
    return rc;
}

enum err_code
outward_open(const struct outward_config *config, struct outward **ret, struct err *err)
{
    struct outward *o = calloc(1, sizeof(*o));

    if (o == NULL)
        return err_set(err, ERR_MEMORY, "no memory for errands");
    o->config = *config;
    o->wake_fd = -1;
    random_bytes(&o->self, sizeof(o->self));
    random_bytes(&o->next_id, sizeof(o->next_id)); /* what an earlier runner asked is not ours */
    for (size_t i = 0; i < ERRANDS_MAX; i++)
        o->errands[i].pipe_fd = -1;
    enum err_code rc = open_parts(o, err);
    int number = rc == ERR_OK ? thread_start(&o->thread, run_thread, o) : 0;
    if (number != 0)
        rc = err_set(err, ERR_SYSTEM, "no thread for errands: error %d", number);
    o->started = rc == ERR_OK;
    if (rc != ERR_OK)
        outward_close(&o);
    else
        *ret = o;
    return rc;
}

void
outward_wake(struct outward *outward)
{
    int number = errno;
    uint64_t one = 1;

    if (outward != NULL)
        (void)!write(outward->wake_fd, &one, sizeof(one));
    errno = number;
}

bool
outward_is_dead(const struct outward *outward)
{
    return outward != NULL && atomic_load(&outward->dead);
}

void
outward_stop(struct outward *outward, int64_t until_ms)
{
    int64_t most = clock_mono_ms() + stop_ms;

    if (outward == NULL)
        return;
    atomic_store(&outward->stop_until_ms, until_ms < most ? until_ms : most);
    atomic_store(&outward->stopping, true);
    outward_wake(outward);
}

void
outward_close(struct outward **outward)
{
    struct outward *o = *outward;

    if (o == NULL)
        return;
    if (o->started && !atomic_load(&o->stopping))
        outward_stop(o, 0);
    if (o->started)
        (void)pthread_join(o->thread, NULL);
    for (size_t i = 0; i < FETCHES_MAX; i++)
        berth_close(&o->berths[i]);
    for (size_t i = 0; i < ERRANDS_MAX; i++)
        errand_clear(&o->errands[i]);
    hash_wipe(&o->key, sizeof(o->key));
    db_close(&o->db);
    arena_drop(&o->arena);
    fd_close(&o->wake_fd);
    free(o);
    *outward = NULL;
}
