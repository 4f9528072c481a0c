/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/jobs/test_crash.c - kill -9 at any moment: what was acknowledged is there afterwards.
 *
 * Two children write to one file, as api and runner do, and tell through a pipe what they would
 * have acknowledged. Both are killed; the parent opens the file and looks. */
#include "db/writer.h"
#include "life.h"

#include <semaphore.h>
#include <signal.h>
#include <sys/wait.h>

enum { ROUNDS = 40, AT_ONCE = 8, ACKS_MAX = 20000 };

/* One acknowledgement; short enough that a pipe never cuts it. */
struct ack {
    char step; /* 's'ubmitted, 'c'ompleted by the client, 'f'inished */
    char job_id[UUID_TEXT_SIZE];
    char upload_id[UPLOAD_ID_SIZE];
};

/* A client of the writer: its job's next step is posted when the last is on the disk. */
struct client {
    struct db_job job; /* first: done() finds the client by it */
    struct db_writer *writer;
    const struct life *life;
    int pipe;
    struct ack ack;
    struct upload upload;
};

static void
acknowledge(int pipe, const struct ack *ack)
{
    if (write(pipe, ack, sizeof(*ack)) != (ssize_t)sizeof(*ack))
        _exit(3);
}

static enum err_code
client_step(struct db *db, void *arg, struct err *err)
{
    struct client *client = arg;
    const struct principal *who = &client->life->team[0];
    struct job_spec spec = life_spec(1);
    struct upload_part part = {.number = 1, .size = 10};
    char displaced[OBJECT_ID_SIZE];

    if (client->ack.step != 's')
        return job_submit(db, who, &spec, clock_utc_ms(), LIFE_TTL_MS, INT64_MAX,
                          client->ack.job_id, &client->upload, err);
    memset(part.md5, 0xa1, sizeof(part.md5));
    life_object(part.object_id);
    enum err_code rc = upload_put_part(db, client->upload.id, &part, displaced, err);
    if (rc == ERR_OK)
        rc =
            job_complete(db, who->team_id, client->ack.job_id, life_claims, 1, clock_utc_ms(), err);
    return rc;
}

static void
client_done(struct db_job *job)
{
    struct client *client = (struct client *)job;

    if (job->rc != ERR_OK)
        _exit(4);
    client->ack.step = client->ack.step == 's' ? 'c' : 's';
    memcpy(client->ack.upload_id, client->upload.id, UPLOAD_ID_SIZE);
    acknowledge(client->pipe, &client->ack);
    db_writer_post(client->writer, job);
}

static void
api_child(const struct life *life, int pipe)
{
    static struct client clients[AT_ONCE];
    struct db_writer *writer = NULL;
    struct err err = {0};

    if (db_writer_open(life->scratch.place, &writer, &err) != ERR_OK)
        _exit(5);
    for (int i = 0; i < AT_ONCE; i++) {
        clients[i] = (struct client){.writer = writer, .life = life, .pipe = pipe};
        clients[i].job =
            (struct db_job){.work = client_step, .done = client_done, .arg = &clients[i]};
        db_writer_post(writer, &clients[i].job);
    }
    for (;;)
        pause();
}

/* --- the runner --- */

struct turn {
    struct arena *arena;
    const char *owner;
    struct task task;
    int64_t number;
};

static enum err_code
turn_recover(struct db *db, void *arg, struct err *err)
{
    struct turn *turn = arg;

    return task_recover(db, turn->owner, clock_utc_ms(), &turn->number, err);
}

static enum err_code
turn_claim(struct db *db, void *arg, struct err *err)
{
    struct turn *turn = arg;

    return task_claim(turn->arena, db, turn->owner, clock_utc_ms(), LIFE_LEASE_MS, &turn->task,
                      &turn->number, err);
}

static enum err_code
turn_work(struct db *db, void *arg, struct err *err)
{
    struct turn *turn = arg;
    int64_t now = clock_utc_ms();

    if (turn->task.kind == TASK_PROBE)
        return task_probed(db, &turn->task, 3, 3, now, err);
    struct job_page page = life_page(turn->task.page_from + 1);
    return task_pages_done(db, &turn->task, &page, 1, now, err);
}

/* One task to its end; false when none is due. */
static bool
work_once(struct db *db, struct turn *turn, int pipe)
{
    struct err err = {0};
    enum err_code rc = db_transact(db, turn_claim, turn, &err);

    if (rc == ERR_NOT_FOUND)
        return false;
    for (bool more = true; rc == ERR_OK && more;) {
        rc = db_transact(db, turn_work, turn, &err);
        more = turn->task.kind == TASK_PAGES && turn->task.page_from < turn->task.page_to;
    }
    if (rc != ERR_OK) {
        fprintf(stderr, "runner: %s\n", err.msg);
        _exit(6);
    }
    struct job job;
    if (pipe >= 0 &&
        job_find(turn->arena, db, turn->task.team_id, turn->task.job_id, &job, &err) == ERR_OK &&
        job_is_terminal(job.status)) {
        struct ack ack = {.step = 'f'};
        memcpy(ack.job_id, turn->task.job_id, sizeof(ack.job_id));
        acknowledge(pipe, &ack);
    }
    arena_reset(turn->arena);
    return true;
}

static void
runner_child(const struct life *life, int pipe, int round)
{
    char owner[32];
    struct turn turn = {.arena = arena_new(MiB(1)), .owner = owner};
    struct db *db = NULL;
    struct err err = {0};

    snprintf(owner, sizeof(owner), "round-%d", round);
    if (db_open(life->scratch.place, &db, &err) != ERR_OK ||
        db_transact(db, turn_recover, &turn, &err) != ERR_OK)
        _exit(5);
    for (;;)
        if (!work_once(db, &turn, pipe))
            usleep(500);
}

/* --- the parent --- */

struct ledger {
    struct ack *acks;
    size_t n;
};

static pid_t
start(const struct life *life, int pipes[2], int round)
{
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        close(pipes[0]);
        if (round < 0)
            api_child(life, pipes[1]);
        runner_child(life, pipes[1], round);
    }
    return child;
}

static void
kill_one(pid_t child)
{
    int status = 0;

    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    /* It must not have ended by itself: that would be an error it met. */
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

static void
run_round(const struct life *life, int round, struct ledger *ledger)
{
    int pipes[2];
    uint16_t dice;

    assert_int_equal(pipe(pipes), 0);
    pid_t api = start(life, pipes, -1);
    pid_t runner = start(life, pipes, round);
    close(pipes[1]);
    random_bytes(&dice, sizeof(dice));
    usleep(5000 + dice % 60000);
    /* In either order, with a moment between in which the other goes on alone. */
    kill_one(dice & 1 ? api : runner);
    usleep(dice % 3000);
    kill_one(dice & 1 ? runner : api);
    while (ledger->n < ACKS_MAX &&
           read(pipes[0], &ledger->acks[ledger->n], sizeof(struct ack)) == sizeof(struct ack))
        ledger->n++;
    close(pipes[0]);
}

static void
check_acks(struct life *life, const struct ledger *ledger, size_t from)
{
    for (size_t i = from; i < ledger->n; i++) {
        const struct ack *ack = &ledger->acks[i];
        struct life_job job = {0};
        struct upload upload;
        memcpy(job.id, ack->job_id, sizeof(job.id));
        struct job found = life_find(life, 0, &job);
        if (ack->step != 'f')
            must(upload_find(life->db, ack->upload_id, &upload, &life->err));
        if (ack->step == 'c')
            assert_true(found.status >= JOB_QUEUED);
        if (ack->step == 'f')
            assert_true(job_is_terminal(found.status));
    }
}

static void
whatever_was_acknowledged_survives_kill_9(void **state)
{
    (void)state;
    static struct life storage;
    struct life *life = &storage;
    struct ledger ledger = {.acks = calloc(ACKS_MAX, sizeof(struct ack))};

    life_open(life, 1000000);
    for (int round = 0; round < ROUNDS; round++) {
        size_t before = ledger.n;
        db_close(&life->db); /* a handle does not cross a fork */
        run_round(life, round, &ledger);
        must(db_open(life->scratch.place, &life->db, &life->err));
        check_acks(life, &ledger, before);
        life_check(life);
        arena_reset(life->arena);
    }
    /* What the killed runners left is finished by the next one, and then all is paid once. */
    struct turn turn = {.arena = arena_new(MiB(1)), .owner = "last"};
    must(db_transact(life->db, turn_recover, &turn, &life->err));
    while (work_once(life->db, &turn, -1))
        continue;
    check_acks(life, &ledger, 0);
    life_check(life);
    assert_int_equal(
        scratch_number(life->db, "SELECT COUNT(*) FROM job WHERE status NOT IN (0, 3, 4)"), 0);
    assert_int_equal(scratch_number(life->db, "SELECT COUNT(*) FROM task"), 0);
    int64_t seen[128] = {0};
    for (size_t i = 0; i < ledger.n; i++)
        seen[(unsigned char)ledger.acks[i].step & 127]++;
    print_message("%d rounds: %lld submitted, %lld completed, %lld finished, all there\n", ROUNDS,
                  (long long)seen['s'], (long long)seen['c'], (long long)seen['f']);
    assert_true(seen['s'] > ROUNDS && seen['c'] > ROUNDS && seen['f'] > 0);
    arena_drop(&turn.arena);
    free(ledger.acks);
    life_close(life);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whatever_was_acknowledged_survives_kill_9),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
