/* SPDX-License-Identifier: AGPL-3.0-or-later
 * bench/bench_jobs.c - how fast jobs go through the database, with every commit on the disk.
 *
 *   bench_jobs FOLDER [SECONDS]
 * Prints: whole jobs a second (submit, part, complete, claim, probe, claim, page: seven
 * transactions) for 1, 8 and 32 clients at once; a status request's reads; a claim with 1,000,000
 * tasks waiting and 100,000 jobs finished. Leaves nothing behind in FOLDER. */
#include "account/credits.h"
#include "base/clock.h"
#include "db/writer.h"
#include "jobs/jobs.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 32, LEASE_MS = 3600000, READS = 200000, CLAIMS = 2000 };
enum { WAITING = 1000000, FINISHED = 100000, TEAMS = 50, TASKS_A_JOB = 100 };

static const struct upload_claim claims[] = {{1, "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"}};

static void NO_RETURN
die(const char *what, const struct err *err)
{
    fprintf(stderr, "bench_jobs: %s: %s\n", what, err->msg);
    exit(1);
}

static double
seconds_of(clockid_t id)
{
    struct timespec now;

    clock_gettime(id, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double
seconds_now(void)
{
    return seconds_of(CLOCK_MONOTONIC);
}

/* --- whole jobs --- */

struct bench {
    struct db_writer *writer;
    struct principal who;
    atomic_bool stop;
    atomic_llong jobs, transactions;
    sem_t ended;
};

enum step { SUBMIT, PUT, COMPLETE, CLAIM_PROBE, WORK_PROBE, CLAIM_PAGE, WORK_PAGE, STEP_COUNT };

struct client {
    struct db_job job; /* first: done() finds the client by it */
    struct bench *bench;
    struct arena *arena;
    enum step step;
    char id[UUID_TEXT_SIZE];
    struct upload upload;
    struct task task;
};

static void
name_object(char ret[OBJECT_ID_SIZE])
{
    uint8_t raw[16];

    random_bytes(raw, sizeof(raw));
    hash_hex(raw, sizeof(raw), ret);
}

static enum err_code
put_part(struct db *db, const struct client *client, struct err *err)
{
    struct upload_part part = {.number = 1, .size = 1000};
    char displaced[OBJECT_ID_SIZE];

    memset(part.md5, 0xa1, sizeof(part.md5));
    name_object(part.object_id);
    return upload_put_part(db, client->upload.id, &part, displaced, err);
}

static enum err_code
store_page(struct db *db, struct client *client, int64_t now, struct err *err)
{
    struct job_page page = {.number = client->task.page_from + 1, .confidence = 0.9};

    name_object(page.object_id);
    return task_pages_done(db, &client->task, &page, 1, now, err);
}

static enum err_code
run_step(struct db *db, void *arg, struct err *err)
{
    struct client *client = arg;
    const struct principal *who = &client->bench->who;
    struct job_spec spec = {
        .file_name = "invoice.pdf", .model = "standard-v2", .credits_per_page = 1};
    int64_t now = clock_utc_ms(), next;

    switch (client->step) {
    case SUBMIT:
        return job_submit(db, who, &spec, now, LEASE_MS, INT64_MAX, client->id, &client->upload,
                          err);
    case PUT:
        return put_part(db, client, err);
    case COMPLETE:
        return job_complete(db, who->team_id, client->id, claims, 1, now, err);
    case CLAIM_PROBE:
    case CLAIM_PAGE:
        return task_claim(client->arena, db, "bench", now, LEASE_MS, &client->task, &next, err);
    case WORK_PROBE:
    case WORK_PAGE:
        /* Clients take each other's tasks, so that either kind may turn up here. */
        return client->task.kind == TASK_PROBE ? task_probed(db, &client->task, 1, 8, now, err)
                                               : store_page(db, client, now, err);
    case STEP_COUNT:
        break;
    }
    return err_set(err, ERR_SYSTEM, "no such step");
}

static void
step_done(struct db_job *job)
{
    struct client *client = (struct client *)job;
    struct bench *bench = client->bench;

    /* Another client may have claimed the task first. */
    if (job->rc == ERR_NOT_FOUND && (client->step == CLAIM_PROBE || client->step == CLAIM_PAGE))
        client->step = WORK_PAGE;
    else if (job->rc != ERR_OK)
        die("step", &job->err);
    atomic_fetch_add(&bench->transactions, 1);
    arena_reset(client->arena);
    client->step = (client->step + 1) % STEP_COUNT;
    if (client->step == SUBMIT) {
        atomic_fetch_add(&bench->jobs, 1);
        if (atomic_load(&bench->stop)) {
            sem_post(&bench->ended);
            return;
        }
    }
    db_writer_post(bench->writer, job);
}

static void
bench_life(const char *place, const struct principal *who, int n, double seconds)
{
    static struct client clients[CLIENTS_MAX];
    struct bench bench = {.who = *who};
    struct err err = {0};

    sem_init(&bench.ended, 0, 0);
    if (db_writer_open(place, &bench.writer, &err) != ERR_OK)
        die("open", &err);
    double from = seconds_now();
    for (int i = 0; i < n; i++) {
        clients[i] = (struct client){.bench = &bench, .arena = arena_new(KiB(64))};
        clients[i].job = (struct db_job){.work = run_step, .done = step_done, .arg = &clients[i]};
        db_writer_post(bench.writer, &clients[i].job);
    }
    usleep((useconds_t)(seconds * 1e6));
    atomic_store(&bench.stop, true);
    for (int i = 0; i < n; i++)
        sem_wait(&bench.ended);
    double took = seconds_now() - from;
    printf("%2d clients: %6.0f jobs/s, %6.0f transactions/s\n", n,
           (double)atomic_load(&bench.jobs) / took,
           (double)atomic_load(&bench.transactions) / took);
    db_writer_close(&bench.writer);
    sem_destroy(&bench.ended);
    for (int i = 0; i < n; i++)
        arena_drop(&clients[i].arena);
}

/* --- a status request --- */

struct status {
    struct arena *arena;
    const struct principal *who;
    const char *key;
    char id[UUID_TEXT_SIZE];
};

static enum err_code
read_status(struct db *db, void *arg, struct err *err)
{
    struct status *status = arg;
    struct principal found;
    struct job job;
    enum err_code rc = key_verify(db, span_of(status->key), &found, err);

    return rc != ERR_OK ? rc
                        : job_find(status->arena, db, status->who->team_id, status->id, &job, err);
}

static void
time_status(struct db *db, struct status *status, bool together, const char *name)
{
    struct err err = {0};
    double from = seconds_now(), cpu_from = seconds_of(CLOCK_THREAD_CPUTIME_ID);

    for (int i = 0; i < READS; i++) {
        enum err_code rc =
            together ? db_read(db, read_status, status, &err) : read_status(db, status, &err);
        if (rc != ERR_OK)
            die("status", &err);
        arena_reset(status->arena);
    }
    printf("key_verify + job_find, %s: %.2f us, %.2f us of processor time\n", name,
           (seconds_now() - from) / READS * 1e6,
           (seconds_of(CLOCK_THREAD_CPUTIME_ID) - cpu_from) / READS * 1e6);
}

static void
bench_status(struct db *db, const struct principal *who, const char *key)
{
    struct status status = {.arena = arena_new(KiB(64)), .who = who, .key = key};
    struct db_rows *rows = NULL;
    struct err err = {0};

    if (db_first(db, "SELECT id FROM job WHERE team_id = $1 LIMIT 1",
                 DB_ARGS(db_text(who->team_id)), &rows, &err) != ERR_OK ||
        rows == NULL || !db_column_copy(rows, 0, status.id, sizeof(status.id)))
        die("find a job", &err);
    db_end(&rows);
    time_status(db, &status, false, "one by one");
    time_status(db, &status, true, "in one db_read");
    arena_drop(&status.arena);
}

/* --- a long queue --- */

static enum err_code
add_team(struct db *db, const struct principal *who, char team[UUID_TEXT_SIZE], struct err *err)
{
    random_uuid(team);
    enum err_code rc = db_exec(
        db, "INSERT INTO team (id, organization_id, name, created_ms) VALUES ($1, $2, 'bench', 0)",
        DB_ARGS(db_text(team), db_text(who->organization_id)), NULL, err);
    if (rc == ERR_OK)
        rc = db_exec(db, "INSERT INTO team_load (team_id, waiting, head_ms) VALUES ($1, $2, 1)",
                     DB_ARGS(db_text(team), db_int(WAITING / TEAMS)), NULL, err);
    return rc;
}

static enum err_code
add_job(struct db *db, const char *team, int status, char id[UUID_TEXT_SIZE], struct err *err)
{
    random_uuid(id);
    return db_exec(db,
                   "INSERT INTO job (id, team_id, status, format, bounding_boxes, "
                   "save_as_template, credits_per_page, file_bytes, total_pages, created_ms, "
                   "updated_ms, model, file_name) "
                   "VALUES ($1, $2, $3, 0, 0, 0, 1, 0, $4, 1, 1, 'standard-v2', 'invoice.pdf')",
                   DB_ARGS(db_text(id), db_text(team), db_int(status), db_int(TASKS_A_JOB)), NULL,
                   err);
}

static enum err_code
fill(struct db *db, void *arg, struct err *err)
{
    const struct principal *who = arg;
    char team[TEAMS][UUID_TEXT_SIZE], id[UUID_TEXT_SIZE] = "";
    enum err_code rc = ERR_OK;

    for (int i = 0; rc == ERR_OK && i < TEAMS; i++)
        rc = add_team(db, who, team[i], err);
    for (int i = 0; rc == ERR_OK && i < FINISHED; i++)
        rc = add_job(db, team[i % TEAMS], JOB_COMPLETED, id, err);
    for (int i = 0; rc == ERR_OK && i < WAITING; i++) {
        int job = i / TASKS_A_JOB, page = i % TASKS_A_JOB;
        if (page == 0)
            rc = add_job(db, team[job % TEAMS], JOB_PROCESSING, id, err);
        if (rc == ERR_OK)
            rc = db_exec(db,
                         "INSERT INTO task (id, job_id, team_id, kind, page_from, page_to, weight, "
                         "due_ms, turn_ms) VALUES ($1, $2, $3, 1, $4, $5, 1, 1, $6)",
                         DB_ARGS(db_int(1000000000 + i), db_text(id), db_text(team[job % TEAMS]),
                                 db_int(page), db_int(page + 1), db_int(job + page * 1000)),
                         NULL, err);
    }
    return rc;
}

struct claimer {
    struct arena *arena;
    struct task task;
};

static enum err_code
claim_one(struct db *db, void *arg, struct err *err)
{
    struct claimer *claimer = arg;
    int64_t next;

    return task_claim(claimer->arena, db, "bench", clock_utc_ms(), LEASE_MS, &claimer->task, &next,
                      err);
}

static int
compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void
bench_claim(struct db *db, const struct principal *who)
{
    static double took[CLAIMS];
    struct claimer claimer = {.arena = arena_new(KiB(64))};
    struct err err = {0};
    double sum = 0, from = seconds_now();

    if (db_transact(db, fill, (void *)(uintptr_t)who, &err) != ERR_OK)
        die("fill", &err);
    printf("%d tasks of %d teams and %d finished jobs written in %.1f s\n", WAITING, TEAMS,
           FINISHED, seconds_now() - from);
    /* In one transaction, so that it is the search that is timed and not the disk. */
    if (db_exec(db, "BEGIN IMMEDIATE", NULL, 0, NULL, &err) != ERR_OK)
        die("begin", &err);
    for (int i = 0; i < CLAIMS; i++) {
        from = seconds_now();
        if (claim_one(db, &claimer, &err) != ERR_OK)
            die("claim", &err);
        took[i] = (seconds_now() - from) * 1e6;
        sum += took[i];
        arena_reset(claimer.arena);
    }
    if (db_exec(db, "COMMIT", NULL, 0, NULL, &err) != ERR_OK)
        die("commit", &err);
    qsort(took, CLAIMS, sizeof(took[0]), compare);
    printf("claim among them: mean %.1f us, median %.1f us, p99 %.1f us, longest %.1f us\n",
           sum / CLAIMS, took[CLAIMS / 2], took[CLAIMS * 99 / 100], took[CLAIMS - 1]);
    from = seconds_now();
    for (int i = 0; i < 200; i++)
        if (db_transact(db, claim_one, &claimer, &err) != ERR_OK)
            die("claim", &err);
    printf("claim with its own commit: mean %.1f us\n", (seconds_now() - from) / 200 * 1e6);
    arena_drop(&claimer.arena);
}

int
main(int argc, char **argv)
{
    static const int clients[] = {1, 8, 32};
    static const char *const ends[] = {"", "-wal", "-shm"};
    struct principal who;
    struct db *db = NULL;
    struct err err = {0};
    bool created = false;
    char place[512], name[520], key[KEY_TEXT_SIZE], id[UUID_TEXT_SIZE];

    if (argc < 2) {
        fprintf(stderr, "usage: bench_jobs FOLDER [SECONDS]\n");
        return 2;
    }
    snprintf(place, sizeof(place), "%s/bench-%d.db", argv[1], (int)getpid());
    if (db_open(place, &db, &err) != ERR_OK ||
        account_ensure_default(db, CREDITS_MAX, &who, &created, &err) != ERR_OK ||
        key_create(db, who.team_id, "bench", key, id, &err) != ERR_OK)
        die("open", &err);
    for (size_t i = 0; i < ARRAY_LEN(clients); i++)
        bench_life(place, &who, clients[i], argc > 2 ? atof(argv[2]) : 3);
    bench_status(db, &who, key);
    bench_claim(db, &who);
    bench_status(db, &who, key);
    if (credits_audit(db, &err) != ERR_OK)
        die("audit", &err);
    db_close(&db);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        snprintf(name, sizeof(name), "%s%s", place, ends[i]);
        unlink(name);
    }
    return 0;
}
