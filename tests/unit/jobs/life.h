/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/jobs/life.h - a database with teams, and the steps of a job's life in few words. */
#pragma once

#include "account/credits.h"
#include "base/clock.h"
#include "jobs/jobs.h"
#include "scratch.h"

enum { LIFE_TEAMS = 3, LIFE_LEASE_MS = 30000, LIFE_TTL_MS = 3600000 };

struct life {
    struct scratch scratch;
    struct db *db;
    struct arena *arena;
    struct principal team[LIFE_TEAMS];
    int64_t now_ms;
    struct err err;
};

struct life_job {
    char id[UUID_TEXT_SIZE];
    struct upload upload;
};

static const struct upload_claim life_claims[] = {{1, "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"}};

static inline void
life_add_team(struct life *life, int i, int64_t credits)
{
    struct principal *team = &life->team[i];
    struct err err = {0};

    random_uuid(team->team_id);
    memcpy(team->organization_id, life->team[0].organization_id, UUID_TEXT_SIZE);
    assert_ok(
        db_exec(life->db,
                "INSERT INTO team (id, organization_id, name, created_ms) VALUES ($1, $2, $3, $4)",
                DB_ARGS(db_text(team->team_id), db_text(team->organization_id), db_text("more"),
                        db_int(INT64_MAX)),
                NULL, &err));
    assert_ok(credits_grant(life->db, team->team_id, credits, "test", &err));
}

static inline void
life_open(struct life *life, int64_t credits)
{
    struct err err = {0};
    bool created = false;

    *life = (struct life){.now_ms = 1000000};
    scratch_make(&life->scratch);
    life->arena = arena_new(MiB(64));
    assert_ok(db_open(life->scratch.place, &life->db, &err));
    /* These tests are about what is written, not about when it is on the disk. */
    assert_ok(db_exec(life->db, "PRAGMA synchronous = OFF", NULL, 0, NULL, &err));
    assert_ok(account_ensure_default(life->db, credits, &life->team[0], &created, &err));
    for (int i = 1; i < LIFE_TEAMS; i++)
        life_add_team(life, i, credits);
}

static inline void
life_close(struct life *life)
{
    arena_drop(&life->arena);
    db_close(&life->db);
    scratch_remove(&life->scratch);
}

static inline struct job_spec
life_spec(int64_t price)
{
    return (struct job_spec){.file_name = "f.pdf",
                             .format = JOB_MARKDOWN,
                             .model = "standard-v2",
                             .credits_per_page = price};
}

static inline enum err_code
life_submit(struct life *life, int team, int64_t price, struct life_job *ret)
{
    struct job_spec spec = life_spec(price);

    return job_submit(life->db, &life->team[team], &spec, life->now_ms, LIFE_TTL_MS, 1000000,
                      ret->id, &ret->upload, &life->err);
}

/* An object name that is told apart from all others. */
static inline void
life_object(char ret[OBJECT_ID_SIZE])
{
    uint8_t raw[16];

    random_bytes(raw, sizeof(raw));
    hash_hex(raw, sizeof(raw), ret);
}

static inline enum err_code
life_put(struct life *life, const struct life_job *job)
{
    struct upload_part part = {.number = 1, .size = 10};
    char displaced[OBJECT_ID_SIZE];

    memset(part.md5, 0xa1, sizeof(part.md5));
    life_object(part.object_id);
    return upload_put_part(life->db, job->upload.id, &part, displaced, &life->err);
}

static inline enum err_code
life_complete(struct life *life, int team, const struct life_job *job)
{
    return job_complete(life->db, life->team[team].team_id, job->id, life_claims, 1, life->now_ms,
                        &life->err);
}

static inline enum err_code
life_claim(struct life *life, const char *owner, struct task *ret, int64_t *ret_next)
{
    return task_claim(life->arena, life->db, owner, life->now_ms, LIFE_LEASE_MS, ret, ret_next,
                      &life->err);
}

static inline struct job_page
life_page(int64_t number)
{
    struct job_page page = {.number = number, .confidence = 0.5, .width_px = 10, .height_px = 20};

    life_object(page.object_id);
    return page;
}

/* Pages page_from+1 .. of the task, n of them, all read. */
static inline enum err_code
life_read(struct life *life, struct task *task, int64_t n)
{
    struct job_page pages[64];

    assert_in_range(n, 0, 64);
    for (int64_t i = 0; i < n; i++)
        pages[i] = life_page(task->page_from + 1 + i);
    return task_pages_done(life->db, task, pages, (size_t)n, life->now_ms, &life->err);
}

#define must(call) assert_code(ERR_OK, (call), &life->err)

/* Submitted, uploaded and completed: the probe waits. */
static inline struct life_job
life_queued(struct life *life, int team, int64_t price)
{
    struct life_job job;

    must(life_submit(life, team, price, &job));
    must(life_put(life, &job));
    must(life_complete(life, team, &job));
    return job;
}

static inline struct task
life_claimed(struct life *life)
{
    struct task task;
    int64_t next;

    must(life_claim(life, "runner-1", &task, &next));
    return task;
}

static inline struct life_job
life_probed(struct life *life, int team, int64_t price, int64_t pages, int64_t batch)
{
    struct life_job job = life_queued(life, team, price);
    struct task task = life_claimed(life);

    assert_string_equal(task.job_id, job.id);
    must(task_probed(life->db, &task, pages, batch, life->now_ms, &life->err));
    return job;
}

static inline struct job
life_find(struct life *life, int team, const struct life_job *job)
{
    struct job found;

    must(job_find(life->arena, life->db, life->team[team].team_id, job->id, &found, &life->err));
    return found;
}

static inline struct credit_balance
life_balance(struct life *life, int team)
{
    struct credit_balance balance;

    must(credits_balance(life->db, life->team[team].team_id, &balance, &life->err));
    return balance;
}

/* What holds between any two transactions. */
static inline void
life_check(struct life *life)
{
    static const char *const none[] = {
        /* the counters of the teams are those of their tasks */
        "SELECT COUNT(*) FROM team_load l WHERE "
        "l.waiting <> (SELECT COUNT(*) FROM task WHERE team_id = l.team_id AND state = 0) OR "
        "l.running <> (SELECT COUNT(*) FROM task WHERE team_id = l.team_id AND state = 1) OR "
        "l.running_pages <> (SELECT COALESCE(SUM(weight), 0) FROM task "
        "WHERE team_id = l.team_id AND state = 1) OR "
        "COALESCE(l.head_ms, -1) <> COALESCE((SELECT MIN(due_ms) FROM task "
        "WHERE team_id = l.team_id AND state = 0), -1)",
        /* tasks belong to jobs in progress and cover exactly the pages that are missing */
        "SELECT COUNT(*) FROM task t JOIN job j ON j.id = t.job_id WHERE j.deleted_ms <> 0 OR "
        "j.status NOT IN (1, 2) OR (t.kind = 0) <> (j.status = 1) OR t.team_id <> j.team_id",
        "SELECT COUNT(*) FROM job j WHERE j.status = 2 AND j.total_pages - j.done_pages <> "
        "(SELECT COALESCE(SUM(page_to - page_from), 0) FROM task WHERE job_id = j.id)",
        "SELECT COUNT(*) FROM job j WHERE j.status = 1 AND "
        "(SELECT COUNT(*) FROM task WHERE job_id = j.id) <> 1",
        /* pages are counted as they are stored */
        "SELECT COUNT(*) FROM job j WHERE j.deleted_ms = 0 AND (j.done_pages <> "
        "(SELECT COUNT(*) FROM job_page WHERE job_id = j.id) OR j.failed_pages <> "
        "(SELECT COUNT(*) FROM job_page WHERE job_id = j.id AND reason IS NOT NULL))",
        /* ended jobs: one consumed row of the right amount, none for failed ones, nothing held */
        "SELECT COUNT(*) FROM job j WHERE j.status >= 3 AND j.credits_used <> "
        "(SELECT COALESCE(SUM(amount), 0) FROM credit_entry WHERE job_id = j.id AND "
        "target = 'consumed')",
        "SELECT COUNT(*) FROM job j WHERE j.status = 5 AND j.credits_used <> 0",
        "SELECT COUNT(*) FROM job j WHERE j.status IN (3, 4) AND j.credits_used <> "
        "j.credits_per_page * (j.total_pages - j.failed_pages)",
        "SELECT COUNT(*) FROM job j WHERE j.status >= 3 AND 0 <> (SELECT COALESCE(SUM(CASE WHEN "
        "target = 'reserved' THEN amount ELSE -amount END), 0) FROM credit_entry "
        "WHERE job_id = j.id)",
        /* pages are numbered as they come in */
        "SELECT COUNT(*) FROM job j WHERE j.deleted_ms = 0 AND j.done_pages <> "
        "(SELECT COALESCE(MAX(seq), 0) FROM job_page WHERE job_id = j.id)",
        /* lists know how long they are */
        "SELECT COUNT(*) FROM job_tally t WHERE t.jobs <> (SELECT COUNT(*) FROM job j WHERE "
        "j.team_id = t.team_id AND (j.deleted_ms <> 0) = t.deleted AND "
        "CASE WHEN j.status < 2 THEN 0 ELSE j.status END = t.status AND j.format = t.format AND "
        "j.model = t.model AND COALESCE(j.template_id, '') = t.template_id)",
        "SELECT (SELECT COUNT(*) FROM job) - (SELECT COALESCE(SUM(jobs), 0) FROM job_tally)",
        /* analytics has what ended, and nothing else */
        "SELECT COUNT(*) FROM job j WHERE (j.status >= 3) <> "
        "EXISTS (SELECT 1 FROM job_stat s WHERE s.job_id = j.id)",
        "SELECT COUNT(*) FROM job_hour h WHERE h.jobs <> (SELECT COUNT(*) FROM job_stat s WHERE "
        "s.team_id = h.team_id AND s.created_ms / 3600000 * 3600000 = h.hour_ms) OR "
        "h.done_pages <> (SELECT SUM(done_pages) FROM job_stat s WHERE "
        "s.team_id = h.team_id AND s.created_ms / 3600000 * 3600000 = h.hour_ms) OR "
        "h.credits <> (SELECT SUM(credits) FROM job_stat s WHERE "
        "s.team_id = h.team_id AND s.created_ms / 3600000 * 3600000 = h.hour_ms)",
        "SELECT (SELECT COUNT(*) FROM job_stat) - (SELECT COALESCE(SUM(jobs), 0) FROM job_hour)",
        "SELECT (SELECT COUNT(*) FROM job_ranked) - (SELECT COALESCE(SUM(jobs), 0) FROM job_rank "
        "WHERE span = 1)",
        "SELECT (SELECT COUNT(*) FROM job_ranked) - (SELECT COALESCE(SUM(jobs), 0) FROM job_rank "
        "WHERE span = 32)",
        /* the ledger's hours are its entries */
        "SELECT (SELECT COALESCE(SUM(CASE WHEN kind IN ('reserved', 'released') THEN 0 WHEN "
        "kind = 'adjusted' AND source = 'available' THEN -amount ELSE amount END), 0) FROM "
        "credit_entry) - (SELECT COALESCE(SUM(granted + consumed + refunded + adjusted + expired), "
        "0) FROM credit_hour)",
        "SELECT COUNT(*) FROM job_stat s JOIN job j ON j.id = s.job_id WHERE s.status <> j.status "
        "OR s.credits <> j.credits_used OR s.done_pages <> j.done_pages OR "
        "s.completed_ms <> j.completed_ms OR "
        "(j.deleted_ms = 0 AND s.scored_pages <> s.done_pages - s.failed_pages)",
        /* deleted is deleted */
        "SELECT COUNT(*) FROM job j WHERE j.deleted_ms <> 0 AND (j.status < 3 OR "
        "j.file_name <> '[REDACTED]' OR j.message IS NOT NULL OR j.instructions IS NOT NULL OR "
        "j.schema_json IS NOT NULL OR j.document_id IS NOT NULL OR "
        "EXISTS (SELECT 1 FROM job_page WHERE job_id = j.id) OR "
        "EXISTS (SELECT 1 FROM upload WHERE job_id = j.id))",
    };

    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (scratch_number(life->db, none[i]) != 0)
            fail_msg("broken: %s", none[i]);
    must(credits_audit(life->db, &life->err));
}

/* --- a test with a life of its own, looked over at its end --- */

static inline int
life_set_up(void **state)
{
    struct life *life = calloc(1, sizeof(*life));

    assert_non_null(life);
    life_open(life, 1000);
    *state = life;
    return 0;
}

static inline int
life_tear_down(void **state)
{
    struct life *life = *state;

    life_check(life);
    life_close(life);
    free(life);
    return 0;
}

#define life_test(name) cmocka_unit_test_setup_teardown(name, life_set_up, life_tear_down)

static inline void
life_no_task_is_due(struct life *life, int64_t want_next)
{
    struct task task;
    int64_t next = -1;

    assert_int_equal(life_claim(life, "runner-1", &task, &next), ERR_NOT_FOUND);
    assert_int_equal(next, want_next);
}

static inline struct err
life_crash(void)
{
    struct err why = {0};

    (void)err_set(&why, ERR_CRASH, "the reader died");
    return why;
}
