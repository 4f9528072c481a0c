/* SPDX-License-Identifier: AGPL-3.0-or-later
 * sandbox/sandbox.h - confines the process that it runs in, and says what it achieved.
 *
 * Layers: no_new_privs, rlimits, all descriptors but the listed closed, user (uid/gid nobody when
 * started by root, else a user namespace where the kernel lets us), no network (a net namespace
 * and the filter), Landlock (no path at all), seccomp allow-list (KILL_PROCESS), not dumpable.
 * Minimum: no_new_privs + rlimits + seccomp without sockets. Fewer is an error, never a warning. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdbool.h>
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

struct sandbox_limits {
    uint64_t memory_bytes; /* RLIMIT_AS, on top of what is mapped already */
    uint32_t cpu_s;
    uint32_t fd_max;
};

/* What can be done once and early, in the reader before it forks (user, namespaces, Landlock):
 * inherited by every child, so that a fork costs only the rest. */
MUST_CHECK enum err_code sandbox_enter_reader(uint32_t *ret_layers, struct err *err);

/* In the child, after the fork and before the first byte of the document. keep: descriptors that
 * stay open, others are closed. Reads back what it set; anything missing of the minimum is
 * ERR_SYSTEM. After OK only the allow-listed system calls are left. */
MUST_CHECK enum err_code sandbox_enter_child(const struct sandbox_limits *limits, const int *keep,
                                             size_t n, uint32_t *ret_layers, struct err *err);

/* "no_new_privs, rlimits, seccomp, ..." */
void sandbox_describe(uint32_t layers, struct buf *out);
