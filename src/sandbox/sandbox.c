/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "sandbox/sandbox_internal.h"

#include "base/fdio.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

struct sandbox {
    int null_fd;
    uint64_t mapped_bytes; /* of the reader when it confined itself */
    uint32_t layers;       /* that children inherit */
    pid_t reader;          /* 0 until it confined itself */
    struct filter filter;
};

/* Kernels before 5.9, and container filters that do not know close_range, get a loop up to here. */
static const rlim_t close_loop_max = 65536;

/* So many numbers behind the highest kept descriptor are looked at to prove that they are closed.
 */
enum { FDS_CHECKED = 16 };

enum err_code
sandbox_open(struct sandbox **ret, struct err *err)
{
    struct sandbox *sandbox = calloc(1, sizeof(*sandbox));

    if (sandbox == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the sandbox");
    sandbox->null_fd = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (sandbox->null_fd < 0) {
        enum err_code rc = err_sys(err, "/dev/null");
        sandbox_close(&sandbox);
        return rc;
    }
    filter_build(&sandbox->filter);
    *ret = sandbox;
    return ERR_OK;
}

void
sandbox_close(struct sandbox **sandbox)
{
    if (*sandbox == NULL)
        return;
    fd_close(&(*sandbox)->null_fd);
    free(*sandbox);
    *sandbox = NULL;
}

/* Address space in use, from /proc, which is out of reach once confined. */
static enum err_code
measure(struct sandbox *sandbox, struct err *err)
{
    char text[64] = "";
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

    if (n <= 0) {
        enum err_code rc = err_sys(err, "/proc/self/statm (is /proc mounted?)");
        fd_close(&fd);
        return rc;
    }
    fd_close(&fd);
    sandbox->mapped_bytes = strtoull(text, NULL, 10) * (uint64_t)sysconf(_SC_PAGESIZE);
    return ERR_OK;
}

static enum err_code
set_process_flags(struct err *err)
{
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_sys(err, "prctl");
    if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
        return err_set(err, ERR_SYSTEM, "no_new_privs or not-dumpable did not hold");
    return ERR_OK;
}

enum err_code
sandbox_enter_reader(struct sandbox *sandbox, uint32_t *ret_layers, struct err *err)
{
    uint32_t layers = 0;
    bool landlocked = false;
    enum err_code rc = measure(sandbox, err);

    if (rc == ERR_OK)
        rc = user_enter(false, &layers, err);
    if (rc == ERR_OK)
        rc = set_process_flags(err); /* after the change of user, which resets two of them */
    if (rc == ERR_OK)
        rc = landlock_enter(false, &landlocked, err);
    if (rc != ERR_OK)
        return rc;
    layers |= SANDBOX_NO_NEW_PRIVS | (landlocked ? SANDBOX_LANDLOCK : 0);
    sandbox->layers = layers;
    sandbox->reader = getpid();
    *ret_layers = layers;
    return ERR_OK;
}

static void
close_between(unsigned first, unsigned last)
{
    struct rlimit open_max;

    if (first > last || syscall(SYS_close_range, first, last, 0) == 0)
        return;
    if (getrlimit(RLIMIT_NOFILE, &open_max) != 0 || open_max.rlim_cur > close_loop_max)
        open_max.rlim_cur = close_loop_max;
    for (unsigned fd = first; fd <= last && fd < open_max.rlim_cur; fd++)
        close((int)fd);
}

static bool
is_kept(const int *keep, size_t n, int fd)
{
    for (size_t i = 0; i < n; i++)
        if (keep[i] == fd)
            return true;
    return false;
}

/* keep is sorted. */
static enum err_code
close_descriptors(int null_fd, const int *keep, size_t n, struct err *err)
{
    unsigned first = 3;

    for (int fd = 0; fd <= 2; fd++)
        if (!is_kept(keep, n, fd) && dup2(null_fd, fd) != fd)
            return err_sys(err, "closing descriptor %d", fd);
    for (size_t i = 0; i < n; i++) {
        if (keep[i] <= 2)
            continue;
        close_between(first, (unsigned)keep[i] - 1);
        first = (unsigned)keep[i] + 1;
    }
    close_between(first, ~0U);
    for (int fd = 3; fd < (int)first + FDS_CHECKED; fd++)
        if (!is_kept(keep, n, fd) && (fcntl(fd, F_GETFD) != -1 || errno != EBADF))
            return err_set(err, ERR_SYSTEM, "descriptor %d is still open", fd);
    return ERR_OK;
}

static enum err_code
set_limit(int resource, uint64_t soft, uint64_t hard, struct err *err)
{
    struct rlimit wanted, found;

    if (getrlimit((__rlimit_resource_t)resource, &found) != 0)
        return err_sys(err, "limit %d", resource);
    wanted.rlim_max = found.rlim_max < hard ? found.rlim_max : hard; /* a tighter one stays */
    wanted.rlim_cur = wanted.rlim_max < soft ? wanted.rlim_max : soft;
    if (setrlimit((__rlimit_resource_t)resource, &wanted) != 0 ||
        getrlimit((__rlimit_resource_t)resource, &found) != 0)
        return err_sys(err, "limit %d", resource);
    if (found.rlim_cur != wanted.rlim_cur || found.rlim_max != wanted.rlim_max)
        return err_set(err, ERR_SYSTEM, "limit %d did not hold", resource);
    return ERR_OK;
}

static enum err_code
set_limits(const struct sandbox *sandbox, const struct sandbox_limits *limits, int highest_fd,
           struct err *err)
{
    /* One that may run on also logs, perhaps into a file. */
    const uint64_t file_bytes = limits->cpu_s != 0 ? 0 : RLIM_INFINITY;
    uint64_t memory;

    if (__builtin_add_overflow(sandbox->mapped_bytes, limits->memory_bytes, &memory))
        return err_set(err, ERR_INPUT, "the memory limit is too large");
    const struct {
        int resource;
        uint64_t soft, hard;
    } rows[] = {
        {RLIMIT_AS, memory, memory},
        {RLIMIT_CPU, limits->cpu_s != 0 ? limits->cpu_s : RLIM_INFINITY,
         limits->cpu_s != 0 ? (uint64_t)limits->cpu_s + 1 : RLIM_INFINITY},
        {RLIMIT_FSIZE, file_bytes, file_bytes},
        {RLIMIT_NPROC, 0, 0},
        {RLIMIT_CORE, 0, 0},
        {RLIMIT_MEMLOCK, 0, 0},
        {RLIMIT_MSGQUEUE, 0, 0},
        {RLIMIT_NOFILE, (uint64_t)highest_fd + 1 + limits->fd_max,
         (uint64_t)highest_fd + 1 + limits->fd_max},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        enum err_code rc = set_limit(rows[i].resource, rows[i].soft, rows[i].hard, err);
        if (rc != ERR_OK)
            return rc;
    }
    return ERR_OK;
}

static int
compare_ints(const void *a, const void *b)
{
    int x = *(const int *)a, y = *(const int *)b;

    return (x > y) - (x < y);
}

enum err_code
sandbox_enter_child(struct sandbox *sandbox, const struct sandbox_limits *limits, const int *keep,
                    size_t n, uint32_t *ret_layers, struct err *err)
{
    int sorted[SANDBOX_KEEP_MAX];

    if (n > SANDBOX_KEEP_MAX)
        return err_set(err, ERR_INPUT, "%zu descriptors to keep, limit %d", n, SANDBOX_KEEP_MAX);
    if (n > 0)
        memcpy(sorted, keep, n * sizeof(*keep));
    qsort(sorted, n, sizeof(*sorted), compare_ints);
    int highest = n > 0 && sorted[n - 1] > 2 ? sorted[n - 1] : 2;
    enum err_code rc = close_descriptors(sandbox->null_fd, sorted, n, err);
    if (rc == ERR_OK)
        rc = set_process_flags(err);
    /* A reader that died before its death could be waited for leaves an orphan, which ends here. */
    if (rc == ERR_OK && sandbox->reader != 0 && getppid() != sandbox->reader)
        rc = err_set(err, ERR_SYSTEM, "the reader is gone");
    if (rc == ERR_OK)
        rc = user_check(err);
    if (rc == ERR_OK)
        rc = set_limits(sandbox, limits, highest, err);
    if (rc == ERR_OK)
        rc = filter_enter(&sandbox->filter, err);
    if (rc == ERR_OK)
        *ret_layers = sandbox->layers | SANDBOX_LAYERS_MIN;
    return rc;
}

enum err_code
sandbox_enter_courier(const struct sandbox_limits *limits, const int *keep, size_t n,
                      uint32_t *ret_layers, struct err *err)
{
    struct sandbox *sandbox = NULL;
    uint32_t layers = 0;
    bool landlocked = false;
    int highest = 2;
    enum err_code rc = sandbox_open(&sandbox, err);

    for (size_t i = 0; i < n; i++)
        highest = keep[i] > highest ? keep[i] : highest;
    if (rc == ERR_OK)
        rc = measure(sandbox, err);
    if (rc == ERR_OK)
        rc = user_enter(true, &layers, err);
    if (rc == ERR_OK)
        rc = set_process_flags(err); /* after the change of user, which resets two of them */
    if (rc == ERR_OK)
        rc = landlock_enter(true, &landlocked, err);
    if (rc == ERR_OK) {
        filter_build_courier(&sandbox->filter);
        rc = set_limits(sandbox, limits, highest, err);
    }
    if (rc == ERR_OK)
        rc = filter_enter(&sandbox->filter, err);
    sandbox_close(&sandbox);
    if (rc == ERR_OK)
        *ret_layers = layers | SANDBOX_NO_NEW_PRIVS | SANDBOX_RLIMITS | SANDBOX_SECCOMP |
                      (landlocked ? SANDBOX_LANDLOCK : 0);
    return rc;
}

/* In the first process of a probe: what a child gets, as an exit status; 0 with a text on the pipe
 * where it gets nothing. */
static void NO_RETURN
probe_fails(int pipe_fd, const struct err *why)
{
    ssize_t n = write(pipe_fd, why->msg, strlen(why->msg));

    (void)n; /* a probe that could not say why has failed all the same */
    _exit(0);
}

static void NO_RETURN
probe_reader(int pipe_fd)
{
    static const struct sandbox_limits limits = {.memory_bytes = MiB(64), .cpu_s = 5, .fd_max = 2};
    struct sandbox *sandbox = NULL;
    struct err err;
    uint32_t layers = 0;
    int status = 0;
    enum err_code rc = sandbox_open(&sandbox, &err);

    if (rc == ERR_OK)
        rc = sandbox_enter_reader(sandbox, &layers, &err);
    pid_t pid = rc == ERR_OK ? fork() : -1;
    if (pid == 0) {
        rc = sandbox_enter_child(sandbox, &limits, &pipe_fd, 1, &layers, &err);
        if (rc != ERR_OK)
            probe_fails(pipe_fd, &err);
        _exit((int)layers);
    }
    if (rc != ERR_OK)
        probe_fails(pipe_fd, &err);
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    _exit(0);
}

enum err_code
sandbox_probe(uint32_t *ret_layers, struct err *err)
{
    enum err_code rc = ERR_OK;
    char text[128];
    int fds[2] = {-1, -1};
    int status;

    if (pipe2(fds, O_CLOEXEC) != 0)
        return err_sys(err, "sandbox probe");
    pid_t pid = fork();
    if (pid == 0)
        probe_reader(fds[1]);
    fd_close(&fds[1]);
    ssize_t n = pid < 0 ? -1 : read(fds[0], text, sizeof(text) - 1);
    if (n < 0 || waitpid(pid, &status, 0) != pid)
        rc = err_sys(err, "sandbox probe");
    else if (n > 0)
        rc = err_set(err, ERR_SYSTEM, "cannot confine a reader: %.*s", (int)n, text);
    else if (!WIFEXITED(status) || WEXITSTATUS(status) == 0)
        rc = err_set(err, ERR_SYSTEM, "cannot confine a reader: a probe ended with status %d",
                     status);
    else
        *ret_layers = (uint32_t)WEXITSTATUS(status);
    fd_close(&fds[0]);
    return rc;
}

void
sandbox_describe(uint32_t layers, struct buf *out)
{
    static const struct {
        uint32_t layer;
        const char *name;
    } rows[] = {
        {SANDBOX_NO_NEW_PRIVS, "no_new_privs"},
        {SANDBOX_RLIMITS, "rlimits"},
        {SANDBOX_FDS, "descriptors"},
        {SANDBOX_SECCOMP, "seccomp"},
        {SANDBOX_USER, "user"},
        {SANDBOX_NAMESPACES, "namespaces"},
        {SANDBOX_LANDLOCK, "landlock"},
    };
    const char *separator = "";

    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        if ((layers & rows[i].layer) == 0)
            continue;
        buf_printf(out, "%s%s", separator, rows[i].name);
        separator = ", ";
    }
}
