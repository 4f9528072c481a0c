/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/http_internal.h"

#include <string.h>

size_t
input_read_size(const struct conn *conn)
{
    switch (conn->state) {
    case CONN_BODY:
    case CONN_DRAIN:
        if (conn->req.head.chunked && conn->state == CONN_BODY)
            return READ_CHUNKED_BYTES;
        /* Not past the body's end: what follows would have to be kept. */
        return conn->rest < READ_BODY_BYTES ? (size_t)conn->rest : READ_BODY_BYTES;
    case CONN_LINGER:
        return READ_BODY_BYTES;
    default:
        return READ_HEAD_BYTES;
    }
}

bool
input_is_due(const struct conn *conn)
{
    if (conn->state == CONN_DRAIN)
        return conn->rest == 0;
    return conn->state == CONN_BODY && conn->req.body_done && !conn->paused;
}

static bool
spare_arena(struct conn *conn)
{
    struct http_server *server = conn->server;

    if (server->spare_count > 0)
        conn->req.arena = server->spare[--server->spare_count];
    else
        conn->req.arena = arena_new(server->limits.arena_bytes);
    return conn->req.arena != NULL;
}

static enum err_code
read_head(struct conn *conn, struct span text, struct err *err)
{
    char *copy = spare_arena(conn)
                     ? arena_strndup(conn->req.arena, (const char *)text.data, text.len)
                     : NULL;

    if (copy == NULL)
        return err_set(err, ERR_UNAVAILABLE, "header: no memory");
    return head_parse(conn->req.arena, (struct span){(uint8_t *)copy, text.len}, conn->scan.lines,
                      &conn->req.head, err);
}

static void
complete(struct conn *conn)
{
    const struct http_handler *handler = &conn->server->handler;

    conn_enter(conn, CONN_WAIT);
    if (handler->on_complete != NULL)
        handler->on_complete(conn->server->ctx, &conn->req);
}

/* more: bytes of the body came with the head. */
static void
begin_request(struct conn *conn, struct span text, bool more)
{
    struct http_request *req = &conn->req;
    struct http_server *server = conn->server;
    struct err why;

    if (read_head(conn, text, &why) != ERR_OK) {
        request_refuse(conn, &why);
        return;
    }
    req->begin_us = server->handler.on_replied != NULL ? request_clock_us() : 0;
    req->body_done = !req->head.chunked && req->head.length <= 0;
    /* A client that sends the body all the same is not waiting (RFC 9110, 10.1.1). */
    req->awaits_continue = req->head.expects_continue && !more;
    req->open = true;
    conn->rest = req->head.length > 0 ? (uint64_t)req->head.length : 0;
    chunked_init(&conn->chunked);
    conn_enter(conn, CONN_DECIDE);
    server->handler.on_head(server->ctx, req);
    if (req->open && req->body_done && conn->state == CONN_DECIDE)
        complete(conn);
}

static size_t
take_head(struct conn *conn, const uint8_t *bytes, size_t len)
{
    struct err why;
    size_t end;
    struct span input = {bytes, len};

    if (conn->state == CONN_IDLE)
        conn->scan = (struct head_scan){0};
    if (head_scan(&conn->scan, input, &conn->server->limits, &end, &why) != ERR_OK) {
        request_refuse(conn, &why);
        return len;
    }
    if (end == 0) {
        if (conn->state == CONN_IDLE)
            conn_enter(conn, CONN_HEAD);
        return 0;
    }
    struct span text = {bytes + conn->scan.start, end - conn->scan.start};
    begin_request(conn, text, len > end);
    return end;
}

static void
deliver(struct conn *conn, struct span piece)
{
    struct http_request *req = &conn->req;

    conn->window_bytes += piece.len;
    if (piece.len > req->body_max - req->body_seen) {
        req->too_large = true;
        return;
    }
    req->body_seen += piece.len;
    if (req->streams) {
        if (conn->server->handler.on_body != NULL)
            conn->server->handler.on_body(conn->server->ctx, req, piece);
        return;
    }
    buf_append(&req->body, piece.data, piece.len);
    if (req->body.spoilt) {
        struct err why;
        err_set(&why, ERR_UNAVAILABLE, "body: no memory");
        request_refuse(conn, &why);
    }
}

/* One piece of the body. Marks its end before the handler sees the last piece, because a reply
 * given from there may then keep the connection. */
static void
take_piece(struct conn *conn, struct span *input)
{
    struct span piece = {input->data, 0};
    struct err why;

    if (!conn->req.head.chunked) {
        piece.len = conn->rest < input->len ? (size_t)conn->rest : input->len;
        input->data += piece.len;
        input->len -= piece.len;
        conn->rest -= piece.len;
        conn->req.body_done = conn->rest == 0;
    } else if (chunked_next(&conn->chunked, input, &piece, &why) != ERR_OK) {
        input->len = 0;
        request_refuse(conn, &why);
        return;
    } else {
        conn->req.body_done = conn->chunked.done;
    }
    if (piece.len > 0)
        deliver(conn, piece);
}

static size_t
take_body(struct conn *conn, const uint8_t *bytes, size_t len)
{
    struct span input = {bytes, len};

    while (conn->state == CONN_BODY && !conn->paused && !conn->req.too_large) {
        if (conn->req.body_done)
            complete(conn);
        else if (input.len == 0)
            break;
        else
            take_piece(conn, &input);
    }
    return len - input.len;
}

static size_t
take_drain(struct conn *conn, size_t len)
{
    size_t used = conn->rest < len ? (size_t)conn->rest : len;

    conn->rest -= used;
    conn->window_bytes += used;
    if (conn->rest == 0)
        conn_enter(conn, CONN_IDLE);
    return used;
}

size_t
input_take(struct conn *conn, const uint8_t *bytes, size_t len)
{
    switch (conn->state) {
    case CONN_IDLE:
    case CONN_HEAD:
        return len == 0 ? 0 : take_head(conn, bytes, len);
    case CONN_BODY:
        return take_body(conn, bytes, len);
    case CONN_DRAIN:
        return take_drain(conn, len);
    default:
        return 0;
    }
}
