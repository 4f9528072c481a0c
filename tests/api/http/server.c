/* SPDX-License-Identifier: AGPL-3.0-or-later
 * A server over src/http with one path for each thing the tests of the protocol need. Limits come
 * as --name=value; the port it got is written to standard output; SIGTERM stops it. */
#include "base/jsonw.h"
#include "http/http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct counts {
    int64_t heads, abandoned, refused, replied, reply_bytes, paused;
};

static struct http_server *server;
static struct counts counts;
static int64_t grace_ms = 2000;

/* What another thread hands back; on the loop's thread req is NULL once the request is abandoned.
 */
struct later {
    struct http_mail mail; /* first */
    struct http_request *req;
    int64_t sleep_ms;
    bool resumes;
};

/* Kept with streamed requests. */
struct stream {
    uint64_t bytes;
    uint32_t sum;
    int64_t pause_ms;
    struct later *later;
};

static struct http_header json_type = {"Content-Type", "application/json"};

static void
reply_text(struct http_request *req, int status, const char *text)
{
    http_reply(req, status, &json_type, 1, span_of(text));
}

static bool
path_is(const struct http_request *req, const char *path)
{
    return span_equal(http_path(req), span_of(path));
}

/* Digits after "name=" at the start of the query. */
static int64_t
query_number(const struct http_request *req)
{
    struct span query = http_query(req);
    int64_t number = 0;

    for (size_t i = 0; i < query.len; i++)
        if (query.data[i] >= '0' && query.data[i] <= '9')
            number = number * 10 + query.data[i] - '0';
    return number;
}

static void
later_arrives(struct http_mail *mail)
{
    struct later *later = (struct later *)mail;

    if (later->req != NULL && later->resumes) {
        struct stream *stream = http_user(later->req);
        stream->later = NULL;
        http_resume(later->req);
    } else if (later->req != NULL) {
        http_set_user(later->req, NULL);
        reply_text(later->req, 200, "{\"later\":true}");
    }
    free(later);
}

static void *
sleep_and_post(void *arg)
{
    struct later *later = arg;

    usleep((useconds_t)later->sleep_ms * 1000);
    http_post(server, &later->mail);
    return NULL;
}

static struct later *
start_later(struct http_request *req, int64_t sleep_ms, bool resumes)
{
    pthread_t thread;
    pthread_attr_t attr;
    struct later *later = calloc(1, sizeof(*later));

    if (later == NULL)
        abort();
    *later = (struct later){{NULL, later_arrives}, req, sleep_ms, resumes};
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    if (pthread_create(&thread, &attr, sleep_and_post, later) != 0)
        abort();
    pthread_attr_destroy(&attr);
    return later;
}

static void
put_span(struct jsonw *w, const char *key, struct span s)
{
    jsonw_bytes(w, key, s.len > 0 ? s.data : (const uint8_t *)"", s.len);
}

/* The request as it was understood. */
static void
reply_mirror(struct http_request *req)
{
    struct buf buf;
    struct jsonw w = {.out = &buf};

    buf_init(&buf, MiB(64));
    jsonw_object(&w, NULL);
    put_span(&w, "method", http_method(req));
    put_span(&w, "path", http_path(req));
    put_span(&w, "query", http_query(req));
    put_span(&w, "body", http_body(req));
    jsonw_string(&w, "peer", http_peer(req));
    jsonw_int(&w, "length", http_content_length(req));
    jsonw_object(&w, "fields");
    for (size_t i = 0; i < http_field_count(req); i++) {
        struct span name, value;
        char key[64];
        http_field_at(req, i, &name, &value);
        snprintf(key, sizeof(key), "%.*s", (int)name.len, (const char *)name.data);
        put_span(&w, key, value);
    }
    jsonw_end(&w);
    jsonw_end(&w);
    http_reply(req, 200, &json_type, 1, buf_span(&buf));
    buf_fini(&buf);
}

static void
reply_counts(struct http_request *req)
{
    struct buf buf;
    struct jsonw w = {.out = &buf};

    buf_init(&buf, KiB(4));
    jsonw_object(&w, NULL);
    jsonw_int(&w, "heads", counts.heads);
    jsonw_int(&w, "abandoned", counts.abandoned);
    jsonw_int(&w, "refused", counts.refused);
    jsonw_int(&w, "replied", counts.replied);
    jsonw_int(&w, "reply_bytes", counts.reply_bytes);
    jsonw_int(&w, "paused", counts.paused);
    jsonw_end(&w);
    http_reply(req, 200, &json_type, 1, buf_span(&buf));
    buf_fini(&buf);
}

static void
reply_big(struct http_request *req)
{
    size_t len = (size_t)query_number(req);
    uint8_t *bytes = malloc(len + 1);

    if (bytes == NULL)
        abort();
    memset(bytes, 'x', len);
    http_reply(req, 200, NULL, 0, (struct span){bytes, len});
    free(bytes);
}

static void
begin_stream(struct http_request *req, int64_t pause_ms)
{
    struct stream *stream = arena_alloc(http_arena(req), sizeof(*stream));

    if (stream == NULL)
        abort();
    stream->pause_ms = pause_ms;
    http_set_user(req, stream);
    http_stream(req, 1ULL << 40);
}

static void
on_head(void *ctx, struct http_request *req)
{
    static const struct http_header forged[] = {{"X-Text", "a\r\nSet-Cookie: b=c"}};
    static const struct http_header leave[] = {{"Connection", "close"}};

    (void)ctx;
    counts.heads++;
    if (path_is(req, "/early"))
        reply_text(req, 403, "{\"early\":true}");
    else if (path_is(req, "/forged"))
        http_reply(req, 200, forged, 1, span_of("x"));
    else if (path_is(req, "/leave"))
        http_reply(req, 200, leave, 1, span_of("x"));
    else if (path_is(req, "/empty"))
        http_reply(req, 204, NULL, 0, (struct span){NULL, 0});
    else if (path_is(req, "/big"))
        reply_big(req);
    else if (path_is(req, "/count"))
        begin_stream(req, 0);
    else if (path_is(req, "/slow"))
        begin_stream(req, query_number(req));
    else if (path_is(req, "/small"))
        http_collect(req, 100);
    else if (path_is(req, "/later"))
        http_set_user(req, start_later(req, query_number(req), false));
    else if (!path_is(req, "/never") && !path_is(req, "/undecided"))
        http_collect(req, MiB(8));
}

static void
on_body(void *ctx, struct http_request *req, struct span piece)
{
    struct stream *stream = http_user(req);

    (void)ctx;
    for (size_t i = 0; i < piece.len; i++)
        stream->sum = stream->sum * 31 + piece.data[i];
    stream->bytes += piece.len;
    if (stream->pause_ms > 0) {
        http_pause(req);
        counts.paused++;
        stream->later = start_later(req, stream->pause_ms, true);
    }
}

static void
on_complete(void *ctx, struct http_request *req)
{
    static const char hello[] =
        "{\"id\":\"0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\",\"status\":\"completed\",\"pages\":12,"
        "\"progress\":100,\"created_at\":\"2026-11-23T15:04:05.678Z\",\"model\":\"standard\","
        "\"format\":\"markdown\",\"credits\":12,\"file_name\":\"quarterly report.pdf\",\"message\":"
        "\"All pages were read.\",\"pad\":\"01234567890123456789012345678901234567\"}";

    (void)ctx;
    if (path_is(req, "/hello")) {
        reply_text(req, 200, hello);
    } else if (path_is(req, "/counts")) {
        reply_counts(req);
    } else if (path_is(req, "/count") || path_is(req, "/slow")) {
        struct stream *stream = http_user(req);
        char text[80];
        snprintf(text, sizeof(text), "{\"bytes\":%llu,\"sum\":%u}",
                 stream == NULL ? 0ULL : (unsigned long long)stream->bytes,
                 stream == NULL ? 0 : stream->sum);
        reply_text(req, 200, text);
    } else if (!path_is(req, "/never") && !path_is(req, "/later")) {
        reply_mirror(req);
    }
}

static void
on_abandon(void *ctx, struct http_request *req)
{
    (void)ctx;
    counts.abandoned++;
    if (http_user(req) == NULL)
        return;
    struct later *later =
        path_is(req, "/later") ? http_user(req) : ((struct stream *)http_user(req))->later;
    if (later != NULL)
        later->req = NULL;
}

static void
on_refused(void *ctx, const struct err *why, struct buf *ret_body, const char **ret_content_type)
{
    struct jsonw w = {.out = ret_body};

    (void)ctx;
    counts.refused++;
    jsonw_object(&w, NULL);
    jsonw_string(&w, "message", why->msg);
    jsonw_end(&w);
    *ret_content_type = "application/json";
}

static void
on_replied(void *ctx, const struct http_request *req, int status, uint64_t body_bytes,
           int64_t duration_us)
{
    (void)ctx;
    if (status < 200 || duration_us < 0 || http_path(req).len == 0)
        abort();
    counts.replied++;
    counts.reply_bytes += (int64_t)body_bytes;
}

static void
stop(int signal)
{
    (void)signal;
    http_stop(server);
}

static int
listen_local(int *ret_port)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(at);
    int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    at.sin_port = htons((uint16_t)*ret_port);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0 ||
        bind(fd, (struct sockaddr *)&at, sizeof(at)) != 0 || listen(fd, 1024) != 0 ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0) {
        perror("listen");
        exit(1);
    }
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static void
read_option(const char *arg, struct http_limits *limits, int *port)
{
    char name[32];
    long long value;

    if (sscanf(arg, "--%31[a-z_]=%lld", name, &value) != 2) {
        fprintf(stderr, "not an option: %s\n", arg);
        exit(2);
    }
    if (strcmp(name, "port") == 0)
        *port = (int)value;
    else if (strcmp(name, "grace_ms") == 0)
        grace_ms = value;
    else if (strcmp(name, "connections") == 0)
        limits->connections = (size_t)value;
    else if (strcmp(name, "head_ms") == 0)
        limits->head_ms = value;
    else if (strcmp(name, "idle_ms") == 0)
        limits->idle_ms = value;
    else if (strcmp(name, "send_ms") == 0)
        limits->send_ms = value;
    else if (strcmp(name, "unsent_bytes") == 0)
        limits->unsent_bytes = (size_t)value;
    else if (strcmp(name, "body_grace_ms") == 0)
        limits->body_grace_ms = value;
    else if (strcmp(name, "body_rate_min") == 0)
        limits->body_rate_min = (uint64_t)value;
    else
        exit(2);
}

int
main(int argc, char **argv)
{
    static const struct http_handler handler = {.on_head = on_head,
                                                .on_body = on_body,
                                                .on_complete = on_complete,
                                                .on_abandon = on_abandon,
                                                .on_refused = on_refused,
                                                .on_replied = on_replied};
    struct http_limits limits = http_limits_default();
    struct err err;
    int port = 0;

    for (int i = 1; i < argc; i++)
        read_option(argv[i], &limits, &port);
    int fd = listen_local(&port);
    if (http_open(fd, &limits, &handler, NULL, &server, &err) != ERR_OK) {
        fprintf(stderr, "%s\n", err.msg);
        return 1;
    }
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    printf("%d\n", port);
    fflush(stdout);
    http_run(server, grace_ms);
    action.sa_handler = SIG_IGN;
    sigaction(SIGTERM, &action, NULL);
    http_close(&server);
    printf("abandoned %lld\n", (long long)counts.abandoned);
    return 0;
}
