/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Lists of jobs, and jobs that are begun again. */
#include "life.h"

enum { MANY = 60 };

static int
set_up(void **state)
{
    struct life *life = calloc(1, sizeof(*life));

    assert_non_null(life);
    life_open(life, 1000);
    *state = life;
    return 0;
}

static int
tear_down(void **state)
{
    struct life *life = *state;

    life_check(life);
    life_close(life);
    free(life);
    return 0;
}

static void
submit(struct life *life, int i, char ret_id[UUID_TEXT_SIZE])
{
    static const char *const models[] = {"standard-v2", "pro-v2", "own"};
    struct upload upload;
    struct job_spec spec = life_spec(1);

    spec.model = models[i % 3];
    spec.format = (enum job_format)(i % 2);
    spec.template_id = i % 5 == 0 ? "t-5" : NULL;
    life->now_ms += i % 4 == 0; /* several at one moment */
    must(job_submit(life->db, &life->team[0], &spec, life->now_ms, LIFE_TTL_MS, 1000, ret_id,
                    &upload, &life->err));
}

/* Ended, deleted or left alone, in a fixed mixture. */
static void
change(struct life *life, int i, const char *id)
{
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;

    if (i % 7 == 3)
        must(job_cancel(life->arena, life->db, life->team[0].team_id, id, life->now_ms, &ids, &n,
                        &life->err));
    if (i % 11 == 3)
        must(job_remove(life->arena, life->db, life->team[0].team_id, id, life->now_ms, &ids, &n,
                        &life->err));
}

static bool
fits(int i, const struct job_filter *filter)
{
    static const char *const models[] = {"standard-v2", "pro-v2", "own"};
    bool deleted = i % 11 == 3;
    enum job_status status = deleted || i % 7 == 3 ? JOB_FAILED : JOB_UPLOADING;

    return (filter->with_deleted || !deleted) &&
           (filter->status < 0 || filter->status == (int)status) &&
           (filter->format < 0 || filter->format == i % 2) &&
           (filter->model == NULL || strcmp(filter->model, models[i % 3]) == 0) &&
           (filter->template_id == NULL || i % 5 == 0);
}

/* Walks the list in pages of three and compares it with what fits. */
static void
walk(struct life *life, char ids[MANY][UUID_TEXT_SIZE], const struct job_filter *filter)
{
    int64_t before_ms = INT64_MAX, total = -1, seen = 0;
    char before_id[UUID_TEXT_SIZE] = "\x7f", found[MANY][UUID_TEXT_SIZE];
    size_t n = 3;

    must(job_count(life->db, life->team[0].team_id, filter, &total, &life->err));
    while (n == 3) {
        struct job *jobs = NULL;
        must(job_list(life->arena, life->db, life->team[0].team_id, filter, before_ms, before_id, 3,
                      &jobs, &n, &life->err));
        for (size_t i = 0; i < n; i++) {
            assert_true(seen < MANY);
            assert_true(jobs[i].created_ms < before_ms ||
                        (jobs[i].created_ms == before_ms && strcmp(jobs[i].id, before_id) < 0));
            before_ms = jobs[i].created_ms;
            memcpy(before_id, jobs[i].id, sizeof(before_id));
            memcpy(found[seen++], jobs[i].id, UUID_TEXT_SIZE);
        }
    }
    assert_int_equal(seen, total);
    for (int i = 0; i < MANY; i++) {
        bool there = false;
        for (int64_t k = 0; k < seen; k++)
            there = there || strcmp(found[k], ids[i]) == 0;
        assert_int_equal(there, fits(i, filter));
    }
}

static void
a_list_has_what_its_filters_say(void **state)
{
    static const char *const models[] = {NULL, "pro-v2", "none"};
    static const int statuses[] = {-1, JOB_UPLOADING, JOB_PROCESSING, JOB_FAILED};
    struct life *life = *state;
    static char ids[MANY][UUID_TEXT_SIZE];

    for (int i = 0; i < MANY; i++)
        submit(life, i, ids[i]);
    for (int i = 0; i < MANY; i++)
        change(life, i, ids[i]);
    for (int k = 0; k < 4 * 3 * 3 * 2 * 2; k++) {
        const struct job_filter filter = {.status = statuses[k % 4],
                                          .model = models[k / 4 % 3],
                                          .format = k / 12 % 3 - 1,
                                          .with_deleted = k / 36 % 2 != 0,
                                          .template_id = k / 72 != 0 ? "t-5" : NULL};
        walk(life, ids, &filter);
    }
    const struct job_filter all = {.status = -1, .format = -1, .with_deleted = true};
    struct job *jobs = NULL;
    size_t n = 0;
    must(job_list(life->arena, life->db, life->team[1].team_id, &all, INT64_MAX, "z", 100, &jobs,
                  &n, &life->err));
    assert_int_equal(n, 0);
}

static void
no_filter_sorts(void **state)
{
    static const char *const plans[] = {"AND deleted_ms = 0",
                                        "AND deleted_ms = 0 AND status < 2",
                                        "AND deleted_ms = 0 AND status = 5",
                                        "AND deleted_ms = 0 AND model = 'm'",
                                        "AND deleted_ms = 0 AND format = 1",
                                        "AND template_id = 't'",
                                        ""};
    struct life *life = *state;

    if (scratch_on_server()) /* plans are SQLite's own words */
        skip();
    for (size_t i = 0; i < ARRAY_LEN(plans); i++) {
        static char sqls[ARRAY_LEN(plans)][400]; /* statements are kept by address */
        char *sql = sqls[i];
        struct db_rows *rows = NULL;
        bool row = false;
        snprintf(sql, sizeof(sqls[i]),
                 "EXPLAIN QUERY PLAN SELECT * FROM job WHERE team_id = 'x' AND "
                 "(created_ms, id) < (5, 'x') AND +status BETWEEN 0 AND 5 AND "
                 "+format BETWEEN 0 AND 2 %s ORDER BY created_ms DESC, id DESC LIMIT 20",
                 plans[i]);
        must(db_query(life->db, sql, NULL, 0, &rows, &life->err));
        while (db_next(rows, &row, &life->err) == ERR_OK && row) {
            const char *detail = db_column_text(life->arena, rows, 3);
            assert_non_null(detail);
            assert_null(strstr(detail, "B-TREE"));
            assert_null(strstr(detail, "SCAN"));
        }
        db_end(&rows);
    }
}

static void
a_failed_job_is_read_again(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 3, 4, 2);
    struct task task = life_claimed(life);
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    const char *team = life->team[0].team_id;

    assert_code(ERR_CONFLICT,
                job_retry(life->arena, life->db, team, job.id, life->now_ms, &ids, &n, &life->err),
                &life->err);
    must(life_read(life, &task, 1));
    must(job_cancel(life->arena, life->db, team, job.id, life->now_ms, &ids, &n, &life->err));
    bool held = true;
    must(task_is_held(life->db, &task, &held, &life->err));
    assert_false(held);
    assert_int_equal(life_balance(life, 0).reserved, 0);
    must(job_retry(life->arena, life->db, team, job.id, life->now_ms, &ids, &n, &life->err));
    assert_int_equal(n, 1); /* the object of the page that was read */
    assert_int_equal(life_balance(life, 0).reserved, 3);
    struct job found = life_find(life, 0, &job);
    assert_int_equal(found.status, JOB_QUEUED);
    assert_int_equal(found.round, 1);
    task = life_claimed(life);
    must(task_probed(life->db, &task, 2, 2, life->now_ms, &life->err));
    task = life_claimed(life);
    must(life_read(life, &task, 2));
    found = life_find(life, 0, &job);
    assert_int_equal(found.status, JOB_COMPLETED);
    assert_int_equal(found.credits_used, 6);
    assert_true(found.confidence > 0.49 && found.confidence < 0.51);
}

static void
pages_come_in_an_order_of_their_own(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 6, 2);
    struct task first = life_claimed(life), second = life_claimed(life);
    struct job_page *pages = NULL;
    size_t n = 0;

    must(life_read(life, &second, 2));
    must(life_read(life, &first, 1));
    must(job_pages_since(life->arena, life->db, job.id, 1, 10, &pages, &n, &life->err));
    assert_int_equal(n, 2);
    assert_int_equal(pages[0].number, 4);
    assert_int_equal(pages[0].seq, 2);
    assert_int_equal(pages[1].number, 1);
    assert_int_equal(pages[1].seq, 3);
    must(job_pages_since(life->arena, life->db, job.id, 3, 10, &pages, &n, &life->err));
    assert_int_equal(n, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_list_has_what_its_filters_say, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_filter_sorts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_failed_job_is_read_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(pages_come_in_an_order_of_their_own, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
