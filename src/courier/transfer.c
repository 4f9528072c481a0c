/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "courier/transfer_internal.h"

#include "base/clock.h"
#include "base/fdio.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void
transfer_say(struct transfer *t, enum wire_end end, const char *fmt, ...)
{
    va_list args;

    t->outcome.end = end;
    va_start(args, fmt);
    vsnprintf(t->outcome.text, sizeof(t->outcome.text), fmt, args);
    va_end(args);
}

/* --- one hop --- */

static void
drop_hop(struct transfer *t)
{
    lookup_close(&t->lookup);
    if (t->added)
        (void)curl_multi_remove_handle(t->world.multi, t->easy);
    t->added = false;
    curl_easy_cleanup(t->easy);
    t->easy = NULL;
    curl_slist_free_all(t->headers);
    curl_slist_free_all(t->pinned);
    t->headers = t->pinned = NULL;
}

static void
end(struct transfer *t)
{
    drop_hop(t);
    fd_close(&t->fd); /* the runner sees the end of the document before the outcome */
    t->state = TRANSFER_OVER;
}

static void
end_ours(struct transfer *t, const struct err *why)
{
    transfer_say(t, END_OURS, "%s", why->msg);
    end(t);
}

static void
connect_to(struct transfer *t, const struct netaddr *addresses, size_t n)
{
    struct err err;

    if (transfer_set_up(t, addresses, n, &err) != ERR_OK) {
        end_ours(t, &err);
        return;
    }
    if (curl_multi_add_handle(t->world.multi, t->easy) != CURLM_OK) {
        (void)err_set(&err, ERR_MEMORY, "no memory for a connection");
        end_ours(t, &err);
        return;
    }
    t->added = true;
    t->state = TRANSFER_CONNECTED;
}

/* The URL has been read; what its text alone tells is judged before anything is looked up. */
static void
begin_hop(struct transfer *t)
{
    struct err err;
    enum err_code rc = ERR_OK; /* the operator chose a model's URL */

    if (t->errand.kind == ERRAND_DELIVERY)
        rc = netpolicy_check_webhook(t->world.policy, &t->url, &err);
    else if (t->errand.kind == ERRAND_FETCH)
        rc = netpolicy_check_url(t->world.policy, &t->url, &err);

    t->header_bytes = 0;
    if (rc != ERR_OK) {
        transfer_say(t, END_FORBIDDEN, "%s", err.msg);
        end(t);
        return;
    }
    if (t->url.https && t->world.trust == NULL) {
        /* Deliveries are tried again for days, a job has to know now. */
        transfer_say(t, t->errand.kind == ERRAND_FETCH ? END_FORBIDDEN : END_OURS, "%s",
                     trust_lacking);
        end(t);
        return;
    }
    if (t->url.is_literal) {
        connect_to(t, NULL, 0);
        return;
    }
    if (lookup_open(t->world.resolver, t->url.host, &t->lookup, &err) != ERR_OK) {
        end_ours(t, &err);
        return;
    }
    t->state = TRANSFER_LOOKUP;
}

static void
take_addresses(struct transfer *t)
{
    const struct netaddr *addresses;
    size_t n = lookup_addresses(t->lookup, &addresses);

    if (n == 0) {
        transfer_say(t, END_UNREACHABLE, "the URL's server could not be reached");
        end(t);
        return;
    }
    connect_to(t, addresses, n);
    lookup_close(&t->lookup);
}

/* --- redirects --- */

static void
follow(struct transfer *t, const char *location)
{
    struct url next;
    struct err err;

    if (++t->hops > HOPS_MAX) {
        transfer_say(t, END_ANSWER, "the URL is redirected more than %d times", HOPS_MAX);
        end(t);
        return;
    }
    if (url_parse(location, &next, &err) != ERR_OK) {
        transfer_say(t, END_FORBIDDEN, "redirected: %.150s", err.msg);
        end(t);
        return;
    }
    if (t->url.https && !next.https) {
        transfer_say(t, END_FORBIDDEN, "the URL is redirected from https to http");
        end(t);
        return;
    }
    drop_hop(t);
    t->url = next;
    begin_hop(t);
}

/* --- the end of a connection --- */

static void
judge_status(struct transfer *t)
{
    uint32_t status = t->outcome.http_status;
    char *location = NULL;

    (void)curl_easy_getinfo(t->easy, CURLINFO_REDIRECT_URL, &location);
    if (t->errand.kind == ERRAND_FETCH && status >= 300 && status < 400 && location != NULL) {
        char copy[4 * URL_TEXT_SIZE];
        snprintf(copy, sizeof(copy), "%s", location); /* goes with the handle */
        follow(t, copy);
        return;
    }
    if (t->errand.kind != ERRAND_DELIVERY ? status == 200 : status >= 200 && status < 300) {
        transfer_say(t, END_OK, "%s", "");
        t->outcome.bytes = t->bytes;
    } else {
        transfer_say(t, END_STATUS, "the server answered with status %u", status);
    }
    t->state = TRANSFER_DRAIN;
    drop_hop(t);
}

static void
judge_failure(struct transfer *t, CURLcode code)
{
    curl_off_t connected_us = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_CONNECT_TIME_T, &connected_us);
    if (t->too_large || code == CURLE_FILESIZE_EXCEEDED)
        transfer_say(t, END_TOO_LARGE, "the %s is larger than the limit of %llu bytes",
                     t->errand.kind == ERRAND_MODEL ? "answer" : "document",
                     (unsigned long long)t->errand.bytes_max);
    else if (code == CURLE_OPERATION_TIMEDOUT && connected_us > 0)
        transfer_say(t, END_TIME, "the server was too slow");
    else if (code == CURLE_OUT_OF_MEMORY)
        transfer_say(t, END_OURS, "no memory for a connection");
    else if (connected_us > 0)
        transfer_say(t, END_UNREACHABLE, "the connection to the URL's server broke");
    else
        transfer_say(t, END_UNREACHABLE, "the URL's server could not be reached");
    end(t);
}

void
transfer_ended(struct transfer *t, int result)
{
    long status = 0;

    (void)curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
    t->outcome.http_status = status > 0 && status < 1000 ? (uint32_t)status : 0;
    if (t->forbidden || t->unwanted)
        end(t); /* said already */
    else if (result == CURLE_OK || (result == CURLE_WRITE_ERROR && t->enough))
        judge_status(t);
    else
        judge_failure(t, (CURLcode)result);
}

/* --- life --- */

/* The body of a delivery or a question, whole. */
static enum err_code
load_body(struct transfer *t, int fd, struct err *err)
{
    const off_t most = t->errand.kind == ERRAND_MODEL ? ERRAND_QUESTION_MAX : ERRAND_BODY_MAX;
    struct stat st;

    if (fstat(fd, &st) != 0)
        return err_sys(err, "body of a delivery");
    if (st.st_size < 0 || st.st_size > most)
        return err_set(err, ERR_PROTOCOL, "the body of a delivery has %lld bytes, limit %lld",
                       (long long)st.st_size, (long long)most);
    t->body_len = (size_t)st.st_size;
    t->body = malloc(t->body_len + 1);
    if (t->body == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a delivery");
    return pread(fd, t->body, t->body_len, 0) == (ssize_t)t->body_len
               ? ERR_OK
               : err_set(err, ERR_PROTOCOL, "the body of a delivery is shorter than it says");
}

static enum err_code
take_fd(struct transfer *t, int *fd, struct err *err)
{
    if (*fd < 0)
        return err_set(err, ERR_PROTOCOL, "an errand came without a descriptor");
    if (t->errand.kind == ERRAND_DELIVERY)
        return load_body(t, *fd, err);
    if (t->errand.kind == ERRAND_MODEL) {
        enum err_code rc = load_body(t, *fd, err);
        if (rc != ERR_OK)
            return rc;
    }
    if (fcntl(*fd, F_SETFL, O_NONBLOCK) != 0)
        return err_sys(err, "pipe of a document");
    t->fd = *fd;
    *fd = -1;
    return ERR_OK;
}

enum err_code
transfer_open(const struct transfer_world *world, const struct wire_errand *errand, int fd,
              struct transfer **ret, struct err *err)
{
    struct transfer *t = calloc(1, sizeof(*t));
    struct err why;
    enum err_code rc = ERR_OK;

    if (t == NULL) {
        fd_close(&fd);
        return err_set(err, ERR_MEMORY, "no memory for an errand");
    }
    t->world = *world;
    t->errand = *errand;
    t->outcome.id = errand->id;
    t->fd = -1;
    t->deadline_ms = clock_mono_ms() + errand->time_ms;
    rc = take_fd(t, &fd, err);
    fd_close(&fd);
    if (rc != ERR_OK) {
        transfer_close(&t);
        return rc;
    }
    if (url_parse(errand->url, &t->url, &why) == ERR_OK) {
        begin_hop(t);
    } else {
        transfer_say(t, END_FORBIDDEN, "%.190s", why.msg);
        end(t);
    }
    *ret = t;
    return ERR_OK;
}

void
transfer_close(struct transfer **transfer)
{
    if (*transfer == NULL)
        return;
    drop_hop(*transfer);
    fd_close(&(*transfer)->fd);
    free((*transfer)->body);
    free(*transfer);
    *transfer = NULL;
}

const struct wire_errand *
transfer_errand(const struct transfer *t)
{
    return &t->errand;
}

static bool
step_pipe(struct transfer *t)
{
    if (!transfer_flush(t)) {
        transfer_say(t, END_CANCELED, "nobody takes the document any more");
        end(t);
        return true;
    }
    if (t->pending_len > 0)
        return false;
    if (t->state == TRANSFER_DRAIN) {
        end(t);
        return true;
    }
    if (t->paused) {
        t->paused = false;
        (void)curl_easy_pause(t->easy,
                              CURLPAUSE_CONT); /* may call on_body, which may pause again */
    }
    return false;
}

bool
transfer_step(struct transfer *t)
{
    if (t->state != TRANSFER_OVER && clock_mono_ms() >= t->deadline_ms) {
        bool connected = t->state != TRANSFER_LOOKUP;
        transfer_say(t, connected ? END_TIME : END_UNREACHABLE,
                     connected ? "the server was too slow"
                               : "the URL's server could not be reached");
        end(t);
    }
    if (t->state == TRANSFER_LOOKUP && lookup_step(t->lookup))
        take_addresses(t);
    if (t->state == TRANSFER_DRAIN || (t->state == TRANSFER_CONNECTED && t->paused))
        (void)step_pipe(t);
    return t->state == TRANSFER_OVER;
}

void
transfer_cancel(struct transfer *t)
{
    if (t->state == TRANSFER_OVER)
        return;
    transfer_say(t, END_CANCELED, "canceled");
    end(t);
}

size_t
transfer_fds(const struct transfer *t, void *ret_waitfds)
{
    struct curl_waitfd *waitfds = ret_waitfds;
    int fds[LOOKUP_FDS_MAX];
    size_t n = 0;

    if (t->state == TRANSFER_LOOKUP) {
        lookup_fds(t->lookup, fds);
        for (size_t i = 0; i < LOOKUP_FDS_MAX; i++)
            if (fds[i] >= 0)
                waitfds[n++] = (struct curl_waitfd){.fd = fds[i], .events = CURL_WAIT_POLLIN};
    } else if (t->pending_len > 0 && t->fd >= 0) {
        waitfds[n++] = (struct curl_waitfd){.fd = t->fd, .events = CURL_WAIT_POLLOUT};
    }
    return n;
}

int64_t
transfer_due_ms(const struct transfer *t)
{
    int64_t due = t->state == TRANSFER_LOOKUP ? lookup_due_ms(t->lookup) : INT64_MAX;

    if (t->state == TRANSFER_OVER)
        return 0;
    return due < t->deadline_ms ? due : t->deadline_ms;
}

const struct wire_outcome *
transfer_outcome(const struct transfer *t)
{
    return &t->outcome;
}

struct transfer *
transfer_of(void *easy)
{
    char *transfer = NULL;

    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    return (struct transfer *)(void *)transfer;
}
