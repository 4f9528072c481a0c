/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/extraction.h"
#include "life.h"

struct fixture {
    struct life life;
    struct life_job job;
};

static int
setup(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    if (f == NULL)
        return -1;
    life_open(&f->life, 100);
    *state = f;
    return 0;
}

static int
teardown(void **state)
{
    struct fixture *f = *state;

    life_close(&f->life);
    free(f);
    return 0;
}

static struct task
claim(struct life *life, enum task_kind kind)
{
    struct task task;
    int64_t next = 0;

    life->now_ms += 5000; /* past any back-off */
    must(life_claim(life, "runner", &task, &next));
    assert_int_equal(task.kind, kind);
    return task;
}

/* A job for structured data whose two pages are in. */
static void
read_pages(struct fixture *f, enum job_format format)
{
    struct life *life = &f->life;
    struct job_spec spec = life_spec(2);
    struct job_page pages[2] = {{.number = 1, .confidence = 1}, {.number = 2, .confidence = 1}};

    spec.format = format;
    spec.schema_json = "{\"a\":\"string\"}";
    spec.min_confidence = 0.5;
    must(job_submit(life->db, &life->team[0], &spec, life->now_ms, LIFE_TTL_MS, 10, f->job.id,
                    &f->job.upload, &life->err));
    must(life_put(life, &f->job));
    must(life_complete(life, 0, &f->job));
    struct task task = claim(life, TASK_PROBE);
    must(task_probed(life->db, &task, 2, 8, life->now_ms, &life->err));
    task = claim(life, TASK_PAGES);
    life_object(pages[0].object_id);
    memcpy(pages[1].object_id, pages[0].object_id, OBJECT_ID_SIZE);
    must(task_pages_done(life->db, &task, pages, 2, life->now_ms, &life->err));
}

static struct job
find(struct fixture *f)
{
    struct life *life = &f->life;
    struct job job;

    must(job_find(f->life.arena, f->life.db, f->life.team[0].team_id, f->job.id, &job,
                  &f->life.err));
    return job;
}

static struct extraction
find_extraction(struct fixture *f, const char *id)
{
    struct life *life = &f->life;
    struct extraction x;

    must(extraction_find(f->life.arena, f->life.db, f->job.id, id, &x, &f->life.err));
    return x;
}

static void
extract(struct fixture *f, char ret_object[OBJECT_ID_SIZE])
{
    struct life *life = &f->life;
    struct task task = claim(&f->life, TASK_EXTRACT);

    life_object(ret_object);
    must(task_extracted(f->life.db, &task, ret_object, 10, 1, f->life.now_ms, &f->life.err));
    assert_int_equal(
        task_extracted(f->life.db, &task, ret_object, 10, 1, f->life.now_ms, &f->life.err),
        ERR_STALE);
}

static void
a_job_ends_with_its_extraction(void **state)
{
    struct fixture *f = *state;
    struct life *life = &f->life;
    char object[OBJECT_ID_SIZE];

    read_pages(f, JOB_PER_PAGE_STRUCTURED);
    struct job job = find(f);
    assert_int_equal(job.status, JOB_PROCESSING);
    assert_int_equal(job.done_pages, 2);
    struct task task = claim(&f->life, TASK_EXTRACT);
    assert_string_equal(task.extraction_id, f->job.id);
    assert_string_equal(task.schema_json, "{\"a\":\"string\"}");
    assert_true(task.format == JOB_PER_PAGE_STRUCTURED && task.min_confidence == 0.5);
    must(task_release(f->life.db, &task, &f->life.err));
    extract(f, object);
    job = find(f);
    assert_int_equal(job.status, JOB_COMPLETED);
    assert_int_equal(job.credits_used, 4);
    assert_string_equal(find_extraction(f, f->job.id).object_id, object);
    bool needed = false;
    must(job_needs_object(f->life.db, object, &needed, &f->life.err));
    assert_true(needed);
}

static void
a_job_fails_with_its_extraction_and_costs_nothing(void **state)
{
    struct fixture *f = *state;
    struct life *life = &f->life;
    struct err why;

    read_pages(f, JOB_STRUCTURED);
    (void)err_set(&why, ERR_CRASH, "the child crashed");
    for (int i = 0; i < TASK_ATTEMPTS_MAX; i++) {
        struct task task = claim(&f->life, TASK_EXTRACT);
        assert_int_equal(find(f).status, JOB_PROCESSING);
        must(task_failed(f->life.db, &task, &why, f->life.now_ms, &f->life.err));
    }
    struct job job = find(f);
    assert_int_equal(job.status, JOB_FAILED);
    assert_string_equal(job.reason, "reader_crashed");
    assert_int_equal(job.credits_used, 0);
    assert_int_equal(find_extraction(f, f->job.id).state, EXTRACTION_FAILED);
}

static void
again_leaves_the_job_as_it_is(void **state)
{
    struct fixture *f = *state;
    const struct extraction_spec spec = {.format = JOB_STRUCTURED, .instructions = "totals"};
    struct life *life = &f->life;
    char object[OBJECT_ID_SIZE], id[UUID_TEXT_SIZE];
    struct err why;

    read_pages(f, JOB_STRUCTURED);
    assert_int_equal(extraction_submit(life->arena, life->db, life->team[0].team_id, f->job.id,
                                       &spec, life->now_ms, id, &life->err),
                     ERR_CONFLICT);
    extract(f, object);
    struct job before = find(f);
    for (int i = 0; i < EXTRACTIONS_WAITING_MAX; i++)
        must(extraction_submit(life->arena, life->db, life->team[0].team_id, f->job.id, &spec,
                               life->now_ms, id, &life->err));
    assert_int_equal(extraction_submit(life->arena, life->db, life->team[0].team_id, f->job.id,
                                       &spec, life->now_ms, id, &life->err),
                     ERR_RATE);
    assert_int_equal(extraction_submit(life->arena, life->db, life->team[1].team_id, f->job.id,
                                       &spec, life->now_ms, id, &life->err),
                     ERR_NOT_FOUND);
    extract(f, object);
    struct task task = claim(life, TASK_EXTRACT);
    assert_string_equal(task.instructions, "totals");
    (void)err_set(&why, ERR_LIMIT, "too large");
    must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
    assert_int_equal(find_extraction(f, task.extraction_id).state, EXTRACTION_FAILED);
    struct job after = find(f);
    assert_true(after.status == before.status && after.credits_used == before.credits_used &&
                after.completed_ms == before.completed_ms);
}

static void
a_deleted_job_takes_its_extractions_along(void **state)
{
    struct fixture *f = *state;
    struct life *life = &f->life;
    const struct extraction_spec spec = {.format = JOB_STRUCTURED};
    char own[OBJECT_ID_SIZE], other[OBJECT_ID_SIZE], id[UUID_TEXT_SIZE];
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    struct extraction x;
    size_t n = 0, found = 0;

    read_pages(f, JOB_STRUCTURED);
    extract(f, own);
    must(extraction_submit(life->arena, life->db, life->team[0].team_id, f->job.id, &spec,
                           life->now_ms, id, &life->err));
    extract(f, other);
    must(extraction_submit(life->arena, life->db, life->team[0].team_id, f->job.id, &spec,
                           life->now_ms, id, &life->err));
    struct task task = claim(life, TASK_EXTRACT);
    must(job_remove(life->arena, life->db, life->team[0].team_id, f->job.id, life->now_ms, &ids, &n,
                    &life->err));
    for (size_t i = 0; i < n; i++)
        found += strcmp(ids[i], own) == 0 || strcmp(ids[i], other) == 0;
    assert_int_equal(found, 2);
    assert_int_equal(task_extracted(life->db, &task, own, 1, 1, life->now_ms, &life->err),
                     ERR_STALE);
    assert_int_equal(extraction_find(life->arena, life->db, f->job.id, f->job.id, &x, &life->err),
                     ERR_NOT_FOUND);
}

static enum extraction_state
ask_for_pdf(struct fixture *f)
{
    struct life *life = &f->life;
    struct extraction x;

    must(extraction_submit_searchable(life->arena, life->db, life->team[0].team_id, f->job.id,
                                      life->now_ms, &life->err));
    must(extraction_find_searchable(life->arena, life->db, f->job.id, &x, &life->err));
    return x.state;
}

static void
fail_it(struct fixture *f, enum err_code code, int times)
{
    struct life *life = &f->life;
    const struct err why = {.code = code, .msg = "test"};

    for (int i = 0; i < times; i++) {
        struct task task = claim(life, TASK_EXTRACT);
        must(task_failed(life->db, &task, &why, life->now_ms, &life->err));
    }
}

static void
a_searchable_pdf_that_time_may_mend_can_be_asked_for_again(void **state)
{
    struct fixture *f = *state;

    read_pages(f, JOB_MARKDOWN);
    assert_int_equal(find(f).status, JOB_COMPLETED);
    assert_int_equal(ask_for_pdf(f), EXTRACTION_WAITING);
    assert_int_equal(ask_for_pdf(f), EXTRACTION_WAITING);
    fail_it(f, ERR_DEADLINE, TASK_ATTEMPTS_MAX);
    assert_int_equal(ask_for_pdf(f), EXTRACTION_WAITING);
    fail_it(f, ERR_FORMAT, 1);
    assert_int_equal(ask_for_pdf(f), EXTRACTION_FAILED); /* it would fail again */
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_job_ends_with_its_extraction, setup, teardown),
        cmocka_unit_test_setup_teardown(a_job_fails_with_its_extraction_and_costs_nothing, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(again_leaves_the_job_as_it_is, setup, teardown),
        cmocka_unit_test_setup_teardown(a_searchable_pdf_that_time_may_mend_can_be_asked_for_again,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_deleted_job_takes_its_extractions_along, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
