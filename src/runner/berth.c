/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/berth.h"
#include "base/thread.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

struct berth {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    void (*work)(void *arg); /* NULL: nothing to do */
    void *arg;
    bool ending;
    atomic_bool busy; /* from the post to the end: who reads false sees all that the work wrote */
    int told_fd;
};

static void *
serve(void *arg)
{
    struct berth *berth = arg;
    const uint64_t one = 1;

    (void)pthread_mutex_lock(&berth->lock);
    while (!berth->ending || berth->work != NULL) {
        if (berth->work == NULL) {
            (void)pthread_cond_wait(&berth->wake, &berth->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&berth->lock);
        berth->work(berth->arg);
        (void)pthread_mutex_lock(&berth->lock);
        berth->work = NULL;
        atomic_store(&berth->busy, false);
        (void)!write(berth->told_fd, &one, sizeof(one)); /* full: it is readable anyway */
    }
    (void)pthread_mutex_unlock(&berth->lock);
    return NULL;
}

enum err_code
berth_open(int told_fd, struct berth **ret, struct err *err)
{
    struct berth *berth = calloc(1, sizeof(*berth));

    if (berth == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a thread");
    berth->told_fd = told_fd;
    (void)pthread_mutex_init(&berth->lock, NULL);
    (void)pthread_cond_init(&berth->wake, NULL);
    int failed = thread_start(&berth->thread, serve, berth);
    if (failed != 0) {
        free(berth);
        errno = failed;
        return err_sys(err, "start a reader's thread");
    }
    *ret = berth;
    return ERR_OK;
}

void
berth_close(struct berth **held)
{
    struct berth *berth = *held;

    *held = NULL;
    if (berth == NULL)
        return;
    (void)pthread_mutex_lock(&berth->lock);
    berth->ending = true;
    (void)pthread_cond_signal(&berth->wake);
    (void)pthread_mutex_unlock(&berth->lock);
    (void)pthread_join(berth->thread, NULL);
    (void)pthread_cond_destroy(&berth->wake);
    (void)pthread_mutex_destroy(&berth->lock);
    free(berth);
}

void
berth_post(struct berth *berth, void (*work)(void *arg), void *arg)
{
    assert(!atomic_load(&berth->busy));
    (void)pthread_mutex_lock(&berth->lock);
    atomic_store(&berth->busy, true);
    berth->work = work;
    berth->arg = arg;
    (void)pthread_cond_signal(&berth->wake);
    (void)pthread_mutex_unlock(&berth->lock);
}

bool
berth_is_busy(const struct berth *berth)
{
    return atomic_load(&berth->busy);
}
