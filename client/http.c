/* SPDX-License-Identifier: AGPL-3.0-or-later
 * One exchange with the server by libcurl, and its repetition. */
#include "client_internal.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <unistd.h>

static const size_t answer_max_bytes = (size_t)256 << 20; /* 100 pages with boxes stay far below */
static const long connect_timeout_ms = 15000;
static const long stall_seconds = 120; /* not a byte in either direction */
static const int64_t backoff_first_ms = 250;
static const int64_t backoff_max_ms = 8000;
static const int64_t retry_after_max_ms = 120000; /* longer is not waited for, but told */

/* What the callbacks of one try share. */
struct exchange {
    struct leapocr *client;
    const struct client_call *call;
    struct client_answer *answer;
    size_t cap;
    uint64_t sent;
    bool cancelled;
    bool too_large;
    bool no_memory;
    int file_errno; /* reading the file failed; 0 with short_file: it became shorter */
    bool short_file;
};

void
client_answer_fini(struct client_answer *answer)
{
    free(answer->body);
    *answer = (struct client_answer){.retry_after_ms = -1};
}

static size_t
on_answer_bytes(char *bytes, size_t one, size_t len, void *ctx)
{
    struct exchange *x = ctx;
    struct client_answer *answer = x->answer;

    (void)one; /* always 1 */
    if (len > answer_max_bytes - answer->len) {
        x->too_large = true;
        return 0;
    }
    if (answer->len + len + 1 > x->cap) {
        size_t cap = (answer->len + len + 1) * 2;
        char *grown = realloc(answer->body, cap);
        if (grown == NULL) {
            x->no_memory = true;
            return 0;
        }
        answer->body = grown;
        x->cap = cap;
    }
    memcpy(answer->body + answer->len, bytes, len);
    answer->len += len;
    answer->body[answer->len] = '\0';
    return len;
}

/* The value of a header line without the blanks around it, or NULL if it is another header's. */
static const char *
header_value(const char *line, size_t len, const char *name, size_t *ret_len)
{
    size_t name_len = strlen(name);

    if (len <= name_len || line[name_len] != ':' || strncasecmp(line, name, name_len) != 0)
        return NULL;
    const char *from = line + name_len + 1, *to = line + len;
    while (from < to && (*from == ' ' || *from == '\t'))
        from++;
    while (to > from && (unsigned char)to[-1] <= ' ')
        to--;
    *ret_len = (size_t)(to - from);
    return from;
}

static size_t
on_header(char *line, size_t one, size_t len, void *ctx)
{
    struct client_answer *answer = ((struct exchange *)ctx)->answer;
    size_t value_len;
    const char *value;

    (void)one; /* always 1 */
    if ((value = header_value(line, len, "ETag", &value_len)) != NULL &&
        value_len < sizeof(answer->etag)) {
        memcpy(answer->etag, value, value_len);
        answer->etag[value_len] = '\0';
    } else if ((value = header_value(line, len, "Retry-After", &value_len)) != NULL &&
               value_len > 0 && value_len <= 6) {
        int64_t seconds = 0;
        for (size_t i = 0; i < value_len; i++) {
            if (value[i] < '0' || value[i] > '9')
                return len; /* the form with a date is not worth a parser */
            seconds = seconds * 10 + (value[i] - '0');
        }
        answer->retry_after_ms = seconds * 1000;
    }
    return len;
}

static size_t
on_file_wanted(char *room, size_t one, size_t size, void *ctx)
{
    struct exchange *x = ctx;
    uint64_t left = x->call->length - x->sent;
    ssize_t n;

    (void)one; /* always 1 */
    if (left == 0)
        return 0;
    if (size > left)
        size = (size_t)left;
    do
        n = pread(x->call->fd, room, size, (off_t)(x->call->offset + x->sent));
    while (n < 0 && errno == EINTR);
    if (n <= 0) {
        x->short_file = n == 0;
        x->file_errno = n < 0 ? errno : 0;
        return CURL_READFUNC_ABORT;
    }
    x->sent += (uint64_t)n;
    if (x->call->on_sent != NULL)
        x->call->on_sent(x->call->ctx, x->sent);
    return (size_t)n;
}

/* libcurl goes back where a kept connection turned out to be closed. */
static int
on_file_seek(void *ctx, curl_off_t offset, int origin)
{
    struct exchange *x = ctx;

    if (origin != SEEK_SET || offset < 0 || (uint64_t)offset > x->call->length)
        return CURL_SEEKFUNC_CANTSEEK;
    x->sent = (uint64_t)offset;
    return CURL_SEEKFUNC_OK;
}

static int
on_progress(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total, curl_off_t up)
{
    struct exchange *x = ctx;

    (void)down_total, (void)down, (void)up_total, (void)up; /* on_sent counts exactly */
    if (x->client->tick != NULL && !x->client->tick(x->client->ctx))
        x->cancelled = true;
    return x->cancelled;
}

static bool
add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static struct curl_slist *
make_headers(const struct leapocr *client, const struct client_call *call)
{
    struct curl_slist *list = NULL;
    bool ok = add_header(&list, "Accept: application/json");

    if (ok && call->path != NULL && client->key_header != NULL)
        ok = add_header(&list, client->key_header);
    if (ok && call->json != NULL)
        ok = add_header(&list, "Content-Type: application/json");
    if (ok && call->from_file)
        ok = add_header(&list, "Content-Type: application/octet-stream");
    if (!ok) {
        curl_slist_free_all(list);
        list = NULL;
    }
    return list;
}

static void
set_options(CURL *curl, struct exchange *x, const char *url, struct curl_slist *headers)
{
    const struct client_call *call = x->call;

    curl_easy_reset(curl); /* keeps the connections */
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(curl, CURLOPT_USERAGENT, x->client->user_agent);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, connect_timeout_ms);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, stall_seconds);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, x->client->curl_error);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_answer_bytes);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, x);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, x);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, x);
    if (call->from_file) {
        curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
        curl_easy_setopt(curl, CURLOPT_UPLOAD_BUFFERSIZE, 262144L);
        curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)call->length);
        curl_easy_setopt(curl, CURLOPT_READFUNCTION, on_file_wanted);
        curl_easy_setopt(curl, CURLOPT_READDATA, x);
        curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, on_file_seek);
        curl_easy_setopt(curl, CURLOPT_SEEKDATA, x);
    } else if (strcmp(call->method, "POST") == 0) {
        const char *body = call->json != NULL ? call->json : "";
        curl_easy_setopt(curl, CURLOPT_POST, 1L);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body));
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, call->method);
}

/* --- what became of a try --- */

/* Puts the API's own words into the error: {"code": ..., "error": {"message": ...}}, or for an
 * upload the Code and Message of S3's XML. */
static void
quote_answer(const struct client_answer *answer, struct leapocr_error *error)
{
    json_t *body = answer->len > 0 ? json_loadb(answer->body, answer->len, 0, NULL) : NULL;
    const json_t *inner = json_object_get(body, "error");
    const char *code = client_text(body, "code");
    const char *message = client_text(inner, "message");
    const char *xml = answer->body != NULL ? strstr(answer->body, "<Message>") : NULL;

    if (message == NULL)
        message = json_string_value(inner);
    if (code != NULL)
        (void)snprintf(error->code, sizeof(error->code), "%s", code);
    if (message != NULL)
        (void)snprintf(error->message, sizeof(error->message), "%s", message);
    else if (xml != NULL)
        (void)snprintf(error->message, sizeof(error->message), "the upload was refused: %.*s",
                       (int)strcspn(xml + 9, "<"), xml + 9);
    json_decref(body);
}

static enum leapocr_status
status_of_http(int http_status)
{
    switch (http_status) {
    case 401:
    case 403:
        return LEAPOCR_AUTH;
    case 402:
        return LEAPOCR_CREDITS;
    case 404:
        return LEAPOCR_NOT_FOUND;
    default:
        return http_status >= 400 && http_status < 500 ? LEAPOCR_REFUSED : LEAPOCR_SERVER;
    }
}

static enum leapocr_status
judge_answer(const struct client_call *call, const struct client_answer *answer,
             struct leapocr_error *error)
{
    struct leapocr_error found = {.http_status = answer->http_status};

    if (answer->http_status >= 200 && answer->http_status < 300)
        return LEAPOCR_OK;
    found.status = status_of_http(answer->http_status);
    /* A presigned URL says 403 for what is wrong with the URL, not with the key. */
    if (call->path == NULL && found.status == LEAPOCR_AUTH)
        found.status = LEAPOCR_REFUSED;
    (void)snprintf(found.message, sizeof(found.message), "the server answered %d",
                   answer->http_status);
    quote_answer(answer, &found);
    if (error != NULL)
        *error = found;
    return found.status;
}

static enum leapocr_status
judge_failure(const struct exchange *x, CURLcode code, struct leapocr_error *error)
{
    if (x->cancelled)
        return client_fail(error, LEAPOCR_CANCELLED, "cancelled");
    if (x->too_large)
        return client_fail(error, LEAPOCR_MEMORY, "the answer is larger than %zu bytes",
                           answer_max_bytes);
    if (x->no_memory || code == CURLE_OUT_OF_MEMORY)
        return client_fail(error, LEAPOCR_MEMORY, "no memory");
    if (x->short_file)
        return client_fail(error, LEAPOCR_FILE, "the file became shorter while it was read");
    if (x->file_errno != 0)
        return client_fail(error, LEAPOCR_FILE, "the file cannot be read: %s",
                           strerror(x->file_errno));
    return client_fail(error, LEAPOCR_UNREACHABLE, "%s",
                       x->client->curl_error[0] != '\0' ? x->client->curl_error
                                                        : curl_easy_strerror(code));
}

static enum leapocr_status
try_once(struct leapocr *client, const struct client_call *call, const char *url,
         struct client_answer *answer, CURLcode *ret_code, struct leapocr_error *error)
{
    struct exchange x = {.client = client, .call = call, .answer = answer};
    struct curl_slist *headers = make_headers(client, call);
    long http_status = 0;

    if (headers == NULL)
        return client_fail(error, LEAPOCR_MEMORY, "no memory");
    client_answer_fini(answer);
    client->curl_error[0] = '\0';
    set_options(client->curl, &x, url, headers);
    *ret_code = curl_easy_perform(client->curl);
    (void)curl_easy_getinfo(client->curl, CURLINFO_RESPONSE_CODE, &http_status);
    curl_slist_free_all(headers);
    /* A server that refuses a body may close before it has taken all of it: its answer counts. */
    if (*ret_code != CURLE_OK && !(*ret_code == CURLE_SEND_ERROR && http_status >= 400))
        return judge_failure(&x, *ret_code, error);
    answer->http_status = (int)http_status;
    client->reached = true;
    return judge_answer(call, answer, error);
}

/* Whether the same call may go differently the next time, and does no harm if it had worked. */
static bool
worth_another_try(const struct leapocr *client, const struct client_call *call,
                  enum leapocr_status status, int http_status, CURLcode code)
{
    bool never_arrived = code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;

    if (status == LEAPOCR_UNREACHABLE)
        return client->reached && (call->repeatable || never_arrived);
    if (http_status == 429)
        return true; /* refused before anything was done */
    return call->repeatable && (http_status == 408 || http_status >= 500);
}

/* Up to half as long again, so that clients that failed together do not come back together. */
static int64_t
spread(int64_t ms)
{
    uint32_t random_bits = 0;

    (void)!getrandom(&random_bits, sizeof(random_bits), 0); /* without it: not spread */
    return ms + random_bits % (ms / 2 + 1);
}

enum leapocr_status
client_call(struct leapocr *client, const struct client_call *call,
            struct client_answer *ret_answer, struct leapocr_error *error)
{
    enum leapocr_status status = LEAPOCR_OK;
    int64_t backoff_ms = backoff_first_ms;
    char *url = NULL;

    *ret_answer = (struct client_answer){.retry_after_ms = -1};
    if ((call->url != NULL ? asprintf(&url, "%s", call->url)
                           : asprintf(&url, "%s%s", client->base_url, call->path)) < 0)
        return client_fail(error, LEAPOCR_MEMORY, "no memory");
    for (int n = 1;; n++) {
        CURLcode code = CURLE_OK;
        status = try_once(client, call, url, ret_answer, &code, error);
        if (status == LEAPOCR_OK || n == LEAPOCR_TRIES ||
            !worth_another_try(client, call, status, ret_answer->http_status, code))
            break;
        int64_t pause_ms = spread(backoff_ms);
        if (ret_answer->retry_after_ms > retry_after_max_ms)
            break;
        if (ret_answer->retry_after_ms >= 0)
            pause_ms = ret_answer->retry_after_ms;
        backoff_ms = backoff_ms * 2 > backoff_max_ms ? backoff_max_ms : backoff_ms * 2;
        if (client_sleep(client, pause_ms, error) != LEAPOCR_OK) {
            status = LEAPOCR_CANCELLED;
            break;
        }
    }
    free(url);
    if (status == LEAPOCR_OK && error != NULL)
        *error = (struct leapocr_error){0}; /* a try that failed before is forgotten */
    return status;
}

enum leapocr_status
client_call_json(struct leapocr *client, const struct client_call *call, json_t **ret_object,
                 int *ret_http_status, struct leapocr_error *error)
{
    struct client_answer answer;
    json_t *object = NULL;
    enum leapocr_status status = client_call(client, call, &answer, error);

    if (status == LEAPOCR_OK) {
        object = answer.len > 0 ? json_loadb(answer.body, answer.len, 0, NULL) : NULL;
        if (!json_is_object(object))
            status = client_fail(error, LEAPOCR_SERVER,
                                 "the answer to %s %s is not what this API answers; is the "
                                 "server's address right?",
                                 call->method, call->path);
    }
    if (status == LEAPOCR_OK) {
        *ret_object = json_incref(object);
        if (ret_http_status != NULL)
            *ret_http_status = answer.http_status;
    }
    json_decref(object);
    client_answer_fini(&answer);
    return status;
}
