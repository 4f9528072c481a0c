/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The outbox from a job's steps to the end of a delivery, on a clock of its own. */
#include "hooks/note.h"
#include "hooks/send.h"
#include "life.h"

static const struct seal_key key = {{7}};
static const int64_t hour_ms = 3600000;

static uint64_t
no_host(const char *url)
{
    (void)url;
    return 1;
}

static struct hook
subscribe(struct life *life, int team, int64_t events)
{
    struct hook hook = {
        .enabled = true, .events = events, .url = "https://example.org/", .description = ""};

    memcpy(hook.team_id, life->team[team].team_id, UUID_TEXT_SIZE);
    memcpy(hook.organization_id, life->team[team].organization_id, UUID_TEXT_SIZE);
    memcpy(hook.user_id, "tester", 7);
    must(hook_create(life->db, &key, &hook, life->now_ms, &life->err));
    return hook;
}

static struct hook
now(struct life *life, const struct hook *hook)
{
    struct hook found;

    must(hook_find(life->arena, life->db, &key, hook->team_id, hook->id, &found, &life->err));
    return found;
}

/* The deliveries that are due, claimed. */
static size_t
claim(struct life *life, struct hook_sending *ret, size_t max)
{
    struct hook_due due[8];
    size_t n = 0, all = 0, some;
    int64_t next_ms;

    must(hooks_due(life->db, life->now_ms, no_host, due, 8, &n, &next_ms, &life->err));
    for (size_t i = 0; i < n && all < max; i++) {
        must(hooks_claim(life->arena, life->db, &key, due[i].id, life->now_ms, 30000, ret + all,
                         max - all, &some, &life->err));
        all += some;
    }
    return all;
}

static bool
report(struct life *life, const struct hook_sending *sending, enum err_code code)
{
    struct err why = {.code = code, .msg = "no answer"};
    const struct hook_report told = {.http_status = code == ERR_OK ? 204 : 0,
                                     .failure = code == ERR_OK ? NULL : &why};
    bool disabled;

    must(hooks_report(life->db, sending, &told, life->now_ms, &disabled, &life->err));
    return disabled;
}

static int64_t
count(struct life *life, const char *sql)
{
    struct db_rows *rows = NULL;

    must(db_first(life->db, sql, NULL, 0, &rows, &life->err));
    int64_t n = db_column_int(rows, 0);
    db_end(&rows);
    return n;
}

static void
test_events_of_a_job(void **state)
{
    struct life place, *life = &place;
    struct life_job job;
    struct hook_sending sending[8];
    char(*ids)[OBJECT_ID_SIZE];
    size_t n;

    (void)state;
    life_open(life, 1000);
    struct hook all = subscribe(life, 0, 31);
    (void)subscribe(life, 0, INT64_C(1) << HOOK_JOB_FAILED);
    (void)subscribe(life, 1, 31); /* another team's */
    must(life_submit(life, 0, 1, &job));
    assert_int_equal(claim(life, sending, 8), 1);
    assert_string_equal(sending[0].hook_id, all.id);
    assert_string_equal(sending[0].secret, all.secret);
    assert_non_null(strstr(sending[0].payload, "\"event_type\":\"job.created\""));
    assert_non_null(strstr(sending[0].payload, "\"file_name\":\"f.pdf\""));
    assert_false(report(life, &sending[0], ERR_OK));
    assert_int_equal(claim(life, sending, 8), 0);
    must(job_remove(life->arena, life->db, life->team[0].team_id, job.id, life->now_ms, &ids, &n,
                    &life->err));
    assert_int_equal(count(life, "SELECT COUNT(*) FROM webhook_event WHERE payload LIKE '%f.pdf%'"),
                     0);
    assert_int_equal(claim(life, sending, 8), 1);
    assert_non_null(strstr(sending[0].payload, "job.deleted"));
    life_close(life);
}

struct submitting {
    struct life *life;
    bool spoil;
};

static enum err_code
do_submit(struct db *db, void *arg, struct err *err)
{
    struct submitting *s = arg;
    struct life *life = s->life;
    struct life_job job;

    (void)db;
    must(life_submit(life, 0, 1, &job));
    return s->spoil ? err_set(err, ERR_SYSTEM, "as if the disk had failed") : ERR_OK;
}

static void
test_same_transaction(void **state)
{
    struct life place, *life = &place;
    struct submitting s = {.life = life, .spoil = true};

    (void)state;
    life_open(life, 1000);
    (void)subscribe(life, 0, 31);
    assert_int_equal(db_transact(life->db, do_submit, &s, &life->err), ERR_SYSTEM);
    assert_int_equal(count(life, "SELECT COUNT(*) FROM webhook_event"), 0);
    s.spoil = false;
    must(db_transact(life->db, do_submit, &s, &life->err));
    assert_int_equal(count(life, "SELECT COUNT(*) FROM webhook_event"), 1);
    life_close(life);
}

/* A receiver that is down: attempts over three days, then given up; then the subscription goes. */
static void
test_three_days(void **state)
{
    struct life place, *life = &place;
    struct hook_sending sending[2];
    char event_id[UUID_TEXT_SIZE];
    int attempts = 0;

    (void)state;
    life_open(life, 1000);
    struct hook hook = subscribe(life, 0, 31);
    must(hook_test(life->db, &hook, life->now_ms, event_id, &life->err));
    int64_t begun_ms = life->now_ms;
    while (count(life, "SELECT COUNT(*) FROM webhook_delivery WHERE state < 2") > 0) {
        if (claim(life, sending, 2) == 1) {
            assert_string_equal(sending[0].event_id, event_id);
            assert_int_equal(sending[0].attempt, ++attempts);
            assert_false(report(life, &sending[0], ERR_FETCH));
        }
        life->now_ms += 1000;
        assert_true(life->now_ms - begun_ms < 73 * hour_ms);
    }
    assert_in_range(attempts, 12, 25);
    assert_true(life->now_ms - begun_ms > 60 * hour_ms);
    assert_true(now(life, &hook).enabled);
    assert_int_equal(now(life, &hook).failure_count, attempts);
    life->now_ms = begun_ms + 73 * hour_ms;
    must(hook_test(life->db, &hook, life->now_ms, event_id, &life->err));
    assert_int_equal(claim(life, sending, 2), 1);
    assert_true(report(life, &sending[0], ERR_FETCH));
    hook = now(life, &hook);
    assert_false(hook.enabled);
    life->now_ms += hour_ms;
    assert_int_equal(claim(life, sending, 2), 0); /* what waits does not go out */
    hook.enabled = true;
    must(hook_update(life->db, &hook, life->now_ms, &life->err));
    assert_int_equal(claim(life, sending, 2), 1);
    assert_false(report(life, &sending[0], ERR_OK));
    assert_int_equal(now(life, &hook).failing_since_ms, 0);
    life_close(life);
}

static void
test_leases(void **state)
{
    struct life place, *life = &place;
    struct hook_sending first[2], second[2];
    char event_id[UUID_TEXT_SIZE];

    (void)state;
    life_open(life, 1000);
    struct hook hook = subscribe(life, 0, 31);
    must(hook_test(life->db, &hook, life->now_ms, event_id, &life->err));
    assert_int_equal(claim(life, first, 2), 1);
    assert_int_equal(claim(life, second, 2), 0);
    life->now_ms += 30000; /* its sender is gone */
    assert_int_equal(claim(life, second, 2), 1);
    assert_string_equal(first[0].event_id, second[0].event_id);
    assert_false(report(life, &first[0], ERR_FETCH)); /* too late to say anything */
    assert_int_equal(now(life, &hook).failure_count, 0);
    must(hooks_recover(life->db, life->now_ms, &life->err));
    assert_int_equal(claim(life, second, 2), 1);
    assert_false(report(life, &second[0], ERR_OK));
    assert_int_equal(count(life, "SELECT COUNT(*) FROM webhook_delivery WHERE state = 2"), 1);
    must(hook_remove(life->db, hook.team_id, hook.id, &life->err));
    assert_false(report(life, &second[0], ERR_OK));
    life_close(life);
}

static void
test_recovery_brings_the_rest_forward(void **state)
{
    struct life place, *life = &place;
    struct hook_sending sending[32];
    char event_id[UUID_TEXT_SIZE];

    (void)state;
    life_open(life, 1000);
    struct hook hook = subscribe(life, 0, 31);
    for (int i = 0; i < 20; i++)
        must(hook_test(life->db, &hook, life->now_ms, event_id, &life->err));
    for (int round = 0; round < 6; round++) {
        size_t n = claim(life, sending, 32);
        assert_int_equal(n, 20);
        for (size_t i = 0; i < n; i++)
            (void)report(life, &sending[i], ERR_FETCH);
        life->now_ms += 2 * hour_ms;
    }
    for (size_t i = 0, n = claim(life, sending, 1); i < n; i++)
        assert_false(report(life, &sending[i], ERR_OK));
    assert_int_equal(claim(life, sending, 32), 19); /* at once, not in hours */
    life_close(life);
}

static void
test_purge(void **state)
{
    struct life place, *life = &place;
    struct hook_sending sending[2];
    char event_id[UUID_TEXT_SIZE];
    bool more = true;

    (void)state;
    life_open(life, 1000);
    struct hook hook = subscribe(life, 0, 31);
    must(hook_test(life->db, &hook, life->now_ms, event_id, &life->err));
    assert_int_equal(claim(life, sending, 2), 1);
    assert_false(report(life, &sending[0], ERR_OK));
    must(hook_test(life->db, &hook, life->now_ms, event_id, &life->err)); /* still waits */
    must(hooks_purge(life->db, life->now_ms + 29 * 24 * hour_ms, &more, &life->err));
    assert_int_equal(count(life, "SELECT COUNT(*) FROM webhook_event"), 2);
    for (more = true; more;)
        must(hooks_purge(life->db, life->now_ms + 31 * 24 * hour_ms, &more, &life->err));
    assert_int_equal(count(life, "SELECT COUNT(*) FROM webhook_event"), 1);
    assert_int_equal(count(life, "SELECT COUNT(*) FROM webhook_delivery"), 1);
    life_close(life);
}

/* The wait after a failure is kept, the hours that the clock was set back are not added to it. */
static void
test_a_clock_set_back(void **state)
{
    struct life place, *life = &place;
    struct hook_sending sending[2] = {0};
    char event_id[UUID_TEXT_SIZE];

    (void)state;
    life_open(life, 1000);
    struct hook hook = subscribe(life, 0, 31);
    must(hook_test(life->db, &hook, life->now_ms, event_id, &life->err));
    assert_int_equal(claim(life, sending, 2), 1);
    assert_false(report(life, &sending[0], ERR_FETCH));
    life->now_ms -= 5 * hour_ms;
    must(hooks_set_back(life->db, life->now_ms, &life->err));
    assert_int_equal(claim(life, sending, 2), 0);
    life->now_ms += 10000;
    assert_int_equal(claim(life, sending, 2), 1);
    assert_int_equal(sending[0].attempt, 2);
    life_close(life);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_of_a_job),
        cmocka_unit_test(test_same_transaction),
        cmocka_unit_test(test_three_days),
        cmocka_unit_test(test_leases),
        cmocka_unit_test(test_recovery_brings_the_rest_forward),
        cmocka_unit_test(test_a_clock_set_back),
        cmocka_unit_test(test_purge),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
