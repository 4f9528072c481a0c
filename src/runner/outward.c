/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/outward.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/log.h"
#include "jobs/idempotency.h"
#include "runner/batch.h"
#include "runner/errand.h"
#include "runner/hosts.h"
#include "runner/news.h"
#include "store/store.h"
#include "wire/channel.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum {
    FETCHES_MAX = 8,
    DELIVERIES_MAX = 64,
    ERRANDS_MAX = FETCHES_MAX + DELIVERIES_MAX,
    TROUBLED_MAX = 24, /* deliveries to receivers that fail: slow ones, most likely */
    HOOK_AT_ONCE = 4,  /* of one subscription */
    ARENA_BYTES = 8 << 20,
    PURGES_A_TIME = 10
};

/* A document's lease is short and extended; a delivery's covers all of it. */
static const int64_t fetch_lease_ms = 60000;
static const int64_t patience_ms = 15000; /* beyond an errand's own time: the courier is gone */
static const int64_t idle_ms = 1000;      /* looking for work without being woken */
static const int64_t held_ms = 250;       /* a subscription that has enough under way waits */
static const int64_t purge_ms = 600000;
static const int64_t stop_ms = 10000; /* most that the end waits for deliveries */

struct outward {
    struct outward_config config;
    struct db *db;
    struct arena *arena;
    struct seal_key key;
    pthread_t thread;
    bool started;
    int wake_fd;
    atomic_bool dead;
    atomic_bool stopping;
    _Atomic int64_t stop_until_ms;
    uint64_t self, next_id; /* of this incarnation */
    struct errand errands[ERRANDS_MAX];
    struct hosts hosts;
    int64_t fetch_due_ms, hook_due_ms, purge_due_ms; /* monotonic */
};

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

static void
note_error(const char *what, const struct err *why)
{
    char quoted[LOG_QUOTE_SIZE];

    log_line(LOG_ERROR, what, "error=%s", log_quote(quoted, why->msg));
}

static bool
transact(struct outward *o, db_work work, void *arg, const char *what)
{
    struct err err;
    enum err_code rc = db_transact(o->db, work, arg, &err);

    if (rc != ERR_OK && rc != ERR_NOT_FOUND && rc != ERR_STALE)
        note_error(what, &err);
    if (db_is_dead(o->db))
        atomic_store(&o->dead, true);
    return rc == ERR_OK;
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
        errand->deadline_ms = clock_mono_ms() + message->time_ms + patience_ms;
    }
    return rc;
}

static void
report(struct errand *errand, enum wire_end end, const char *text)
{
    errand->state = ERRAND_REPORTED;
    errand->outcome = (struct wire_outcome){.id = errand->id, .end = end};
    (void)memccpy(errand->outcome.text, text, '\0', sizeof(errand->outcome.text) - 1);
    fd_close(&errand->pipe_fd);
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
    errand->extend_due_ms = clock_mono_ms() + fetch_lease_ms / 3;
    (void)memccpy(message.url, fetch->url, '\0', sizeof(message.url) - 1);
    enum err_code rc = pipe2(fds, O_CLOEXEC | O_NONBLOCK) != 0
                           ? err_sys(&err, "pipe of a document")
                           : send_errand(o, errand, &message, fds[1], &err);
    fd_close(&fds[1]);
    errand->pipe_fd = fds[0];
    if (rc != ERR_OK) {
        errand->kind = ERRAND_FETCH;
        report(errand, END_OURS, err.msg);
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
    errand_sign(sending, clock_utc_ms() / 1000, &message);
    enum err_code rc = errand_body(sending->payload, &fd, &err);
    if (rc == ERR_OK)
        rc = send_errand(o, errand, &message, fd, &err);
    fd_close(&fd);
    if (rc != ERR_OK) {
        errand->kind = ERRAND_DELIVERY;
        report(errand, END_OURS, err.msg);
    }
}

/* --- claims --- */

static int64_t
mono_of(int64_t utc_ms)
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

static size_t
count(const struct outward *o, enum wire_errand_kind kind)
{
    size_t n = 0;

    for (size_t i = 0; i < ERRANDS_MAX; i++)
        n += o->errands[i].state != ERRAND_FREE && o->errands[i].kind == kind;
    return n;
}

static void
claim_fetches(struct outward *o, struct claim *claim)
{
    *claim = (struct claim){.o = o, .room = FETCHES_MAX - count(o, ERRAND_FETCH)};
    if (claim->room == 0 || clock_mono_ms() < o->fetch_due_ms)
        return;
    arena_reset(o->arena);
    bool got = transact(o, do_claim_fetches, claim, "documents to fetch could not be claimed");
    for (size_t i = 0; got && i < claim->n; i++)
        begin_fetch(o, &claim->fetches[i]);
    o->fetch_due_ms = got && claim->n == claim->room ? clock_mono_ms() : mono_of(claim->next_ms);
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

static void
claim_hooks(struct outward *o, struct claim *claim)
{
    *claim = (struct claim){.o = o, .room = DELIVERIES_MAX - count(o, ERRAND_DELIVERY)};
    if (claim->room == 0 || clock_mono_ms() < o->hook_due_ms)
        return;
    arena_reset(o->arena);
    bool got = transact(o, do_claim_hooks, claim, "deliveries could not be claimed");
    for (size_t i = 0; got && i < claim->n; i++)
        begin_delivery(o, claim, i);
    hash_wipe(claim->sendings, sizeof(claim->sendings));
    o->hook_due_ms = mono_of(got ? claim->next_ms : 0);
}

/* --- documents that have come, or not --- */

struct filing {
    const struct errand *errand;
    const struct err *why;
    const struct store_written *object;
};

static enum err_code
do_file(struct db *db, void *arg, struct err *err)
{
    const struct filing *filing = arg;
    const struct fetch *fetch = &filing->errand->fetch;
    int64_t now_ms = clock_utc_ms();

    if (filing->object != NULL)
        return fetch_done(db, fetch, filing->object->id, filing->object->size, now_ms, err);
    if (filing->why->code == ERR_UNAVAILABLE && filing->errand->outcome.end == END_CANCELED)
        return fetch_release(db, fetch, now_ms, err);
    return fetch_failed(db, fetch, filing->why, now_ms, err);
}

/* Durable, and as long as the courier says. */
static enum err_code
keep_document(struct errand *errand, struct store_written *ret, struct err *err)
{
    if (errand->broken.code != ERR_OK)
        return err_set(err, errand->broken.code, "%s", errand->broken.msg);
    errand_judge(&errand->outcome, err);
    if (err->code != ERR_OK)
        return err->code;
    if (errand->sink == NULL)
        return err_set(err, ERR_FORMAT, "the URL's document is empty");
    enum err_code rc = sink_commit(&errand->sink, ret, err);
    if (rc == ERR_OK && ret->size != errand->outcome.bytes)
        rc = err_set(err, ERR_FETCH, "a part of the document was lost on its way");
    return rc;
}

static void
wake_runner(const struct outward *o)
{
    const uint64_t one = 1;

    if (o->config.wake_fd >= 0)
        (void)!write(o->config.wake_fd, &one, sizeof(one));
}

static void
file_document(struct outward *o, struct errand *errand)
{
    struct store_written object = {.size = 0};
    struct err why = {0}, err;
    char quoted[LOG_QUOTE_SIZE];
    enum err_code rc = keep_document(errand, &object, &why);
    struct filing filing = {errand, &why, rc == ERR_OK ? &object : NULL};

    rc = db_transact(o->db, do_file, &filing, &err);
    /* The collector finds it where the commit is in doubt. */
    if (object.id[0] != '\0' && (rc == ERR_STALE || (rc == ERR_OK && filing.object == NULL)))
        batch_discard_object(o->config.store, object.id);
    if (rc != ERR_OK && rc != ERR_STALE)
        note_error("the end of a fetch could not be recorded", &err);
    if (db_is_dead(o->db))
        atomic_store(&o->dead, true);
    log_line(LOG_DEBUG, "document fetched", "job=%s attempt=%lld bytes=%llu reason=%s error=%s",
             errand->fetch.job_id, (long long)errand->fetch.attempt,
             (unsigned long long)object.size, err_reason(why.code), log_quote(quoted, why.msg));
    news_tell(o->config.news_fd, errand->fetch.job_id);
    wake_runner(o);
    errand_clear(errand);
}

struct extension {
    struct outward *o;
    bool lost[FETCHES_MAX];
};

static enum err_code
do_extend(struct db *db, void *arg, struct err *err)
{
    struct extension *extension = arg;
    struct outward *o = extension->o;
    enum err_code rc = ERR_OK;

    for (size_t i = 0; i < FETCHES_MAX; i++) {
        if (o->errands[i].state != ERRAND_UNDER_WAY)
            continue;
        rc = fetch_extend(db, &o->errands[i].fetch, clock_utc_ms(), fetch_lease_ms, err);
        extension->lost[i] = rc == ERR_STALE;
        if (rc != ERR_OK && rc != ERR_STALE)
            return rc;
    }
    return ERR_OK;
}

static void
send_cancel(struct outward *o, uint64_t id)
{
    struct buf frame;
    struct err err;

    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_cancel(&frame, id);
    (void)!channel_send(o->config.channel_fd, &frame, NULL, 0, &err); /* it ends by itself, too */
    buf_fini(&frame);
}

/* Documents of jobs that were cancelled or deleted are not waited for. */
static void
extend_fetches(struct outward *o)
{
    struct extension extension = {.o = o};
    int64_t now = clock_mono_ms(), due = INT64_MAX;

    for (size_t i = 0; i < FETCHES_MAX; i++)
        if (o->errands[i].state == ERRAND_UNDER_WAY && o->errands[i].extend_due_ms < due)
            due = o->errands[i].extend_due_ms;
    if (now < due || !transact(o, do_extend, &extension, "leases were not extended"))
        return;
    for (size_t i = 0; i < FETCHES_MAX; i++) {
        struct errand *errand = &o->errands[i];
        errand->extend_due_ms = now + fetch_lease_ms / 30;
        if (!extension.lost[i] || errand->state != ERRAND_UNDER_WAY)
            continue;
        send_cancel(o, errand->id);
        report(errand, END_CANCELED, "canceled");
    }
}

/* --- deliveries that have ended --- */

static enum err_code
do_reports(struct db *db, void *arg, struct err *err)
{
    struct outward *o = arg;
    enum err_code rc = ERR_OK;

    for (size_t i = FETCHES_MAX; rc == ERR_OK && i < ERRANDS_MAX; i++) {
        const struct errand *errand = &o->errands[i];
        struct err why = {0};
        bool disabled = false;
        if (errand->state != ERRAND_REPORTED)
            continue;
        errand_judge(&errand->outcome, &why);
        const struct hook_report told = {.http_status = errand->outcome.http_status,
                                         .failure = why.code != ERR_OK ? &why : NULL};
        rc = hooks_report(db, &errand->sending, &told, clock_utc_ms(), &disabled, err);
        if (rc == ERR_OK && disabled)
            log_line(LOG_WARN, "webhook disabled after days of failures", "webhook=%s",
                     errand->sending.hook_id);
    }
    return rc;
}

static void
record_deliveries(struct outward *o)
{
    size_t ended = 0;

    for (size_t i = FETCHES_MAX; i < ERRANDS_MAX; i++)
        ended += o->errands[i].state == ERRAND_REPORTED;
    if (ended == 0)
        return;
    /* What cannot be recorded is sent again when its lease is over. */
    (void)transact(o, do_reports, o, "ends of deliveries could not be recorded");
    for (size_t i = FETCHES_MAX; i < ERRANDS_MAX; i++)
        if (o->errands[i].state == ERRAND_REPORTED)
            errand_clear(&o->errands[i]);
    o->hook_due_ms = 0;
}

/* --- the loop --- */

static void
lose_all(struct outward *o, const char *text)
{
    for (size_t i = 0; i < ERRANDS_MAX; i++)
        if (o->errands[i].state == ERRAND_UNDER_WAY)
            report(&o->errands[i], END_OURS, text);
}

static void
take_outcome(struct outward *o, struct span payload)
{
    struct wire_outcome outcome;
    struct err err;

    if (wire_take_outcome(payload, &outcome, &err) != ERR_OK) {
        note_error("the courier broke the protocol", &err);
        return;
    }
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
        else if (message.header.type == WIRE_HELLO)
            lose_all(o, "the courier was started anew");
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
        if (errand->pipe_fd >= 0)
            errand_read(errand, o->config.store, o->config.document_bytes);
        if (errand->state == ERRAND_UNDER_WAY && errand->broken.code != ERR_OK) {
            send_cancel(o, errand->id);
            report(errand, END_OURS, errand->broken.msg);
        } else if (errand->state == ERRAND_UNDER_WAY && now >= errand->deadline_ms) {
            report(errand, END_OURS, "the courier did not answer in time");
        }
        if (errand->kind == ERRAND_FETCH && errand_is_complete(errand))
            file_document(o, errand);
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
        if (!transact(o, do_purge, &purge, "old events could not be removed"))
            break;
    o->purge_due_ms = clock_mono_ms() + purge_ms;
}

static void
wait_for_something(struct outward *o)
{
    struct pollfd fds[2 + FETCHES_MAX];
    nfds_t n = 0;
    uint64_t wakes;
    int64_t due = o->fetch_due_ms < o->hook_due_ms ? o->fetch_due_ms : o->hook_due_ms;
    int64_t left = due - clock_mono_ms();

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
            send_cancel(o, errand->id);
            report(errand, END_CANCELED, "the runner stops");
        }
        if (errand->state == ERRAND_REPORTED)
            file_document(o, errand);
    }
    return count(o, ERRAND_DELIVERY) == 0 || clock_mono_ms() >= atomic_load(&o->stop_until_ms) ||
           atomic_load(&o->dead);
}

static void *
run_thread(void *arg)
{
    struct outward *o = arg;
    struct claim *claim = calloc(1, sizeof(*claim)); /* too large for a stack that is shared out */

    while (claim != NULL) {
        take_messages(o);
        take_documents(o);
        record_deliveries(o);
        if (atomic_load(&o->stopping)) {
            if (wind_up(o))
                break;
        } else if (!atomic_load(&o->dead)) {
            extend_fetches(o);
            claim_fetches(o, claim);
            claim_hooks(o, claim);
            purge_old(o);
        }
        wait_for_something(o);
    }
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

    o->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (rc == ERR_OK && o->wake_fd < 0)
        rc = err_sys(err, "eventfd");
    if (rc == ERR_OK && (o->arena = arena_new(ARENA_BYTES)) == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory for errands");
    if (rc == ERR_OK)
        rc = db_open(o->config.db_place, &o->db, err);
    if (rc == ERR_OK && o->config.sole)
        rc = db_transact(o->db, do_recover, NULL, err);
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
    int number = rc == ERR_OK ? pthread_create(&o->thread, NULL, run_thread, o) : 0;
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
    for (size_t i = 0; i < ERRANDS_MAX; i++)
        errand_clear(&o->errands[i]);
    hash_wipe(&o->key, sizeof(o->key));
    db_close(&o->db);
    arena_drop(&o->arena);
    fd_close(&o->wake_fd);
    free(o);
    *outward = NULL;
}
