/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/writer.h"

#include "base/clock.h"
#include "base/thread.h"
#include "db/db_internal.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/* A group that goes on longer would hold up the other processes that write. */
static const int64_t group_ms_max = 20;
static const int64_t idle_ms = 1000;

struct queue {
    struct db_job *first;
    struct db_job **last;
};

struct db_writer {
    struct db *db; /* the thread's own */
    pthread_t thread;
    pthread_mutex_t lock; /* guards posted and closing */
    pthread_cond_t wake;
    struct queue posted;
    bool closing;
    atomic_bool dead;
};

static void
queue_init(struct queue *queue)
{
    queue->first = NULL;
    queue->last = &queue->first;
}

static void
queue_add(struct queue *queue, struct db_job *job)
{
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
}

static struct db_job *
queue_take(struct queue *queue)
{
    struct db_job *job = queue->first;

    if (job != NULL) {
        queue->first = job->next;
        if (queue->first == NULL)
            queue->last = &queue->first;
    }
    return job;
}

static struct db_job *
take_posted(struct db_writer *writer)
{
    pthread_mutex_lock(&writer->lock);
    struct db_job *job = queue_take(&writer->posted);
    pthread_mutex_unlock(&writer->lock);
    return job;
}

/* Waits for a piece; NULL when the writer closes and nothing is left, or (with *ret_idle) when
 * nothing came for a while. */
static struct db_job *
wait_for_posted(struct db_writer *writer, bool wake_when_idle, bool *ret_idle)
{
    int64_t until_ms = wake_when_idle ? clock_mono_ms() + idle_ms : INT64_MAX;
    bool goes_on = true;

    *ret_idle = false;
    pthread_mutex_lock(&writer->lock);
    while (writer->posted.first == NULL && !writer->closing && goes_on)
        goes_on = thread_cond_wait(&writer->wake, &writer->lock, until_ms);
    struct db_job *job = queue_take(&writer->posted);
    *ret_idle = job == NULL && !writer->closing;
    pthread_mutex_unlock(&writer->lock);
    return job;
}

/* One piece behind its savepoint. An error of the savepoint itself, or a transaction that the
 * database has given up, is the group's. */
static enum err_code
run_piece(struct db *db, struct db_job *job, struct err *ret_group_err)
{
    enum err_code rc = db_post(db, "SAVEPOINT piece", NULL, 0, ret_group_err);

    if (rc != ERR_OK)
        return rc;
    job->rc = job->work(db, job->arg, &job->err);
    if (!db_in_transaction(db)) {
        *ret_group_err = job->err;
        return job->rc != ERR_OK ? job->rc
                                 : err_set(ret_group_err, ERR_SYSTEM,
                                           "the database ended the transaction by itself");
    }
    if (job->rc == ERR_OK) /* unless something that was posted fails now */
        job->rc = db_exec(db, "RELEASE SAVEPOINT piece", NULL, 0, NULL, &job->err);
    if (job->rc == ERR_OK)
        return ERR_OK;
    if (!db_in_transaction(db)) {
        *ret_group_err = job->err;
        return job->rc;
    }
    rc = db_exec(db, "ROLLBACK TO SAVEPOINT piece", NULL, 0, NULL, ret_group_err);
    return rc != ERR_OK ? rc : db_exec(db, "RELEASE SAVEPOINT piece", NULL, 0, NULL, ret_group_err);
}

/* Tells each piece its fate; a piece may be freed, and others posted, by its done. */
static void
tell(struct queue *group, enum err_code rc, const struct err *err)
{
    struct db_job *job;

    while ((job = queue_take(group)) != NULL) {
        if (rc != ERR_OK && job->rc == ERR_OK) {
            job->rc = rc;
            job->err = *err;
        }
        job->done(job);
    }
}

/* Before the pieces are told: who hears of a failure may ask at once whether it is for good. */
static void
note_death(struct db_writer *writer)
{
    if (db_is_dead(writer->db))
        atomic_store(&writer->dead, true);
}

/* Without the lock (or with a dead handle) nothing that waits now has a chance. */
static void
refuse_all(struct db_writer *writer, struct db_job *first, enum err_code rc, const struct err *err)
{
    struct queue group;

    queue_init(&group);
    for (struct db_job *job = first; job != NULL; job = take_posted(writer)) {
        job->rc = ERR_OK;
        queue_add(&group, job);
    }
    note_death(writer);
    tell(&group, rc, err);
}

/* Beside others the writers of all processes take turns, and each is alone with the owners of its
 * pieces; a piece without one is alone with the database. */
static enum err_code
begin_for(struct db_writer *writer, const struct db_job *job, struct err *err)
{
    const char *const owners[] = {"the writers", job->owner};
    bool beside = db_is_shared(writer->db) && job->owner != NULL;

    return beside ? db_begin(writer->db, DB_SHARES, owners, ARRAY_LEN(owners), err)
                  : db_begin(writer->db, DB_WRITES, NULL, 0, err);
}

/* The next piece that may go into the group behind this one; NULL: none is there, or it cannot. */
static struct db_job *
take_next(struct db_writer *writer, const struct db_job *before, enum err_code *rc, struct err *err)
{
    pthread_mutex_lock(&writer->lock);
    const struct db_job *next = writer->posted.first; /* only this thread takes it away */
    pthread_mutex_unlock(&writer->lock);
    if (next == NULL)
        return NULL;
    if (db_is_shared(writer->db)) {
        bool joined = false;
        if ((next->owner == NULL) != (before->owner == NULL))
            return NULL;
        if (next->owner != NULL && strcmp(next->owner, before->owner) != 0) {
            *rc = db_join(writer->db, next->owner, &joined, err);
            if (*rc != ERR_OK || !joined)
                return NULL;
        }
    }
    return take_posted(writer);
}

static void
run_group(struct db_writer *writer, struct db_job *first)
{
    struct queue group;
    struct err err = {0};
    enum err_code rc = begin_for(writer, first, &err);

    if (rc != ERR_OK) {
        refuse_all(writer, first, rc, &err);
        return;
    }
    queue_init(&group);
    int64_t until = clock_mono_ms() + group_ms_max;
    struct db_job *job = first;
    for (int n = 1; job != NULL; n++) {
        job->rc = ERR_OK;
        job->err = (struct err){0};
        queue_add(&group, job);
        rc = run_piece(writer->db, job, &err);
        bool more = rc == ERR_OK && n < DB_GROUP_MAX && clock_mono_ms() < until;
        job = more ? take_next(writer, job, &rc, &err) : NULL;
    }
    rc = db_finish(writer->db, rc, &err);
    note_death(writer);
    tell(&group, rc, &err);
}

static void *
writer_main(void *arg)
{
    struct db_writer *writer = arg;
    bool written = false, idle = false;

    for (;;) {
        struct db_job *job = wait_for_posted(writer, written, &idle);
        if (job == NULL && !idle)
            return NULL;
        if (job != NULL) {
            run_group(writer, job);
        } else {
            /* Housekeeping: a failure that matters leaves the handle dead, which is told here. */
            enum err_code emptied = db_checkpoint(writer->db, NULL);
            (void)emptied;
            note_death(writer);
        }
        written = job != NULL;
    }
}

enum err_code
db_writer_open(const char *place, struct db_writer **ret, struct err *err)
{
    struct db_writer *writer = calloc(1, sizeof(*writer));

    if (writer == NULL)
        return err_set(err, ERR_MEMORY, "open writer: out of memory");
    enum err_code rc = db_open(place, &writer->db, err);
    if (rc != ERR_OK) {
        free(writer);
        return rc;
    }
    queue_init(&writer->posted);
    pthread_mutex_init(&writer->lock, NULL);
    thread_cond_init(&writer->wake);
    errno = thread_start(&writer->thread, writer_main, writer);
    if (errno != 0) {
        rc = err_sys(err, "start the writing thread");
        pthread_cond_destroy(&writer->wake);
        pthread_mutex_destroy(&writer->lock);
        db_close(&writer->db);
        free(writer);
        return rc;
    }
    *ret = writer;
    return ERR_OK;
}

void
db_writer_close(struct db_writer **writer)
{
    struct db_writer *w = *writer;

    if (w == NULL)
        return;
    pthread_mutex_lock(&w->lock);
    w->closing = true;
    pthread_cond_signal(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    db_close(&w->db);
    free(w);
    *writer = NULL;
}

void
db_writer_post(struct db_writer *writer, struct db_job *job)
{
    pthread_mutex_lock(&writer->lock);
    bool was_empty = writer->posted.first == NULL;
    queue_add(&writer->posted, job);
    if (was_empty)
        pthread_cond_signal(&writer->wake);
    pthread_mutex_unlock(&writer->lock);
}

bool
db_writer_is_dead(const struct db_writer *writer)
{
    return atomic_load(&writer->dead);
}
