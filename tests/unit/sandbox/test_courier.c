/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What somebody who took over the courier would try, each attempt in a process of its own; and what
 * it has to be able to do. Skipped under a sanitizer, whose run-time library makes calls of its
 * own. */
#include "sandbox/sandbox.h"
#include "sanitized.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { LOST, WON = 42, NOT_CONFINED = 43 };

static struct sockaddr_in listening; /* on loopback */

static int
tcp(void)
{
    return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static bool
try_open(void)
{
    return open("/etc/passwd", O_RDONLY) >= 0;
}

static bool
try_write(void)
{
    return open("/tmp/leapocr-courier", O_RDWR | O_CREAT, 0600) >= 0;
}

static bool
try_list(void)
{
    return open("/", O_RDONLY | O_DIRECTORY) >= 0;
}

static bool
try_stat(void)
{
    struct stat st;

    return stat("/etc/passwd", &st) == 0;
}

static bool
try_exec(void)
{
    char *const argv[] = {(char[]){"true"}, NULL};

    execve("/bin/true", argv, NULL);
    return false; /* the exit status of true would be no victory, being 0: the kernel has to refuse
                   */
}

static bool
try_fork(void)
{
    pid_t pid = fork();

    if (pid == 0)
        _exit(0);
    return pid > 0;
}

static bool
try_kill(void)
{
    return kill(getppid(), 0) == 0;
}

static bool
try_trace(void)
{
    return ptrace(PTRACE_ATTACH, getppid(), NULL, NULL) == 0;
}

static bool
try_unshare(void)
{
    return unshare(CLONE_NEWUSER) == 0;
}

static bool
try_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0;
}

static bool
try_packets(void)
{
    return socket(AF_PACKET, SOCK_RAW, 0) >= 0 || socket(AF_NETLINK, SOCK_RAW, 0) >= 0;
}

static bool
try_listen(void)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    int fd = tcp();

    return bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0;
}

static bool
try_listen_unbound(void)
{
    return listen(tcp(), 1) == 0; /* takes a port of its own */
}

static bool
try_code(void)
{
    return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
           MAP_FAILED;
}

static bool
try_memory_of_parent(void)
{
    char bytes[8];
    struct iovec here = {bytes, sizeof(bytes)}, there = {bytes, sizeof(bytes)};

    return process_vm_readv(getppid(), &here, 1, &there, 1, 0) > 0;
}

static bool
try_descriptors(void)
{
    int fd = -1;

    for (int i = 0; i < 5000; i++)
        fd = dup(2);
    return fd >= 0;
}

static const struct {
    const char *name;
    bool (*try)(void);
} attacks[] = {
    {"open", try_open},
    {"write a file", try_write},
    {"list a folder", try_list},
    {"stat", try_stat},
    {"exec", try_exec},
    {"fork", try_fork},
    {"kill", try_kill},
    {"ptrace", try_trace},
    {"unshare", try_unshare},
    {"unix", try_unix_socket},
    {"packets", try_packets},
    {"bind", try_listen},
    {"listen", try_listen_unbound},
    {"code", try_code},
    {"vm_readv", try_memory_of_parent},
    {"descriptors", try_descriptors},
};

static int
run_confined(bool (*act)(void))
{
    static const struct sandbox_limits limits = {.memory_bytes = MiB(64), .fd_max = 64};
    int status;
    pid_t pid = fork();

    if (pid == 0) {
        uint32_t layers;
        struct err err;
        if (sandbox_enter_courier(&limits, NULL, 0, &layers, &err) != ERR_OK)
            _exit(NOT_CONFINED);
        _exit(act() ? WON : LOST);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

static void
test_attacks(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    for (size_t i = 0; i < ARRAY_LEN(attacks); i++) {
        int end = run_confined(attacks[i].try);
        if (end == WON || end == NOT_CONFINED || (end != LOST && end != -SIGSYS))
            fail_msg("%s: ended with %d", attacks[i].name, end);
    }
}

/* Connects, sends, receives, waits: what a transfer takes. */
static bool
do_work(void)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1, error = 1, udp = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    socklen_t len = sizeof(error);
    char bytes[4];

    if (fd < 0 || udp < 0 || setsockopt(fd, IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof(on)) != 0)
        return false;
    if (connect(fd, (struct sockaddr *)&listening, sizeof(listening)) != 0 && errno != EINPROGRESS)
        return false;
    struct pollfd polled = {.fd = fd, .events = POLLOUT};
    if (poll(&polled, 1, 2000) != 1 || getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 ||
        error != 0 || send(fd, "ping", 4, MSG_NOSIGNAL) != 4)
        return false;
    polled.events = POLLIN;
    return poll(&polled, 1, 2000) == 1 && recv(fd, bytes, 4, 0) == 4;
}

static void
test_work(void **state)
{
    socklen_t len = sizeof(listening);
    int fd = tcp();
    char bytes[4];

    (void)state;
    if (SANITIZED)
        skip();
    listening =
        (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(bind(fd, (struct sockaddr *)&listening, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&listening, &len), 0);
    assert_int_equal(listen(fd, 4), 0);
    pid_t pid = fork();
    if (pid == 0) {
        int peer = accept(fd, NULL, NULL);
        _exit(peer >= 0 && recv(peer, bytes, 4, 0) == 4 && send(peer, "pong", 4, 0) == 4 ? 0 : 1);
    }
    assert_int_equal(run_confined(do_work), WON);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    close(fd);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_attacks),
        cmocka_unit_test(test_work),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
