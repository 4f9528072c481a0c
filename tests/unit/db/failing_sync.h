/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/db/failing_sync.h - stands before the C library's fsync and fdatasync, so that a test
 * can make one of them fail as a dying disk does. To be included by one file of a program. */
#pragma once

#include <errno.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The call that fails, counted down; 0: none does. */
static atomic_int sync_failing;
static atomic_int sync_calls;

static int
sync_through(long number, int fd)
{
    atomic_fetch_add(&sync_calls, 1);
    if (atomic_load(&sync_failing) > 0 && atomic_fetch_sub(&sync_failing, 1) == 1) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(number, fd);
}

__attribute__((visibility("default"))) int fdatasync(int fd);
__attribute__((visibility("default"))) int fsync(int fd);

int
fdatasync(int fd)
{
    return sync_through(SYS_fdatasync, fd);
}

int
fsync(int fd)
{
    return sync_through(SYS_fsync, fd);
}
