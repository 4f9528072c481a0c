/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One connection as libcurl sees it: its options, and what it calls back. */
#include "courier/transfer_internal.h"

#include "base/clock.h"
#include "courier/system.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static const long connect_ms = 10000;
static const long slow_bytes = 1000, slow_s = 20;

/* The answer that counts: this address, this port, just before it is connected to. */
static curl_socket_t
open_socket(void *ctx, curlsocktype purpose, struct curl_sockaddr *to)
{
    struct transfer *t = ctx;
    struct netaddr address;
    uint16_t port;
    struct err err;

    (void)purpose;
    if (!netaddr_of(&to->addr, &address)) {
        t->forbidden = true;
        return CURL_SOCKET_BAD;
    }
    memcpy(&port, (const char *)&to->addr + 2, sizeof(port)); /* in both families */
    enum err_code rc =
        t->errand.kind == ERRAND_MODEL
            ? ERR_OK
            : netpolicy_check_address(t->world.policy, &address, (uint16_t)ntohs(port), &err);
    if (rc == ERR_OK && t->errand.kind == ERRAND_DELIVERY && !t->url.https &&
        !netpolicy_is_allowed(t->world.policy, &address))
        rc = err_set(&err, ERR_URL, "a webhook's URL has to begin with https://");
    if (rc != ERR_OK) {
        t->forbidden = true;
        transfer_say(t, END_FORBIDDEN, "%s", err.msg);
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static CURLcode
set_trust(CURL *easy, void *ssl_ctx, void *ctx)
{
    const struct transfer *t = ctx;

    (void)easy;
    if (t->world.trust == NULL) /* refused before, in begin_hop */
        return CURLE_SSL_CACERT_BADFILE;
    trust_apply(t->world.trust, ssl_ctx);
    return CURLE_OK;
}

static bool
begins(const char *line, size_t len, const char *name)
{
    size_t n = strlen(name);

    return len > n && strncasecmp(line, name, n) == 0 && line[n] == ':';
}

/* "identity" is none. */
static bool
is_encoded(const char *line, size_t len)
{
    const char *value = memchr(line, ':', len);
    const char *end = line + len;

    value++;
    while (value < end && (*value == ' ' || *value == '\t'))
        value++;
    while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' '))
        end--;
    size_t n = (size_t)(end - value);
    return n > 0 && !(n == 8 && strncasecmp(value, "identity", 8) == 0);
}

static size_t
on_header(char *line, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    size_t len = size * n;

    t->header_bytes += len;
    if (t->header_bytes > HEADERS_MAX) {
        t->unwanted = true;
        transfer_say(t, END_ANSWER, "the server's answer has more than 64 KiB of headers");
        return 0;
    }
    if (t->errand.kind != ERRAND_DELIVERY && begins(line, len, "content-encoding") &&
        is_encoded(line, len)) {
        t->unwanted = true;
        transfer_say(t, END_ANSWER, "the server sent its answer compressed, unasked");
        return 0;
    }
    return len;
}

bool
transfer_flush(struct transfer *t)
{
    while (t->pending_at < t->pending_len) {
        ssize_t n = write(t->fd, t->pending + t->pending_at, t->pending_len - t->pending_at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN;
        t->pending_at += (size_t)n;
    }
    t->pending_at = t->pending_len = 0;
    return true;
}

static long
status_of(const struct transfer *t)
{
    long status = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    return status;
}

/* Of redirects, errors and receivers of webhooks: read so that the connection can be used again, up
 * to a point. */
static size_t
ignore(struct transfer *t, size_t len)
{
    t->ignored_bytes += len;
    t->enough = t->ignored_bytes > IGNORED_BODY_MAX;
    return t->enough ? 0 : len;
}

static size_t
on_body(char *bytes, size_t size, size_t n, void *ctx)
{
    struct transfer *t = ctx;
    size_t len = size * n;

    if (t->errand.kind == ERRAND_DELIVERY || status_of(t) != 200)
        return ignore(t, len);
    if (len > t->errand.bytes_max - t->bytes) {
        t->too_large = true;
        return 0;
    }
    if (!transfer_flush(t))
        return 0; /* nobody reads any more */
    if (t->pending_len > 0 || len > sizeof(t->pending)) {
        t->paused = true;
        return CURL_WRITEFUNC_PAUSE;
    }
    memcpy(t->pending, bytes, len);
    t->pending_len = len;
    t->bytes += len;
    return transfer_flush(t) ? len : 0;
}

static bool
add_header(struct transfer *t, const char *line)
{
    struct curl_slist *grown = curl_slist_append(t->headers, line);

    if (grown != NULL)
        t->headers = grown;
    return grown != NULL;
}

static bool
set_delivery(struct transfer *t)
{
    char stamp[64], signature[128], body_signature[128];
    char field[TRACEPARENT_SIZE], traceparent[TRACEPARENT_SIZE + 16];
    CURL *easy = t->easy;

    snprintf(stamp, sizeof(stamp), "X-Webhook-Timestamp: %s", t->errand.timestamp);
    snprintf(signature, sizeof(signature), "X-Webhook-Signature: %s", t->errand.signature);
    snprintf(body_signature, sizeof(body_signature), "X-R2-Signature: %s",
             t->errand.body_signature);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "LeapOCR-Webhook/1.0");
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t->body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_len);
    if (t->errand.trace[0] != '\0') {
        trace_write(t->errand.trace, field);
        snprintf(traceparent, sizeof(traceparent), "traceparent: %s", field);
        if (!add_header(t, traceparent))
            return false;
    }
    return add_header(t, "Content-Type: application/json") && add_header(t, stamp) &&
           add_header(t, signature) && add_header(t, body_signature) && add_header(t, "Expect:");
}

static bool
set_fetch(struct transfer *t)
{
    CURL *easy = t->easy;

    curl_easy_setopt(easy, CURLOPT_USERAGENT, "LeapOCR-Fetch/1.0");
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->errand.bytes_max);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, slow_bytes);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, slow_s);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    return add_header(t, "Accept: */*");
}

static bool
set_model(struct transfer *t)
{
    char authorization[ERRAND_BEARER_SIZE + 32];
    CURL *easy = t->easy;

    snprintf(authorization, sizeof(authorization), "Authorization: Bearer %s", t->errand.bearer);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, "LeapOCR-Model/1.0");
    curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)t->errand.bytes_max);
    curl_easy_setopt(easy, CURLOPT_POST, 1L);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, t->body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->body_len);
    bool good = add_header(t, "Content-Type: application/json") && add_header(t, "Expect:") &&
                (t->errand.bearer[0] == '\0' || add_header(t, authorization));
    explicit_bzero(authorization, sizeof(authorization));
    return good;
}

/* "+HOST:PORT:ADDRESS,ADDRESS": the library looks nothing up itself. With the plus it forgets them
 * after a while. */
static bool
pin_addresses(struct transfer *t, const struct netaddr *addresses, size_t n)
{
    char text[URL_HOST_SIZE + 32 + 64 * (NETADDR_TEXT_SIZE + 3)];
    size_t at = (size_t)snprintf(text, sizeof(text), "+%s:%u:", t->url.host, t->url.port);

    if (t->url.is_literal)
        return true;
    for (size_t i = 0; i < n && i < 64; i++) {
        char address[NETADDR_TEXT_SIZE];
        netaddr_text(&addresses[i], address);
        bool v4 = netaddr_is_v4(&addresses[i]);
        at += (size_t)snprintf(text + at, sizeof(text) - at, v4 ? "%s%s" : "%s[%s]",
                               i > 0 ? "," : "", address);
    }
    t->pinned = curl_slist_append(NULL, text);
    curl_easy_setopt(t->easy, CURLOPT_RESOLVE, t->pinned);
    return t->pinned != NULL;
}

static void
set_common(struct transfer *t)
{
    CURL *easy = t->easy;

    curl_easy_setopt(easy, CURLOPT_URL, t->url.text);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_CONTENT_DECODING, 0L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 60L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, connect_ms);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, t);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, set_trust);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, t);
}

enum err_code
transfer_set_up(struct transfer *t, const struct netaddr *addresses, size_t n, struct err *err)
{
    int64_t left_ms = t->deadline_ms - clock_mono_ms();

    t->easy = curl_easy_init();
    if (t->easy == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a connection");
    set_common(t);
    curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)(left_ms > 1 ? left_ms : 1));
    bool good = t->errand.kind == ERRAND_DELIVERY ? set_delivery(t)
                : t->errand.kind == ERRAND_MODEL  ? set_model(t)
                                                  : set_fetch(t);
    if (!good || !pin_addresses(t, addresses, n))
        return err_set(err, ERR_MEMORY, "no memory for a connection");
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
    return ERR_OK;
}
