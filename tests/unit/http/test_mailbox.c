/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/http.h"

#include <netinet/in.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/socket.h>

#include <cmocka.h>

enum { THREADS = 4, MAILS = 5000 };

struct letter {
    struct http_mail mail; /* first */
    int thread;
    int number;
};

static struct http_server *server;
static int next_number[THREADS]; /* touched by the loop's thread alone */
static int arrived, out_of_order;

static void
letter_arrives(struct http_mail *mail)
{
    struct letter *letter = (struct letter *)mail;

    out_of_order += letter->number != next_number[letter->thread];
    next_number[letter->thread] = letter->number + 1;
    free(letter);
    if (++arrived == THREADS * MAILS)
        http_stop(server);
}

static void *
post_all(void *arg)
{
    for (int i = 0; i < MAILS; i++) {
        struct letter *letter = calloc(1, sizeof(*letter));
        if (letter == NULL)
            abort();
        *letter = (struct letter){{NULL, letter_arrives}, (int)(intptr_t)arg, i};
        http_post(server, &letter->mail);
    }
    return NULL;
}

static void
open_server(void)
{
    static const struct http_handler none = {0};
    struct http_limits limits = http_limits_default();
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct err err;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0 &&
                listen(fd, 16) == 0);
    assert_int_equal(http_open(fd, &limits, &none, NULL, &server, &err), ERR_OK);
}

static void
mail_of_many_threads_arrives_once_and_in_order(void **state)
{
    (void)state;
    pthread_t threads[THREADS];

    open_server();
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, post_all, (void *)(intptr_t)i), 0);
    http_run(server, 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(arrived, THREADS * MAILS);
    assert_int_equal(out_of_order, 0);
    http_close(&server);
    assert_null(server);
}

static void
late_letter_arrives(struct http_mail *mail)
{
    (void)mail;
    arrived++;
}

static void
mail_left_over_is_run_by_close(void **state)
{
    (void)state;
    struct http_mail late = {NULL, late_letter_arrives};

    arrived = 0;
    open_server();
    http_stop(server);
    http_run(server, 0);
    http_post(server, &late);
    assert_int_equal(arrived, 0);
    http_close(&server);
    assert_int_equal(arrived, 1);
}

static void
limits_that_cannot_be_are_refused(void **state)
{
    (void)state;
    static const struct http_handler none = {0};
    struct http_limits limits = http_limits_default();
    struct err err;

    limits.head_ms = 0;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(http_open(fd, &limits, &none, NULL, &server, &err), ERR_INPUT);
    assert_null(server);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mail_of_many_threads_arrives_once_and_in_order),
        cmocka_unit_test(mail_left_over_is_run_by_close),
        cmocka_unit_test(limits_that_cannot_be_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
