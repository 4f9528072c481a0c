/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/http_internal.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/sockios.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

static const int64_t linger_max_ms = 10000; /* a client in the midst of a large upload */
static const int64_t linger_slow_ms = 1000; /* one that was refused for being slow */

struct conn *
conn_of_timer(struct timer *timer)
{
    return (struct conn *)((char *)timer - offsetof(struct conn, timer));
}

struct conn *
conn_of(const struct http_request *req)
{
    return (struct conn *)((char *)req - offsetof(struct conn, req));
}

static void
write_peer(struct conn *conn, const struct sockaddr_storage *peer)
{
    const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
    const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;

    if (peer->ss_family == AF_INET)
        inet_ntop(AF_INET, &v4->sin_addr, conn->peer, sizeof(conn->peer));
    else if (peer->ss_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
        inet_ntop(AF_INET, &v6->sin6_addr.s6_addr[12], conn->peer, sizeof(conn->peer));
    else if (peer->ss_family == AF_INET6)
        inet_ntop(AF_INET6, &v6->sin6_addr, conn->peer, sizeof(conn->peer));
    else
        snprintf(conn->peer, sizeof(conn->peer), "local");
}

struct conn *
conn_new(struct http_server *server, int fd, const struct sockaddr_storage *peer)
{
    struct conn *conn = calloc(1, sizeof(*conn));

    if (conn == NULL)
        goto fail;
    conn->server = server;
    conn->fd = fd;
    conn->armed = EPOLLIN;
    buf_init(&conn->in, server->limits.head_bytes + READ_BODY_BYTES);
    buf_init(&conn->out, SIZE_MAX / 4);
    write_peer(conn, peer);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = conn};
    if (epoll_ctl(server->epoll_fd, EPOLL_CTL_ADD, fd, &event) != 0)
        goto fail;
    conn->next = server->conns;
    if (conn->next != NULL)
        conn->next->prev = conn;
    server->conns = conn;
    server->count++;
    conn_enter(conn, CONN_IDLE);
    return conn;
fail:
    close(fd);
    free(conn);
    return NULL;
}

void
conn_close(struct conn *conn)
{
    struct http_server *server = conn->server;

    if (conn->state == CONN_CLOSED)
        return;
    conn_enter(conn, CONN_CLOSED);
    request_abandon(conn);
    request_end(conn);
    close(conn->fd);
    buf_fini(&conn->in);
    buf_fini(&conn->out);
    unsent_count(conn);
    if (conn->prev != NULL)
        conn->prev->next = conn->next;
    else
        server->conns = conn->next;
    if (conn->next != NULL)
        conn->next->prev = conn->prev;
    conn->next = server->graveyard;
    server->graveyard = conn;
    server->count--;
    if (server->accept_again_ms > 0)
        server->accept_again_ms = server->now_ms;
}

static void
start_timer(struct conn *conn, enum timer_kind kind)
{
    conn->timer_kind = kind;
    timer_set(&conn->server->timers[kind], &conn->timer, conn->server->now_ms);
}

static void
start_window(struct conn *conn)
{
    conn->window_start_ms = conn->server->now_ms;
    conn->window_ms = 0;
    conn->window_bytes = 0;
    start_timer(conn, TIMER_BODY);
}

void
conn_enter(struct conn *conn, enum conn_state state)
{
    conn->state = state;
    timer_drop(&conn->timer);
    switch (state) {
    case CONN_IDLE:
        start_timer(conn, TIMER_IDLE);
        break;
    case CONN_HEAD:
        start_timer(conn, TIMER_HEAD);
        break;
    case CONN_BODY:
    case CONN_DRAIN:
        start_window(conn);
        break;
    case CONN_LINGER:
        start_timer(conn, TIMER_LINGER);
        break;
    case CONN_STREAM: /* as REPLY */
    case CONN_REPLY:  /* conn_send starts the timer where the socket does not take all */
    case CONN_DECIDE:
    case CONN_WAIT:
    case CONN_CLOSED:
        break;
    }
}

void
conn_wake(struct conn *conn)
{
    if (conn->driving || conn->ready || conn->state == CONN_CLOSED)
        return;
    conn->ready = true;
    conn->next_ready = conn->server->ready;
    conn->server->ready = conn;
}

static int
unacknowledged(const struct conn *conn)
{
    int bytes = 0;

    (void)ioctl(conn->fd, SIOCOUTQ, &bytes); /* 0 where a socket does not know: no harm */
    return bytes;
}

static void
start_send_timer(struct conn *conn)
{
    conn->kernel_queue = unacknowledged(conn);
    start_timer(conn, TIMER_SEND);
}

static void
keep_unsent(struct conn *conn, struct span part, size_t *sent)
{
    size_t skip = *sent < part.len ? *sent : part.len;

    *sent -= skip;
    if (skip < part.len)
        buf_append(&conn->out, part.data + skip, part.len - skip);
}

void
conn_send(struct conn *conn, struct span head, struct span body)
{
    size_t sent = 0;
    bool queued = conn->out.len > 0;

    if (conn->broken)
        return;
    if (!queued) {
        struct iovec parts[2] = {{(void *)head.data, head.len}, {(void *)body.data, body.len}};
        struct msghdr message = {.msg_iov = parts, .msg_iovlen = body.len > 0 ? 2 : 1};
        ssize_t n = sendmsg(conn->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            conn->broken = true;
            return;
        }
        sent = n < 0 ? 0 : (size_t)n;
        if (sent == head.len + body.len)
            return;
    }
    keep_unsent(conn, head, &sent);
    keep_unsent(conn, body, &sent);
    if (conn->out.spoilt)
        conn->broken = true;
    unsent_count(conn);
    unsent_shed(conn->server, conn);
    /* More pieces are no reason to wait longer for a client that takes none. */
    if (conn->state == CONN_REPLY || (conn->state == CONN_STREAM && !queued))
        start_send_timer(conn);
}

/* Once for each time the socket says that it takes more, so that a fast reader of a large reply
 * does not keep the loop from the others. */
static void
flush(struct conn *conn)
{
    if (conn->out_at == conn->out.len)
        return;
    ssize_t n = send(conn->fd, conn->out.data + conn->out_at, conn->out.len - conn->out_at,
                     MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            conn->broken = true;
        return;
    }
    conn->out_at += (size_t)n;
    if ((conn->state == CONN_REPLY || conn->state == CONN_STREAM) && n > 0)
        start_send_timer(conn);
    if (conn->out_at < conn->out.len)
        return;
    size_t limit = conn->out.limit;
    buf_fini(&conn->out);
    buf_init(&conn->out, limit);
    conn->out_at = 0;
    unsent_count(conn);
    if (conn->state == CONN_STREAM)
        request_drained(conn);
}

static bool
wants_input(const struct conn *conn)
{
    switch (conn->state) {
    case CONN_IDLE:
    case CONN_HEAD:
    case CONN_DRAIN:
    case CONN_LINGER:
        return true;
    case CONN_BODY:
        return !conn->paused;
    default:
        return false;
    }
}

static void
set_in(struct conn *conn, const uint8_t *bytes, size_t len)
{
    buf_append(&conn->in, bytes, len);
    if (conn->in.spoilt)
        conn->broken = true;
}

static void
use_in(struct conn *conn, size_t used)
{
    size_t limit = conn->in.limit;

    buf_consume(&conn->in, used);
    if (conn->in.len > 0)
        return;
    buf_fini(&conn->in); /* an idle connection holds no buffer */
    buf_init(&conn->in, limit);
}

static void
receive(struct conn *conn)
{
    uint8_t *piece = conn->server->piece;
    ssize_t n = recv(conn->fd, piece, input_read_size(conn), MSG_DONTWAIT);

    if (n < 0) {
        if (errno != EAGAIN && errno != EINTR)
            conn->broken = true;
    } else if (n == 0) {
        conn->broken = true; /* the end, where more was to come */
    } else if (conn->state == CONN_LINGER) {
        if (conn->server->now_ms >= conn->linger_end_ms)
            conn->broken = true;
        else
            start_timer(conn, TIMER_LINGER);
    } else if (conn->in.len > 0) {
        set_in(conn, piece, (size_t)n); /* conn_drive goes on from there */
    } else {
        size_t used = input_take(conn, piece, (size_t)n);
        set_in(conn, piece + used, (size_t)n - used);
    }
}

static bool
has_unread(const struct conn *conn)
{
    uint8_t byte;

    return conn->in.len > 0 || recv(conn->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) > 0;
}

/* Closing a socket with unread bytes resets the connection, which may destroy the answer on its
 * way. So our side is shut first and what comes is thrown away for a while. */
static void
take_leave(struct conn *conn, bool body_read)
{
    if (body_read && !has_unread(conn)) {
        conn_close(conn);
        return;
    }
    use_in(conn, conn->in.len);
    shutdown(conn->fd, SHUT_WR);
    conn->linger_end_ms = conn->server->now_ms + (conn->slow ? linger_slow_ms : linger_max_ms);
    conn_enter(conn, CONN_LINGER);
}

static void
finish_reply(struct conn *conn)
{
    bool body_done = conn->req.body_done;

    request_end(conn);
    if (conn->closing)
        take_leave(conn, body_done);
    else if (!body_done)
        conn_enter(conn, CONN_DRAIN);
    else if (conn->server->stopping)
        take_leave(conn, true);
    else
        conn_enter(conn, CONN_IDLE);
}

/* One step; false when there is nothing to do until something happens. */
static bool
step(struct conn *conn)
{
    if (conn->state == CONN_CLOSED)
        return false;
    if (conn->broken) {
        conn_close(conn);
        return false;
    }
    if (conn->req.open && conn->req.too_large) {
        struct err why;
        err_set(&why, ERR_LIMIT, "body: larger than the limit of %llu bytes",
                (unsigned long long)conn->req.body_max);
        request_refuse(conn, &why);
        return true;
    }
    if (conn->state == CONN_REPLY) {
        if (conn->out.len > 0)
            return false;
        finish_reply(conn);
        return true;
    }
    if (!wants_input(conn) || (conn->in.len == 0 && !input_is_due(conn)))
        return false;
    enum conn_state before = conn->state;
    size_t used = input_take(conn, conn->in.data, conn->in.len);
    use_in(conn, used);
    return used > 0 || conn->state != before;
}

static void
arm(struct conn *conn)
{
    uint32_t want =
        (wants_input(conn) ? EPOLLIN : 0U) | (conn->out.len > 0 ? (uint32_t)EPOLLOUT : 0U);

    /* Bits too many are taken back only when they fire: most replies come before that. */
    if ((want & ~conn->armed) == 0 && (conn->armed & ~want & EPOLLOUT) == 0)
        return;
    struct epoll_event event = {.events = want, .data.ptr = conn};
    if (epoll_ctl(conn->server->epoll_fd, EPOLL_CTL_MOD, conn->fd, &event) != 0)
        conn_close(conn);
    else
        conn->armed = want;
}

void
conn_drive(struct conn *conn, bool readable)
{
    conn->driving = true;
    if (readable && wants_input(conn))
        receive(conn);
    while (step(conn))
        ;
    conn->driving = false;
    if (conn->state != CONN_CLOSED)
        arm(conn);
}

void
conn_event(struct conn *conn, uint32_t events)
{
    if (conn->state == CONN_CLOSED)
        return;
    if (events & (EPOLLERR | EPOLLHUP)) {
        conn_close(conn);
        return;
    }
    if (events & EPOLLOUT) {
        conn->driving = true; /* what on_drained does is seen to below */
        flush(conn);
        conn->driving = false;
    }
    if ((events & EPOLLIN) && !wants_input(conn)) {
        struct epoll_event event = {.events = conn->armed & ~(uint32_t)EPOLLIN, .data.ptr = conn};
        if (epoll_ctl(conn->server->epoll_fd, EPOLL_CTL_MOD, conn->fd, &event) == 0)
            conn->armed = event.events;
    }
    conn_drive(conn, (events & EPOLLIN) != 0);
}

/* The rate is judged over windows of body_grace_ms, so that a quick start does not buy a stall. */
static bool
is_too_slow(struct conn *conn)
{
    const struct http_limits *limits = &conn->server->limits;
    int64_t spent = conn->window_ms + conn->server->now_ms - conn->window_start_ms;

    if (spent < limits->body_grace_ms)
        return false;
    if ((double)conn->window_bytes * 1000 < (double)limits->body_rate_min * (double)spent)
        return true;
    start_window(conn);
    return false;
}

/* The kernel says that it takes more only when a good part of its buffer has drained, which can
 * last longer than the limit while the client reads all the time. */
static void
expire_send(struct conn *conn)
{
    if (unacknowledged(conn) < conn->kernel_queue) {
        start_send_timer(conn);
        return;
    }
    conn_reset_at_close(conn);
    conn_close(conn);
}

static void
refuse_slow(struct conn *conn, const char *what)
{
    struct err why;

    conn->slow = true;
    err_set(&why, ERR_REQUEST_TIME, "%s: too slow", what);
    request_refuse(conn, &why);
    conn_drive(conn, false);
}

void
conn_expire(struct conn *conn)
{
    switch (conn->timer_kind) {
    case TIMER_HEAD:
        refuse_slow(conn, "header");
        break;
    case TIMER_BODY:
        if (!is_too_slow(conn))
            start_timer(conn, TIMER_BODY);
        else if (conn->state == CONN_DRAIN)
            conn_close(conn);
        else
            refuse_slow(conn, "body");
        break;
    case TIMER_SEND:
        expire_send(conn);
        break;
    case TIMER_IDLE:
    case TIMER_LINGER:
    case TIMER_COUNT:
        conn_close(conn);
        break;
    }
}
