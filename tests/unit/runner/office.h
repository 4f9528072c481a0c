/* SPDX-License-Identifier: AGPL-3.0-or-later
 * office.h - a data folder with a team and a runner on a thread of its own, for tests of the
 * runner. */
#pragma once

#include "account/credits.h"
#include "base/clock.h"
#include "base/fdio.h"
#include "base/hash.h"
#include "jobs/jobs.h"
#include "runner/runner.h"

#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

struct office {
    char folder[64], place[96];
    struct db *db;
    struct store *store;
    struct principal team;
    struct arena *arena;
    struct runner *runner;
    pthread_t thread;
    enum err_code rc;
    struct err err;
    struct runner_config config;
    struct store_config stored;
    const char *args[2];
};

#define must(office, call)                                                                         \
    do {                                                                                           \
        if ((call) != ERR_OK)                                                                      \
            fail_msg("%s: %s", #call, (office)->err.msg);                                          \
    } while (0)

static inline void
office_open(struct office *office, const char *fake_reader, const char *kind)
{
    bool created;
    static const char *const bases[] = {"/dev/shm", "/tmp"};

    *office = (struct office){.config = runner_defaults, .args = {kind, NULL}};
    snprintf(office->folder, sizeof(office->folder), "%s/leapocr-runner-XXXXXX",
             bases[access(bases[0], W_OK) != 0]);
    assert_non_null(mkdtemp(office->folder));
    snprintf(office->place, sizeof(office->place), "%s/leapocr.db", office->folder);
    office->arena = arena_new(MiB(64));
    office->stored = (struct store_config){.dir = office->folder, .sole = true};
    must(office, store_open(&office->stored, &office->store, &office->err));
    must(office, db_open(office->place, &office->db, &office->err));
    must(office, account_ensure_default(office->db, 100000, &office->team, &created, &office->err));
    office->config.store = &office->stored;
    office->config.db_place = office->place;
    office->config.link.exe = fake_reader;
    office->config.link.args = office->args;
    office->config.wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    office->config.readers = 2;
    office->config.memory_bytes = MiB(256);
    office->config.page_bytes = 1 << 20;
    office->config.idle_ms = 50;
    office->config.sole = true;
}

static inline void *
office_thread(void *arg)
{
    struct office *office = arg;

    office->rc = runner_run(office->runner, &office->err);
    return NULL;
}

static inline void
office_start(struct office *office)
{
    must(office, runner_open(&office->config, &office->runner, &office->err));
    assert_int_equal(pthread_create(&office->thread, NULL, office_thread, office), 0);
}

/* Waits for the end of the runner, which has been told to stop. */
static inline void
office_join(struct office *office)
{
    assert_int_equal(pthread_join(office->thread, NULL), 0);
    if (office->rc != ERR_OK)
        fail_msg("the runner ended: %s", office->err.msg);
    runner_close(&office->runner);
}

static inline void
office_close(struct office *office)
{
    char command[128];

    close(office->config.wake_fd);
    arena_drop(&office->arena);
    store_close(&office->store);
    db_close(&office->db);
    snprintf(command, sizeof(command), "rm -rf '%s'", office->folder);
    assert_int_equal(system(command), 0);
}

struct office_work {
    struct office *office;
    struct job_spec spec;
    char *job_id;
    struct upload upload;
    struct upload_part part;
    struct upload_claim claim;
};

static inline enum err_code
office_do_submit(struct db *db, void *arg, struct err *err)
{
    struct office_work *work = arg;
    char displaced[OBJECT_ID_SIZE];
    int64_t now = clock_utc_ms();
    enum err_code rc = job_submit(db, &work->office->team, &work->spec, now, 3600000, 1000,
                                  work->job_id, &work->upload, err);

    if (rc == ERR_OK)
        rc = upload_put_part(db, work->upload.id, &work->part, displaced, err);
    if (rc == ERR_OK)
        rc = job_complete(db, work->office->team.team_id, work->job_id, &work->claim, 1, now, err);
    return rc;
}

/* A job with this document, submitted, uploaded and completed; the runner is woken. */
static inline void
office_submit(struct office *office, const char *document, char ret_id[UUID_TEXT_SIZE])
{
    struct store_sink *sink = NULL;
    struct store_written object;
    char etag[MD5_HEX_SIZE];
    uint64_t one = 1;
    struct office_work work = {.office = office,
                               .job_id = ret_id,
                               .spec = {.file_name = "f.pdf",
                                        .format = JOB_MARKDOWN,
                                        .model = "standard-v2",
                                        .credits_per_page = 1},
                               .part = {.number = 1}};

    must(office, sink_open(office->store, MiB(1), &sink, &office->err));
    must(office, sink_write(sink, span_of(document), &office->err));
    must(office, sink_commit(&sink, &object, &office->err));
    work.part.size = object.size;
    memcpy(work.part.md5, object.md5, sizeof(object.md5));
    memcpy(work.part.sha256, object.sha256, sizeof(object.sha256));
    memcpy(work.part.object_id, object.id, sizeof(object.id));
    hash_hex(object.md5, MD5_SIZE, etag);
    work.claim = (struct upload_claim){1, etag};
    must(office, db_transact(office->db, office_do_submit, &work, &office->err));
    assert_int_equal(write(office->config.wake_fd, &one, sizeof(one)), sizeof(one));
}

static inline struct job
office_find(struct office *office, const char *job_id)
{
    struct job job;

    arena_reset(office->arena);
    must(office,
         job_find(office->arena, office->db, office->team.team_id, job_id, &job, &office->err));
    return job;
}

/* The job once it is terminal; fails the test after the time. */
static inline struct job
office_await(struct office *office, const char *job_id, int64_t patience_ms)
{
    int64_t until = clock_mono_ms() + patience_ms;
    struct job job = office_find(office, job_id);

    while (!job_is_terminal(job.status) && clock_mono_ms() < until) {
        usleep(10000);
        job = office_find(office, job_id);
    }
    if (!job_is_terminal(job.status))
        fail_msg("the job is still %s, %lld of %lld pages", job_status_name(job.status),
                 (long long)job.done_pages, (long long)job.total_pages);
    return job;
}

/* Waits until so many pages are done. */
static inline void
office_await_pages(struct office *office, const char *job_id, int64_t pages)
{
    int64_t until = clock_mono_ms() + 60000;

    while (office_find(office, job_id).done_pages < pages) {
        assert_true(clock_mono_ms() < until);
        usleep(10000);
    }
}

/* State and parent of a process; false if there is none. */
static inline bool
office_look_at(const char *pid, char *ret_state, int *ret_parent)
{
    char path[300], text[300];

    snprintf(path, sizeof(path), "/proc/%s/stat", pid);
    FILE *file = fopen(path, "r");
    size_t n = file != NULL ? fread(text, 1, sizeof(text) - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    text[n] = '\0';
    const char *at = strrchr(text, ')');
    return at != NULL && sscanf(at, ") %c %d", ret_state, ret_parent) == 2;
}

/* Waits until a page that says "stop" is being read: a child of one of our readers stands still. */
static inline void
office_await_stop(void)
{
    int64_t until = clock_mono_ms() + 60000;

    for (bool found = false; !found;) {
        DIR *dir = opendir("/proc");
        assert_non_null(dir);
        for (struct dirent *entry; !found && (entry = readdir(dir)) != NULL;) {
            char state, reader_pid[16];
            int reader, runner;
            if (!office_look_at(entry->d_name, &state, &reader) || state != 'T')
                continue;
            snprintf(reader_pid, sizeof(reader_pid), "%d", reader);
            found = office_look_at(reader_pid, &state, &runner) && runner == getpid();
        }
        closedir(dir);
        assert_true(found || clock_mono_ms() < until);
        usleep(10000);
    }
}

/* Objects there are in the store. */
static inline enum err_code
office_count_one(void *ctx, const char *id, struct err *err)
{
    (void)id;
    (void)err;
    (*(int *)ctx)++;
    return ERR_OK;
}

static inline int
office_objects(struct office *office)
{
    int count = 0;

    must(office, store_walk(office->store, -60000, office_count_one, &count, &office->err));
    return count;
}
