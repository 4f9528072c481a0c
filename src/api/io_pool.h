/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/io_pool.h - a few threads for what may block: writing, syncing, hashing and reading objects.
 * Their number is bounded by the calls under way.
 *
 * Brief jobs are taken in order. Long ones (rendering a result of many megabytes) have half of the
 * threads at most, so that nobody's upload waits for them, and come from lanes in turn, so that who
 * asks for a hundred results waits for his own. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct io_pool;

struct io_job {
    struct io_job *next;             /* the pool's, from post until run is called */
    void (*run)(struct io_job *job); /* on a thread of the pool; may end the job's memory */
    bool is_long;                    /* the pool's */
};

MUST_CHECK
enum err_code io_pool_open(size_t threads, struct io_pool **ret, struct err *err);
/* Runs what was posted, then ends the threads. NULL is accepted. */
void io_pool_close(struct io_pool **pool);

/* From any thread; cannot fail. */
void io_pool_post(struct io_pool *pool, struct io_job *job);
/* lane: any number; those who should share alike have different ones. */
void io_pool_post_long(struct io_pool *pool, struct io_job *job, unsigned lane);
