/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/supervise.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { QUICK_ENDS_MAX = 5 };
static const int64_t quick_ms = 1000;
static const int64_t backoff_first_ms = 100;
static const int64_t backoff_most_ms = 5000;
static const int64_t later_most_ms = 1000;       /* while the database is away */
static const int64_t kill_after_grace_ms = 5000; /* a role that does not keep to its grace */

struct state {
    const struct supervise *plan;
    int signal_fd;
    size_t ready;
    bool stopping;
    int64_t kill_at_ms;
};

/* In the new process: nothing here may allocate or return. */
static void NO_RETURN
become_role(const struct role *role, pid_t parent)
{
    int moved[ROLE_FD_END];
    sigset_t none;

    /* Out of the way first, so that no dup2 below overwrites one that is still needed. */
    for (int to = ROLE_FD_WAKE; to < ROLE_FD_END; to++)
        moved[to] = role->fds[to] < 0 ? -1 : fcntl(role->fds[to], F_DUPFD, ROLE_FD_END);
    for (int to = ROLE_FD_WAKE; to < ROLE_FD_END; to++)
        if (moved[to] < 0 ? close(to) < -1 : dup2(moved[to], to) < 0)
            _exit(125);
    close_range(ROLE_FD_END, ~0u, 0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
        _exit(125);
    execv("/proc/self/exe", role->argv);
    _exit(126);
}

static enum err_code
start(struct role *role, struct err *err)
{
    pid_t parent = getpid();

    role->pid = fork();
    if (role->pid < 0)
        return err_sys(err, "cannot start the %s process", role->name);
    if (role->pid == 0)
        become_role(role, parent);
    role->started_ms = clock_mono_ms();
    role->restart_at_ms = 0;
    return ERR_OK;
}

static enum err_code
note_end(struct state *s, struct role *role, int status, struct err *err)
{
    int64_t now = clock_mono_ms();
    int code = WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status);
    const char *how = WIFSIGNALED(status) ? "signal" : "status";

    role->pid = 0;
    if (s->stopping) {
        log_line(LOG_INFO, "role ended", "role=%s %s=%d", role->name, how, code);
        return ERR_OK;
    }
    bool quick = now - role->started_ms < quick_ms;
    bool later = WIFEXITED(status) && code == ROLE_EXIT_LATER;
    /* Whoever kills it says nothing about how it starts. */
    if (!quick)
        role->quick_ends = 0;
    else if (!later && (!WIFSIGNALED(status) || code != SIGKILL))
        role->quick_ends++;
    if (role->quick_ends >= QUICK_ENDS_MAX)
        return err_set(err, ERR_SYSTEM,
                       "the %s process ended %d times right after its start (%s %d); "
                       "its lines above say why",
                       role->name, role->quick_ends, how, code);
    int64_t most_ms = later ? later_most_ms : backoff_most_ms;
    role->backoff_ms = !quick                  ? backoff_first_ms
                       : role->backoff_ms == 0 ? backoff_first_ms
                                               : role->backoff_ms * 2;
    if (role->backoff_ms > most_ms)
        role->backoff_ms = most_ms;
    role->restart_at_ms = now + role->backoff_ms;
    log_line(LOG_ERROR, "role ended unasked, starting it again", "role=%s %s=%d in_ms=%lld",
             role->name, how, code, (long long)role->backoff_ms);
    return ERR_OK;
}

static enum err_code
reap(struct state *s, struct err *err)
{
    int status;
    pid_t pid;
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && (pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (size_t i = 0; i < s->plan->count; i++)
            if (s->plan->roles[i].pid == pid)
                rc = note_end(s, &s->plan->roles[i], status, err);
    return rc;
}

static void
signal_all(const struct state *s, int number)
{
    for (size_t i = 0; i < s->plan->count; i++)
        if (s->plan->roles[i].pid > 0)
            kill(s->plan->roles[i].pid, number);
}

static void
begin_stop(struct state *s)
{
    int64_t now = clock_mono_ms();

    s->kill_at_ms = now + kill_after_grace_ms + (s->stopping ? 0 : s->plan->grace_ms);
    log_line(LOG_INFO, s->stopping ? "stopping now" : "stopping", "grace_ms=%lld",
             (long long)(s->kill_at_ms - now));
    s->stopping = true;
    signal_all(s, ROLE_STOP_SIGNAL);
}

static enum err_code
take_signals(struct state *s, struct err *err)
{
    struct signalfd_siginfo info;
    enum err_code rc = ERR_OK;

    while (rc == ERR_OK && read(s->signal_fd, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
        if (info.ssi_signo == SIGCHLD)
            rc = reap(s, err);
        else
            begin_stop(s);
    }
    return rc;
}

static void
take_ready(struct state *s)
{
    char bytes[16];
    ssize_t n = read(s->plan->ready_fd, bytes, sizeof(bytes));

    if (n <= 0)
        return;
    bool before = s->ready >= s->plan->count;
    s->ready += (size_t)n;
    if (!before && s->ready >= s->plan->count)
        s->plan->on_ready(s->plan->ctx);
}

static bool
any_left(const struct state *s)
{
    for (size_t i = 0; i < s->plan->count; i++)
        if (s->plan->roles[i].pid > 0)
            return true;
    return false;
}

/* Milliseconds until something is due; -1: nothing is. */
static int
next_wait(const struct state *s)
{
    int64_t now = clock_mono_ms();
    int64_t due = s->stopping ? s->kill_at_ms : 0;

    for (size_t i = 0; i < s->plan->count && !s->stopping; i++) {
        int64_t at = s->plan->roles[i].restart_at_ms;
        if (at != 0 && (due == 0 || at < due))
            due = at;
    }
    if (due == 0)
        return -1;
    return due <= now ? 0 : (int)(due - now);
}

static enum err_code
do_what_is_due(struct state *s, struct err *err)
{
    int64_t now = clock_mono_ms();
    enum err_code rc = ERR_OK;

    if (s->stopping) {
        if (now >= s->kill_at_ms)
            signal_all(s, SIGKILL);
        return ERR_OK;
    }
    for (size_t i = 0; i < s->plan->count && rc == ERR_OK; i++) {
        struct role *role = &s->plan->roles[i];
        if (role->restart_at_ms != 0 && now >= role->restart_at_ms)
            rc = start(role, err);
    }
    return rc;
}

/* What ends the service, and the ends of its roles. */
static sigset_t
watched_signals(void)
{
    sigset_t watched;
    struct sigaction hangup;

    sigemptyset(&watched);
    sigaddset(&watched, SIGTERM);
    sigaddset(&watched, SIGINT);
    sigaddset(&watched, SIGCHLD);
    /* A terminal that is closed; but under nohup it is meant to be outlived. */
    if (sigaction(SIGHUP, NULL, &hangup) == 0 && hangup.sa_handler != SIG_IGN)
        sigaddset(&watched, SIGHUP);
    return watched;
}

void
supervise_block_signals(void)
{
    const sigset_t watched = watched_signals();

    sigprocmask(SIG_BLOCK, &watched, NULL);
}

enum err_code
supervise_run(const struct supervise *plan, struct err *err)
{
    struct state s = {.plan = plan, .signal_fd = -1};
    enum err_code rc = ERR_OK;
    const sigset_t watched = watched_signals();

    s.signal_fd = signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK);
    if (s.signal_fd < 0)
        return err_sys(err, "signalfd");
    for (size_t i = 0; i < plan->count && rc == ERR_OK; i++)
        rc = start(&plan->roles[i], err);
    while (rc == ERR_OK && !(s.stopping && !any_left(&s))) {
        struct pollfd polled[] = {{.fd = s.signal_fd, .events = POLLIN},
                                  {.fd = plan->ready_fd, .events = POLLIN}};
        if (poll(polled, ARRAY_LEN(polled), next_wait(&s)) < 0 && errno != EINTR) {
            rc = err_sys(err, "poll");
            break;
        }
        if (polled[1].revents & POLLIN)
            take_ready(&s);
        rc = take_signals(&s, err);
        if (rc == ERR_OK)
            rc = do_what_is_due(&s, err);
    }
    if (rc != ERR_OK) {
        signal_all(&s, SIGKILL);
        while (waitpid(-1, NULL, 0) > 0)
            continue;
    }
    fd_close(&s.signal_fd);
    return rc;
}
