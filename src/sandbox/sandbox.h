/* SPDX-License-Identifier: AGPL-3.0-or-later
 * sandbox/sandbox.h - confines the process that it runs in, and says what it achieved.
 *
 * Layers: no_new_privs, rlimits, all descriptors but the listed closed, user (uid/gid nobody when
 * started by root, else a user namespace where the kernel lets us), namespaces (no network, an
 * empty root folder), Landlock (no path at all), seccomp allow-list (KILL_PROCESS), not dumpable.
 * Minimum: no_new_privs, rlimits, closed descriptors, seccomp, and not root. Less is an error,
 * never a warning. What each allowed system call is for: docs/sandbox.md. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum sandbox_layer {
    SANDBOX_NO_NEW_PRIVS = 1,
    SANDBOX_RLIMITS = 2,
    SANDBOX_SECCOMP = 4,
    SANDBOX_USER = 8,
    SANDBOX_NAMESPACES = 16,
    SANDBOX_LANDLOCK = 32,
    SANDBOX_FDS = 64
};
enum {
    SANDBOX_LAYERS_MIN = SANDBOX_NO_NEW_PRIVS | SANDBOX_RLIMITS | SANDBOX_SECCOMP | SANDBOX_FDS
};

/* What is made once, before the reader confines itself: the filter and a descriptor of /dev/null.
 */
struct sandbox;
MUST_CHECK
enum err_code sandbox_open(struct sandbox **ret, struct err *err);
void sandbox_close(struct sandbox **sandbox);

struct sandbox_limits {
    uint64_t
        memory_bytes; /* RLIMIT_AS, on top of what the reader had mapped when it confined itself */
    uint32_t cpu_s;   /* SIGXCPU; SIGKILL one second later; 0: without end */
    uint32_t fd_max;  /* descriptors it may make beside the kept ones */
};

/* What can be done once and early, in the single-threaded reader, when the models are loaded and
 * before it forks (user, namespaces, Landlock, dumpable, death with the parent): inherited by every
 * child, so that a fork costs only the rest. No file can be opened after it. */
MUST_CHECK
enum err_code sandbox_enter_reader(struct sandbox *sandbox, uint32_t *ret_layers, struct err *err);

/* In the child, after the fork and before the first byte of the document. keep [n], n <= 8:
 * descriptors that stay open; 0, 1 and 2 become /dev/null unless kept; all others are closed. Reads
 * back what it set; anything missing of the minimum is ERR_SYSTEM, and the child has to end. After
 * OK only the allow-listed system calls are left. */
enum { SANDBOX_KEEP_MAX = 8 };
MUST_CHECK
enum err_code sandbox_enter_child(struct sandbox *sandbox, const struct sandbox_limits *limits,
                                  const int *keep, size_t n, uint32_t *ret_layers, struct err *err);

/* For the process that speaks to the network, when everything is loaded and opened: no path, no new
 * process, no descriptor but those it makes itself and the n of keep, which it has open beside what
 * its libraries have opened by now; sockets of IPv4 and IPv6 only. One thread. */
MUST_CHECK
enum err_code sandbox_enter_courier(const struct sandbox_limits *limits, const int *keep, size_t n,
                                    uint32_t *ret_layers, struct err *err);

/* Tries the whole of it in processes of its own, for start-up checks: the layers that a child on
 * this machine gets, or why it gets none. */
MUST_CHECK
enum err_code sandbox_probe(uint32_t *ret_layers, struct err *err);

/* "no_new_privs, rlimits, seccomp, ..." */
void sandbox_describe(uint32_t layers, struct buf *out);
