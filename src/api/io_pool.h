/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/io_pool.h - a few threads for what may block: writing, syncing, hashing and reading objects.
 * Jobs are taken in order; their number is bounded by the calls under way. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stddef.h>

struct io_pool;

struct io_job {
    struct io_job *next;             /* the pool's, from post until run is called */
    void (*run)(struct io_job *job); /* on a thread of the pool; may end the job's memory */
};

MUST_CHECK
enum err_code io_pool_open(size_t threads, struct io_pool **ret, struct err *err);
/* Runs what was posted, then ends the threads. NULL is accepted. */
void io_pool_close(struct io_pool **pool);

/* From any thread; cannot fail. */
void io_pool_post(struct io_pool *pool, struct io_job *job);
