/* SPDX-License-Identifier: AGPL-3.0-or-later
 * attacks.h - what somebody who took over the confined child would try. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Prepared before the confinement. */
struct aim {
    pid_t reader;     /* the child's parent */
    pid_t outside;    /* a process outside the reader's family */
    int leaked_fd;    /* open for writing, not among the kept ones */
    int kept_fd;      /* a file open for writing that is kept: the limits alone stand before it */
    char file[256];   /* a file that anybody may write */
    char folder[256]; /* a folder that anybody may write */
};

struct attack {
    const char *name;
    bool (*try)(const struct aim *aim); /* true: got what it wanted */
    bool control; /* harmless, and works for root without a sandbox: shows that the attempt is real
                   */
};

extern const struct attack attacks[];
extern const size_t attack_count;
