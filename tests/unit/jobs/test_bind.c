/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "life.h"

/* A job of four pages in one object, all read, whose binding waits. */
static struct life_job
life_to_bind(struct life *life, char ret_object[OBJECT_ID_SIZE])
{
    struct life_job job = life_queued(life, 0, 2);
    struct task task = life_claimed(life);
    struct job_page pages[4];

    must(task_probed(life->db, &task, 4, 8, life->now_ms, &life->err));
    must(task_wants_binding(life->db, &task, &life->err));
    task = life_claimed(life);
    assert_int_equal(task.kind, TASK_PAGES);
    for (int i = 0; i < 4; i++) {
        pages[i] = life_page(i + 1);
        memcpy(pages[i].object_id, pages[0].object_id, OBJECT_ID_SIZE);
    }
    must(task_pages_done(life->db, &task, pages, 4, life->now_ms, &life->err));
    memcpy(ret_object, pages[0].object_id, OBJECT_ID_SIZE);
    assert_int_equal(life_find(life, 0, &job).status, JOB_PROCESSING);
    life_check(life);
    return job;
}

static struct task
life_binding(struct life *life)
{
    struct task task = life_claimed(life);

    assert_int_equal(task.kind, TASK_BIND);
    assert_int_equal(task.total_pages, 4);
    return task;
}

static void
pages_that_change_lie_elsewhere_and_the_job_ends(void **state)
{
    struct life *life = *state;
    char object[OBJECT_ID_SIZE], (*old)[OBJECT_ID_SIZE] = NULL;
    size_t n = 9;
    struct life_job job = life_to_bind(life, object);
    struct task task = life_binding(life);
    struct job_page changed[4] = {life_page(2), life_page(4), life_page(1), life_page(3)};
    struct job_page *pages = NULL;

    changed[0].markdown_bytes = 77;
    must(task_bound(life->arena, life->db, &task, changed, 2, life->now_ms, &old, &n, &life->err));
    assert_int_equal(n, 0); /* pages 1 and 3 are still there */
    assert_int_equal(life_find(life, 0, &job).status, JOB_COMPLETED);
    assert_int_equal(life_balance(life, 0).consumed, 8);
    must(job_pages(life->arena, life->db, job.id, 1, 4, &pages, &n, &life->err));
    assert_int_equal(n, 4);
    assert_string_equal(pages[0].object_id, object);
    assert_string_equal(pages[1].object_id, changed[0].object_id);
    assert_int_equal(pages[1].markdown_bytes, 77);
    assert_int_equal(pages[1].seq, 2);
    assert_int_equal(
        task_bound(life->arena, life->db, &task, changed, 2, life->now_ms, &old, &n, &life->err),
        ERR_STALE);
}

static void
what_no_page_needs_any_more_is_told(void **state)
{
    struct life *life = *state;
    char object[OBJECT_ID_SIZE], (*old)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    (void)life_to_bind(life, object);
    struct task task = life_binding(life);
    struct job_page changed[4];

    for (int i = 0; i < 4; i++)
        changed[i] = life_page(i + 1);
    must(task_bound(life->arena, life->db, &task, changed, 4, life->now_ms, &old, &n, &life->err));
    assert_int_equal(n, 1);
    assert_string_equal(old[0], object);
}

static void
a_page_that_is_not_there_cannot_change(void **state)
{
    struct life *life = *state;
    char object[OBJECT_ID_SIZE], (*old)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    struct life_job job = life_to_bind(life, object);
    struct task task = life_binding(life);
    struct job_page changed = life_page(5);

    assert_int_equal(
        task_bound(life->arena, life->db, &task, &changed, 1, life->now_ms, &old, &n, &life->err),
        ERR_INPUT);
    must(task_bound(life->arena, life->db, &task, NULL, 0, life->now_ms, &old, &n, &life->err));
    assert_int_equal(life_find(life, 0, &job).status, JOB_COMPLETED);
}

static void
pages_that_cannot_be_bound_stay_as_they_are(void **state)
{
    struct life *life = *state;
    char object[OBJECT_ID_SIZE];
    struct life_job job = life_to_bind(life, object);
    const struct err why = life_crash();

    for (int attempt = 1; attempt <= TASK_ATTEMPTS_MAX; attempt++) {
        struct task task = life_binding(life);
        assert_int_equal(task.attempt, attempt);
        must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
        life->now_ms += 5000;
    }
    assert_int_equal(life_find(life, 0, &job).status, JOB_COMPLETED);
    assert_int_equal(life_find(life, 0, &job).failed_pages, 0);
}

static void
one_page_has_no_neighbours(void **state)
{
    struct life *life = *state;
    struct life_job job = life_queued(life, 0, 2);
    struct task task = life_claimed(life);

    must(task_probed(life->db, &task, 1, 8, life->now_ms, &life->err));
    must(task_wants_binding(life->db, &task, &life->err));
    task = life_claimed(life);
    must(life_read(life, &task, 1));
    assert_int_equal(life_find(life, 0, &job).status, JOB_COMPLETED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        life_test(pages_that_change_lie_elsewhere_and_the_job_ends),
        life_test(what_no_page_needs_any_more_is_told),
        life_test(a_page_that_is_not_there_cannot_change),
        life_test(pages_that_cannot_be_bound_stay_as_they_are),
        life_test(one_page_has_no_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
