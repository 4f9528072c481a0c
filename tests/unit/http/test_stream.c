/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Replies in pieces, the alarm and the watched descriptor: a real loop, and clients on a thread. */
#include "base/clock.h"
#include "http/http.h"

#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { PIECE = 300000, PIECES = 40, ALL_MAX = PIECE * PIECES + (1 << 20) };

static struct http_server *server;
static int port;
static struct http_request *waiting; /* a stream that does not end by itself */
static int pieces_left, drained, abandoned, stopped, rung, watched;
static size_t most_unsent;
static uint8_t piece[PIECE];

static const struct http_header headers[] = {{"Content-Type", "text/plain"}};

static void
send_next(struct http_request *req)
{
    while (pieces_left > 0 && http_unsent(req) == 0) {
        pieces_left--;
        http_send(req, (struct span){piece, sizeof(piece)});
        if (http_unsent(req) > most_unsent)
            most_unsent = http_unsent(req);
    }
    if (pieces_left == 0 && http_unsent(req) == 0)
        http_finish(req);
}

static void
on_head(void *ctx, struct http_request *req)
{
    (void)ctx;
    (void)req;
}

static void
on_complete(void *ctx, struct http_request *req)
{
    (void)ctx;
    if (!http_begin(req, 200, headers, 1))
        return;
    if (span_equal(http_path(req), span_of("/small"))) {
        http_send(req, span_of("one,"));
        http_send(req, (struct span){NULL, 0});
        http_send(req, span_of("two"));
        http_finish(req);
    } else if (span_equal(http_path(req), span_of("/large"))) {
        pieces_left = PIECES;
        send_next(req);
    } else {
        waiting = req;
        http_send(req, span_of("begun"));
    }
}

static void
on_drained(void *ctx, struct http_request *req)
{
    (void)ctx;
    drained++;
    if (req != waiting)
        send_next(req);
}

static void
on_abandon(void *ctx, struct http_request *req)
{
    (void)ctx;
    abandoned++;
    if (req == waiting)
        waiting = NULL;
}

static void
on_stop(void *ctx)
{
    (void)ctx;
    stopped++;
    if (waiting != NULL) {
        http_send(waiting, span_of(",stopped"));
        http_finish(waiting);
        waiting = NULL;
    }
}

/* Sees to it that a client which is gone is noticed. */
static void
on_alarm(void *ctx)
{
    (void)ctx;
    rung++;
    if (waiting != NULL)
        http_send(waiting, span_of("."));
    http_alarm(server, clock_mono_ms() + 20);
}

static void
on_news(struct http_watch *watch)
{
    uint64_t count;

    assert_int_equal(read(watch->fd, &count, sizeof(count)), sizeof(count));
    watched++;
}

static struct http_watch news = {.call = on_news};

/* --- clients --- */

static int
ask(const char *request)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port),
                             .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0 ||
        write(fd, request, strlen(request)) != (ssize_t)strlen(request))
        abort();
    return fd;
}

/* Up to the end of the connection, or to what ends it. */
static char *
read_reply(int fd, const char *last, size_t *ret_len)
{
    char *all = calloc(1, ALL_MAX + 1);
    size_t len = 0;

    for (;;) {
        ssize_t n = read(fd, all + len, ALL_MAX - len);
        if (n <= 0)
            break;
        len += (size_t)n;
        if (last != NULL && len >= strlen(last) &&
            memcmp(all + len - strlen(last), last, strlen(last)) == 0)
            break;
    }
    *ret_len = len;
    return all;
}

struct answer {
    char *text;
    size_t len;
};
static struct answer small, again, old, head, large, cut;

/* What the chunks hold, in place; false where they are none. */
static bool
join_chunks(char *body, size_t len, size_t *ret_len)
{
    size_t at = 0, out = 0;

    while (at < len) {
        char *end;
        size_t size = strtoul(body + at, &end, 16);
        if (strncmp(end, "\r\n", 2) != 0)
            return false;
        at = (size_t)(end + 2 - body);
        if (at + size + 2 > len || memcmp(body + at + size, "\r\n", 2) != 0)
            return false;
        memmove(body + out, body + at, size);
        out += size;
        at += size + 2;
        if (size == 0)
            break;
    }
    *ret_len = out;
    return at == len;
}

static void *
run_clients(void *arg)
{
    const char *const end = "0\r\n\r\n";
    uint64_t one = 1;
    int fd = ask("GET /small HTTP/1.1\r\nHost: x\r\n\r\n");

    (void)arg;
    small.text = read_reply(fd, end, &small.len);
    static const char second[] = "GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    if (write(fd, second, strlen(second)) < 0)
        abort();
    again.text = read_reply(fd, NULL, &again.len);
    close(fd);
    fd = ask("GET /small HTTP/1.0\r\n\r\n");
    old.text = read_reply(fd, NULL, &old.len);
    close(fd);
    fd = ask("HEAD /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    head.text = read_reply(fd, NULL, &head.len);
    close(fd);
    fd = ask("GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
    usleep(100000); /* its buffers fill meanwhile */
    large.text = read_reply(fd, end, &large.len);
    close(fd);
    /* One goes away in the middle of a stream. */
    fd = ask("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    char byte;
    if (read(fd, &byte, 1) != 1 || write(news.fd, &one, sizeof(one)) < 0)
        abort();
    close(fd);
    usleep(200000);
    /* The next one stays to the end. */
    fd = ask("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    if (read(fd, &byte, 1) != 1)
        abort();
    http_stop(server);
    cut.text = read_reply(fd, NULL, &cut.len);
    close(fd);
    return NULL;
}

static void
open_server(void)
{
    static const struct http_handler handler = {.on_complete = on_complete,
                                                .on_head = on_head,
                                                .on_abandon = on_abandon,
                                                .on_drained = on_drained,
                                                .on_stop = on_stop,
                                                .on_alarm = on_alarm};
    struct http_limits limits = http_limits_default();
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    struct err err;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
                listen(fd, 16) == 0 && getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    port = ntohs(at.sin_port);
    assert_int_equal(http_open(fd, &limits, &handler, NULL, &server, &err), ERR_OK);
    news.fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    assert_int_equal(http_watch(server, &news, &err), ERR_OK);
    assert_int_equal(http_watch(server, &news, &err), ERR_CONFLICT);
    http_alarm(server, clock_mono_ms() + 20);
}

static char *
body_of(const struct answer *answer)
{
    char *body = strstr(answer->text, "\r\n\r\n");

    assert_non_null(body);
    return body + 4;
}

static void
check_small(struct answer *answer, bool close)
{
    char *body = body_of(answer);
    size_t len;

    assert_non_null(strstr(answer->text, "HTTP/1.1 200 OK\r\n"));
    assert_non_null(strstr(answer->text, "Transfer-Encoding: chunked\r\n"));
    assert_null(strstr(answer->text, "Content-Length"));
    assert_int_equal(strstr(answer->text, "Connection: close\r\n") != NULL, close);
    assert_true(join_chunks(body, answer->len - (size_t)(body - answer->text), &len));
    assert_int_equal(len, 7);
    assert_memory_equal(body, "one,two", 7);
}

static void
replies_come_in_pieces(void **state)
{
    pthread_t thread;
    size_t len;
    char *body;

    (void)state;
    for (size_t i = 0; i < sizeof(piece); i++)
        piece[i] = (uint8_t)(i * 7 % 251);
    open_server();
    assert_int_equal(pthread_create(&thread, NULL, run_clients, NULL), 0);
    http_run(server, 5000);
    pthread_join(thread, NULL);
    http_close(&server);
    close(news.fd);
    check_small(&small, false);
    check_small(&again, true);
    assert_null(strstr(old.text, "Transfer-Encoding"));
    assert_string_equal(body_of(&old), "one,two");
    assert_string_equal(body_of(&head), "");
    body = body_of(&large);
    assert_true(join_chunks(body, large.len - (size_t)(body - large.text), &len));
    assert_int_equal(len, (size_t)PIECE * PIECES);
    for (size_t i = 0; i < PIECES; i++)
        assert_memory_equal(body + i * PIECE, piece, PIECE);
    assert_true(drained > 0 && most_unsent <= PIECE + 32);
    assert_int_equal(abandoned, 1);
    assert_int_equal(stopped, 1);
    assert_int_equal(watched, 1);
    assert_true(rung > 2);
    assert_non_null(strstr(cut.text, ",stopped"));
    assert_memory_equal(cut.text + cut.len - 5, "0\r\n\r\n", 5);
    struct answer *const all[] = {&small, &again, &old, &head, &large, &cut};
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        free(all[i]->text);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(replies_come_in_pieces)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
