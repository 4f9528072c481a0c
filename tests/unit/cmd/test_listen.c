/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/attrs.h"
#include "base/fdio.h"
#include "cmd/listen.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

static void
test_refused(void **state)
{
    static const struct {
        const char *where, *message; /* a part of the message */
    } cases[] = {
        {"", "ADDRESS:PORT is expected"},
        {"8080", "ADDRESS:PORT is expected"},
        {"127.0.0.1", "ADDRESS:PORT is expected"},
        {"127.0.0.1:", "ADDRESS:PORT is expected"},
        {"127.0.0.1:http", "ADDRESS:PORT is expected"},
        {"127.0.0.1:-1", "ADDRESS:PORT is expected"},
        {"127.0.0.1:65536", "from 0 to 65535"},
        {"127.0.0.1:99999", "from 0 to 65535"},
        {"127.0.0.1:000080", "from 0 to 65535"},
        {":8080", "the address is missing"},
        {"[]:8080", "the address is missing"},
        {"::1:8080", "in brackets"},
        {"[::1:8080", "in brackets"},
        {"no host of this name:1", "--listen 'no host of this name:1': "},
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct err err = {0};
        char address[LISTEN_TEXT_SIZE] = "untouched";
        int fd = -1;
        assert_int_equal(listen_open(cases[i].where, &fd, address, &err), ERR_INPUT);
        if (strstr(err.msg, cases[i].message) == NULL)
            fail_msg("'%s': %s", cases[i].where, err.msg);
        assert_int_equal(fd, -1);
        assert_string_equal(address, "untouched");
    }
}

static void
test_long_address(void **state)
{
    struct err err = {0};
    char where[400], address[LISTEN_TEXT_SIZE];
    int fd = -1;

    (void)state;
    memset(where, 'a', sizeof(where));
    memcpy(where + sizeof(where) - 4, ":80", 4);
    assert_int_equal(listen_open(where, &fd, address, &err), ERR_INPUT);
    assert_int_equal(fd, -1);
}

/* What is said of the socket is where it can be reached. */
static void
test_free_port(void **state)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct err err = {0};
    char address[LISTEN_TEXT_SIZE];
    int fd = -1, second = -1;

    (void)state;
    assert_int_equal(listen_open("127.0.0.1:0", &fd, address, &err), ERR_OK);
    assert_memory_equal(address, "127.0.0.1:", 10);
    to.sin_port = htons((uint16_t)atoi(address + 10));
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(client, (struct sockaddr *)&to, sizeof(to)), 0);
    fd_close(&client);

    char again[LISTEN_TEXT_SIZE] = "";
    assert_int_equal(listen_open(address, &second, again, &err), ERR_CONFLICT);
    assert_non_null(strstr(err.msg, address));
    assert_int_equal(second, -1);
    fd_close(&fd);
}

static bool
machine_has_ipv6(void)
{
    struct sockaddr_in6 at = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool has = fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

    fd_close(&fd);
    return has;
}

static void
test_ipv6(void **state)
{
    struct err err = {0};
    char address[LISTEN_TEXT_SIZE];
    int fd = -1;

    (void)state;
    if (!machine_has_ipv6())
        skip();
    assert_int_equal(listen_open("[::1]:0", &fd, address, &err), ERR_OK);
    assert_memory_equal(address, "[::1]:", 6);
    assert_true(atoi(address + 6) > 0);
    fd_close(&fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_address),
        cmocka_unit_test(test_free_port),
        cmocka_unit_test(test_ipv6),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
