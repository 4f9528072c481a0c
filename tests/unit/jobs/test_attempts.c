/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Tasks that end badly, whose holders are gone, and whose turn it is. */
#include "life.h"

/* The task comes back no earlier than the back-off; returns it claimed again. */
static struct task
claim_after_backoff(struct life *life, int64_t at_least_ms, int64_t at_most_ms)
{
    struct task task;
    int64_t next = 0;

    assert_int_equal(life_claim(life, "runner-1", &task, &next), ERR_NOT_FOUND);
    assert_in_range(next - life->now_ms, at_least_ms, at_most_ms);
    life->now_ms = next - 1;
    assert_int_equal(life_claim(life, "runner-1", &task, &next), ERR_NOT_FOUND);
    life->now_ms = next;
    return life_claimed(life);
}

static void
a_poison_page_is_left_out_after_three_attempts(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 5, 5);
    struct task task = life_claimed(life);
    struct err why = life_crash();

    must(life_read(life, &task, 2));
    for (int attempt = 1; attempt <= 3; attempt++) {
        assert_int_equal(task.page_from, 2);
        assert_int_equal(task.attempt, attempt);
        must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
        assert_int_equal(task_failed(life->db, &task, &why, life->now_ms, &life->err), ERR_STALE);
        if (attempt == 1)
            task = claim_after_backoff(life, 500, 625);
        else if (attempt == 2)
            task = claim_after_backoff(life, 2000, 2500);
    }
    task = life_claimed(life); /* the rest waits for nothing */
    assert_int_equal(task.page_from, 3);
    assert_int_equal(task.attempt, 1);
    must(life_read(life, &task, 2));
    struct job found = life_find(life, 0, &job);
    assert_int_equal(found.status, JOB_PARTIAL);
    assert_int_equal(found.credits_used, 4);
    struct job_page *pages = NULL;
    size_t n = 0;
    must(job_pages(life->arena, life->db, job.id, 3, 1, &pages, &n, &life->err));
    assert_string_equal(pages[0].reason, "reader_crashed");
    assert_string_equal(pages[0].message, "the reader died");
}

static void
progress_gives_the_next_page_its_own_attempts(void **state)
{
    struct life *life = *state;
    struct err why = life_crash();

    life_probed(life, 0, 1, 3, 3);
    for (int page = 0; page < 2; page++)
        for (int i = 0; i < 2; i++) {
            struct task task = life_claimed(life);
            if (i == 0 && page > 0)
                must(life_read(life, &task, 1));
            assert_int_equal(task.page_from, page);
            must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
            life->now_ms += 3000;
        }
    assert_int_equal(scratch_number(life->db, "SELECT attempt FROM task"), 2);
}

static void
a_clear_error_is_not_tried_again(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 2, 2);
    struct task task = life_claimed(life);
    struct err why = {0};

    (void)err_set(&why, ERR_PIXELS, "page 1 is 9 m wide");
    must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
    task = life_claimed(life);
    assert_int_equal(task.page_from, 1);
    must(life_read(life, &task, 1));
    assert_int_equal(life_find(life, 0, &job).status, JOB_PARTIAL);

    job = life_queued(life, 0, 1);
    task = life_claimed(life);
    (void)err_set(&why, ERR_ENCRYPTED, "a password is needed");
    must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
    struct job found = life_find(life, 0, &job);
    assert_int_equal(found.status, JOB_FAILED);
    assert_string_equal(found.reason, "password_required");
    assert_string_equal(found.message, "a password is needed");
    why.code = ERR_OK;
    life_queued(life, 0, 1);
    task = life_claimed(life);
    assert_int_equal(task_failed(life->db, &task, &why, life->now_ms, &life->err), ERR_INPUT);
}

static void
our_own_errors_are_not_shown(void **state)
{
    struct life *life = *state;
    struct life_job job = life_queued(life, 0, 1);
    struct err why = {0};

    (void)err_set(&why, ERR_SYSTEM, "open /secret/path: no such file");
    for (int i = 0; i < 3; i++) {
        struct task task = life_claimed(life);
        must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
        life->now_ms += 3000;
    }
    struct job found = life_find(life, 0, &job);
    assert_string_equal(found.reason, "internal");
    assert_null(strstr(found.message, "secret"));
}

static void
a_job_has_only_so_many_crashes(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 20, 20);
    struct err why = life_crash();
    int crashes = 0;

    while (life_find(life, 0, &job).status == JOB_PROCESSING) {
        struct task task = life_claimed(life);
        must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
        crashes++;
        life->now_ms += 3000;
    }
    /* Pages 1 to 4 take three each; the budget is spent, and each of the others gets one. */
    assert_int_equal(crashes, TASK_CRASHES_PER_JOB_MAX + 16);
    assert_string_equal(life_find(life, 0, &job).reason, "reader_crashed");
}

static void
a_lost_lease_is_fenced(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 2, 2);
    struct task old = life_claimed(life);
    struct err why = life_crash();

    life->now_ms += LIFE_LEASE_MS - 1;
    must(task_extend(life->db, &old, life->now_ms, LIFE_LEASE_MS, &life->err));
    life->now_ms += LIFE_LEASE_MS - 1;
    life_no_task_is_due(life, life->now_ms + 1);
    life->now_ms += 1;
    struct task new = life_claimed(life);
    assert_int_equal(new.id, old.id);
    assert_true(new.token > old.token);
    assert_int_equal(new.attempt, 2);
    struct job_page page = life_page(1);
    struct err *err = &life->err;
    assert_int_equal(task_pages_done(life->db, &old, &page, 1, 1, err), ERR_STALE);
    assert_int_equal(task_failed(life->db, &old, &why, 1, err), ERR_STALE);
    assert_int_equal(task_extend(life->db, &old, 1, 1, err), ERR_STALE);
    assert_int_equal(task_release(life->db, &old, err), ERR_STALE);
    must(life_read(life, &new, 2));
    assert_int_equal(life_find(life, 0, &job).status, JOB_COMPLETED);
    assert_int_equal(life_find(life, 0, &job).credits_used, 2);
}

static void
a_late_holder_may_finish_while_nobody_else_claimed(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 1, 1);
    struct task task = life_claimed(life);

    life->now_ms += 10 * LIFE_LEASE_MS;
    must(life_read(life, &task, 1));
    assert_int_equal(life_find(life, 0, &job).status, JOB_COMPLETED);
}

/* The third lease that runs out on the last page: nothing is left to claim, and still it ends. */
static void
a_sweep_ends_what_nobody_can_claim(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 1, 1);
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;

    for (int i = 0; i < 3; i++) {
        life_claimed(life);
        life->now_ms += LIFE_LEASE_MS;
    }
    must(job_sweep(life->arena, life->db, life->now_ms, &ids, &n, &life->err));
    struct job found = life_find(life, 0, &job);
    assert_int_equal(found.status, JOB_FAILED);
    assert_string_equal(found.reason, "reader_crashed");
    assert_int_equal(n, 0);
}

/* What waits goes on, in its old order and before what comes after it. */
static void
a_clock_set_back_keeps_nobody_waiting(void **state)
{
    struct life *life = *state;
    struct life_job first = life_probed(life, 0, 1, 2, 1), last, later;
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;

    life->now_ms += 7200000;
    must(life_submit(life, 0, 1, &last));
    must(life_put(life, &last));
    must(life_complete(life, 0, &last));
    life->now_ms -= 3600000;
    must(job_sweep(life->arena, life->db, life->now_ms, &ids, &n, &life->err));
    life->now_ms += 1;
    must(life_submit(life, 0, 1, &later));
    must(life_put(life, &later));
    must(life_complete(life, 0, &later));
    const char *order[] = {first.id, first.id, last.id, later.id};
    for (size_t i = 0; i < ARRAY_LEN(order); i++)
        assert_string_equal(life_claimed(life).job_id, order[i]);
    life_no_task_is_due(life, life->now_ms + LIFE_LEASE_MS);
}

/* A pause after a failure is no such wait. */
static void
a_sweep_leaves_pauses_alone(void **state)
{
    struct life *life = *state;
    const struct err why = {.code = ERR_CRASH, .msg = "test"};
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;

    (void)life_probed(life, 0, 1, 1, 1);
    struct task task = life_claimed(life);
    must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
    must(job_sweep(life->arena, life->db, life->now_ms, &ids, &n, &life->err));
    assert_int_equal(scratch_number(life->db, "SELECT COUNT(*) FROM task WHERE due_ms > 1000000"),
                     1);
}

static void
a_released_task_burns_no_attempt(void **state)
{
    struct life *life = *state;

    life_probed(life, 0, 1, 3, INT64_MAX);
    for (int i = 0; i < 10; i++) {
        struct task task = life_claimed(life);
        assert_int_equal(task.attempt, 1);
        must(task_release(life->db, &task, &life->err));
        assert_int_equal(task_release(life->db, &task, &life->err), ERR_STALE);
    }
    struct task task = life_claimed(life);
    must(life_read(life, &task, 1));
    must(task_release(life->db, &task, &life->err));
    task = life_claimed(life);
    assert_int_equal(task.attempt, 1);
    assert_int_equal(task.page_from, 1);
}

static void
a_new_runner_recovers_what_the_old_one_held(void **state)
{
    struct life *life = *state;
    struct task task;
    int64_t next = 0, count = 0;

    for (int i = 0; i < 100; i++)
        life_queued(life, i % LIFE_TEAMS, 1);
    for (int i = 0; i < 99; i++)
        must(life_claim(life, "old", &task, &next));
    must(life_claim(life, "new", &task, &next));
    must(task_recover(life->db, "new", life->now_ms, &count, &life->err));
    assert_int_equal(count, 99);
    for (int i = 0; i < 99; i++) {
        must(life_claim(life, "new", &task, &next));
        assert_int_equal(task.attempt, 1);
    }
    must(task_recover(life->db, "new", life->now_ms, &count, &life->err));
    assert_int_equal(count, 0);
    struct job_counts counts;
    must(job_counts(life->db, &counts, &life->err));
    assert_int_equal(counts.queued_tasks, 0);
    assert_int_equal(counts.running_tasks, 100);
    assert_int_equal(counts.oldest_due_ms, 0);
}

static void
a_document_outlives_some_runners_and_not_any_number(void **state)
{
    struct life *life = *state;
    struct life_job job = life_queued(life, 0, 1);
    struct task task;
    int64_t next = 0, count = 0;
    int deaths = 0;

    while (life_find(life, 0, &job).status == JOB_QUEUED) {
        must(life_claim(life, "old", &task, &next));
        assert_int_equal(task.attempt, 1);
        must(task_recover(life->db, "new", life->now_ms, &count, &life->err));
        assert_int_equal(count, 1);
        deaths++;
    }
    assert_int_equal(deaths, TASK_CRASHES_PER_JOB_MAX);
    assert_int_equal(life_find(life, 0, &job).status, JOB_FAILED);
    assert_string_equal(life_find(life, 0, &job).reason, "reader_crashed");
}

static void
the_team_with_the_fewest_pages_in_flight_is_next(void **state)
{
    struct life *life = *state;
    int claimed[LIFE_TEAMS] = {0};

    static const int64_t pages[] = {50, 20, 5}, batches[] = {1, 10, 1};
    struct life_job jobs[LIFE_TEAMS];
    struct task probes[LIFE_TEAMS];

    for (int t = 0; t < LIFE_TEAMS; t++)
        jobs[t] = life_queued(life, t, 1);
    for (int i = 0; i < LIFE_TEAMS; i++)
        probes[i] = life_claimed(life);
    for (int t = 0; t < LIFE_TEAMS; t++) {
        life->now_ms += 1000; /* the last team's pages are the youngest */
        for (int i = 0; i < LIFE_TEAMS; i++)
            if (strcmp(probes[i].job_id, jobs[t].id) == 0)
                must(task_probed(life->db, &probes[i], pages[t], batches[t], life->now_ms,
                                 &life->err));
    }
    for (int i = 0; i < 12; i++) {
        struct task task = life_claimed(life);
        for (int t = 0; t < LIFE_TEAMS; t++)
            claimed[t] += strcmp(task.team_id, life->team[t].team_id) == 0;
    }
    /* One batch of ten pages is as much as ten of one page. */
    assert_int_equal(claimed[1], 1);
    assert_int_equal(claimed[0], 6);
    assert_int_equal(claimed[2], 5);
}

static void
a_short_document_passes_a_long_one(void **state)
{
    struct life *life = *state;
    struct life_job long_job = life_probed(life, 0, 1, 100, 10);
    struct task task = life_claimed(life);

    assert_string_equal(task.job_id, long_job.id);
    life->now_ms += 1000;
    struct life_job short_job = life_queued(life, 0, 1);
    task = life_claimed(life);
    assert_string_equal(task.job_id, short_job.id);
    must(task_probed(life->db, &task, 1, 10, life->now_ms, &life->err));
    task = life_claimed(life);
    assert_string_equal(task.job_id, short_job.id);
    /* Later comers do not hold up the long one for ever. */
    life->now_ms += 15000;
    life_queued(life, 0, 1);
    task = life_claimed(life);
    assert_string_equal(task.job_id, long_job.id);
    assert_int_equal(task.page_from, 10);
}

static void
the_pages_of_an_older_job_go_before_the_probes_of_younger_ones(void **state)
{
    struct life *life = *state;
    struct life_job first = life_queued(life, 0, 1);

    life->now_ms += 10;
    for (int i = 0; i < 5; i++)
        life_queued(life, 0, 1);
    struct task probe = life_claimed(life);
    assert_string_equal(probe.job_id, first.id);
    life->now_ms += 10;
    must(task_probed(life->db, &probe, 1, 1, life->now_ms, &life->err));
    struct task page = life_claimed(life);
    assert_string_equal(page.job_id, first.id);
    assert_int_equal(page.kind, TASK_PAGES);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        life_test(a_poison_page_is_left_out_after_three_attempts),
        life_test(progress_gives_the_next_page_its_own_attempts),
        life_test(a_clear_error_is_not_tried_again),
        life_test(our_own_errors_are_not_shown),
        life_test(a_job_has_only_so_many_crashes),
        life_test(a_lost_lease_is_fenced),
        life_test(a_late_holder_may_finish_while_nobody_else_claimed),
        life_test(a_sweep_ends_what_nobody_can_claim),
        life_test(a_clock_set_back_keeps_nobody_waiting),
        life_test(a_sweep_leaves_pauses_alone),
        life_test(a_released_task_burns_no_attempt),
        life_test(a_new_runner_recovers_what_the_old_one_held),
        life_test(a_document_outlives_some_runners_and_not_any_number),
        life_test(the_team_with_the_fewest_pages_in_flight_is_next),
        life_test(a_short_document_passes_a_long_one),
        life_test(the_pages_of_an_older_job_go_before_the_probes_of_younger_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
