/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Who waits for whom in the pool of threads. */
#include "api/io_pool.h"

#include <pthread.h>
#include <semaphore.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

struct task {
    struct io_job job; /* first */
    char name;
    sem_t *waits_for; /* NULL: nothing */
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char order[32];
static size_t done;
static sem_t ran;

static void
run(struct io_job *job)
{
    struct task *task = (struct task *)job;

    if (task->waits_for != NULL)
        sem_wait(task->waits_for);
    pthread_mutex_lock(&lock);
    order[done++] = task->name;
    pthread_mutex_unlock(&lock);
    sem_post(&ran);
}

static int
begin(void **state)
{
    (void)state;
    done = 0;
    for (size_t i = 0; i < sizeof(order); i++)
        order[i] = '\0';
    return sem_init(&ran, 0, 0);
}

static struct io_pool *
open_pool(size_t threads)
{
    struct io_pool *pool = NULL;
    struct err err;

    assert_int_equal(io_pool_open(threads, &pool, &err), ERR_OK);
    return pool;
}

static void
brief_jobs_do_not_wait_for_long_ones(void **state)
{
    (void)state;
    sem_t gate;
    struct io_pool *pool = open_pool(4);
    struct task brief = {{.run = run}, 'b', NULL}, held[8];

    sem_init(&gate, 0, 0);
    for (size_t i = 0; i < ARRAY_LEN(held); i++) {
        held[i] = (struct task){{.run = run}, 'L', &gate};
        io_pool_post_long(pool, &held[i].job, (unsigned)i);
    }
    io_pool_post(pool, &brief.job);
    sem_wait(&ran);
    assert_string_equal(order, "b");
    for (size_t i = 0; i < ARRAY_LEN(held); i++)
        sem_post(&gate);
    io_pool_close(&pool); /* runs what was posted */
    assert_string_equal(order, "bLLLLLLLL");
    sem_destroy(&gate);
}

static void
long_jobs_of_one_lane_do_not_keep_another_waiting(void **state)
{
    (void)state;
    sem_t gate;
    struct io_pool *pool = open_pool(2);
    struct task tasks[] = {{{.run = run}, 'a', &gate},
                           {{.run = run}, 'a', NULL},
                           {{.run = run}, 'a', NULL},
                           {{.run = run}, 'x', NULL}};

    sem_init(&gate, 0, 0);
    for (size_t i = 0; i < ARRAY_LEN(tasks); i++)
        io_pool_post_long(pool, &tasks[i].job, tasks[i].name == 'x' ? 2 : 1);
    sem_post(&gate);
    io_pool_close(&pool);
    assert_string_equal(order, "axaa");
    sem_destroy(&gate);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(brief_jobs_do_not_wait_for_long_ones, begin),
        cmocka_unit_test_setup(long_jobs_of_one_lane_do_not_keep_another_waiting, begin),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
