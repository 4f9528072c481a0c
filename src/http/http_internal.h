/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/http_internal.h - the loop and its connections, for the files of this folder.
 *
 * All of it belongs to the loop's thread, but for the mailbox and the stop count.
 *
 * States of a connection (the names of the arrows are the functions that take them):
 *
 *   IDLE -> HEAD -> DECIDE -> BODY -> WAIT -> REPLY -> IDLE      the usual round
 *                     |________|________|______^                 early reply, refusal
 *                                              REPLY -> DRAIN -> IDLE     small rest of a body
 *                                    WAIT -> STREAM -> REPLY               a reply in pieces
 *                                              REPLY -> LINGER -> CLOSED  the answer must arrive
 *
 * Callbacks never free a connection and http_reply never calls back: both leave marks that
 * conn_drive acts on. A closed connection's memory goes after the batch of events is done. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "http/chunked.h"
#include "http/head.h"
#include "http/http.h"
#include "http/timer.h"

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    READ_HEAD_BYTES = 8 << 10,     /* at once: bounds what a pipelining client can make us keep */
    READ_CHUNKED_BYTES = 16 << 10, /* the same, while the body's end is not known */
    READ_BODY_BYTES = 64 << 10,
    DRAIN_BYTES = 64 << 10, /* rest of a body worth skipping to keep a connection */
    SPARE_ARENAS = 64,
};

enum conn_state {
    CONN_IDLE,   /* no byte of a request yet */
    CONN_HEAD,   /* some */
    CONN_DECIDE, /* there is a body and the handler has not said how it wants it */
    CONN_BODY,
    CONN_WAIT,   /* request complete, no reply yet */
    CONN_STREAM, /* reply begun, more pieces to come */
    CONN_REPLY,  /* reply given, perhaps not sent */
    CONN_DRAIN,  /* skipping the rest of a body */
    CONN_LINGER, /* our side is shut; reading until the client has seen it */
    CONN_CLOSED,
};

enum timer_kind { TIMER_IDLE, TIMER_HEAD, TIMER_BODY, TIMER_SEND, TIMER_LINGER, TIMER_COUNT };

struct http_request {
    struct head head;
    struct arena *arena; /* NULL between requests */
    void *user;
    struct buf body;    /* collected */
    uint64_t body_max;  /* of what is collected or streamed */
    uint64_t body_seen; /* decoded bytes so far */
    int64_t begin_us;   /* head complete; 0 if nobody asks for durations */
    bool open;          /* on_head was called; neither reply nor abandon so far */
    bool streams;
    bool awaits_continue; /* the client waits for "100 Continue" */
    bool too_large;       /* the handler's limit is broken: refuse */
    bool body_done;
    bool refused; /* the reply is the server's, not the handler's */
    bool chunked; /* the reply goes in chunks */
    int status;
    uint64_t reply_bytes;
};

struct conn {
    struct timer timer; /* first: conn_of_timer */
    struct http_server *server;
    struct conn *prev, *next; /* all open ones, or the graveyard by next */
    struct conn *next_ready;
    int fd;
    uint32_t armed; /* epoll's bits */
    enum conn_state state;
    enum timer_kind timer_kind;
    bool driving; /* conn_drive is at work */
    bool ready;   /* on the ready list */
    bool broken;  /* the socket or memory failed: close */
    bool closing; /* after the reply */
    bool paused;
    bool slow; /* refused for its slowness: given little time to take leave */

    struct buf in; /* bytes received and not used up */
    struct buf out;
    size_t out_at;    /* sent of out */
    size_t held;      /* of out, as the server's unsent counts it */
    int64_t held_ms;  /* since when there is something in out */
    int kernel_queue; /* bytes the client had not acknowledged when the send timer was set */
    struct head_scan scan;
    struct chunked chunked;
    uint64_t rest;           /* of a body with Content-Length */
    int64_t window_start_ms; /* body rate: the current stretch of reading */
    int64_t window_ms;       /* time counted in earlier stretches of this window */
    uint64_t window_bytes;
    int64_t linger_end_ms;
    struct http_request req;
    char peer[INET6_ADDRSTRLEN];
};

struct http_server {
    struct http_limits limits;
    struct http_handler handler;
    void *ctx;
    int epoll_fd;
    int listen_fd;
    int wake_fd;
    int reserve_fd; /* given up to be able to accept and refuse when descriptors run out */
    int64_t now_ms;
    int64_t accept_again_ms; /* accepting pauses until then; 0: it does not */
    size_t count;
    size_t unsent; /* bytes in the out of all connections */
    bool stopping;
    int64_t stop_by_ms;
    int64_t grace_most_ms; /* of http_stop_within */
    int64_t alarm_ms;      /* 0: off */
    struct http_watch *watch;
    struct conn *conns;
    struct conn *ready;
    struct conn *graveyard;
    struct timer_class timers[TIMER_COUNT];
    struct arena *spare[SPARE_ARENAS];
    size_t spare_count;
    struct buf scratch; /* head of the reply being built */
    int64_t date_s;
    char date[CLOCK_TEXT_SIZE];
    _Atomic(struct http_mail *) mail; /* newest first */
    atomic_int stops;
    uint8_t piece[READ_BODY_BYTES]; /* what one read brought, shared by all connections */
};

/* conn.c: life, sending, timers */
/* Takes fd over; NULL, with fd closed, if there is no memory. */
struct conn *conn_new(struct http_server *server, int fd, const struct sockaddr_storage *peer);
void conn_close(struct conn *conn);
void conn_event(struct conn *conn, uint32_t events);
void conn_drive(struct conn *conn, bool readable);
void conn_expire(struct conn *conn);
/* Has conn_drive run soon, from wherever. */
void conn_wake(struct conn *conn);
void conn_enter(struct conn *conn, enum conn_state state);
/* Sends, or keeps what the socket does not take. */
void conn_send(struct conn *conn, struct span head, struct span body);
struct conn *conn_of_timer(struct timer *timer);
struct conn *conn_of(const struct http_request *req);

/* unsent.c */
/* After each change of conn->out's length. */
void unsent_count(struct conn *conn);
/* Past the limit: cuts off who takes least for what it holds, but not this one. */
void unsent_shed(struct http_server *server, const struct conn *but);
/* An orderly close would leave the unread rest to the kernel for minutes. */
void conn_reset_at_close(const struct conn *conn);

/* input.c: from bytes to calls of the handler */
size_t input_take(struct conn *conn, const uint8_t *bytes, size_t len);
/* True if input_take has something to do without further bytes. */
bool input_is_due(const struct conn *conn);
size_t input_read_size(const struct conn *conn);

/* request.c */
/* Answers in the server's own name, with close; then abandons the request if it was open. */
void request_refuse(struct conn *conn, const struct err *why);
void request_end(struct conn *conn);
void request_abandon(struct conn *conn);
/* A stream's client has taken all that there was. */
void request_drained(struct conn *conn);
int64_t request_clock_us(void);

/* mailbox.c */
void mailbox_run(struct http_server *server);
void mailbox_wake(struct http_server *server);
