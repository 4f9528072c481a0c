/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/http_internal.h"
#include "http/reply.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const size_t small_piece_bytes = KiB(64);
static const size_t refusal_bytes = KiB(16); /* body of the server's own error replies */

int64_t
request_clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct span
http_method(const struct http_request *req)
{
    return req->head.method;
}

struct span
http_path(const struct http_request *req)
{
    return req->head.path;
}

struct span
http_query(const struct http_request *req)
{
    return req->head.query;
}

struct span
http_field(const struct http_request *req, const char *name)
{
    const struct head_field *field = head_find(&req->head, name);

    return field == NULL ? (struct span){NULL, 0} : field->value;
}

size_t
http_field_count(const struct http_request *req)
{
    return req->head.field_count;
}

void
http_field_at(const struct http_request *req, size_t i, struct span *ret_name,
              struct span *ret_value)
{
    assert(i < req->head.field_count);
    *ret_name = req->head.fields[i].name;
    *ret_value = req->head.fields[i].value;
}

int64_t
http_content_length(const struct http_request *req)
{
    if (req->head.chunked)
        return -1;
    return req->head.length > 0 ? req->head.length : 0;
}

bool
http_is_chunked(const struct http_request *req)
{
    return req->head.chunked;
}

struct span
http_body(const struct http_request *req)
{
    return buf_span(&req->body);
}

const char *
http_peer(const struct http_request *req)
{
    return conn_of(req)->peer;
}

struct arena *
http_arena(struct http_request *req)
{
    return req->arena;
}

void
http_set_user(struct http_request *req, void *user)
{
    req->user = user;
}

void *
http_user(const struct http_request *req)
{
    return req->user;
}

static void
want_body(struct http_request *req, uint64_t max_bytes, bool streams)
{
    static const char interim[] = "HTTP/1.1 100 Continue\r\n\r\n";
    struct conn *conn = conn_of(req);

    assert(req->open && conn->state == CONN_DECIDE);
    if (req->body_done)
        return;
    req->body_max = max_bytes;
    req->streams = streams;
    conn_wake(conn);
    if (req->head.length > 0 && (uint64_t)req->head.length > max_bytes) {
        req->too_large = true;
        return;
    }
    conn_enter(conn, CONN_BODY);
    if (conn->paused)
        timer_drop(&conn->timer);
    if (req->awaits_continue)
        conn_send(conn, span_of(interim), (struct span){NULL, 0});
    req->awaits_continue = false;
}

void
http_collect(struct http_request *req, size_t max_bytes)
{
    buf_init(&req->body, max_bytes);
    want_body(req, max_bytes, false);
}

void
http_stream(struct http_request *req, uint64_t max_bytes)
{
    want_body(req, max_bytes, true);
}

void
http_pause(struct http_request *req)
{
    struct conn *conn = conn_of(req);

    if (conn->paused || !req->open)
        return;
    conn->paused = true;
    if (conn->state == CONN_BODY) {
        conn->window_ms += conn->server->now_ms - conn->window_start_ms;
        timer_drop(&conn->timer);
    }
}

void
http_resume(struct http_request *req)
{
    struct conn *conn = conn_of(req);

    if (!conn->paused)
        return;
    conn->paused = false;
    if (conn->state == CONN_BODY) {
        conn->window_start_ms = conn->server->now_ms;
        conn->timer_kind = TIMER_BODY;
        timer_set(&conn->server->timers[TIMER_BODY], &conn->timer, conn->server->now_ms);
        conn_wake(conn);
    }
}

static const char *
date_of(struct http_server *server)
{
    int64_t utc_ms = clock_utc_ms();

    if (utc_ms / 1000 != server->date_s) {
        server->date_s = utc_ms / 1000;
        clock_http_date(utc_ms, server->date);
    }
    return server->date;
}

/* What is left of the body can be skipped, and surely comes. */
static bool
can_drain(const struct conn *conn)
{
    const struct http_request *req = &conn->req;

    return req->body_done ||
           (!req->head.chunked && !req->awaits_continue && conn->rest <= DRAIN_BYTES);
}

static void
send_reply(struct conn *conn, int status, const struct http_header *headers, size_t n,
           struct span body)
{
    struct http_request *req = &conn->req;
    struct buf *head = &conn->server->scratch;
    enum reply_connection connection = conn->closing          ? REPLY_CLOSE
                                       : req->head.minor == 0 ? REPLY_KEEP_ALIVE
                                                              : REPLY_PLAIN;

    buf_clear(head);
    reply_head(head, status, connection, date_of(conn->server), headers, n, body.len);
    if (reply_has_no_body(status) || span_equal(req->head.method, span_of("HEAD")))
        body.len = 0;
    req->status = status;
    req->reply_bytes = body.len;
    conn->paused = false;
    conn_enter(conn, CONN_REPLY);
    if (head->spoilt)
        conn->broken = true;
    conn_send(conn, buf_span(head), body);
    conn_wake(conn);
}

void
http_reply(struct http_request *req, int status, const struct http_header *headers, size_t n,
           struct span body)
{
    struct conn *conn = conn_of(req);

    assert(req->open && status >= 200 && status <= 999);
    req->open = false;
    req->too_large = false;
    conn->closing = !req->head.keep_alive || conn->server->stopping || !can_drain(conn);
    if (!reply_headers_sound(headers, n)) {
        /* Sent as it is, it could forge a reply; our own mistake, and a visible one. */
        status = 500;
        n = 0;
        body.len = 0;
        conn->closing = true;
    }
    conn->closing = conn->closing || reply_headers_close(headers, n);
    send_reply(conn, status, headers, n, body);
}

bool
http_begin(struct http_request *req, int status, const struct http_header *headers, size_t n)
{
    struct conn *conn = conn_of(req);
    struct buf *head = &conn->server->scratch;

    assert(req->open && req->body_done && conn->state == CONN_WAIT);
    if (span_equal(req->head.method, span_of("HEAD")) || reply_has_no_body(status) ||
        !reply_headers_sound(headers, n)) {
        http_reply(req, status, headers, n, (struct span){NULL, 0});
        return false;
    }
    req->chunked = req->head.minor > 0;
    conn->closing = !req->chunked || !req->head.keep_alive || conn->server->stopping ||
                    reply_headers_close(headers, n);
    buf_clear(head);
    reply_head(head, status, conn->closing ? REPLY_CLOSE : REPLY_PLAIN, date_of(conn->server),
               headers, n, req->chunked ? REPLY_CHUNKED : REPLY_TO_END);
    req->status = status;
    conn_enter(conn, CONN_STREAM);
    if (head->spoilt)
        conn->broken = true;
    conn_send(conn, buf_span(head), (struct span){NULL, 0});
    conn_wake(conn);
    return true;
}

void
http_send(struct http_request *req, struct span piece)
{
    struct conn *conn = conn_of(req);
    struct buf *line = &conn->server->scratch;
    char size[24];

    assert(req->open && conn->state == CONN_STREAM);
    if (piece.len == 0)
        return;
    buf_clear(line);
    if (req->chunked) {
        int n = snprintf(size, sizeof(size), "%zx\r\n", piece.len);
        buf_append(line, size, (size_t)n);
    }
    req->reply_bytes += piece.len;
    if (piece.len <= small_piece_bytes) { /* one call, one packet */
        buf_append(line, piece.data, piece.len);
        if (req->chunked)
            buf_string(line, "\r\n");
        conn_send(conn, buf_span(line), (struct span){NULL, 0});
    } else {
        conn_send(conn, buf_span(line), piece);
        if (req->chunked)
            conn_send(conn, span_of("\r\n"), (struct span){NULL, 0});
    }
    conn_wake(conn);
}

size_t
http_unsent(const struct http_request *req)
{
    const struct conn *conn = conn_of(req);

    return conn->out.len - conn->out_at;
}

void
http_finish(struct http_request *req)
{
    struct conn *conn = conn_of(req);

    assert(req->open && conn->state == CONN_STREAM);
    req->open = false;
    conn_enter(conn, CONN_REPLY);
    conn_send(conn, req->chunked ? span_of("0\r\n\r\n") : (struct span){NULL, 0},
              (struct span){NULL, 0});
    conn_wake(conn);
}

void
http_cut(struct http_request *req)
{
    struct conn *conn = conn_of(req);

    assert(req->open && conn->state == CONN_STREAM);
    req->open = false;
    conn->broken = true;
    conn_enter(conn, CONN_REPLY);
    conn_wake(conn);
}

void
request_drained(struct conn *conn)
{
    struct http_server *server = conn->server;

    timer_drop(&conn->timer);
    if (conn->req.open && server->handler.on_drained != NULL)
        server->handler.on_drained(server->ctx, &conn->req);
}

void
request_refuse(struct conn *conn, const struct err *why)
{
    struct http_server *server = conn->server;
    const char *type = NULL;
    struct buf body;

    buf_init(&body, refusal_bytes);
    if (server->handler.on_refused != NULL)
        server->handler.on_refused(server->ctx, why, &body, &type);
    if (body.spoilt)
        buf_clear(&body);
    struct http_header header = {"Content-Type", type};
    conn->closing = true;
    conn->req.refused = true;
    conn->req.body_done = false;
    request_abandon(conn);
    send_reply(conn, err_http_status(why->code), &header, type != NULL ? 1 : 0, buf_span(&body));
    buf_fini(&body);
}

void
request_abandon(struct conn *conn)
{
    struct http_request *req = &conn->req;

    if (!req->open)
        return;
    req->open = false;
    if (conn->server->handler.on_abandon != NULL)
        conn->server->handler.on_abandon(conn->server->ctx, req);
}

/* Reports a reply that was given, whole or broken off, and empties the request. */
void
request_end(struct conn *conn)
{
    struct http_request *req = &conn->req;
    struct http_server *server = conn->server;

    if (req->status != 0 && !req->refused && server->handler.on_replied != NULL) {
        uint64_t unsent = conn->out.len - conn->out_at;
        uint64_t sent = unsent < req->reply_bytes ? req->reply_bytes - unsent : 0;
        server->handler.on_replied(server->ctx, req, req->status, sent,
                                   request_clock_us() - req->begin_us);
    }
    if (req->arena != NULL && server->spare_count < SPARE_ARENAS) {
        arena_reset(req->arena);
        server->spare[server->spare_count++] = req->arena;
        req->arena = NULL;
    }
    arena_drop(&req->arena);
    buf_fini(&req->body);
    *req = (struct http_request){0};
}
