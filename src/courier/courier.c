/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "courier/courier.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/meter.h"
#include "base/random.h"
#include "courier/transfer.h"
#include "sandbox/sandbox.h"
#include "wire/channel.h"

#include <curl/curl.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { TRANSFERS_MAX = 160, WAITFDS_MAX = 2 + LOOKUP_FDS_MAX * TRANSFERS_MAX };

/* Connections that are kept open for the next delivery to the same receiver. */
static const long idle_connections_max = 64;

/* Name servers that do not answer may have changed, which only a new process can read; not before
 * this one has lived a while, so that an outage is no storm of starts. */
enum { LOOKUP_FAILURES_MAX = 8 };
static const int64_t least_life_ms = 60000;

static const struct sandbox_limits limits = {.memory_bytes = MiB(512), .fd_max = 1024};

struct courier {
    struct courier_config config;
    struct system_names names;
    struct resolver *resolver;
    struct trust *trust;
    CURLM *multi;
    int stop_fd;
    uint64_t stops;
    int64_t born_ms;
    uint64_t runner; /* whose errands these are */
    struct transfer *transfers[TRANSFERS_MAX];
    size_t count;
    struct transfer_world world;
};

/* Without it https is refused, errand by errand, and http goes on. */
static void
find_trust(struct courier *c)
{
    char quoted[LOG_QUOTE_SIZE];
    struct err err;

    if (trust_open(&c->trust, &err) != ERR_OK)
        log_line(LOG_WARN, "https cannot be checked and is refused", "err=%s",
                 log_quote(quoted, err.msg));
    meter_set(METER_COURIER_TRUSTS, c->trust != NULL ? 2 : 1);
}

static enum err_code
open_parts(struct courier *c, struct err *err)
{
    c->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (c->stop_fd < 0)
        return err_sys(err, "eventfd");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (c->multi = curl_multi_init()) == NULL)
        return err_set(err, ERR_MEMORY, "libcurl does not start");
    (void)curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, idle_connections_max);
    enum err_code rc = system_names_open(c->config.name_server, &c->names, err);
    if (rc == ERR_OK)
        rc = system_own_addresses(&c->config.policy, err);
    if (rc == ERR_OK)
        rc = resolver_open(&c->names, &c->resolver, err);
    if (rc == ERR_OK)
        find_trust(c);
    return rc;
}

enum err_code
courier_open(const struct courier_config *config, struct courier **ret, struct err *err)
{
    struct courier *c = calloc(1, sizeof(*c));

    if (c == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a courier");
    c->config = *config;
    c->born_ms = clock_mono_ms();
    enum err_code rc = open_parts(c, err);
    if (rc != ERR_OK) {
        courier_close(&c);
        return rc;
    }
    c->world = (struct transfer_world){
        .multi = c->multi, .resolver = c->resolver, .trust = c->trust, .policy = &c->config.policy};
    *ret = c;
    return ERR_OK;
}

void
courier_close(struct courier **courier)
{
    struct courier *c = *courier;

    if (c == NULL)
        return;
    for (size_t i = 0; i < c->count; i++)
        transfer_close(&c->transfers[i]);
    if (c->multi != NULL)
        (void)curl_multi_cleanup(c->multi);
    trust_close(&c->trust);
    resolver_close(&c->resolver);
    system_names_close(&c->names);
    fd_close(&c->stop_fd);
    fd_close(&c->config.channel_fd);
    free(c);
    *courier = NULL;
}

void
courier_stop(struct courier *courier)
{
    int number = errno;
    uint64_t one = 1;
    ssize_t n = write(courier->stop_fd, &one, sizeof(one));

    (void)n; /* fails only when the counter is full of stops */
    errno = number;
}

/* --- messages --- */

static enum err_code
send_frame(struct courier *c, struct buf *frame, struct err *err)
{
    enum err_code rc = channel_send(c->config.channel_fd, frame, NULL, 0, err);

    buf_fini(frame);
    return rc;
}

/* False: the socket is full; it is tried again. */
static bool
send_outcome(struct courier *c, const struct wire_outcome *outcome)
{
    struct buf frame;
    struct err err;

    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_outcome(&frame, outcome);
    return send_frame(c, &frame, &err) == ERR_OK;
}

static void
refuse(struct courier *c, uint64_t id, const struct err *why)
{
    struct wire_outcome outcome = {.id = id, .end = END_OURS};

    (void)memccpy(outcome.text, why->msg, '\0', sizeof(outcome.text) - 1);
    (void)send_outcome(c, &outcome); /* lost: the runner's own time limit finds out */
}

/* A new runner does not wait for what the one before it had asked for. */
static void
know_runner(struct courier *c, uint64_t runner)
{
    if (runner == c->runner)
        return;
    for (size_t i = 0; i < c->count; i++)
        transfer_close(&c->transfers[i]);
    c->count = 0;
    c->runner = runner;
}

static void
take_errand(struct courier *c, struct channel_message *message)
{
    struct wire_errand errand;
    struct err err;
    int fd = message->fd_count > 0 ? message->fds[0] : -1;

    if (message->fd_count > 0)
        message->fds[0] = -1;
    enum err_code rc = wire_take_errand(message->payload, &errand, &err);
    if (rc != ERR_OK) {
        char text[LOG_QUOTE_SIZE];
        log_line(LOG_ERROR, "errand not understood", "err=%s", log_quote(text, err.msg));
        fd_close(&fd);
        return;
    }
    know_runner(c, errand.runner);
    if (c->count == TRANSFERS_MAX || c->stops > 0) {
        fd_close(&fd);
        (void)err_set(&err, ERR_UNAVAILABLE, "too much under way");
        refuse(c, errand.id, &err);
        return;
    }
    if (transfer_open(&c->world, &errand, fd, &c->transfers[c->count], &err) == ERR_OK)
        c->count++;
    else
        refuse(c, errand.id, &err);
}

static void
take_cancel(struct courier *c, struct span payload)
{
    struct err err;
    uint64_t id;

    if (wire_take_cancel(payload, &id, &err) != ERR_OK)
        return;
    for (size_t i = 0; i < c->count; i++)
        if (transfer_errand(c->transfers[i])->id == id)
            transfer_cancel(c->transfers[i]);
}

/* What was asked of the courier before this one: its runner asks again when it hears the greeting,
 * so that it would be done twice. */
static enum err_code
drop_messages(struct courier *c, struct err *err)
{
    struct channel_message message;
    enum channel_state state = CHANNEL_MESSAGE;
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && state == CHANNEL_MESSAGE) {
        rc = channel_receive(c->config.channel_fd, &message, &state, err);
        if (rc == ERR_OK && state == CHANNEL_MESSAGE)
            channel_close_fds(&message);
    }
    return rc;
}

static enum err_code
take_messages(struct courier *c, bool *ret_closed, struct err *err)
{
    struct channel_message message;
    enum channel_state state = CHANNEL_MESSAGE;
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && state == CHANNEL_MESSAGE) {
        rc = channel_receive(c->config.channel_fd, &message, &state, err);
        if (rc != ERR_OK || state != CHANNEL_MESSAGE)
            break;
        if (message.header.type == WIRE_ERRAND)
            take_errand(c, &message);
        else if (message.header.type == WIRE_CANCEL)
            take_cancel(c, message.payload);
        channel_close_fds(&message);
    }
    *ret_closed = state == CHANNEL_CLOSED;
    return rc;
}

/* --- the loop --- */

static void
take_ends(struct courier *c)
{
    const CURLMsg *message;
    int left;

    while ((message = curl_multi_info_read(c->multi, &left)) != NULL)
        if (message->msg == CURLMSG_DONE)
            transfer_ended(transfer_of(message->easy_handle), (int)message->data.result);
}

static void
note_end(const struct wire_errand *errand, const struct wire_outcome *outcome)
{
    static const char *const kinds[ERRAND_KIND_COUNT] = {"fetch", "delivery", "model"};
    char quoted[LOG_QUOTE_SIZE];

    log_line(LOG_DEBUG, "errand ended", "kind=%s%s%.32s end=%d status=%u err=%s",
             kinds[errand->kind], errand->trace[0] != '\0' ? " trace=" : "", errand->trace,
             (int)outcome->end, outcome->http_status, log_quote(quoted, outcome->text));
}

static void
step_all(struct courier *c)
{
    for (size_t i = 0; i < c->count;) {
        if (transfer_step(c->transfers[i]) && send_outcome(c, transfer_outcome(c->transfers[i]))) {
            note_end(transfer_errand(c->transfers[i]), transfer_outcome(c->transfers[i]));
            transfer_close(&c->transfers[i]);
            c->transfers[i] = c->transfers[--c->count];
        } else {
            i++;
        }
    }
}

static void
wait_for_something(struct courier *c)
{
    struct curl_waitfd fds[WAITFDS_MAX];
    unsigned n = 0;
    int64_t due = INT64_MAX;
    uint64_t stops;
    bool unsent = false;

    fds[n++] = (struct curl_waitfd){.fd = c->config.channel_fd, .events = CURL_WAIT_POLLIN};
    fds[n++] = (struct curl_waitfd){.fd = c->stop_fd, .events = CURL_WAIT_POLLIN};
    for (size_t i = 0; i < c->count; i++) {
        int64_t at = transfer_due_ms(c->transfers[i]);
        n += (unsigned)transfer_fds(c->transfers[i], fds + n);
        unsent = unsent || at == 0;
        due = at != 0 && at < due ? at : due;
    }
    int64_t left = due == INT64_MAX ? INT32_MAX : due - clock_mono_ms();
    left = unsent && left > 50 ? 50 : left;
    (void)curl_multi_poll(c->multi, fds, n, left < 0 ? 0 : left > 60000 ? 60000 : (int)left, NULL);
    if (read(c->stop_fd, &stops, sizeof(stops)) == (ssize_t)sizeof(stops))
        c->stops += stops;
}

static bool
names_are_stale(const struct courier *c)
{
    return c->count == 0 && resolver_failures(c->resolver) >= LOOKUP_FAILURES_MAX &&
           clock_mono_ms() - c->born_ms >= least_life_ms;
}

static enum err_code
say_hello(struct courier *c, uint32_t layers, struct err *err)
{
    struct wire_hello hello = {.layers = layers};
    struct buf frame;

    random_bytes(&hello.courier, sizeof(hello.courier));
    buf_init(&frame, CHANNEL_PACKET_MAX);
    wire_put_hello(&frame, &hello);
    return send_frame(c, &frame, err);
}

static enum err_code
confine(struct courier *c, uint32_t *ret_layers, struct err *err)
{
    const int keep[] = {c->config.channel_fd, c->stop_fd};
    struct buf text;
    enum err_code rc = sandbox_enter_courier(&limits, keep, ARRAY_LEN(keep), ret_layers, err);

    if (rc != ERR_OK)
        return rc;
    buf_init(&text, LOG_QUOTE_SIZE);
    sandbox_describe(*ret_layers, &text);
    log_line(LOG_INFO, "courier ready", "layers=\"%s\" own_addresses=%zu", buf_text(&text),
             c->config.policy.own_count);
    buf_fini(&text);
    return ERR_OK;
}

enum err_code
courier_run(struct courier *c, struct err *err)
{
    uint32_t layers = 0;
    bool closed = false;
    int running;
    enum err_code rc = confine(c, &layers, err);

    if (rc == ERR_OK && c->config.on_ready != NULL)
        c->config.on_ready();
    if (rc == ERR_OK)
        rc = drop_messages(c, err);
    if (rc == ERR_OK)
        rc = say_hello(c, layers, err);
    while (rc == ERR_OK && !closed) {
        rc = take_messages(c, &closed, err);
        (void)curl_multi_perform(c->multi, &running);
        take_ends(c);
        step_all(c);
        if (c->stops > 1 || (c->stops > 0 && c->count == 0))
            break;
        if (rc == ERR_OK && names_are_stale(c))
            rc = err_set(err, ERR_UNAVAILABLE,
                         "no name server answers; their addresses are read "
                         "again by a new process");
        if (rc == ERR_OK && !closed)
            wait_for_something(c);
    }
    return rc;
}
