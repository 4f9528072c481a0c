/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "life.h"

#include <math.h>
#include <pthread.h>

static void
a_job_goes_from_submit_to_completed(void **state)
{
    struct life *life = *state;
    struct life_job job;

    must(life_submit(life, 0, 3, &job));
    assert_int_equal(life_find(life, 0, &job).status, JOB_UPLOADING);
    assert_int_equal(life_balance(life, 0).reserved, 3);
    life_no_task_is_due(life, 0);
    must(life_put(life, &job));
    must(life_complete(life, 0, &job));
    must(life_complete(life, 0, &job));
    assert_int_equal(life_find(life, 0, &job).status, JOB_QUEUED);

    struct task task = life_claimed(life);
    assert_int_equal(task.kind, TASK_PROBE);
    assert_int_equal(task.attempt, 1);
    assert_string_equal(task.object_id, "");
    assert_string_equal(task.model, "standard-v2");
    life_no_task_is_due(life, life->now_ms + LIFE_LEASE_MS);
    life->now_ms += 10;
    must(task_probed(life->db, &task, 5, 2, life->now_ms, &life->err));
    assert_int_equal(life_balance(life, 0).reserved, 15);
    assert_int_equal(life_find(life, 0, &job).status, JOB_PROCESSING);
    assert_int_equal(life_find(life, 0, &job).started_ms, life->now_ms);

    struct task batches[3];
    for (int i = 0; i < 3; i++) {
        batches[i] = life_claimed(life);
        assert_int_equal(batches[i].kind, TASK_PAGES);
        assert_int_equal(batches[i].page_from, 2 * i);
        assert_int_equal(batches[i].page_to, i == 2 ? 5 : 2 * i + 2);
        assert_int_equal(batches[i].total_pages, 5);
    }
    must(life_read(life, &batches[2], 1));
    must(life_read(life, &batches[0], 1));
    assert_int_equal(batches[0].page_from, 1);
    must(life_read(life, &batches[0], 1));
    assert_int_equal(life_find(life, 0, &job).done_pages, 3);
    must(life_read(life, &batches[1], 2));

    struct job found = life_find(life, 0, &job);
    assert_int_equal(found.status, JOB_COMPLETED);
    assert_int_equal(found.credits_used, 15);
    assert_int_equal(found.completed_ms, life->now_ms);
    assert_null(found.reason);
    assert_int_equal(life_balance(life, 0).consumed, 15);
    assert_int_equal(life_balance(life, 0).reserved, 0);
    must(life_complete(life, 0, &job)); /* repeated long after */
    life_no_task_is_due(life, 0);
}

static void
submit_refuses_without_credit_or_with_too_many_open(void **state)
{
    struct life *life = *state;
    struct job_spec spec = life_spec(1);
    struct life_job job;
    struct principal *team = &life->team[0];

    assert_int_equal(life_submit(life, 0, 1001, &job), ERR_CREDITS);
    spec.file_bytes = UPLOAD_MAX_BYTES + 1;
    assert_int_equal(job_submit(life->db, team, &spec, 1, 1, 10, job.id, &job.upload, &life->err),
                     ERR_LIMIT);
    spec.file_bytes = 0;
    for (int i = 0; i < 2; i++)
        must(job_submit(life->db, team, &spec, 1, 1, 2, job.id, &job.upload, &life->err));
    assert_int_equal(job_submit(life->db, team, &spec, 1, 1, 2, job.id, &job.upload, &life->err),
                     ERR_RATE);
    must(job_submit(life->db, &life->team[1], &spec, 1, 1, 2, job.id, &job.upload, &life->err));
    assert_int_equal(scratch_number(life->db, "SELECT COUNT(*) FROM job"), 3);
}

static void
what_was_asked_comes_back(void **state)
{
    struct life *life = *state;
    struct life_job job;
    struct job_spec spec = {.file_name = "\xc3\xa4.pdf",
                            .content_type = "application/pdf",
                            .file_bytes = 77,
                            .format = JOB_PER_PAGE_STRUCTURED,
                            .model = "pro-v2",
                            .instructions = "read",
                            .schema_json = "{}",
                            .template_slug = "slug",
                            .bounding_boxes = true,
                            .save_as_template = true,
                            .credits_per_page = 2};

    must(job_submit(life->db, &life->team[0], &spec, 5, 100, 10, job.id, &job.upload, &life->err));
    assert_int_equal(job.upload.expires_ms, 105);
    assert_int_equal(job.upload.declared_bytes, 77);
    struct job found = life_find(life, 0, &job);
    assert_string_equal(found.id, job.id);
    assert_string_equal(found.team_id, life->team[0].team_id);
    assert_string_equal(found.spec.file_name, spec.file_name);
    assert_string_equal(found.spec.content_type, spec.content_type);
    assert_string_equal(found.spec.model, spec.model);
    assert_string_equal(found.spec.instructions, spec.instructions);
    assert_string_equal(found.spec.schema_json, spec.schema_json);
    assert_string_equal(found.spec.template_slug, spec.template_slug);
    assert_int_equal(found.spec.file_bytes, 77);
    assert_int_equal(found.spec.format, JOB_PER_PAGE_STRUCTURED);
    assert_true(found.spec.bounding_boxes && found.spec.save_as_template);
    assert_int_equal(found.spec.credits_per_page, 2);
    assert_int_equal(found.created_ms, 5);
    struct arena *small = arena_new(64);
    assert_int_equal(job_find(small, life->db, life->team[0].team_id, job.id, &found, &life->err),
                     ERR_LIMIT);
    arena_drop(&small);
}

static void
another_teams_job_is_as_unknown_as_any(void **state)
{
    struct life *life = *state;
    struct life_job job = life_queued(life, 0, 1);
    struct job found;
    char(*ids)[OBJECT_ID_SIZE] = NULL, mine[256], unknown[256];
    size_t n = 0;
    const char *other = life->team[1].team_id;
    static const char nobody[] = "00000000-0000-7000-8000-000000000000";
    struct err *err = &life->err;

    assert_int_equal(job_find(life->arena, life->db, other, job.id, &found, err), ERR_NOT_FOUND);
    snprintf(mine, sizeof(mine), "%s", err->msg);
    assert_int_equal(job_find(life->arena, life->db, other, nobody, &found, err), ERR_NOT_FOUND);
    snprintf(unknown, sizeof(unknown), "%s", err->msg);
    assert_string_equal(mine, unknown);
    assert_int_equal(job_complete(life->db, other, job.id, life_claims, 1, 1, err), ERR_NOT_FOUND);
    assert_int_equal(job_remove(life->arena, life->db, other, job.id, 1, &ids, &n, err),
                     ERR_NOT_FOUND);
    assert_int_equal(life_find(life, 0, &job).status, JOB_QUEUED);
}

static void
complete_needs_the_parts(void **state)
{
    struct life *life = *state;
    struct life_job job;
    static const struct upload_claim wrong[] = {{1, "b1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"}};

    must(life_submit(life, 0, 1, &job));
    assert_int_equal(life_complete(life, 0, &job), ERR_INPUT);
    assert_int_equal(life_find(life, 0, &job).status, JOB_UPLOADING);
    must(life_put(life, &job));
    const char *team = life->team[0].team_id;
    assert_int_equal(job_complete(life->db, team, job.id, wrong, 1, 1, &life->err), ERR_INPUT);
    must(life_complete(life, 0, &job));
    assert_int_equal(job_complete(life->db, team, job.id, wrong, 1, 1, &life->err), ERR_CONFLICT);
    assert_int_equal(life_put(life, &job), ERR_CONFLICT);
    assert_int_equal(scratch_number(life->db, "SELECT COUNT(*) FROM task"), 1);
}

static void
a_probe_can_end_the_job(void **state)
{
    struct life *life = *state;
    static const struct {
        int64_t pages;
        const char *reason;
    } table[] = {{0, "unreadable_document"},
                 {JOB_PAGES_MAX + 1, "too_many_pages"},
                 {INT64_MAX, "too_many_pages"},
                 {1001, "less_credits"}};

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct life_job job = life_queued(life, 0, 1);
        struct task task = life_claimed(life);
        must(task_probed(life->db, &task, table[i].pages, 4, life->now_ms, &life->err));
        struct job found = life_find(life, 0, &job);
        assert_int_equal(found.status, JOB_FAILED);
        assert_string_equal(found.reason, table[i].reason);
        assert_non_null(found.message);
        assert_int_equal(found.credits_used, 0);
        assert_int_equal(life_balance(life, 0).available, 1000);
        life_no_task_is_due(life, 0);
    }
    struct job_spec dear = life_spec(CREDITS_MAX / 1000);
    struct life_job job;
    must(credits_grant(life->db, life->team[0].team_id, CREDITS_MAX - 1000, "x", &life->err));
    must(job_submit(life->db, &life->team[0], &dear, 1, 1, 9, job.id, &job.upload, &life->err));
    must(life_put(life, &job));
    must(life_complete(life, 0, &job));
    struct task task = life_claimed(life);
    assert_int_equal(task_probed(life->db, &task, -1, 4, 1, &life->err), ERR_INPUT);
    assert_int_equal(task_probed(life->db, &task, 1, 0, 1, &life->err), ERR_INPUT);
    must(task_probed(life->db, &task, JOB_PAGES_MAX, INT64_MAX, 1, &life->err));
    assert_string_equal(life_find(life, 0, &job).reason, "less_credits");
}

static void
the_document_is_named_before_it_is_probed(void **state)
{
    struct life *life = *state;
    struct life_job job = life_queued(life, 0, 1);
    struct task task = life_claimed(life);
    char first[OBJECT_ID_SIZE], second[OBJECT_ID_SIZE], (*old)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    bool needed = false;
    struct err *err = &life->err;

    life_object(first);
    life_object(second);
    must(task_document(life->arena, life->db, &task, first, &old, &n, err));
    assert_int_equal(n, 1); /* the part */
    must(job_needs_object(life->db, old[0], &needed, err));
    assert_false(needed);
    must(job_needs_object(life->db, first, &needed, err));
    assert_true(needed);
    must(task_document(life->arena, life->db, &task, first, &old, &n, err));
    assert_int_equal(n, 0);
    must(task_document(life->arena, life->db, &task, second, &old, &n, err));
    assert_int_equal(n, 1);
    assert_string_equal(old[0], first);
    must(task_probed(life->db, &task, 1, 1, 1, err));
    assert_int_equal(task_document(life->arena, life->db, &task, first, &old, &n, err), ERR_STALE);
    task = life_claimed(life);
    assert_string_equal(task.object_id, second);
    assert_int_equal(task_document(life->arena, life->db, &task, first, &old, &n, err), ERR_INPUT);
    must(life_complete(life, 0, &job));
}

static void
only_the_next_pages_are_taken(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 6, 4);
    struct task task = life_claimed(life);
    struct job_page pages[4];
    struct err *err = &life->err;

    for (int i = 0; i < 4; i++)
        pages[i] = life_page(i + 1);
    must(task_pages_done(life->db, &task, pages, 2, 1, err));
    must(task_pages_done(life->db, &task, pages, 2, 1, err)); /* told again */
    assert_int_equal(life_find(life, 0, &job).done_pages, 2);
    must(task_pages_done(life->db, &task, pages, 3, 1, err)); /* two of them told before */
    assert_int_equal(life_find(life, 0, &job).done_pages, 3);
    must(task_pages_done(life->db, &task, pages, 0, 1, err));

    struct job_page bad[2] = {life_page(5), life_page(6)};
    assert_int_equal(task_pages_done(life->db, &task, bad, 1, 1, err), ERR_INPUT); /* a gap */
    bad[0] = life_page(4);
    assert_int_equal(task_pages_done(life->db, &task, bad, 2, 1, err), ERR_INPUT);
    bad[1] = life_page(5); /* another task's */
    assert_int_equal(task_pages_done(life->db, &task, bad, 2, 1, err), ERR_INPUT);
    static const int64_t numbers[] = {0, -1, INT64_MIN, INT64_MAX};
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        bad[0] = life_page(numbers[i]);
        assert_int_equal(task_pages_done(life->db, &task, bad, 1, 1, err), ERR_INPUT);
    }
    bad[0] = life_page(4);
    bad[0].object_id[0] = '\0';
    assert_int_equal(task_pages_done(life->db, &task, bad, 1, 1, err), ERR_INPUT);
    static const double wrong[] = {-0.01, 1.01, NAN, INFINITY};
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        bad[0] = life_page(4);
        bad[0].confidence = wrong[i];
        assert_int_equal(task_pages_done(life->db, &task, bad, 1, 1, err), ERR_INPUT);
    }
    assert_int_equal(life_find(life, 0, &job).done_pages, 3);
    must(task_pages_done(life->db, &task, &pages[3], 1, 1, err));
    assert_int_equal(task_pages_done(life->db, &task, &pages[3], 1, 1, err), ERR_STALE);
}

static void
pages_are_listed_with_lasting_ids(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 30, 40);
    struct task task = life_claimed(life);
    struct job_page *pages = NULL, *again = NULL;
    size_t n = 0;
    struct err *err = &life->err;

    must(life_read(life, &task, 20));
    struct job_page bad = {.number = 21, .reason = "page_too_large", .message = "too large"};
    must(task_pages_done(life->db, &task, &bad, 1, 1, err));
    must(job_pages(life->arena, life->db, job.id, 3, 5, &pages, &n, err));
    assert_int_equal(n, 5);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(pages[i].number, 3 + i);
        assert_true(random_is_uuid(pages[i].id));
        assert_null(pages[i].reason);
    }
    assert_string_not_equal(pages[0].id, pages[1].id);
    must(job_pages(life->arena, life->db, job.id, 1, 3000, &again, &n, err));
    assert_int_equal(n, 21);
    assert_string_equal(again[2].id, pages[0].id);
    assert_string_equal(again[2].object_id, pages[0].object_id);
    assert_string_equal(again[20].reason, "page_too_large");
    assert_string_equal(again[20].message, "too large");
    static const int64_t outside[][2] = {{22, 5}, {0, 5}, {-1, 5}, {1, 0}, {1, -1}, {INT64_MAX, 1}};
    for (size_t i = 0; i < ARRAY_LEN(outside); i++) {
        must(job_pages(life->arena, life->db, job.id, outside[i][0], outside[i][1], &pages, &n,
                       err));
        assert_int_equal(n, 0);
    }
}

static void
some_failed_pages_make_a_partial_job(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 2, 3, 3);
    struct task task = life_claimed(life);
    struct job_page pages[3] = {
        life_page(1), {.number = 2, .reason = "page_too_large"}, life_page(3)};

    must(task_pages_done(life->db, &task, pages, 3, 1, &life->err));
    struct job found = life_find(life, 0, &job);
    assert_int_equal(found.status, JOB_PARTIAL);
    assert_int_equal(found.failed_pages, 1);
    assert_int_equal(found.credits_used, 4);
    assert_null(found.reason);
    assert_int_equal(life_balance(life, 0).available, 996);
}

static void
only_failed_pages_make_a_failed_job(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 2, 2, 3);
    struct task task = life_claimed(life);
    struct job_page pages[2] = {{.number = 1, .reason = "page_too_large", .message = "one"},
                                {.number = 2, .reason = "time_limit", .message = "two"}};

    must(task_pages_done(life->db, &task, pages, 2, 1, &life->err));
    struct job found = life_find(life, 0, &job);
    assert_int_equal(found.status, JOB_FAILED);
    assert_string_equal(found.reason, "page_too_large");
    assert_string_equal(found.message, "one");
    assert_int_equal(found.credits_used, 0);
    assert_int_equal(life_balance(life, 0).available, 1000);
}

static void
a_removed_job_is_gone_for_everybody(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 4, 2);
    struct task task = life_claimed(life);
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    struct job found;
    struct err *err = &life->err;
    const char *team = life->team[0].team_id;

    must(life_read(life, &task, 1));
    must(job_remove(life->arena, life->db, team, job.id, life->now_ms, &ids, &n, err));
    assert_int_equal(n, 2); /* the part and the page */
    for (size_t i = 0; i < n; i++) {
        bool needed = true;
        must(job_needs_object(life->db, ids[i], &needed, err));
        assert_false(needed);
    }
    assert_int_equal(life_balance(life, 0).available, 1000);
    assert_int_equal(job_remove(life->arena, life->db, team, job.id, 1, &ids, &n, err),
                     ERR_NOT_FOUND);
    assert_int_equal(job_find(life->arena, life->db, team, job.id, &found, err), ERR_NOT_FOUND);
    assert_int_equal(life_complete(life, 0, &job), ERR_NOT_FOUND);
    assert_int_equal(life_read(life, &task, 1), ERR_STALE);
    assert_int_equal(task_extend(life->db, &task, 1, 1, err), ERR_STALE);
    struct upload upload;
    assert_int_equal(upload_find(life->db, job.upload.id, &upload, err), ERR_NOT_FOUND);
    life_no_task_is_due(life, 0);
}

static void
a_finished_job_stays_paid_when_removed(void **state)
{
    struct life *life = *state;
    struct life_job job = life_probed(life, 0, 1, 4, 4);
    struct task task = life_claimed(life);
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;

    must(life_read(life, &task, 4));
    must(job_remove(life->arena, life->db, life->team[0].team_id, job.id, life->now_ms, &ids, &n,
                    &life->err));
    assert_int_equal(n, 5);
    assert_int_equal(life_balance(life, 0).consumed, 4);
    struct job_counts counts;
    must(job_counts(life->db, &counts, &life->err));
    assert_int_equal(counts.queued_tasks + counts.running_tasks, 0);
}

static void
uploads_given_up_are_swept(void **state)
{
    struct life *life = *state;
    struct life_job jobs[120], kept = life_queued(life, 1, 1);
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;

    for (int i = 0; i < 120; i++) {
        must(life_submit(life, 0, 1, &jobs[i]));
        if (i % 2 == 0)
            must(life_put(life, &jobs[i]));
    }
    life->now_ms += LIFE_TTL_MS + JOB_UPLOAD_GRACE_MS - 1;
    must(job_sweep(life->arena, life->db, life->now_ms, &ids, &n, &life->err));
    assert_int_equal(life_balance(life, 0).reserved, 120);
    life->now_ms += 1;
    must(job_sweep(life->arena, life->db, life->now_ms, &ids, &n, &life->err));
    assert_int_equal(n, 50);
    assert_int_equal(life_balance(life, 0).reserved, 20);
    must(job_sweep(life->arena, life->db, life->now_ms, &ids, &n, &life->err));
    assert_int_equal(n, 10);
    assert_int_equal(life_balance(life, 0).available, 1000);
    struct job found = life_find(life, 0, &jobs[7]);
    assert_int_equal(found.status, JOB_FAILED);
    assert_string_equal(found.message, "the upload was not completed in time");
    assert_int_equal(life_put(life, &jobs[0]), ERR_NOT_FOUND);
    assert_int_equal(life_complete(life, 0, &jobs[0]), ERR_CONFLICT);
    assert_int_equal(life_find(life, 1, &kept).status, JOB_QUEUED);
}

struct submitter {
    struct life *life;
    enum err_code rc;
};

static enum err_code
submit_work(struct db *db, void *arg, struct err *err)
{
    struct submitter *s = arg;
    struct job_spec spec = life_spec(1000);
    struct life_job job;

    return job_submit(db, &s->life->team[0], &spec, 1, 1, 1000, job.id, &job.upload, err);
}

static void *
submit_main(void *arg)
{
    struct submitter *s = arg;
    struct err err = {0};
    struct db *db = NULL;

    s->rc = db_open(s->life->scratch.place, &db, &err);
    if (s->rc == ERR_OK)
        s->rc = db_transact(db, submit_work, s, &err);
    db_close(&db);
    return NULL;
}

static void
credit_for_one_job_is_spent_once(void **state)
{
    struct life *life = *state;
    enum { N = 50 };
    pthread_t threads[N];
    struct submitter submitters[N];
    int won = 0, refused = 0;

    for (int i = 0; i < N; i++) {
        submitters[i] = (struct submitter){.life = life};
        assert_int_equal(pthread_create(&threads[i], NULL, submit_main, &submitters[i]), 0);
    }
    for (int i = 0; i < N; i++) {
        pthread_join(threads[i], NULL);
        won += submitters[i].rc == ERR_OK;
        refused += submitters[i].rc == ERR_CREDITS;
    }
    assert_int_equal(won, 1);
    assert_int_equal(refused, N - 1);
    assert_int_equal(scratch_number(life->db, "SELECT COUNT(*) FROM job"), 1);
}

static void
names_are_those_of_the_api(void **state)
{
    (void)state;
    static const char *const words[] = {"pending",   "pending",        "processing",
                                        "completed", "partially_done", "failed"};

    for (int i = 0; i < 6; i++) {
        assert_string_equal(job_status_name((enum job_status)i), words[i]);
        assert_int_equal(job_is_terminal((enum job_status)i), i >= 3);
    }
    assert_string_equal(job_format_name(JOB_MARKDOWN), "markdown");
    assert_string_equal(job_format_name(JOB_STRUCTURED), "structured");
    assert_string_equal(job_format_name(JOB_PER_PAGE_STRUCTURED), "per_page_structured");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        life_test(a_job_goes_from_submit_to_completed),
        life_test(submit_refuses_without_credit_or_with_too_many_open),
        life_test(what_was_asked_comes_back),
        life_test(another_teams_job_is_as_unknown_as_any),
        life_test(complete_needs_the_parts),
        life_test(a_probe_can_end_the_job),
        life_test(the_document_is_named_before_it_is_probed),
        life_test(only_the_next_pages_are_taken),
        life_test(pages_are_listed_with_lasting_ids),
        life_test(some_failed_pages_make_a_partial_job),
        life_test(only_failed_pages_make_a_failed_job),
        life_test(a_removed_job_is_gone_for_everybody),
        life_test(a_finished_job_stays_paid_when_removed),
        life_test(uploads_given_up_are_swept),
        life_test(credit_for_one_job_is_spent_once),
        cmocka_unit_test(names_are_those_of_the_api),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
