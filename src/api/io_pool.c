/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/io_pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

enum { THREADS_MAX = 16 };

struct io_pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct io_job *first, **last;
    bool ending;
    pthread_t threads[THREADS_MAX];
    size_t count;
};

static struct io_job *
next_job(struct io_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->first == NULL && !pool->ending)
        pthread_cond_wait(&pool->more, &pool->lock);
    struct io_job *job = pool->first;
    if (job != NULL) {
        pool->first = job->next;
        if (pool->first == NULL)
            pool->last = &pool->first;
    }
    pthread_mutex_unlock(&pool->lock);
    return job;
}

static void *
serve(void *arg)
{
    struct io_job *job;

    while ((job = next_job(arg)) != NULL)
        job->run(job);
    return NULL;
}

/* Signals are for the loop's thread: the new ones inherit a full mask. */
static int
start_threads(struct io_pool *pool, size_t threads)
{
    sigset_t all, old;
    int failed = 0;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    while (pool->count < threads && failed == 0) {
        failed = pthread_create(&pool->threads[pool->count], NULL, serve, pool);
        if (failed == 0)
            pool->count++;
    }
    pthread_sigmask(SIG_SETMASK, &old, NULL);
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
    pool->last = &pool->first;
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

void
io_pool_post(struct io_pool *pool, struct io_job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&pool->lock);
    *pool->last = job;
    pool->last = &job->next;
    pthread_cond_signal(&pool->more);
    pthread_mutex_unlock(&pool->lock);
}
