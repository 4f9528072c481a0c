/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/http_internal.h"

#include <errno.h>
#include <unistd.h>

/* Callable from a signal handler. */
void
mailbox_wake(struct http_server *server)
{
    int saved = errno;
    uint64_t one = 1;

    /* It fails only when the counter is full, and then the loop is awake anyway. */
    ssize_t n = write(server->wake_fd, &one, sizeof(one));
    (void)n;
    errno = saved;
}

void
http_post(struct http_server *server, struct http_mail *mail)
{
    struct http_mail *newest = atomic_load_explicit(&server->mail, memory_order_relaxed);

    do {
        mail->next = newest;
    } while (!atomic_compare_exchange_weak_explicit(&server->mail, &newest, mail,
                                                    memory_order_release, memory_order_relaxed));
    if (newest == NULL)
        mailbox_wake(server); /* whoever posted before us has seen to it otherwise */
}

void
mailbox_run(struct http_server *server)
{
    struct http_mail *mail = atomic_exchange_explicit(&server->mail, NULL, memory_order_acquire);
    struct http_mail *oldest = NULL;

    while (mail != NULL) {
        struct http_mail *next = mail->next;
        mail->next = oldest;
        oldest = mail;
        mail = next;
    }
    while (oldest != NULL) {
        struct http_mail *next = oldest->next; /* the call may free its mail */
        oldest->call(oldest);
        oldest = next;
    }
}
