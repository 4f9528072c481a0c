/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/supervise.h - keeps the role processes of `serve` running.
 *
 * Each role is this program run again with fixed descriptors. A role that ends unasked is started
 * again after a back-off (0.1 s, doubled up to 5 s); one that ends within a second of its start
 * five times in a row ends the service, because waiting will not mend it, unless it says that
 * waiting will (ROLE_EXIT_LATER; again within a second). Roles die with their
 * supervisor (PR_SET_PDEATHSIG), so that a killed service leaves nothing behind.
 *
 * Roles end by a signal of their own: SIGTERM and SIGINT reach every process of a service or of a
 * terminal at once, and a role that took them beside its supervisor's would see the second request
 * to stop, which cuts the grace short. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { ROLE_STOP_SIGNAL = SIGUSR1, ROLE_EXIT_LATER = 75 /* EX_TEMPFAIL of sysexits.h */ };

/* The descriptors that a role finds open beside 0, 1, 2. */
enum role_fd {
    ROLE_FD_WAKE = 3,    /* eventfd: there is new work */
    ROLE_FD_READY = 4,   /* write one byte when ready, then close */
    ROLE_FD_LOCK = 5,    /* holds the data folder's lock */
    ROLE_FD_LISTEN = 6,  /* api: the listening socket */
    ROLE_FD_NEWS = 7,    /* a pipe of ids of jobs that changed; api: its reading end */
    ROLE_FD_COURIER = 8, /* a socket between runner and courier, an end for each */
    ROLE_FD_METER = 9,   /* see base/meter.h */
    ROLE_FD_END
};

struct role {
    const char *name;
    char *const *argv;    /* of the new process, ended by NULL */
    int fds[ROLE_FD_END]; /* what to put at each number, or -1; [0..2] unused */
    /* Kept by supervise_run. */
    pid_t pid;
    int64_t started_ms, restart_at_ms, backoff_ms;
    int quick_ends;
};

struct supervise {
    struct role *roles;
    size_t count;
    int ready_fd; /* read end of what roles write to */
    int64_t grace_ms;
    void (*on_ready)(void *ctx); /* once, when every role has said so */
    void *ctx;
};

/* Blocks the signals that supervise_run waits for; to be called before it, and before any thread.
 */
void supervise_block_signals(void);

/* Starts the roles and returns when SIGTERM, SIGINT or SIGHUP has ended them (ERR_OK), or when one
 * cannot be kept running. */
MUST_CHECK
enum err_code supervise_run(const struct supervise *supervise, struct err *err);
