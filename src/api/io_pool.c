/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/io_pool.h"
#include "base/thread.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum { THREADS_MAX = 16, LANES = 32 };

struct queue {
    struct io_job *first, **last;
};

struct io_pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct queue brief, lanes[LANES];
    unsigned turn;       /* of the lanes */
    size_t long_running; /* at most long_most */
    size_t long_most;
    bool ending;
    pthread_t threads[THREADS_MAX];
    size_t count;
};

static void
put(struct queue *queue, struct io_job *job)
{
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
}

static struct io_job *
take(struct queue *queue)
{
    struct io_job *job = queue->first;

    if (job != NULL) {
        queue->first = job->next;
        if (queue->first == NULL)
            queue->last = &queue->first;
    }
    return job;
}

/* From the lane whose turn it is, or the next that has one. */
static struct io_job *
take_long(struct io_pool *pool)
{
    struct io_job *job = NULL;

    if (pool->long_running >= pool->long_most)
        return NULL;
    for (unsigned i = 0; job == NULL && i < LANES; i++)
        job = take(&pool->lanes[pool->turn++ % LANES]);
    pool->long_running += job != NULL;
    return job;
}

static bool
long_waits(const struct io_pool *pool)
{
    for (unsigned i = 0; i < LANES; i++)
        if (pool->lanes[i].first != NULL)
            return true;
    return false;
}

/* NULL: there is none and none will come. */
static struct io_job *
next_job(struct io_pool *pool)
{
    struct io_job *job;

    pthread_mutex_lock(&pool->lock);
    for (;;) {
        job = take(&pool->brief);
        if (job == NULL)
            job = take_long(pool);
        if (job != NULL || (pool->ending && !long_waits(pool)))
            break;
        pthread_cond_wait(&pool->more, &pool->lock);
    }
    pthread_mutex_unlock(&pool->lock);
    return job;
}

static void
end_long(struct io_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    pool->long_running--;
    pthread_cond_broadcast(&pool->more); /* one may wait for its turn, or for the end */
    pthread_mutex_unlock(&pool->lock);
}

static void *
serve(void *arg)
{
    struct io_pool *pool = arg;
    struct io_job *job;

    while ((job = next_job(pool)) != NULL) {
        bool is_long = job->is_long;
        job->run(job);
        if (is_long)
            end_long(pool);
    }
    return NULL;
}

static int
start_threads(struct io_pool *pool, size_t threads)
{
    int failed = 0;

    while (pool->count < threads && failed == 0) {
        failed = thread_start(&pool->threads[pool->count], serve, pool);
        if (failed == 0)
            pool->count++;
    }
    return failed;
}

enum err_code
io_pool_open(size_t threads, struct io_pool **ret, struct err *err)
{
    struct io_pool *pool = calloc(1, sizeof(*pool));

    if (pool == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the I/O threads");
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->more, NULL);
    pool->brief.last = &pool->brief.first;
    for (unsigned i = 0; i < LANES; i++)
        pool->lanes[i].last = &pool->lanes[i].first;
    pool->long_most = threads > 1 ? threads / 2 : 1;
    int failed = start_threads(pool, threads < THREADS_MAX ? threads : THREADS_MAX);
    if (failed != 0) {
        io_pool_close(&pool);
        errno = failed;
        return err_sys(err, "start an I/O thread");
    }
    *ret = pool;
    return ERR_OK;
}

void
io_pool_close(struct io_pool **held)
{
    struct io_pool *pool = *held;

    *held = NULL;
    if (pool == NULL)
        return;
    pthread_mutex_lock(&pool->lock);
    pool->ending = true;
    pthread_cond_broadcast(&pool->more);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->count; i++)
        pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->more);
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

static void
post(struct io_pool *pool, struct queue *queue, struct io_job *job)
{
    pthread_mutex_lock(&pool->lock);
    put(queue, job);
    pthread_cond_signal(&pool->more);
    pthread_mutex_unlock(&pool->lock);
}

void
io_pool_post(struct io_pool *pool, struct io_job *job)
{
    job->is_long = false;
    post(pool, &pool->brief, job);
}

void
io_pool_post_long(struct io_pool *pool, struct io_job *job, unsigned lane)
{
    job->is_long = true;
    post(pool, &pool->lanes[lane % LANES], job);
}
