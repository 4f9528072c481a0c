/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Documents that are fetched, and requests under a key. */
#include "jobs/idempotency.h"
#include "life.h"

static void
submit(struct life *life, char ret_id[UUID_TEXT_SIZE])
{
    struct job_spec spec = life_spec(2);

    spec.source_url = "https://example.org/a.pdf";
    must(job_submit_url(life->db, &life->team[0], &spec, life->now_ms, 2, ret_id, &life->err));
}

static struct job
find(struct life *life, const char *id)
{
    struct job job;

    must(job_find(life->arena, life->db, life->team[0].team_id, id, &job, &life->err));
    return job;
}

/* How many were claimed. */
static size_t
claim(struct life *life, struct fetch *ret)
{
    int64_t next_ms;
    size_t n = 0;
    enum err_code rc = fetch_claim(life->arena, life->db, life->now_ms, LIFE_LEASE_MS, ret, 4, &n,
                                   &next_ms, &life->err);

    assert_true(rc == ERR_OK || rc == ERR_NOT_FOUND);
    return n;
}

static void
test_done(void **state)
{
    struct life place, *life = &place;
    struct fetch fetch[4], late;
    struct task task;
    char id[UUID_TEXT_SIZE], other[UUID_TEXT_SIZE];
    struct job_spec spec = life_spec(2);
    int64_t next_ms;

    (void)state;
    life_open(life, 1000);
    submit(life, id);
    submit(life, other);
    spec.source_url = "https://example.org/b.pdf";
    assert_int_equal(
        job_submit_url(life->db, &life->team[0], &spec, life->now_ms, 2, other, &life->err),
        ERR_RATE);
    assert_int_equal(claim(life, fetch), 2);
    assert_int_equal(claim(life, fetch + 2), 0);
    assert_string_equal(fetch[0].url, "https://example.org/a.pdf");
    late = fetch[0];
    life->now_ms += LIFE_LEASE_MS;
    assert_int_equal(claim(life, fetch), 2); /* nobody knows what became of the first */
    assert_int_equal(fetch_done(life->db, &late, "x", 1, life->now_ms, &life->err), ERR_STALE);
    assert_int_equal(fetch_extend(life->db, &late, life->now_ms, 1, &life->err), ERR_STALE);
    must(fetch_extend(life->db, &fetch[0], life->now_ms, LIFE_LEASE_MS, &life->err));
    must(fetch_done(life->db, &fetch[0], "00000000000000000000000000000001", 77, life->now_ms,
                    &life->err));
    assert_int_equal(fetch_done(life->db, &fetch[0], "x", 1, life->now_ms, &life->err), ERR_STALE);
    assert_int_equal(find(life, fetch[0].job_id).spec.file_bytes, 77);
    must(task_claim(life->arena, life->db, "me", life->now_ms, LIFE_LEASE_MS, &task, &next_ms,
                    &life->err));
    assert_string_equal(task.object_id, "00000000000000000000000000000001");
    assert_int_equal(task.kind, TASK_PROBE);
    life_close(life);
}

static void
test_failures(void **state)
{
    struct life place, *life = &place;
    struct fetch fetch[4];
    char id[UUID_TEXT_SIZE];
    struct err why = {.code = ERR_FETCH, .msg = "the URL's server could not be reached"};

    (void)state;
    life_open(life, 1000);
    submit(life, id);
    for (int attempt = 1; attempt <= FETCH_ATTEMPTS_MAX; attempt++) {
        assert_int_equal(find(life, id).status, JOB_QUEUED);
        assert_int_equal(claim(life, fetch), 1);
        assert_int_equal(fetch[0].attempt, attempt);
        if (attempt == 1) /* a stop of the runner costs nothing */
            must(fetch_release(life->db, &fetch[0], life->now_ms, &life->err));
        if (attempt == 1)
            assert_int_equal(claim(life, fetch), 1);
        must(fetch_failed(life->db, &fetch[0], &why, life->now_ms, &life->err));
        assert_int_equal(claim(life, fetch), 0);
        life->now_ms += 100000;
    }
    struct job job = find(life, id);
    assert_int_equal(job.status, JOB_FAILED);
    assert_string_equal(job.reason, "url_not_reachable");
    assert_string_equal(job.message, why.msg);
    assert_int_equal(claim(life, fetch), 0);
    struct credit_balance balance;
    must(credits_balance(life->db, life->team[0].team_id, &balance, &life->err));
    assert_int_equal(balance.reserved + balance.consumed, 0);

    submit(life, id); /* what will not change is not tried again */
    why.code = ERR_URL;
    assert_int_equal(claim(life, fetch), 1);
    must(fetch_failed(life->db, &fetch[0], &why, life->now_ms, &life->err));
    assert_string_equal(find(life, id).reason, "url_not_allowed");
    life_close(life);
}

static void
test_deleted_and_tried_again(void **state)
{
    struct life place, *life = &place;
    struct fetch fetch[4];
    char id[UUID_TEXT_SIZE];
    char(*ids)[OBJECT_ID_SIZE];
    size_t n;
    struct err why = {.code = ERR_FETCH_REFUSED, .msg = "404"};

    (void)state;
    life_open(life, 1000);
    submit(life, id);
    assert_int_equal(claim(life, fetch), 1);
    must(job_remove(life->arena, life->db, life->team[0].team_id, id, life->now_ms, &ids, &n,
                    &life->err));
    assert_int_equal(fetch_done(life->db, &fetch[0], "x", 1, life->now_ms, &life->err), ERR_STALE);

    submit(life, id);
    assert_int_equal(claim(life, fetch), 1);
    must(fetch_failed(life->db, &fetch[0], &why, life->now_ms, &life->err));
    must(job_retry(life->arena, life->db, life->team[0].team_id, id, life->now_ms, &ids, &n,
                   &life->err));
    assert_int_equal(find(life, id).status, JOB_QUEUED);
    assert_int_equal(claim(life, fetch), 1);
    must(job_cancel(life->arena, life->db, life->team[0].team_id, id, life->now_ms, &ids, &n,
                    &life->err));
    assert_int_equal(fetch_failed(life->db, &fetch[0], &why, life->now_ms, &life->err), ERR_STALE);
    must(fetch_recover(life->db, life->now_ms, &life->err));
    assert_int_equal(claim(life, fetch), 0);
    life_close(life);
}

static void
test_idempotency(void **state)
{
    struct life place, *life = &place;
    struct idempotency request = {.key = "k", .digest = {1}}, other = {.key = "k", .digest = {2}};
    char job[UUID_TEXT_SIZE];

    (void)state;
    life_open(life, 1000);
    request.team_id = other.team_id = life->team[0].team_id;
    must(idempotency_find(life->db, &request, life->now_ms, job, &life->err));
    assert_string_equal(job, "");
    must(idempotency_add(life->db, &request, "the job", life->now_ms, &life->err));
    must(idempotency_find(life->db, &request, life->now_ms, job, &life->err));
    assert_string_equal(job, "the job");
    assert_int_equal(idempotency_find(life->db, &other, life->now_ms, job, &life->err),
                     ERR_CONFLICT);
    other.team_id = life->team[1].team_id;
    must(idempotency_find(life->db, &other, life->now_ms, job, &life->err));
    assert_string_equal(job, "");
    life->now_ms += 24 * 3600 * 1000;
    must(idempotency_find(life->db, &request, life->now_ms, job, &life->err));
    assert_string_equal(job, "");
    must(idempotency_add(life->db, &request, "another", life->now_ms, &life->err));
    must(idempotency_purge(life->db, life->now_ms, &life->err));
    must(idempotency_find(life->db, &request, life->now_ms, job, &life->err));
    assert_string_equal(job, "another");
    life_close(life);
}

static void
submit_many(struct life *life, int team, int n)
{
    struct job_spec spec = life_spec(1);
    char id[UUID_TEXT_SIZE];

    spec.source_url = "https://example.org/slow.pdf";
    for (int i = 0; i < n; i++)
        must(
            job_submit_url(life->db, &life->team[team], &spec, life->now_ms, 1000, id, &life->err));
}

/* Of the documents claimed, how many the team has asked for. */
static size_t
count_of(struct life *life, int team, const struct fetch *fetch, size_t n)
{
    size_t count = 0;

    for (size_t i = 0; i < n; i++) {
        struct job job;
        arena_reset(life->arena);
        count += job_find(life->arena, life->db, life->team[team].team_id, fetch[i].job_id, &job,
                          &life->err) == ERR_OK;
    }
    return count;
}

/* Slow servers of one team leave room for the others, and those come next. */
static void
test_fetches_are_shared_out_by_teams(void **state)
{
    struct life place, *life = &place;
    struct fetch fetch[16];
    int64_t next_ms = 0;
    size_t n = 0;

    (void)state;
    life_open(life, 1000);
    submit_many(life, 0, 20);
    must(fetch_claim(life->arena, life->db, life->now_ms, LIFE_LEASE_MS, fetch, 16, &n, &next_ms,
                     &life->err));
    assert_int_equal(n, FETCH_TEAM_MAX);
    assert_true(next_ms > life->now_ms); /* nobody asks again at once */
    life->now_ms += 10;
    submit_many(life, 1, 2);
    submit_many(life, 2, 4);
    must(fetch_claim(life->arena, life->db, life->now_ms, LIFE_LEASE_MS, fetch, 4, &n, &next_ms,
                     &life->err));
    assert_int_equal(n, 4);
    assert_int_equal(count_of(life, 1, fetch, n), 2);
    assert_int_equal(count_of(life, 2, fetch, n), 2);
    life->now_ms += LIFE_LEASE_MS; /* all holders are gone */
    must(fetch_claim(life->arena, life->db, life->now_ms, LIFE_LEASE_MS, fetch, 9, &n, &next_ms,
                     &life->err));
    assert_int_equal(n, 9);
    for (int i = 0; i < LIFE_TEAMS; i++)
        assert_in_range(count_of(life, i, fetch, n), 2, 4);
    life_close(life);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_done),
        cmocka_unit_test(test_failures),
        cmocka_unit_test(test_deleted_and_tried_again),
        cmocka_unit_test(test_fetches_are_shared_out_by_teams),
        cmocka_unit_test(test_idempotency),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
