/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/spool.h - keeps what was read of a document until it is written.
 *
 * The first SPOOL_MEMORY_BYTES stay in memory, what comes after them goes to a file without a name
 * in $TMPDIR or /tmp, so that a document of thousands of pages takes no more memory than one of a
 * hundred. Where no such file can be made, memory is taken instead. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

enum { SPOOL_MEMORY_BYTES = 2 << 20 };

struct spool {
    struct buf first;
    int fd;       /* of what comes after first; -1: there is nothing */
    uint64_t len; /* of both */
};

/* Bytes that were put; zero: none. */
struct spooled {
    uint64_t at;
    size_t len;
};

void spool_init(struct spool *spool);
/* Also of one that was set to zero and never begun. */
void spool_fini(struct spool *spool);

MUST_CHECK
enum err_code spool_put(struct spool *spool, struct span bytes, struct spooled *ret,
                        struct err *err);

/* All that was put, in order, some of it at a time. */
MUST_CHECK
enum err_code spool_each(const struct spool *spool,
                         enum err_code (*take)(void *ctx, struct span bytes, struct err *err),
                         void *ctx, struct err *err);

/* A file without a name, where there is room for it; -1 without. The caller closes it. */
int spool_open_file(void);

/* ret: in the spool's memory or in hold, good until either is used again. */
MUST_CHECK
enum err_code spool_load(const struct spool *spool, struct spooled which, struct buf *hold,
                         struct span *ret, struct err *err);
