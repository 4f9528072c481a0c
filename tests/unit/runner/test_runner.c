/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A runner on a real data folder with the readers of tests/fake/reader.c: from an uploaded script
 * to recorded pages, and what becomes of a job when its reader hangs, crashes or lies. */
#include "office.h"

#include "page/codec.h"

static const char *fake_reader;

/* The Markdown of a page as it lies in the store. */
static const char *
markdown_of(struct office *office, const struct job_page *page)
{
    struct page *tree = NULL;
    uint64_t size;
    int fd;
    size_t both = page->markdown_bytes + page->tree_bytes;
    uint8_t *bytes = arena_alloc(office->arena, both + 1);

    must(office, store_fetch(office->store, page->object_id, &fd, &size, &office->err));
    assert_true(page->offset + both <= size);
    assert_int_equal(pread(fd, bytes, both, (off_t)page->offset), (ssize_t)both);
    close(fd);
    must(office,
         page_decode(office->arena, (struct span){bytes + page->markdown_bytes, page->tree_bytes},
                     &tree, &office->err));
    assert_int_equal(tree->index + 1, page->number);
    bytes[page->markdown_bytes] = 0;
    return (const char *)bytes;
}

static void
stop_and_close(struct office *office)
{
    runner_stop(office->runner);
    office_join(office);
    office_close(office);
}

static void
a_document_becomes_pages(void **state)
{
    (void)state;
    struct office office;
    struct job_page *pages;
    char id[UUID_TEXT_SIZE];
    size_t n;

    office_open(&office, fake_reader, "env");
    office_start(&office);
    office_submit(&office, "FAKE 9\n0 layer zero\n3 scan three\n4 bad\n8 layer eight and last\n",
                  id);
    struct job job = office_await(&office, id, 60000);
    assert_int_equal(job.status, JOB_PARTIAL);
    assert_int_equal(job.total_pages, 9);
    assert_int_equal(job.done_pages, 9);
    assert_int_equal(job.failed_pages, 1);
    assert_int_equal(job.credits_used, 8);
    must(&office, job_pages(office.arena, office.db, id, 1, 100, &pages, &n, &office.err));
    assert_int_equal(n, 9);
    assert_string_equal(markdown_of(&office, &pages[0]), "zero\n");
    assert_string_equal(markdown_of(&office, &pages[1]), "");
    assert_string_equal(markdown_of(&office, &pages[3]), "three\n");
    assert_string_equal(markdown_of(&office, &pages[8]), "eight and last\n");
    assert_string_equal(pages[4].reason, "unreadable_document");
    assert_string_equal(pages[4].message, "page 5 cannot be interpreted");
    assert_int_equal(pages[0].width_px, 1700);
    stop_and_close(&office);
}

static void
many_jobs_are_all_read(void **state)
{
    (void)state;
    enum { JOBS = 40 };
    struct office office;
    char ids[JOBS][UUID_TEXT_SIZE];

    office_open(&office, fake_reader, "real");
    office_start(&office);
    for (int i = 0; i < JOBS; i++)
        office_submit(&office, "FAKE 5\n0 layer a\n1 layer b\n2 layer c\n", ids[i]);
    for (int i = 0; i < JOBS; i++) {
        struct job job = office_await(&office, ids[i], 60000);
        assert_int_equal(job.status, JOB_COMPLETED);
        assert_int_equal(job.credits_used, 5);
    }
    stop_and_close(&office);
}

/* Woken once; what follows must not wait for the next look around. */
static void
pages_follow_their_probe_unasked(void **state)
{
    (void)state;
    struct office office;
    char id[UUID_TEXT_SIZE];

    office_open(&office, fake_reader, "real");
    office.config.idle_ms = 600000;
    office_start(&office);
    office_submit(&office, "FAKE 5\n0 layer a\n1 layer b\n2 layer c\n", id);
    assert_int_equal(office_await(&office, id, 60000).status, JOB_COMPLETED);
    stop_and_close(&office);
}

static void
a_document_that_does_not_open_fails_its_job(void **state)
{
    (void)state;
    static const struct {
        const char *document, *reason;
    } rows[] = {{"FAKE encrypted\n", "password_required"},
                {"GIF89a", "unsupported_type"},
                {"FAKE 20001\n", "too_many_pages"},
                {"FAKE 0\n", "unreadable_document"}};
    struct office office;
    char id[UUID_TEXT_SIZE];

    office_open(&office, fake_reader, "real");
    office_start(&office);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        office_submit(&office, rows[i].document, id);
        struct job job = office_await(&office, id, 60000);
        assert_int_equal(job.status, JOB_FAILED);
        assert_string_equal(job.reason, rows[i].reason);
        assert_int_equal(job.credits_used, 0);
    }
    stop_and_close(&office);
}

/* Attempt after attempt, then that page alone is given up. */
static void
a_page_that_kills_its_reader_is_given_up_alone(void **state)
{
    (void)state;
    struct office office;
    struct job_page *pages;
    char id[UUID_TEXT_SIZE];
    size_t n;

    office_open(&office, fake_reader, "real");
    office_start(&office);
    /* Long enough for its probe to look for the hint, which page 2 does not survive. */
    office_submit(&office, "FAKE 33\n0 layer before\n1 socket\n2 layer behind\n", id);
    struct job job = office_await(&office, id, 90000);
    assert_int_equal(job.status, JOB_PARTIAL);
    assert_int_equal(job.failed_pages, 1);
    must(&office, job_pages(office.arena, office.db, id, 1, 100, &pages, &n, &office.err));
    assert_int_equal(n, 33);
    assert_string_equal(markdown_of(&office, &pages[0]), "before\n");
    assert_string_equal(pages[1].reason, "reader_crashed");
    assert_string_equal(markdown_of(&office, &pages[2]), "behind\n");
    stop_and_close(&office);
}

static void
trees_that_are_none_end_in_broken_protocol(void **state)
{
    (void)state;
    struct office office;
    struct job_page *pages;
    char id[UUID_TEXT_SIZE];
    size_t n;

    office_open(&office, fake_reader, "liar");
    office_start(&office);
    office_submit(&office, "bad_tree", id); /* its probe says three pages */
    struct job job = office_await(&office, id, 120000);
    assert_int_equal(job.status, JOB_FAILED);
    must(&office, job_pages(office.arena, office.db, id, 1, 100, &pages, &n, &office.err));
    for (size_t i = 0; i < n; i++)
        assert_string_equal(pages[i].reason, "reader_broke_protocol");
    assert_int_equal(n, 3);
    stop_and_close(&office);
}

static enum err_code
do_remove(struct db *db, void *arg, struct err *err)
{
    struct office_work *work = arg;
    char(*ids)[OBJECT_ID_SIZE];
    size_t n;

    return job_remove(work->office->arena, db, work->office->team.team_id, work->job_id,
                      clock_utc_ms(), &ids, &n, err);
}

/* One reader, and the document on it hangs: only a kill lets the next job be read. */
static void
a_deleted_job_frees_its_reader(void **state)
{
    (void)state;
    struct office office;
    char id[UUID_TEXT_SIZE], next[UUID_TEXT_SIZE];

    office_open(&office, fake_reader, "real");
    office.config.readers = 1;
    office.config.lease_ms = 1500;
    office_start(&office);
    office_submit(&office, "FAKE 1\n0 stop\n", id);
    office_await_stop();
    struct office_work work = {.office = &office, .job_id = id};
    must(&office, db_transact(office.db, do_remove, &work, &office.err));
    office_submit(&office, "FAKE 1\n0 layer next\n", next);
    assert_int_equal(office_await(&office, next, 60000).status, JOB_COMPLETED);
    stop_and_close(&office);
}

/* What was read before a page hangs is recorded while it hangs; the page has its own time limit. */
static void
progress_is_seen_and_a_slow_page_is_ended(void **state)
{
    (void)state;
    struct office office;
    char id[UUID_TEXT_SIZE];

    office_open(&office, fake_reader, "real");
    office.config.page_ms = 4000;
    office.config.flush_ms = 100;
    office_start(&office);
    office_submit(&office, "FAKE 8\n0 layer zero\n1 stop\n", id); /* two batches of two and more */
    office_await_pages(&office, id, 7);
    assert_int_equal(office_find(&office, id).status, JOB_PROCESSING);
    struct job job = office_await(&office, id, 90000);
    assert_int_equal(job.status, JOB_PARTIAL);
    assert_int_equal(job.failed_pages, 1);
    stop_and_close(&office);
}

struct claim {
    struct office *office;
    struct task task;
};

static enum err_code
do_claim(struct db *db, void *arg, struct err *err)
{
    struct claim *claim = arg;
    int64_t next;

    return task_claim(claim->office->arena, db, "test", clock_utc_ms(), 60000, &claim->task, &next,
                      err);
}

static void
a_stop_gives_tasks_back_unburnt(void **state)
{
    (void)state;
    struct office office;
    char id[UUID_TEXT_SIZE];

    office_open(&office, fake_reader, "real");
    office.config.flush_ms = 100000; /* only the stop records what was read */
    office.config.grace_ms = 600000;
    office_start(&office);
    office_submit(&office, "FAKE 2\n0 layer zero\n1 stop\n", id);
    office_await_stop();
    usleep(500000); /* page 1 is on its way to us */
    int64_t begun = clock_mono_ms();
    runner_stop(office.runner);
    usleep(300000);
    runner_stop(office.runner); /* the second: now */
    office_join(&office);
    assert_in_range(clock_mono_ms() - begun, 300, 60000); /* and not its grace */
    struct claim claim = {.office = &office};
    must(&office, db_transact(office.db, do_claim, &claim, &office.err));
    assert_int_equal(claim.task.attempt, 1);
    assert_int_equal(claim.task.page_from, 1);
    assert_string_equal(claim.task.job_id, id);
    office_close(&office);
}

static int64_t
count_second_attempts(struct office *office)
{
    struct db_rows *rows = NULL;
    bool row = false;
    int64_t count = 0;

    must(office, db_query(office->db, "SELECT count(*) FROM task WHERE state = 1 AND attempt = 2",
                          NULL, 0, &rows, &office->err));
    must(office, db_next(rows, &row, &office->err));
    if (row)
        count = db_column_int(rows, 0);
    db_end(&rows);
    return count;
}

/* The database is locked for longer than the lease: the reader is stopped, nothing is recorded
 * twice. */
static void
a_runner_without_its_database_stops_its_reader(void **state)
{
    (void)state;
    struct office office;
    char id[UUID_TEXT_SIZE];

    office_open(&office, fake_reader, "real");
    office.config.lease_ms = 1500;
    office.config.readers = 1;
    office_start(&office);
    office_submit(&office, "FAKE 1\n0 stop\n", id);
    office_await_stop();
    must(&office, db_exec(office.db, "BEGIN IMMEDIATE", NULL, 0, NULL, &office.err));
    usleep(8000000);
    must(&office, db_exec(office.db, "ROLLBACK", NULL, 0, NULL, &office.err));
    /* Attempt 2 runs: on the only reader, which has been freed. */
    int64_t until = clock_mono_ms() + 60000;
    while (count_second_attempts(&office) == 0 && clock_mono_ms() < until)
        usleep(20000);
    assert_int_equal(count_second_attempts(&office), 1);
    runner_stop(office.runner);
    runner_stop(office.runner);
    office_join(&office);
    office_close(&office);
}

int
main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_document_becomes_pages),
        cmocka_unit_test(many_jobs_are_all_read),
        cmocka_unit_test(pages_follow_their_probe_unasked),
        cmocka_unit_test(a_document_that_does_not_open_fails_its_job),
        cmocka_unit_test(a_page_that_kills_its_reader_is_given_up_alone),
        cmocka_unit_test(trees_that_are_none_end_in_broken_protocol),
        cmocka_unit_test(a_deleted_job_frees_its_reader),
        cmocka_unit_test(progress_is_seen_and_a_slow_page_is_ended),
        cmocka_unit_test(a_stop_gives_tasks_back_unburnt),
        cmocka_unit_test(a_runner_without_its_database_stops_its_reader),
    };
    if (argc != 2)
        return 64;
    fake_reader = argv[1];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
