/* SPDX-License-Identifier: AGPL-3.0-or-later
 * What is too old goes, unless the clock is not to be believed. */
#include "account/settings.h"
#include "jobs/retention.h"
#include "scratch.h"

static const int64_t day_ms = INT64_C(86400000);
static const int64_t noon_ms = INT64_C(1800000000000);

struct fixture {
    struct scratch scratch;
    struct db *db;
    struct principal who;
    struct retention_clock clock;
    int jobs;
};

static int
set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = {0};
    bool created;

    assert_non_null(f);
    scratch_make(&f->scratch);
    assert_ok(db_open(f->scratch.place, &f->db, &err));
    assert_ok(account_ensure_default(f->db, 0, &f->who, &created, &err));
    f->clock = (struct retention_clock){.wall_ms = noon_ms, .boot_ms = 5000, .boot_id = "boot"};
    *state = f;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;

    db_close(&f->db);
    scratch_remove(&f->scratch);
    free(f);
    return 0;
}

/* n jobs that ended so many days ago. */
static void
add_jobs(struct fixture *f, int n, double days)
{
    struct err err = {0};
    char id[UUID_TEXT_SIZE];

    for (int i = 0; i < n; i++) {
        snprintf(id, sizeof(id), "00000000-0000-7000-8000-%012d", f->jobs++);
        assert_ok(db_exec(f->db,
                          "INSERT INTO job (id, team_id, status, format, bounding_boxes, "
                          "save_as_template, credits_per_page, file_bytes, created_ms, updated_ms, "
                          "completed_ms, model, file_name) VALUES ($1, $2, 3, 0, 0, 0, 1, 1, 1, 1, "
                          "$3, 'm', 'f')",
                          DB_ARGS(db_text(id), db_text(f->who.team_id),
                                  db_int(noon_ms - (int64_t)(days * (double)day_ms))),
                          NULL, &err));
    }
}

static struct retention_verdict
judge(struct fixture *f)
{
    struct retention_verdict verdict = {0};
    struct err err = {0};

    assert_ok(retention_judge(f->db, &f->clock, 7, &verdict, &err));
    return verdict;
}

static size_t
due(struct fixture *f, int64_t cutoff_ms)
{
    struct retention_job jobs[RETENTION_BATCH];
    struct err err = {0};
    size_t n = 0;

    assert_ok(retention_due(f->db, cutoff_ms, 7, jobs, &n, &err));
    return n;
}

static void
pass(struct fixture *f, int64_t wall_ms, int64_t boot_ms)
{
    f->clock.wall_ms += wall_ms;
    f->clock.boot_ms += boot_ms;
}

static void
jobs_are_due_after_their_days(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    add_jobs(f, 30, 1);
    add_jobs(f, 3, 6.99);
    add_jobs(f, 2, 7);
    assert_false(judge(f).refused);
    assert_int_equal(due(f, noon_ms), 2);
    assert_ok(settings_set(f->db, f->who.team_id, true, 30, &err));
    assert_int_equal(due(f, noon_ms), 0);
    assert_ok(settings_set(f->db, f->who.team_id, true, 0, &err));
    assert_int_equal(due(f, noon_ms), 35);
    assert_false(judge(f).refused); /* what is never kept has no age to be wrong about */
    assert_ok(settings_set(f->db, f->who.team_id, false, 0, &err));
    assert_int_equal(due(f, noon_ms), 0);
    assert_int_equal(settings_set(f->db, f->who.team_id, true, 366, &err), ERR_INPUT);
}

static void
too_much_at_once_waits_for_the_operator(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    add_jobs(f, 15, 1);
    add_jobs(f, 4, 9);
    assert_false(judge(f).refused); /* a few are never too many */
    add_jobs(f, 1, 9);
    struct retention_verdict verdict = judge(f);
    assert_true(verdict.refused);
    assert_true(verdict.news);
    assert_int_equal(verdict.cutoff_ms, 0);
    assert_string_equal(verdict.why, "5 of 20 jobs are due at once");
    assert_false(judge(f).news);
    assert_ok(retention_confirm(f->db, &f->clock, &err));
    verdict = judge(f);
    assert_false(verdict.refused);
    assert_int_equal(verdict.cutoff_ms, f->clock.wall_ms);
    /* The word holds for what was due then. */
    pass(f, 20 * day_ms, 20 * day_ms);
    assert_int_equal(due(f, judge(f).cutoff_ms), 5);
    assert_ok(db_exec(f->db, "UPDATE job SET deleted_ms = 1 WHERE completed_ms < $1",
                      DB_ARGS(db_int(noon_ms - 7 * day_ms)), NULL, &err));
    (void)judge(f);
    assert_true(judge(f).refused);
}

static void
a_fifth_is_not_too_much(void **state)
{
    struct fixture *f = *state;

    add_jobs(f, 20, 1);
    add_jobs(f, 5, 9);
    assert_false(judge(f).refused);
    add_jobs(f, 1, 9);
    assert_true(judge(f).refused);
}

static void
a_clock_that_was_set_is_not_believed(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    add_jobs(f, 100, 1);
    assert_false(judge(f).refused);
    pass(f, 3599 * 1000, 0);
    assert_false(judge(f).refused);
    pass(f, 2000, 0);
    assert_true(judge(f).refused);
    pass(f, -2 * 3600 * 1000, 0);
    assert_false(judge(f).refused); /* set right again */
    pass(f, -3600 * 1000, 0);
    assert_true(judge(f).refused);
    assert_ok(retention_confirm(f->db, &f->clock, &err));
    assert_false(judge(f).refused);
    pass(f, 90 * 60 * 1000, 90 * 60 * 1000);
    assert_false(judge(f).refused);
    /* After a new start there is nothing to compare with. */
    snprintf(f->clock.boot_id, sizeof(f->clock.boot_id), "next");
    pass(f, day_ms, -f->clock.boot_ms);
    assert_false(judge(f).refused);
    pass(f, 2 * day_ms, 0);
    assert_true(judge(f).refused);
}

static void
the_present_has_a_clock(void **state)
{
    struct retention_clock clock;

    (void)state;
    retention_clock_now(&clock);
    assert_true(clock.wall_ms > noon_ms - 5 * 365 * day_ms);
    assert_true(clock.boot_ms > 0);
    assert_int_equal(strlen(clock.boot_id), 36);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(jobs_are_due_after_their_days, set_up, tear_down),
        cmocka_unit_test_setup_teardown(too_much_at_once_waits_for_the_operator, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_fifth_is_not_too_much, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_clock_that_was_set_is_not_believed, set_up, tear_down),
        cmocka_unit_test(the_present_has_a_clock),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
