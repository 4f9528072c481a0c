/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/s3_http.h"

#include "base/hash.h"

#include <curl/curl.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

enum { IDLE_MAX = 32 }; /* connections kept */

static const long slow_bytes = 1024;
/* A service that thinks is waited for; a way to it on which nothing is acknowledged is not. */
static const int unacknowledged_ms = 3000;
static const char user_agent[] = "leapocr";

struct s3_http {
    pthread_mutex_t lock;
    CURL *idle[IDLE_MAX];
    size_t idle_count;
    bool direct;
    char ca_file[4096];
};

/* One exchange, as the callbacks see it. */
struct run {
    const struct s3_exchange *exchange;
    struct s3_answer *answer;
    uint64_t sent;
    struct err taken; /* an error of take, or of reading the body */
    char why[CURL_ERROR_SIZE];
};

enum err_code
s3_http_open(const char *ca_file, bool direct, struct s3_http **ret, struct err *err)
{
    struct s3_http *http = calloc(1, sizeof(*http));

    if (http == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        return err_set(err, ERR_MEMORY, "no memory for connections to the store");
    }
    (void)pthread_mutex_init(&http->lock, NULL);
    http->direct = direct;
    (void)snprintf(http->ca_file, sizeof(http->ca_file), "%s", ca_file != NULL ? ca_file : "");
    *ret = http;
    return ERR_OK;
}

void
s3_http_close(struct s3_http **http)
{
    if (*http == NULL)
        return;
    for (size_t i = 0; i < (*http)->idle_count; i++)
        curl_easy_cleanup((*http)->idle[i]);
    (void)pthread_mutex_destroy(&(*http)->lock);
    free(*http);
    *http = NULL;
    curl_global_cleanup();
}

void
s3_answer_init(struct s3_answer *answer)
{
    *answer = (struct s3_answer){.length = UINT64_MAX, .range_total = UINT64_MAX, .date_ms = -1};
    buf_init(&answer->text, S3_TEXT_MAX);
}

void
s3_answer_fini(struct s3_answer *answer)
{
    buf_fini(&answer->text);
}

static CURL *
take_handle(struct s3_http *http)
{
    CURL *easy = NULL;

    (void)pthread_mutex_lock(&http->lock);
    if (http->idle_count > 0)
        easy = http->idle[--http->idle_count];
    (void)pthread_mutex_unlock(&http->lock);
    return easy != NULL ? easy : curl_easy_init();
}

/* The reset forgets options, and with them what was signed, but keeps the connection. */
static void
give_handle(struct s3_http *http, CURL *easy)
{
    curl_easy_reset(easy);
    (void)pthread_mutex_lock(&http->lock);
    if (http->idle_count < IDLE_MAX) {
        http->idle[http->idle_count++] = easy;
        easy = NULL;
    }
    (void)pthread_mutex_unlock(&http->lock);
    if (easy != NULL)
        curl_easy_cleanup(easy);
}

/* --- what comes --- */

static void
copy_value(char *out, size_t cap, const char *value, size_t len)
{
    if (len >= cap)
        len = 0; /* not cut: half an ETag is none */
    memcpy(out, value, len);
    out[len] = '\0';
}

/* The value of the named field; NULL: another field. */
static const char *
field_value(const char *line, size_t len, const char *name, size_t *ret_len)
{
    size_t n = strlen(name);

    if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':')
        return NULL;
    line += n + 1;
    len -= n + 1;
    while (len > 0 && (*line == ' ' || *line == '\t')) {
        line++;
        len--;
    }
    while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' '))
        len--;
    *ret_len = len;
    return line;
}

/* Digits only; false past 18 of them. */
static bool
read_number(const char **at, const char *end, uint64_t *ret)
{
    uint64_t number = 0;
    int digits = 0;

    for (; *at < end && **at >= '0' && **at <= '9' && digits < 19; (*at)++, digits++)
        number = number * 10 + (uint64_t)(**at - '0');
    if (digits == 0 || digits > 18)
        return false;
    *ret = number;
    return true;
}

/* "bytes 5-9/10" */
static void
read_range(const char *value, size_t len, struct s3_answer *answer)
{
    const char *at = value + 6, *end = value + len;
    uint64_t start = 0, last = 0, total = 0;

    if (len < 6 || strncasecmp(value, "bytes ", 6) != 0)
        return;
    if (!read_number(&at, end, &start) || at == end || *at++ != '-' ||
        !read_number(&at, end, &last) || at == end || *at++ != '/' ||
        !read_number(&at, end, &total) || at != end)
        return;
    answer->range_start = start;
    answer->range_total = total;
}

static void
read_field(const char *line, size_t len, struct s3_answer *answer)
{
    char date[64];
    size_t n;
    const char *value;

    if ((value = field_value(line, len, "etag", &n)) != NULL)
        copy_value(answer->etag, sizeof(answer->etag), value, n);
    else if ((value = field_value(line, len, "x-amz-meta-sha256", &n)) != NULL)
        copy_value(answer->sha256, sizeof(answer->sha256), value, n);
    else if ((value = field_value(line, len, "x-amz-server-side-encryption", &n)) != NULL)
        copy_value(answer->sse, sizeof(answer->sse), value, n);
    else if ((value = field_value(line, len, "x-amz-request-id", &n)) != NULL)
        copy_value(answer->request_id, sizeof(answer->request_id), value, n);
    else if ((value = field_value(line, len, "content-range", &n)) != NULL)
        read_range(value, n, answer);
    else if ((value = field_value(line, len, "content-length", &n)) != NULL) {
        const char *at = value;
        if (!read_number(&at, value + n, &answer->length))
            answer->length = UINT64_MAX;
    } else if ((value = field_value(line, len, "date", &n)) != NULL) {
        copy_value(date, sizeof(date), value, n);
        time_t when = curl_getdate(date, NULL);
        answer->date_ms = when > 0 ? (int64_t)when * 1000 : -1;
    }
}

static size_t
on_header(char *line, size_t size, size_t count, void *ctx)
{
    struct run *run = ctx;
    size_t len = size * count;

    /* The answer to "Expect: 100-continue" comes before the one that counts. */
    if (len > 5 && strncmp(line, "HTTP/", 5) == 0) {
        s3_answer_fini(run->answer);
        s3_answer_init(run->answer);
        const char *at = memchr(line, ' ', len), *end = line + len;
        uint64_t status = 0;
        if (at != NULL && read_number((at++, &at), end, &status) && status < 1000)
            run->answer->status = (long)status;
    } else {
        read_field(line, len, run->answer);
    }
    return len;
}

static size_t
on_body(char *bytes, size_t size, size_t count, void *ctx)
{
    struct run *run = ctx;
    struct s3_answer *answer = run->answer;
    struct span piece = {(const uint8_t *)bytes, size * count};
    enum err_code rc = ERR_OK;

    if (run->exchange->take != NULL && (answer->status == 200 || answer->status == 206)) {
        rc = run->exchange->take(run->exchange->take_ctx, answer, piece, &run->taken);
    } else {
        buf_append(&answer->text, piece.data, piece.len);
        if (answer->text.spoilt)
            rc = err_set(&run->taken, ERR_SYSTEM, "the store answers with more than %d bytes",
                         S3_TEXT_MAX);
    }
    return rc == ERR_OK ? piece.len : CURL_WRITEFUNC_ERROR;
}

/* --- what goes --- */

static size_t
on_read(char *into, size_t size, size_t count, void *ctx)
{
    struct run *run = ctx;
    const struct s3_exchange *x = run->exchange;
    uint64_t left = x->body_bytes - run->sent;
    size_t want = size * count < left ? size * count : (size_t)left;
    ssize_t n;

    if (x->body_fd < 0) {
        memcpy(into, x->body.data + run->sent, want);
        run->sent += want;
        return want;
    }
    do
        n = pread(x->body_fd, into, want, (off_t)run->sent);
    while (n < 0 && errno == EINTR);
    if (n < 0 || (n == 0 && want > 0)) {
        (void)err_set(&run->taken, ERR_SYSTEM, "a spooled object could not be read");
        return CURL_READFUNC_ABORT;
    }
    run->sent += (uint64_t)n;
    return (size_t)n;
}

static int
on_seek(void *ctx, curl_off_t offset, int origin)
{
    struct run *run = ctx;

    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > run->exchange->body_bytes)
        return CURL_SEEKFUNC_FAIL;
    run->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

static struct curl_slist *
header_list(const struct s3_exchange *x, struct err *err)
{
    struct curl_slist *list = curl_slist_append(NULL, "Accept:");

    for (size_t i = 0; list != NULL && i < x->header_count; i++) {
        struct buf line;
        buf_init(&line, KiB(32));
        buf_printf(&line, "%s: %s", x->headers[i].name, x->headers[i].value);
        struct curl_slist *longer = line.spoilt ? NULL : curl_slist_append(list, buf_text(&line));
        hash_wipe(line.data, line.len);
        buf_fini(&line);
        if (longer == NULL) {
            curl_slist_free_all(list);
            list = NULL;
        }
    }
    if (list == NULL)
        (void)err_set(err, ERR_MEMORY, "no memory for a request to the store");
    return list;
}

static void
set_method(CURL *easy, const struct s3_exchange *x, struct run *run)
{
    bool has_body = strcmp(x->method, "PUT") == 0 || strcmp(x->method, "POST") == 0;

    if (strcmp(x->method, "HEAD") == 0) {
        curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    } else if (has_body) {
        curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)x->body_bytes);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read);
        curl_easy_setopt(easy, CURLOPT_READDATA, run);
        curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, on_seek);
        curl_easy_setopt(easy, CURLOPT_SEEKDATA, run);
    }
    if (strcmp(x->method, "HEAD") != 0)
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, x->method);
}

/* What the system refuses (a socket of another kind) is done without. */
static int
on_socket(void *ctx, curl_socket_t fd, curlsocktype purpose)
{
    const int on = 1, seconds = 1;

    (void)ctx;
    (void)purpose;
    (void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof(seconds));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof(seconds));
    (void)setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms,
                     sizeof(unacknowledged_ms));
    return CURL_SOCKOPT_OK;
}

static void
set_options(const struct s3_http *http, CURL *easy, const struct s3_exchange *x, struct run *run)
{
    curl_easy_setopt(easy, CURLOPT_URL, x->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent);
    curl_easy_setopt(easy, CURLOPT_PATH_AS_IS, 1L); /* what is signed is what is sent */
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, run->why);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)x->connect_ms);
    curl_easy_setopt(easy, CURLOPT_SOCKOPTFUNCTION, on_socket);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, slow_bytes);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, (long)x->silent_s);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, run);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, run);
    if (http->ca_file[0] != '\0')
        curl_easy_setopt(easy, CURLOPT_CAINFO, http->ca_file);
    if (http->direct)
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    set_method(easy, x, run);
}

static enum err_code
judge(CURLcode code, const struct run *run, struct err *err)
{
    const char *why = run->why[0] != '\0' ? run->why : curl_easy_strerror(code);

    if (run->taken.code != ERR_OK)
        return err_set(err, run->taken.code, "%s", run->taken.msg);
    switch (code) {
    case CURLE_OK:
        return ERR_OK;
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
        return err_set(err, ERR_SYSTEM, "the store: %.160s", why);
    case CURLE_OUT_OF_MEMORY:
        return err_set(err, ERR_MEMORY, "no memory for a request to the store");
    default:
        return err_set(err, ERR_UNAVAILABLE, "the store: %.160s", why);
    }
}

enum err_code
s3_http_perform(struct s3_http *http, const struct s3_exchange *exchange, struct s3_answer *answer,
                struct err *err)
{
    struct run run = {.exchange = exchange, .answer = answer};
    CURL *easy = take_handle(http);
    struct curl_slist *list = header_list(exchange, err);

    if (easy == NULL || list == NULL) {
        curl_easy_cleanup(easy);
        curl_slist_free_all(list);
        return err_set(err, ERR_MEMORY, "no memory for a request to the store");
    }
    set_options(http, easy, exchange, &run);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, list);
    CURLcode code = curl_easy_perform(easy);
    for (struct curl_slist *line = list; line != NULL; line = line->next)
        hash_wipe(line->data, strlen(line->data));
    give_handle(http, easy);
    curl_slist_free_all(list);
    return judge(code, &run, err);
}
