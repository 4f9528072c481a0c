/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What clients have not taken of their replies, all together. Clients that ask for much and read
 * slowly would fill the memory, however patiently each alone may be served. */
#include "http/http_internal.h"

#include <sys/socket.h>

void
unsent_count(struct conn *conn)
{
    if (conn->held == 0)
        conn->held_ms = conn->server->now_ms;
    conn->server->unsent += conn->out.len;
    conn->server->unsent -= conn->held;
    conn->held = conn->out.len;
}

/* What a connection costs for what it takes: bytes held, times how long, by bytes taken. A client
 * that has just begun is given a second and what a socket takes at once. */
static double
cost_of(const struct conn *conn)
{
    static const double young_ms = 1000, first_bytes = KiB(64);

    return (double)conn->held * ((double)(conn->server->now_ms - conn->held_ms) + young_ms) /
           ((double)conn->out_at + first_bytes);
}

void
conn_reset_at_close(const struct conn *conn)
{
    struct linger reset = {.l_onoff = 1, .l_linger = 0};

    (void)setsockopt(conn->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
}

/* The memory at once: many may be cut off before the first of them is closed. */
static void
cut_off(struct conn *conn)
{
    uint64_t unsent = conn->out.len - conn->out_at;
    size_t limit = conn->out.limit;

    conn->req.reply_bytes -= unsent < conn->req.reply_bytes ? unsent : conn->req.reply_bytes;
    buf_fini(&conn->out);
    buf_init(&conn->out, limit);
    conn->out_at = 0;
    unsent_count(conn);
    conn->broken = true;
    conn_reset_at_close(conn);
    conn_wake(conn);
}

void
unsent_shed(struct http_server *server, const struct conn *but)
{
    while (server->unsent > server->limits.unsent_bytes) {
        struct conn *worst = NULL;
        for (struct conn *conn = server->conns; conn != NULL; conn = conn->next)
            if (conn != but && conn->held > 0 && (worst == NULL || cost_of(conn) > cost_of(worst)))
                worst = conn;
        if (worst == NULL)
            return;
        cut_off(worst);
    }
}
