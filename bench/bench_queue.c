/* SPDX-License-Identifier: AGPL-3.0-or-later
 * bench/bench_queue.c - how fast runners get through the queue of a database that they share, with
 * reading that takes no time.
 *
 *   bench_queue postgres://... RUNNERS SECONDS [TEAMS [TASKS [READERS [RATE]]]]
 * The database is one of its own: empty, or filled by an earlier run, of which it goes on. TASKS
 * page batches (1,000,000) of TEAMS teams (64) wait.
 * Each runner is a thread with a connection of its own and READERS (4, at most 8) that are free at
 * once: it claims for them, files each page in a transaction of its own, claims again; every commit
 * on the server's disk. RATE: batches a second that readers take their time for (0: none). Prints
 * batches claimed and finished a second, the claim's times, the processor time of a batch (the
 * server's where it runs on this machine), and whether what the database counts is what the runners
 * did: no batch twice, none lost. */
#include "account/credits.h"
#include "base/clock.h"
#include "db/db.h"
#include "jobs/jobs.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum {
    RUNNERS_MAX = 256,
    LEASE_MS = 3600000,
    JOBS_A_TEAM = 20,
    TIMES_MAX = 1 << 20,
    FILL_AT_ONCE = 20000
};

struct runner {
    pthread_t thread;
    struct db *db;
    struct arena *arena;
    int64_t *claim_us;
    int64_t claims, finished;
    int number;
};

static const char *place;
static atomic_bool stop;
static int64_t readers; /* of a runner */
static int64_t pace_us; /* between two batches of a runner; 0: none */

static void NO_RETURN
die(const char *what, const struct err *err)
{
    fprintf(stderr, "bench_queue: %s: %s\n", what, err->msg);
    exit(1);
}

static void
must(enum err_code rc, const char *what, const struct err *err)
{
    if (rc != ERR_OK)
        die(what, err);
}

/* --- what waits --- */

static void
fill(struct db *db, int64_t teams, int64_t tasks)
{
    struct err err = {0};
    struct principal who;
    bool created = false;
    const int64_t jobs = teams * JOBS_A_TEAM, pages = tasks / jobs;

    must(account_ensure_default(db, 1, &who, &created, &err), "make an account", &err);
    must(db_exec(db,
                 "INSERT INTO team (id, organization_id, name, created_ms) "
                 "SELECT 'team-' || i, $1, 'bench ' || i, 0 FROM generate_series(0, $2 - 1) i",
                 DB_ARGS(db_text(who.organization_id), db_int(teams)), NULL, &err),
         "add teams", &err);
    must(db_exec(db,
                 "INSERT INTO job (id, team_id, status, format, bounding_boxes, save_as_template, "
                 "credits_per_page, file_bytes, total_pages, created_ms, started_ms, updated_ms, "
                 "model, document_id, file_name) SELECT 'job-' || i, 'team-' || (i % $1), 2, 0, 0, "
                 "0, 1, 1000, $2 + 1, 0, 0, 0, 'standard-v2', 'x', 'f.pdf' "
                 "FROM generate_series(0, $3 - 1) i",
                 DB_ARGS(db_int(teams), db_int(pages), db_int(jobs)), NULL, &err),
         "add jobs", &err);
    /* In parts: a statement has a time limit. */
    for (int64_t from = 0; from < jobs * pages; from += FILL_AT_ONCE) {
        int64_t to = from + FILL_AT_ONCE < jobs * pages ? from + FILL_AT_ONCE : jobs * pages;
        must(db_exec(db,
                     "INSERT INTO task (id, job_id, team_id, kind, page_from, page_to, weight, "
                     "due_ms, turn_ms, model) SELECT i, 'job-' || (i % $1), 'team-' || (i % $2), "
                     "1, i / $1, i / $1 + 1, 1, 1, i, 'standard-v2' FROM generate_series($3, $4) i",
                     DB_ARGS(db_int(jobs), db_int(teams), db_int(from), db_int(to - 1)), NULL,
                     &err),
             "add tasks", &err);
    }
    must(db_exec(db,
                 "INSERT INTO team_load (team_id, waiting, head_ms) "
                 "SELECT team_id, COUNT(*), 1 FROM task GROUP BY team_id",
                 NULL, 0, NULL, &err),
         "add loads", &err);
    /* The load itself leaves work for the background: a million rows to vacuum and to write out. */
    must(db_exec(db, "VACUUM ANALYZE", NULL, 0, NULL, &err), "vacuum", &err);
    must(db_exec(db, "CHECKPOINT", NULL, 0, NULL, &err), "checkpoint", &err);
}

/* --- runners --- */

static enum err_code
file_page(struct db *db, void *arg, struct err *err)
{
    struct task *task = arg;
    struct job_page page = {.number = task->page_from + 1, .confidence = 0.9};

    memset(page.object_id, 'a', 32);
    return task_pages_done(db, task, &page, 1, clock_utc_ms(), err);
}

/* Reading takes so long that all together make so many batches a second. */
static void
rest(const struct runner *r, int64_t begun_us)
{
    int64_t due_us = begun_us + (int64_t)((double)r->finished * (double)pace_us);
    int64_t left_us = pace_us == 0 ? 0 : due_us - clock_mono_us();

    if (left_us > 0)
        nanosleep(
            &(struct timespec){.tv_sec = left_us / 1000000, .tv_nsec = left_us % 1000000 * 1000},
            NULL);
}

static void *
run(void *arg)
{
    struct runner *r = arg;
    struct err err = {0};
    char owner[32];
    /* Not all at the same moment. */
    int64_t start_us = clock_mono_us() + (r->number * pace_us * readers) / (RUNNERS_MAX + 1);

    snprintf(owner, sizeof(owner), "runner-%d", r->number);
    while (!atomic_load(&stop)) {
        struct task tasks[TASK_CLAIM_MAX];
        int64_t next_ms = 0;
        size_t n = 0;
        rest(r, start_us);
        int64_t begun_us = clock_mono_us();
        const struct task_claimer claimer = {
            .owner = owner, .now_ms = clock_utc_ms(), .lease_ms = LEASE_MS};
        arena_reset(r->arena);
        enum err_code rc = task_claim_shared(r->arena, r->db, &claimer, tasks, (size_t)readers, &n,
                                             &next_ms, &err);
        if (rc == ERR_NOT_FOUND)
            continue;
        must(rc, "claim", &err);
        if (r->claims < TIMES_MAX)
            r->claim_us[r->claims] = clock_mono_us() - begun_us;
        r->claims++;
        for (size_t i = 0; i < n; i++) {
            must(db_transact_for(r->db, tasks[i].team_id, file_page, &tasks[i], &err),
                 "file a page", &err);
            r->finished++;
        }
    }
    return NULL;
}

/* --- what came of it --- */

static int
by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int64_t
number(struct db *db, const char *sql)
{
    struct err err = {0};
    struct db_rows *rows = NULL;

    must(db_first(db, sql, NULL, 0, &rows, &err), sql, &err);
    int64_t v = rows == NULL ? -1 : db_column_int(rows, 0);
    db_end(&rows);
    return v;
}

/* Processor time so far: ours, and that of the server's processes that are on this machine. */
struct spent {
    double client_s, server_s;
};

static double
seconds_of(int64_t pid)
{
    char path[64], text[1024] = "";
    unsigned long long user = 0, kernel = 0;

    snprintf(path, sizeof(path), "/proc/%lld/stat", (long long)pid);
    FILE *f = fopen(path, "r");
    if (f == NULL)
        return 0;
    size_t len = fread(text, 1, sizeof(text) - 1, f);
    (void)fclose(f);
    text[len] = '\0';
    char *at = strrchr(text, ')');
    if (at == NULL || strstr(text, "(postgres)") == NULL)
        return 0;
    for (int field = 2; field < 14 && at != NULL; field++) /* behind the name; proc(5) */
        at = strchr(at + 1, ' ');
    if (at == NULL)
        return 0;
    user = strtoull(at, &at, 10);
    kernel = strtoull(at, NULL, 10);
    return (double)(user + kernel) / (double)sysconf(_SC_CLK_TCK);
}

static struct spent
spent(struct db *db)
{
    struct err err = {0};
    struct rusage own;
    struct db_rows *rows = NULL;
    bool row = false;
    struct spent spent = {0};

    must(db_query(db, "SELECT pid FROM pg_stat_activity", NULL, 0, &rows, &err), "look", &err);
    while (db_next(rows, &row, &err) == ERR_OK && row)
        spent.server_s += seconds_of(db_column_int(rows, 0));
    db_end(&rows);
    if (getrusage(RUSAGE_SELF, &own) == 0)
        spent.client_s = (double)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) +
                         (double)(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1e6;
    return spent;
}

/* What the database counted before. */
static int64_t pages_before, told_before;

static int64_t
pages_told(struct db *db)
{
    return number(db, "SELECT CAST(SUM(done_pages) AS BIGINT) FROM job");
}

static void
report(struct db *db, struct runner *runners, int n, double seconds, const struct spent *cost)
{
    int64_t finished = 0, at = 0, *all = calloc((size_t)n * TIMES_MAX, sizeof(*all));

    if (all == NULL)
        exit(1);
    for (int i = 0; i < n; i++) {
        int64_t some = runners[i].claims < TIMES_MAX ? runners[i].claims : TIMES_MAX;
        memcpy(all + at, runners[i].claim_us, (size_t)some * sizeof(*all));
        at += some;
        finished += runners[i].finished;
    }
    qsort(all, (size_t)at, sizeof(*all), by_size);
    printf("%d runners: %.0f batches/s claimed and finished; claim p50 %.2f ms, p99 %.2f ms, most "
           "%.2f ms\n",
           n, (double)finished / seconds, at > 0 ? (double)all[at / 2] / 1e3 : 0,
           at > 0 ? (double)all[at * 99 / 100] / 1e3 : 0, at > 0 ? (double)all[at - 1] / 1e3 : 0);
    printf("processor time of a batch: server %.3f ms, runners %.3f ms; %.0f batches for a second "
           "of a processor\n",
           cost->server_s / (double)finished * 1e3, cost->client_s / (double)finished * 1e3,
           (double)finished / (cost->server_s + cost->client_s));
    int64_t rows = number(db, "SELECT COUNT(*) FROM job_page") - pages_before;
    int64_t told = pages_told(db) - told_before;
    int64_t loads = number(db, "SELECT COUNT(*) FROM team_load l WHERE running <> 0 OR waiting <> "
                               "(SELECT COUNT(*) FROM task t WHERE t.team_id = l.team_id)");
    printf("finished %lld, pages %lld, progress of jobs %lld, teams miscounted %lld, waiting %lld: "
           "%s\n",
           (long long)finished, (long long)rows, (long long)told, (long long)loads,
           (long long)number(db, "SELECT COUNT(*) FROM task WHERE state = 0"),
           finished == rows && rows == told && loads == 0 ? "exact" : "WRONG");
    free(all);
}

static void
open_runner(struct runner *r, int i)
{
    struct err err = {0};

    r->number = i;
    r->arena = arena_new(MiB(1));
    r->claim_us = calloc(TIMES_MAX, sizeof(*r->claim_us));
    if (r->arena == NULL || r->claim_us == NULL)
        exit(1);
    must(db_open(place, &r->db, &err), "open", &err);
}

static int64_t
argument(int argc, char **argv, int i, int64_t otherwise)
{
    return i < argc ? strtoll(argv[i], NULL, 10) : otherwise;
}

static void
race(struct runner *runners, int n, int64_t seconds)
{
    for (int i = 0; i < n; i++) {
        if (pthread_create(&runners[i].thread, NULL, run, &runners[i]) != 0)
            exit(1);
    }
    nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
    atomic_store(&stop, true);
    for (int i = 0; i < n; i++)
        pthread_join(runners[i].thread, NULL);
}

int
main(int argc, char **argv)
{
    static struct runner runners[RUNNERS_MAX];
    struct err err = {0};
    struct db *db = NULL;
    int n = (int)argument(argc, argv, 2, 0);

    if (argc < 4 || !db_place_is_server(argv[1]) || n < 1 || n > RUNNERS_MAX) {
        fprintf(
            stderr,
            "usage: bench_queue postgres://... RUNNERS SECONDS [TEAMS [TASKS [READERS [RATE]]]]\n");
        return 2;
    }
    place = argv[1];
    readers = argument(argc, argv, 6, 4);
    int64_t rate = argument(argc, argv, 7, 0);
    pace_us = rate > 0 ? 1000000 * n / rate : 0;
    if (readers < 1 || readers > TASK_CLAIM_MAX)
        return 2;
    must(db_open(place, &db, &err), "open", &err);
    if (number(db, "SELECT COUNT(*) FROM job") == 0)
        fill(db, argument(argc, argv, 4, 64), argument(argc, argv, 5, 1000000));
    pages_before = number(db, "SELECT COUNT(*) FROM job_page");
    told_before = pages_told(db);
    for (int i = 0; i < n; i++)
        open_runner(&runners[i], i);
    struct spent before = spent(db);
    int64_t begun_us = clock_mono_us();
    race(runners, n, argument(argc, argv, 3, 10));
    double took = (double)(clock_mono_us() - begun_us) / 1e6;
    struct spent after = spent(db);
    const struct spent cost = {after.client_s - before.client_s, after.server_s - before.server_s};
    report(db, runners, n, took, &cost);
    for (int i = 0; i < n; i++) {
        db_close(&runners[i].db);
        arena_drop(&runners[i].arena);
        free(runners[i].claim_us);
    }
    db_close(&db);
    return 0;
}
