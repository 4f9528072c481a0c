/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/chores.h"

#include "base/clock.h"
#include "base/log.h"
#include "base/thread.h"
#include "db/move.h"
#include "runner/collect.h"
#include "runner/keep.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

static const int64_t sweep_default_ms = 5000;
static const int64_t collect_default_ms = 600000;

/* job_sweep gives at most JOB_SWEEP_MAX jobs' objects, each at most UPLOAD_PARTS_MAX of them. */
enum { SWEEP_ARENA_BYTES = 64 << 20 };

struct chores {
    struct chores_config config;
    struct db *db;
    struct arena *arena;
    pthread_t thread;
    pthread_mutex_t mutex; /* for the wait only */
    pthread_cond_t wake;
    atomic_bool stopping;
    atomic_bool dead;
    int64_t collect_due_ms;
    int64_t beat_due_ms;
    atomic_size_t running;
    atomic_bool draining;
    bool said_draining;
    bool hurry;        /* under mutex: the thread is not to wait */
    bool checkpointed; /* nothing has moved since */
    bool said_moved;
};

struct sweep {
    struct chores *chores;
    char (*ids)[OBJECT_ID_SIZE];
    size_t n;
};

static enum err_code
do_sweep(struct db *db, void *arg, struct err *err)
{
    struct sweep *sweep = arg;

    return job_sweep(sweep->chores->arena, db, clock_utc_ms(), &sweep->ids, &sweep->n, err);
}

static enum err_code
sweep_jobs(struct chores *chores, struct err *err)
{
    struct sweep sweep = {.chores = chores};

    arena_reset(chores->arena);
    enum err_code rc = db_transact(chores->db, do_sweep, &sweep, err);
    for (size_t i = 0; rc == ERR_OK && i < sweep.n; i++)
        rc = store_remove(chores->config.store, sweep.ids[i], err);
    return rc;
}

/* --- uploads that clients send to the S3 service --- */

static enum err_code
do_forget(struct db *db, void *arg, struct err *err)
{
    const struct upload_gone *gone = arg;

    return upload_gone_drop(db, gone->object_id, err);
}

/* Those that were given up: the service is told, then the note goes. */
static enum err_code
abort_uploads(struct chores *chores, struct err *err)
{
    struct upload_gone *gone = arena_array(chores->arena, UPLOAD_GONE_BATCH, sizeof(*gone));
    size_t n = 0;
    enum err_code rc = gone == NULL ? err_set(err, ERR_LIMIT, "no room for a list of uploads")
                                    : upload_gone_list(chores->db, gone, &n, err);

    for (size_t i = 0; rc == ERR_OK && i < n && !atomic_load(&chores->stopping); i++) {
        rc = store_upload_abort(chores->config.store, gone[i].object_id, gone[i].remote_id, err);
        if (rc == ERR_OK)
            rc = db_transact(chores->db, do_forget, &gone[i], err);
    }
    return rc;
}

/* A checkpoint where no task runs or waits, once until something moves again. */
static enum err_code
rest(struct chores *chores, struct err *err)
{
    struct job_counts counts;
    enum err_code rc = job_counts(chores->db, &counts, err);

    if (rc != ERR_OK)
        return rc;
    if (counts.queued_tasks + counts.running_tasks > 0) {
        chores->checkpointed = false;
        return ERR_OK;
    }
    if (chores->checkpointed)
        return ERR_OK;
    rc = db_checkpoint(chores->db, err);
    chores->checkpointed = rc == ERR_OK;
    return rc;
}

static void
log_error(const struct chores *chores, const char *chore, enum err_code rc, const struct err *why)
{
    char quoted[LOG_QUOTE_SIZE];

    if (rc != ERR_OK && !atomic_load(&chores->stopping))
        log_line(LOG_ERROR, "chore failed", "chore=%s error=%s", chore,
                 log_quote(quoted, why->msg));
}

static enum err_code
do_beat(struct db *db, void *arg, struct err *err)
{
    return node_beat(db, arg, clock_utc_ms(), err);
}

static enum err_code
do_leave(struct db *db, void *arg, struct err *err)
{
    const struct node *node = arg;

    return node_leave(db, node->name, node->owner, err);
}

static enum err_code
say_here(struct chores *chores, struct err *err)
{
    bool draining = atomic_load(&chores->draining);
    enum err_code rc = ERR_OK;

    if (chores->config.node.name != NULL &&
        (clock_mono_ms() >= chores->beat_due_ms || draining != chores->said_draining)) {
        struct node node = chores->config.node;
        node.running = (int64_t)atomic_load(&chores->running);
        node.draining = draining;
        rc = db_transact(chores->db, do_beat, &node, err);
        chores->beat_due_ms = clock_mono_ms() + NODE_BEAT_MS;
        chores->said_draining = draining;
    }
    return rc;
}

static void
collect(struct chores *chores)
{
    struct collect c = {.db = chores->db,
                        .store = chores->config.store,
                        .age_ms = chores->config.orphan_ms,
                        .stop = &chores->stopping};
    struct err err;

    log_error(chores, "collect", collect_objects(&c, &err), &err);
    log_error(chores, "clear", store_clear_tmp(c.store, c.age_ms, &err), &err);
    log_error(chores, "uploads", collect_uploads(&c, &err), &err);
}

/* Where the installation has moved to another database, its store may be the same one: what lies
 * there is no more for this process to judge, whose rows are old. */
static bool
has_moved(struct chores *chores)
{
    char text[LOG_QUOTE_SIZE];
    struct err err;

    if (db_check_moved(chores->db, &err) != ERR_CONFLICT)
        return false;
    if (!chores->said_moved)
        log_line(LOG_ERROR, "this process is left over", "err=%s", log_quote(text, err.msg));
    chores->said_moved = true;
    return true;
}

static void
do_chores(struct chores *chores)
{
    struct err err;

    if (has_moved(chores))
        return;
    log_error(chores, "beat", say_here(chores, &err), &err);
    log_error(chores, "sweep", sweep_jobs(chores, &err), &err);
    if (store_is_remote(chores->config.store))
        log_error(chores, "abort", abort_uploads(chores, &err), &err);
    const struct keep keep = {chores->db, chores->config.store, chores->config.retention_days,
                              chores->config.audit_days};
    log_error(chores, "keep", keep_sweep(&keep, &err), &err);
    if (clock_mono_ms() >= chores->collect_due_ms) {
        collect(chores);
        chores->collect_due_ms = clock_mono_ms() + chores->config.collect_ms;
    }
    log_error(chores, "checkpoint", rest(chores, &err), &err);
}

static void *
run_thread(void *arg)
{
    struct chores *chores = arg;

    while (!atomic_load(&chores->stopping)) {
        do_chores(chores);
        if (db_is_dead(chores->db))
            atomic_store(&chores->dead, true);
        int64_t due_ms = clock_mono_ms() + chores->config.sweep_ms;
        (void)pthread_mutex_lock(&chores->mutex);
        while (!atomic_load(&chores->stopping) && !chores->hurry &&
               thread_cond_wait(&chores->wake, &chores->mutex, due_ms))
            ;
        chores->hurry = false;
        (void)pthread_mutex_unlock(&chores->mutex);
    }
    return NULL;
}

static void
drop(struct chores *chores)
{
    db_close(&chores->db);
    arena_drop(&chores->arena);
    free(chores);
}

enum err_code
chores_open(const struct chores_config *config, struct chores **ret, struct err *err)
{
    struct chores *chores = calloc(1, sizeof(*chores));

    if (chores == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the chores");
    chores->config = *config;
    if (config->sweep_ms == 0)
        chores->config.sweep_ms = sweep_default_ms;
    if (config->collect_ms == 0)
        chores->config.collect_ms = collect_default_ms;
    if (config->orphan_ms == 0)
        chores->config.orphan_ms = collect_age_ms;
    enum err_code rc = db_open(config->db_place, &chores->db, err);
    if (rc == ERR_OK && (chores->arena = arena_new(SWEEP_ARENA_BYTES)) == NULL)
        rc = err_set(err, ERR_MEMORY, "no memory for the chores");
    if (rc != ERR_OK) {
        drop(chores);
        return rc;
    }
    (void)pthread_mutex_init(&chores->mutex, NULL);
    thread_cond_init(&chores->wake);
    int number = thread_start(&chores->thread, run_thread, chores);
    if (number != 0) {
        drop(chores);
        return err_set(err, ERR_SYSTEM, "no thread for the chores: error %d", number);
    }
    *ret = chores;
    return ERR_OK;
}

void
chores_note(struct chores *chores, size_t running, bool draining)
{
    atomic_store(&chores->running, running);
    if (atomic_exchange(&chores->draining, draining) != draining) {
        (void)pthread_mutex_lock(&chores->mutex);
        chores->hurry = true;
        (void)pthread_cond_signal(&chores->wake);
        (void)pthread_mutex_unlock(&chores->mutex);
    }
}

bool
chores_are_dead(const struct chores *chores)
{
    return atomic_load(&chores->dead);
}

void
chores_close(struct chores **chores)
{
    if (*chores == NULL)
        return;
    (void)pthread_mutex_lock(&(*chores)->mutex);
    atomic_store(&(*chores)->stopping, true);
    (void)pthread_cond_signal(&(*chores)->wake);
    (void)pthread_mutex_unlock(&(*chores)->mutex);
    (void)pthread_join((*chores)->thread, NULL);
    if (atomic_load(&(*chores)->draining) && (*chores)->config.node.name != NULL) {
        struct node node = (*chores)->config.node;
        struct err err;
        log_error(*chores, "leave", db_transact((*chores)->db, do_leave, &node, &err), &err);
    }
    drop(*chores);
    *chores = NULL;
}
