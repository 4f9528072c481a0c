/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/http.h - an HTTP/1.1 server (RFC 9110, RFC 9112): one event loop a thread, strict framing,
 * limits on everything a client can make grow. Knows no route.
 *
 * Life of a request, always on its loop's thread:
 *   on_head      the head is complete and sound. The handler answers at once (http_reply), or says
 *                how it wants the body: http_collect or http_stream. It may do either later;
 * nothing of the body is read until then. on_body      stream only: a piece of the body, in order.
 * http_pause stops reading from the socket (back-pressure) until http_resume. on_complete  the body
 * is there whole (collect: http_body). Called for body-less requests too, directly after on_head.
 *   on_abandon   the client went away, broke the framing, was too slow, or the server stops,
 *                before the reply was given. The last call for this request. (A client that only
 *                shuts its sending side has not gone away: it gets its reply.)
 * The reply may be given later: keep the pointer and call http_reply from the loop's thread; it
 * stays valid until http_reply or on_abandon, whichever is first. Another thread hands its result
 * over with http_post. No function declared here calls the handler before it returns, but for
 * http_run and http_close.
 *
 * A reply whose end is not known when it begins (a stream of events) is given by http_begin,
 * http_send and http_finish in the place of http_reply. */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct http_server;
struct http_request;

struct http_header {
    const char *name;
    const char *value;
};

struct http_handler {
    void (*on_head)(void *ctx, struct http_request *req);
    void (*on_body)(void *ctx, struct http_request *req, struct span piece);
    void (*on_complete)(void *ctx, struct http_request *req);
    void (*on_abandon)(void *ctx, struct http_request *req);
    /* The reply for a request that never became one (bad framing, limits, time): fills body and
     * content_type for the error, which is sent before the connection is closed. May be NULL. */
    void (*on_refused)(void *ctx, const struct err *why, struct buf *ret_body,
                       const char **ret_content_type);
    /* Streams: all that http_send was given has been handed to the socket. May be NULL. */
    void (*on_drained)(void *ctx, struct http_request *req);
    /* The server begins to stop: who waits for something that may not come within the grace should
     * be answered now. May be NULL. */
    void (*on_stop)(void *ctx);
    /* The time of http_alarm has come. May be NULL. */
    void (*on_alarm)(void *ctx);
    /* After each reply has been handed to the socket, or as much of it as the client took: for
     * access logs. What http_user was is still there. For a stream that its client left, after
     * on_abandon. May be NULL. */
    void (*on_replied)(void *ctx, const struct http_request *req, int status, uint64_t body_bytes,
                       int64_t duration_us);
};

struct http_limits {
    size_t line_bytes;      /* request line, and each header line: 8 KiB */
    size_t head_bytes;      /* whole head: 64 KiB */
    size_t header_count;    /* 100 */
    size_t connections;     /* open at once; past it the longest idle one gives way, or accepting
                             * pauses: 10,000 */
    size_t arena_bytes;     /* of one request, head included, without a collected body: 4 MiB */
    int64_t head_ms;        /* first byte to end of head: 10 s */
    int64_t idle_ms;        /* keep-alive without a request: 90 s (SDKs need >= 75 s) */
    int64_t send_ms;        /* no progress while sending: 30 s */
    size_t unsent_bytes;    /* of all replies that clients have not taken yet; past it the slowest
                             * taker is cut off: 256 MiB */
    uint64_t body_rate_min; /* bytes per second, on average over each body_grace_ms: 1,024 */
    int64_t body_grace_ms;  /* 10 s; time in which http_pause holds does not count */
};

/* The figures above. */
struct http_limits http_limits_default(void);

/* listen_fd: a bound, listening, non-blocking socket; the server takes it over, and closes it on
 * error too. ctx goes to every call of the handler. ERR_INPUT for limits that cannot be. */
MUST_CHECK
enum err_code http_open(int listen_fd, const struct http_limits *limits,
                        const struct http_handler *handler, void *ctx,
                        struct http_server **ret_server, struct err *err);
/* After http_run has returned. Mail that is still there is run, so that it can be freed. */
void http_close(struct http_server **server);

/* Runs the loop on this thread until http_stop. Stopping: no new connections, requests in progress
 * get up to grace_ms to finish, then the rest is abandoned. */
void http_run(struct http_server *server, int64_t grace_ms);

/* From any thread or a signal handler. A second call ends the grace. */
void http_stop(struct http_server *server);

/* On the loop's thread: as http_stop, with a grace of at most this, whatever http_run was given. */
void http_stop_within(struct http_server *server, int64_t grace_ms);

/* From any thread: mail->call(mail) is run on the loop's thread soon, in order of posting. The mail
 * belongs to the mailbox until then; call may free it. Needs no memory and cannot fail. */
struct http_mail {
    struct http_mail *next;
    void (*call)(struct http_mail *mail);
};
void http_post(struct http_server *server, struct http_mail *mail);

/* --- the request; spans and strings are borrowed until the reply --- */

struct span http_method(const struct http_request *req);
/* Path of the target as sent, still percent-encoded, without the query; begins with '/'. */
struct span http_path(const struct http_request *req);
/* Query without '?'; len 0 if there is none. */
struct span http_query(const struct http_request *req);
/* The field's value, or data NULL. Fields that must be single (Host, Content-Length, Content-Type,
 * Authorization, ...) were refused before if repeated; others give the first. */
struct span http_field(const struct http_request *req, const char *name);
size_t http_field_count(const struct http_request *req);
void http_field_at(const struct http_request *req, size_t i, struct span *ret_name,
                   struct span *ret_value);
/* Declared by Content-Length; -1 for chunked, 0 without a body. */
int64_t http_content_length(const struct http_request *req);
bool http_is_chunked(const struct http_request *req);
/* Collected body. */
struct span http_body(const struct http_request *req);
/* Text of the peer's address without the port. */
const char *http_peer(const struct http_request *req);
struct arena *http_arena(struct http_request *req);
/* A pointer of the handler's, kept with the request. */
void http_set_user(struct http_request *req, void *user);
void *http_user(const struct http_request *req);

/* --- the body --- */

/* Content-Length past max_bytes, or a chunked body that grows past it, is answered with 413 through
 * on_refused and on_abandon. "100 Continue" is sent here when the client asked for it. */
void http_collect(struct http_request *req, size_t max_bytes);
void http_stream(struct http_request *req, uint64_t max_bytes);
void http_pause(struct http_request *req);
void http_resume(struct http_request *req);

/* --- the reply --- */

/* status: 200..999. Status line with its standard phrase, Date, Content-Length, Connection as
 * needed, then headers (n may be 0), then body (copied). HEAD gets no body, only its length;
 * 204 and 304 get neither. "Connection: close" among the headers ends the
 * connection. Headers with control characters, with a name that is no token, or that the server
 * writes itself (Date, Content-Length, Transfer-Encoding) could forge a reply: an empty 500 goes
 * out instead. A reply given before the body was read closes the connection after it, unless what
 * is left of the body is small (<= 64 KiB), has its length declared and can be skipped. */
void http_reply(struct http_request *req, int status, const struct http_header *headers, size_t n,
                struct span body);

/* --- a reply in pieces, once the body of the request is there --- */

/* Sends the head; to HTTP/1.1 the pieces go as chunks, to HTTP/1.0 up to the end of the connection.
 * False where there is nothing to follow (HEAD, or headers that could forge a reply): then the
 * reply is complete as after http_reply. The request stays valid until http_finish or on_abandon.
 */
MUST_CHECK
bool http_begin(struct http_request *req, int status, const struct http_header *headers, size_t n);
/* One more piece (copied; an empty one is nothing). What the client does not take is kept, without
 * a limit of its own: look at http_unsent, and go on in on_drained. A client that takes nothing for
 * send_ms is cut off. */
void http_send(struct http_request *req, struct span piece);
size_t http_unsent(const struct http_request *req);
void http_finish(struct http_request *req);
/* Ends a reply that cannot be completed: the connection is closed in the middle, so that the client
 * does not take what it has for the whole. */
void http_cut(struct http_request *req);

/* --- other reasons to wake the loop; on its thread, or before http_run --- */

/* on_alarm is called once at about this moment (clock_mono_ms). Setting it again moves it; 0: off.
 */
void http_alarm(struct http_server *server, int64_t due_ms);

/* call(watch) whenever fd is readable. One a server; it and fd stay the caller's and must outlive
 * the server. */
struct http_watch {
    int fd;
    void (*call)(struct http_watch *watch);
};
MUST_CHECK
enum err_code http_watch(struct http_server *server, struct http_watch *watch, struct err *err);

/* The standard phrase of a status code; never NULL. */
const char *http_phrase(int status);
