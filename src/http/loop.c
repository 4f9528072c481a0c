/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/fdio.h"
#include "http/http_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    EVENTS_AT_ONCE = 256,
    ACCEPTS_AT_ONCE = 64, /* then the others have their turn */
};

static const int64_t accept_pause_ms = 100;
static const int64_t linger_silence_ms = 2000;
static const int64_t evict_idle_ms = 1000; /* younger ones may be about to send */
static const size_t scratch_bytes = KiB(256);

struct http_limits
http_limits_default(void)
{
    return (struct http_limits){
        .line_bytes = KiB(8),
        .head_bytes = KiB(64),
        .header_count = 100,
        .connections = 10000,
        .arena_bytes = MiB(4),
        .head_ms = 10000,
        .idle_ms = 90000,
        .send_ms = 30000,
        .unsent_bytes = MiB(256),
        .body_rate_min = 1024,
        .body_grace_ms = 10000,
    };
}

static enum err_code
check_limits(const struct http_limits *limits, struct err *err)
{
    if (limits->line_bytes == 0 || limits->head_bytes == 0 || limits->header_count == 0 ||
        limits->connections == 0 || limits->arena_bytes == 0 || limits->head_ms <= 0 ||
        limits->idle_ms <= 0 || limits->send_ms <= 0 || limits->unsent_bytes == 0 ||
        limits->body_grace_ms <= 0)
        return err_set(err, ERR_INPUT, "http limits: each must be more than 0");
    if (limits->head_bytes > MiB(16) || limits->arena_bytes < limits->head_bytes)
        return err_set(err, ERR_INPUT, "http limits: head_bytes past 16 MiB or past arena_bytes");
    return ERR_OK;
}

static void
init_timers(struct http_server *server)
{
    const struct http_limits *limits = &server->limits;
    int64_t tick_ms = limits->body_grace_ms / 8;

    timer_class_init(&server->timers[TIMER_IDLE], limits->idle_ms);
    timer_class_init(&server->timers[TIMER_HEAD], limits->head_ms);
    timer_class_init(&server->timers[TIMER_SEND], limits->send_ms);
    timer_class_init(&server->timers[TIMER_LINGER], linger_silence_ms);
    timer_class_init(&server->timers[TIMER_BODY], tick_ms < 20 ? 20 : tick_ms);
}

static enum err_code
watch(struct http_server *server, int *fd, struct err *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = fd};

    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, *fd, &event) != 0)
        return err_sys(err, "epoll_ctl");
    return ERR_OK;
}

enum err_code
http_open(int listen_fd, const struct http_limits *limits, const struct http_handler *handler,
          void *ctx, struct http_server **ret_server, struct err *err)
{
    enum err_code rc;
    int on = 1;
    struct http_server *server = calloc(1, sizeof(*server));

    if (server == NULL) {
        close(listen_fd);
        return err_set(err, ERR_UNAVAILABLE, "http: no memory");
    }
    *server = (struct http_server){.limits = *limits, .handler = *handler, .ctx = ctx};
    server->listen_fd = listen_fd;
    server->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    server->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    server->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    server->now_ms = clock_mono_ms();
    server->grace_most_ms = INT64_MAX;
    buf_init(&server->scratch, scratch_bytes);
    init_timers(server);
    if ((rc = check_limits(limits, err)) != ERR_OK)
        goto fail;
    if (server->epoll_fd < 0 || server->wake_fd < 0) {
        rc = err_sys(err, "http: epoll or eventfd");
        goto fail;
    }
    if ((rc = watch(server, &server->listen_fd, err)) != ERR_OK ||
        (rc = watch(server, &server->wake_fd, err)) != ERR_OK)
        goto fail;
    /* Accepted sockets inherit it. It fails on local sockets, which do not need it. */
    (void)setsockopt(listen_fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    *ret_server = server;
    return ERR_OK;
fail:
    http_close(&server);
    return rc;
}

enum err_code
http_watch(struct http_server *server, struct http_watch *watch, struct err *err)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};

    if (server->watch != NULL)
        return err_set(err, ERR_CONFLICT, "http: a descriptor is watched already");
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event) != 0)
        return err_sys(err, "epoll_ctl");
    server->watch = watch;
    return ERR_OK;
}

void
http_alarm(struct http_server *server, int64_t due_ms)
{
    server->alarm_ms = due_ms;
}

static void
ring(struct http_server *server)
{
    if (server->alarm_ms == 0 || server->alarm_ms > server->now_ms)
        return;
    server->alarm_ms = 0;
    if (server->handler.on_alarm != NULL)
        server->handler.on_alarm(server->ctx);
}

void
http_stop_within(struct http_server *server, int64_t grace_ms)
{
    server->grace_most_ms = grace_ms;
    http_stop(server);
}

/* Those still on the ready list are left for the next time. */
static void
bury(struct http_server *server)
{
    struct conn *kept = NULL;

    for (struct conn *conn = server->graveyard, *next; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->ready) {
            conn->next = kept;
            kept = conn;
        } else {
            free(conn);
        }
    }
    server->graveyard = kept;
}

static void
close_all(struct http_server *server)
{
    while (server->conns != NULL)
        conn_close(server->conns);
    while (server->ready != NULL) {
        server->ready->ready = false;
        server->ready = server->ready->next_ready;
    }
    bury(server);
}

void
http_close(struct http_server **server)
{
    struct http_server *s = *server;

    if (s == NULL)
        return;
    close_all(s);
    mailbox_run(s);
    while (s->spare_count > 0)
        arena_drop(&s->spare[--s->spare_count]);
    buf_fini(&s->scratch);
    fd_close(&s->listen_fd);
    fd_close(&s->reserve_fd);
    fd_close(&s->wake_fd);
    fd_close(&s->epoll_fd);
    free(s);
    *server = NULL;
}

void
http_stop(struct http_server *server)
{
    atomic_fetch_add(&server->stops, 1);
    mailbox_wake(server);
}

static void
pause_accepting(struct http_server *server)
{
    struct epoll_event none = {.events = 0, .data.ptr = &server->listen_fd};

    if (server->accept_again_ms == 0)
        (void)epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, server->listen_fd, &none);
    server->accept_again_ms = server->now_ms + accept_pause_ms;
}

static void
resume_accepting(struct http_server *server)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = &server->listen_fd};

    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_MOD, server->listen_fd, &event) == 0)
        server->accept_again_ms = 0;
}

/* Room for one more: at the limit the longest idle connection gives way, so that a crowd that only
 * sits there does not keep out those who have something to ask. */
static bool
make_room(struct http_server *server)
{
    if (server->count < server->limits.connections)
        return true;
    struct timer *oldest = timer_first(&server->timers[TIMER_IDLE]);
    if (oldest == NULL || oldest->due_ms - server->limits.idle_ms > server->now_ms - evict_idle_ms)
        return false;
    conn_close(conn_of_timer(oldest));
    return true;
}

/* Descriptors are used up. The client that waits longest learns it at once, the others wait until
 * some are free: without the reserve it could not even be accepted to be closed. */
static void
shed_one(struct http_server *server)
{
    fd_close(&server->reserve_fd);
    int fd = accept4(server->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    fd_close(&fd);
    server->reserve_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void
accept_some(struct http_server *server)
{
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage peer = {0};
        socklen_t len = sizeof(peer);
        if (!make_room(server)) {
            pause_accepting(server);
            return;
        }
        int fd = accept4(server->listen_fd, (struct sockaddr *)&peer, &len,
                         SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            if (conn_new(server, fd, &peer) == NULL)
                return;
        } else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
            shed_one(server);
            pause_accepting(server);
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            return; /* EAGAIN, or an error of the network below that concerns one connection */
        }
    }
}

static void
run_ready(struct http_server *server)
{
    struct conn *conn = server->ready;

    server->ready = NULL;
    while (conn != NULL) {
        struct conn *next = conn->next_ready;
        conn->ready = false;
        if (conn->state != CONN_CLOSED)
            conn_drive(conn, false);
        conn = next;
    }
}

static void
expire_timers(struct http_server *server)
{
    struct timer *timer;

    for (int kind = 0; kind < TIMER_COUNT; kind++)
        while ((timer = timer_first(&server->timers[kind])) != NULL &&
               timer->due_ms <= server->now_ms) {
            timer_drop(timer);
            conn_expire(conn_of_timer(timer));
        }
}

static int
wait_ms(const struct http_server *server)
{
    int64_t due = server->now_ms + 60000;

    if (server->ready != NULL)
        return 0;
    for (int kind = 0; kind < TIMER_COUNT; kind++) {
        const struct timer *timer = timer_first(&server->timers[kind]);
        if (timer != NULL && timer->due_ms < due)
            due = timer->due_ms;
    }
    if (server->accept_again_ms > 0 && server->accept_again_ms < due)
        due = server->accept_again_ms;
    if (server->alarm_ms > 0 && server->alarm_ms < due)
        due = server->alarm_ms;
    if (server->stopping && server->stop_by_ms < due)
        due = server->stop_by_ms;
    return due <= server->now_ms ? 0 : (int)(due - server->now_ms);
}

static void
handle_event(struct http_server *server, const struct epoll_event *event)
{
    uint64_t count;

    if (event->data.ptr == &server->listen_fd) {
        if (!server->stopping)
            accept_some(server);
    } else if (event->data.ptr == &server->wake_fd) {
        ssize_t n = read(server->wake_fd, &count, sizeof(count));
        (void)n; /* only clears it; the mailbox and the stop count say what happened */
        mailbox_run(server);
    } else if (event->data.ptr == server->watch) {
        server->watch->call(server->watch);
    } else {
        conn_event(event->data.ptr, event->events);
    }
}

static void
begin_stop(struct http_server *server, int64_t grace_ms)
{
    server->stopping = true;
    if (grace_ms > server->grace_most_ms)
        grace_ms = server->grace_most_ms;
    server->stop_by_ms = server->now_ms + grace_ms;
    server->accept_again_ms = 0;
    fd_close(&server->listen_fd);
    if (server->handler.on_stop != NULL)
        server->handler.on_stop(server->ctx);
    for (struct conn *conn = server->conns, *next; conn != NULL; conn = next) {
        next = conn->next;
        if (conn->state == CONN_IDLE)
            conn_drive(conn, true); /* a request that is there already is still answered */
        if (conn->state == CONN_IDLE)
            conn_close(conn);
    }
}

void
http_run(struct http_server *server, int64_t grace_ms)
{
    struct epoll_event events[EVENTS_AT_ONCE];

    for (;;) {
        int n = epoll_wait(server->epoll_fd, events, EVENTS_AT_ONCE, wait_ms(server));
        server->now_ms = clock_mono_ms();
        for (int i = 0; i < n; i++)
            handle_event(server, &events[i]);
        run_ready(server);
        expire_timers(server);
        ring(server);
        int stops = atomic_load(&server->stops);
        if (stops > 0 && !server->stopping)
            begin_stop(server, grace_ms);
        if (server->accept_again_ms > 0 && server->accept_again_ms <= server->now_ms)
            resume_accepting(server);
        bury(server);
        if (server->stopping &&
            (server->conns == NULL || stops > 1 || server->now_ms >= server->stop_by_ms))
            break;
    }
    close_all(server);
}
