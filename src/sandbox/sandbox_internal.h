/* SPDX-License-Identifier: AGPL-3.0-or-later
 * sandbox/sandbox_internal.h - what the files of sandbox/ share. */
#pragma once

#include "sandbox/sandbox.h"

#include <linux/filter.h>

enum { FILTER_MAX = 256 };

/* The system call filter as a BPF program. */
struct filter {
    struct sock_filter code[FILTER_MAX];
    unsigned short len;
    unsigned short own_pid; /* index of the instruction that compares with the process's own id */
};

void filter_build(struct filter *filter);

/* For a process that speaks to the network: sockets of IPv4 and IPv6 beside what a child may. */
void filter_build_courier(struct filter *filter);

/* In the child: from here on the filter decides. Proves that it does. */
MUST_CHECK
enum err_code filter_enter(struct filter *filter, struct err *err);

/* Refuses every path to this process and its children, and on newer kernels TCP ports (networked:
 * only listening on them) and signals to processes outside. ERR_OK with *ret_done false where the
 * kernel has no Landlock. */
MUST_CHECK
enum err_code landlock_enter(bool networked, bool *ret_done, struct err *err);

/* Stops being root, leaves the network (unless networked) and the file system behind as far as the
 * kernel lets us, gives up every capability. Adds SANDBOX_USER and SANDBOX_NAMESPACES to *layers.
 */
MUST_CHECK
enum err_code user_enter(bool networked, uint32_t *layers, struct err *err);

/* Neither root nor any capability: ERR_SYSTEM otherwise. */
MUST_CHECK
enum err_code user_check(struct err *err);
