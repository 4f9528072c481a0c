/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/account.h"
#include "account/credits.h"
#include "scratch.h"

#include <pthread.h>
#include <stdatomic.h>

static const char job_a[] = "00000000-0000-7000-8000-00000000000a";
static const char job_b[] = "00000000-0000-7000-8000-00000000000b";

struct fixture {
    struct scratch scratch;
    struct db *db;
    struct principal who;
};

static int
set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = {0};
    bool created = false;

    assert_non_null(f);
    scratch_make(&f->scratch);
    assert_ok(db_open(f->scratch.place, &f->db, &err));
    assert_ok(account_ensure_default(f->db, 100, &f->who, &created, &err));
    *state = f;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    assert_ok(credits_audit(f->db, &err));
    db_close(&f->db);
    scratch_remove(&f->scratch);
    free(f);
    return 0;
}

static void
expect(struct fixture *f, int64_t consumed, int64_t reserved, int64_t available)
{
    struct err err = {0};
    struct credit_balance balance;

    assert_ok(credits_balance(f->db, f->who.team_id, &balance, &err));
    assert_int_equal(balance.consumed, consumed);
    assert_int_equal(balance.reserved, reserved);
    assert_int_equal(balance.available, available);
}

static int64_t
entries(struct fixture *f)
{
    return scratch_number(f->db, "SELECT COUNT(*) FROM credit_entry");
}

static void
a_hold_is_raised_and_settled_once(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    const char *team = f->who.team_id;

    for (int i = 0; i < 2; i++) {
        assert_ok(credits_reserve(f->db, team, job_a, 2, &err));
        expect(f, 0, 2, 98);
    }
    for (int i = 0; i < 2; i++) {
        assert_ok(credits_raise(f->db, team, job_a, 20, &err));
        expect(f, 0, 20, 80);
    }
    for (int i = 0; i < 2; i++) {
        assert_ok(credits_settle(f->db, team, job_a, 14, &err));
        expect(f, 14, 0, 86);
    }
    /* All steps again, after the end. */
    int64_t before = entries(f);
    assert_ok(credits_reserve(f->db, team, job_a, 2, &err));
    assert_ok(credits_settle(f->db, team, job_a, 0, &err));
    assert_int_equal(credits_raise(f->db, team, job_a, 20, &err), ERR_CONFLICT);
    assert_int_equal(entries(f), before);
    expect(f, 14, 0, 86);
}

static void
what_is_not_there_cannot_be_spent(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    const char *team = f->who.team_id;

    assert_int_equal(credits_reserve(f->db, team, job_a, 101, &err), ERR_CREDITS);
    assert_string_equal(err.msg, "not enough credits: 101 needed, 100 available");
    assert_ok(credits_reserve(f->db, team, job_a, 60, &err));
    assert_int_equal(credits_reserve(f->db, team, job_b, 41, &err), ERR_CREDITS);
    assert_ok(credits_reserve(f->db, team, job_b, 30, &err));
    assert_int_equal(credits_raise(f->db, team, job_b, 41, &err), ERR_CREDITS);
    assert_string_equal(err.msg, "not enough credits: 41 needed, 40 available");
    expect(f, 0, 90, 10);
    assert_ok(credits_raise(f->db, team, job_b, 40, &err));
    assert_int_equal(credits_settle(f->db, team, job_b, 41, &err), ERR_CONFLICT);
    assert_ok(credits_settle(f->db, team, job_b, 0, &err));
    assert_ok(credits_settle(f->db, team, job_a, 60, &err));
    expect(f, 60, 0, 40);
}

static void
amounts_outside_the_range_are_refused(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    const char *team = f->who.team_id;
    static const int64_t wrong[] = {-1, INT64_MIN, CREDITS_MAX + 1, INT64_MAX};

    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        assert_int_equal(credits_grant(f->db, team, wrong[i], "x", &err), ERR_INPUT);
        assert_int_equal(credits_reserve(f->db, team, job_a, wrong[i], &err), ERR_INPUT);
        assert_int_equal(credits_raise(f->db, team, job_a, wrong[i], &err), ERR_INPUT);
        assert_int_equal(credits_settle(f->db, team, job_a, wrong[i], &err), ERR_INPUT);
    }
    assert_int_equal(credits_grant(f->db, team, CREDITS_MAX - 99, "x", &err), ERR_LIMIT);
    assert_ok(credits_grant(f->db, team, CREDITS_MAX - 100, "x", &err));
    expect(f, 0, 0, CREDITS_MAX);
    assert_int_equal(credits_grant(f->db, "nobody", 1, "x", &err), ERR_NOT_FOUND);
    assert_int_equal(credits_reserve(f->db, "nobody", job_a, 1, &err), ERR_NOT_FOUND);
    assert_int_equal(credits_raise(f->db, team, job_a, 0, &err), ERR_OK);
}

static void
a_smaller_or_second_raise_is_refused(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    const char *team = f->who.team_id;

    assert_ok(credits_reserve(f->db, team, job_a, 5, &err));
    assert_int_equal(credits_reserve(f->db, team, job_a, 6, &err), ERR_CONFLICT);
    assert_int_equal(credits_raise(f->db, team, job_a, 4, &err), ERR_CONFLICT);
    assert_ok(credits_raise(f->db, team, job_a, 10, &err));
    assert_int_equal(credits_raise(f->db, team, job_a, 11, &err), ERR_CONFLICT);
    expect(f, 0, 10, 90);
}

static void
the_table_itself_refuses_a_negative_balance(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    assert_int_equal(
        db_exec(f->db, "UPDATE credit_account SET reserved = 101", NULL, 0, NULL, &err),
        ERR_CONFLICT);
    assert_int_equal(db_exec(f->db, "UPDATE credit_account SET consumed = -1", NULL, 0, NULL, &err),
                     ERR_CONFLICT);
    assert_ok(credits_reserve(f->db, f->who.team_id, job_a, 1, &err));
    assert_int_equal(
        db_exec(f->db,
                "INSERT INTO credit_entry (id, team_id, job_id, kind, source, target, "
                "amount, created_ms, description) SELECT id, team_id, job_id, kind, source, "
                "target, amount, created_ms, description FROM credit_entry",
                NULL, 0, NULL, &err),
        ERR_CONFLICT);
}

static void
the_audit_finds_what_was_tampered_with(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    assert_ok(db_exec(f->db, "UPDATE credit_account SET consumed = 1", NULL, 0, NULL, &err));
    assert_int_equal(credits_audit(f->db, &err), ERR_SYSTEM);
    assert_non_null(strstr(err.msg, "consumed is 1, the ledger says 0"));
    assert_ok(db_exec(f->db, "UPDATE credit_account SET consumed = 0", NULL, 0, NULL, &err));
    assert_ok(credits_audit(f->db, &err));
    assert_ok(db_exec(f->db, "UPDATE credit_entry SET amount = 99", NULL, 0, NULL, &err));
    assert_int_equal(credits_audit(f->db, &err), ERR_SYSTEM);
    assert_ok(db_exec(f->db, "UPDATE credit_entry SET amount = 100", NULL, 0, NULL, &err));
    /* Two jobs whose wrongs cancel out in the team's sum. */
    assert_ok(credits_reserve(f->db, f->who.team_id, job_a, 5, &err));
    assert_ok(credits_reserve(f->db, f->who.team_id, job_b, 5, &err));
    assert_ok(credits_settle(f->db, f->who.team_id, job_a, 0, &err));
    assert_ok(db_exec(f->db,
                      "UPDATE credit_entry SET job_id = 'x' WHERE source = 'available' AND "
                      "job_id = '00000000-0000-7000-8000-00000000000a'",
                      NULL, 0, NULL, &err));
    assert_int_equal(credits_audit(f->db, &err), ERR_SYSTEM);
    assert_non_null(strstr(err.msg, job_a));
    assert_ok(db_exec(f->db,
                      "UPDATE credit_entry SET job_id = '00000000-0000-7000-8000-00000000000a' "
                      "WHERE job_id = 'x'",
                      NULL, 0, NULL, &err));
}

struct spender {
    const char *place;
    const char *team;
    int number;
    atomic_int *won;
    atomic_int *refused;
};

static enum err_code
spend_all(struct db *db, void *arg, struct err *err)
{
    struct spender *spender = arg;
    char job[UUID_TEXT_SIZE];

    snprintf(job, sizeof(job), "00000000-0000-7000-8000-%012d", spender->number);
    return credits_reserve(db, spender->team, job, 100, err);
}

static void *
spend(void *arg)
{
    struct spender *spender = arg;
    struct err err = {0};
    struct db *db = NULL;

    if (db_open(spender->place, &db, &err) != ERR_OK)
        return NULL;
    enum err_code rc = db_transact(db, spend_all, spender, &err);
    atomic_fetch_add(spender->won, rc == ERR_OK);
    atomic_fetch_add(spender->refused, rc == ERR_CREDITS);
    db_close(&db);
    return NULL;
}

static void
credit_for_one_is_spent_once(void **state)
{
    struct fixture *f = *state;
    enum { SPENDERS = 40 };
    pthread_t threads[SPENDERS];
    struct spender spenders[SPENDERS];
    atomic_int won = 0, refused = 0;

    for (int i = 0; i < SPENDERS; i++) {
        spenders[i] = (struct spender){f->scratch.place, f->who.team_id, i, &won, &refused};
        assert_int_equal(pthread_create(&threads[i], NULL, spend, &spenders[i]), 0);
    }
    for (int i = 0; i < SPENDERS; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(won, 1);
    assert_int_equal(refused, SPENDERS - 1);
    expect(f, 0, 100, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_hold_is_raised_and_settled_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_there_cannot_be_spent, set_up, tear_down),
        cmocka_unit_test_setup_teardown(amounts_outside_the_range_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_smaller_or_second_raise_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_table_itself_refuses_a_negative_balance, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(the_audit_finds_what_was_tampered_with, set_up, tear_down),
        cmocka_unit_test_setup_teardown(credit_for_one_is_spent_once, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
