/* SPDX-License-Identifier: AGPL-3.0-or-later
 * What the PostgreSQL adapter has to do as SQLite does it. Runs on the server that
 * tests/support/postgres.py starts, and is skipped without it. */
#include "db/db_internal.h"
#include "scratch.h"

struct fixture {
    struct scratch scratch;
    struct db *db;
};

static int
set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = {0};

    *state = f;
    if (!scratch_on_server())
        return 0;
    scratch_make(&f->scratch);
    assert_ok(db_open(f->scratch.place, &f->db, &err));
    assert_ok(db_script(
        f->db, "CREATE TABLE t (id BIGINT PRIMARY KEY, r DOUBLE PRECISION, x TEXT, b BYTEA)",
        &err));
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;

    db_close(&f->db);
    if (scratch_on_server())
        scratch_remove(&f->scratch);
    free(f);
    return 0;
}

#define NEEDS_SERVER()                                                                             \
    do {                                                                                           \
        if (!scratch_on_server())                                                                  \
            skip();                                                                                \
    } while (0)

static void
values_come_back_as_they_went(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db_rows *rows = NULL;
    const uint8_t raw[] = {0, 255, '\\', '\'', 0};

    NEEDS_SERVER();
    struct arena *arena = arena_new(KiB(64));
    assert_ok(db_exec(f->db, "INSERT INTO t (id, r, x, b) VALUES ($1, $2, $3, $4)",
                      DB_ARGS(db_int(INT64_MIN), db_real(0.1), db_text(""),
                              db_blob((struct span){raw, sizeof(raw)})),
                      NULL, &err));
    assert_ok(db_exec(f->db, "INSERT INTO t (id, r, x, b) VALUES ($1, $2, $3, $4)",
                      DB_ARGS(db_int(INT64_MAX), db_null(), db_null(), db_null()), NULL, &err));
    assert_ok(db_first(f->db, "SELECT id, r, x, b FROM t WHERE id < 0", NULL, 0, &rows, &err));
    assert_int_equal(db_column_int(rows, 0), INT64_MIN);
    assert_true(db_column_real(rows, 1) == 0.1);
    assert_string_equal(db_column_text(arena, rows, 2), "");
    assert_int_equal(db_column_blob(arena, rows, 3).len, sizeof(raw));
    assert_memory_equal(db_column_bytes(rows, 3).data, raw, sizeof(raw));
    db_end(&rows);
    assert_ok(db_first(f->db, "SELECT id, r, x, b FROM t WHERE id > 0", NULL, 0, &rows, &err));
    assert_int_equal(db_column_int(rows, 0), INT64_MAX);
    for (int i = 1; i < 4; i++)
        assert_true(db_is_null(rows, i));
    assert_null(db_column_text(arena, rows, 2));
    db_end(&rows);
    arena_drop(&arena);
}

/* SUM of BIGINT is a numeric there. */
static void
sums_are_numbers(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    NEEDS_SERVER();
    assert_int_equal(
        scratch_number(f->db, "SELECT SUM(v) FROM (VALUES (123456789012), (-3)) AS s (v)"),
        123456789009);
    assert_int_equal(scratch_number(f->db, "SELECT SUM(v) FROM (VALUES (-40000), (0)) AS s (v)"),
                     -40000);
    struct db_rows *rows = NULL;
    assert_ok(db_first(f->db, "SELECT CAST(12345.678 AS NUMERIC), CAST(0 AS NUMERIC), 1 = 1", NULL,
                       0, &rows, &err));
    assert_true(db_column_real(rows, 0) > 12345.677 && db_column_real(rows, 0) < 12345.679);
    assert_true(db_column_real(rows, 1) == 0);
    assert_int_equal(db_column_int(rows, 2), 1);
    db_end(&rows);
}

static enum err_code
break_a_rule(struct db *db, void *arg, struct err *err)
{
    enum err_code rc = db_exec(db, "INSERT INTO t (id) VALUES (1)", NULL, 0, NULL, err);

    (void)arg;
    if (rc == ERR_OK)
        rc = db_exec(db, "INSERT INTO t (id) VALUES (1)", NULL, 0, NULL, err);
    return rc;
}

/* Swallows it: the COMMIT must not pass for one. */
static enum err_code
swallow(struct db *db, void *arg, struct err *err)
{
    enum err_code rc = break_a_rule(db, arg, err);

    (void)rc;
    return ERR_OK;
}

static void
broken_rules_are_conflicts_and_write_nothing(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    NEEDS_SERVER();
    assert_code(ERR_CONFLICT, db_transact(f->db, break_a_rule, NULL, &err), &err);
    assert_code(ERR_SYSTEM, db_transact(f->db, swallow, NULL, &err), &err);
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM t"), 0);
}

/* "\x7f" has to lie behind every id, as a list's first page takes it. */
static void
texts_are_ordered_by_bytes(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    NEEDS_SERVER();
    assert_ok(db_exec(f->db, "INSERT INTO t (id, x) VALUES (1, 'a'), (2, 'B'), (3, '-')", NULL, 0,
                      NULL, &err));
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM t WHERE x < chr(127)"), 3);
    assert_int_equal(scratch_number(f->db, "SELECT id FROM t ORDER BY x LIMIT 1"), 3);
    assert_int_equal(scratch_number(f->db, "SELECT id FROM t ORDER BY x DESC LIMIT 1"), 1);
}

static enum err_code
count_under(struct db *db, void *arg, struct err *err)
{
    struct db *other = arg;
    enum err_code rc = db_exec(db, "INSERT INTO t (id) VALUES (7)", NULL, 0, NULL, err);

    /* Another team's writer is not waited for. */
    if (rc == ERR_OK)
        rc = db_transact_for(other, "another team", break_a_rule, NULL, err) == ERR_CONFLICT
                 ? ERR_OK
                 : ERR_SYSTEM;
    return rc;
}

static void
owners_write_beside_each_other(void **state)
{
    struct fixture *f = *state;
    struct db *other = NULL;
    struct err err = {0};

    NEEDS_SERVER();
    assert_ok(db_open(f->scratch.place, &other, &err));
    assert_ok(db_transact_for(f->db, "a team", count_under, other, &err));
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM t"), 1);
    db_close(&other);
}

static enum err_code
break_later(struct db *db, void *arg, struct err *err)
{
    enum err_code rc = db_post(db, "INSERT INTO t (id) VALUES (8)", NULL, 0, err);

    (void)arg;
    return rc == ERR_OK ? db_post(db, "INSERT INTO t (id) VALUES (8)", NULL, 0, err) : rc;
}

/* It is told with the COMMIT, which is none then. */
static void
what_was_posted_fails_its_transaction(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    NEEDS_SERVER();
    assert_code(ERR_CONFLICT, db_transact(f->db, break_later, NULL, &err), &err);
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM t"), 0);
}

struct free_ones {
    struct db *other;
    bool first, second;
};

static enum err_code
note_owned(struct db *db, void *arg, struct err *err)
{
    struct free_ones *free_ones = arg;
    enum err_code rc = db_exec(db, "DELETE FROM t", NULL, 0, NULL, err);

    free_ones->first = db_has_owner(db, 0);
    free_ones->second = db_has_owner(db, 1);
    return rc;
}

/* From inside a transaction for "a team". */
static enum err_code
try_both(struct db *db, void *arg, struct err *err)
{
    struct free_ones *free_ones = arg;
    const char *const owners[] = {"a team", "another team"};
    bool busy = true;

    /* The locks travel with the first statement. */
    enum err_code rc = db_exec(db, "DELETE FROM t", NULL, 0, NULL, err);
    if (rc == ERR_OK)
        rc = db_transact_any(free_ones->other, owners, 2, note_owned, arg, &busy, err);
    if (rc == ERR_OK && (busy || free_ones->first || !free_ones->second))
        rc = err_set(err, ERR_SYSTEM, "the free one of two was not taken alone");
    if (rc == ERR_OK)
        rc = db_transact_any(free_ones->other, owners, 1, note_owned, arg, &busy, err);
    return rc == ERR_OK && !busy ? err_set(err, ERR_SYSTEM, "a busy one was taken") : rc;
}

static void
busy_owners_are_passed_over(void **state)
{
    struct fixture *f = *state;
    struct free_ones free_ones = {0};
    struct err err = {0};

    NEEDS_SERVER();
    assert_ok(db_open(f->scratch.place, &free_ones.other, &err));
    assert_ok(db_transact_for(f->db, "a team", try_both, &free_ones, &err));
    db_close(&free_ones.other);
}

static void
lost_connections_are_made_anew(void **state)
{
    struct fixture *f = *state;
    struct db *other = NULL;
    struct err err = {0};

    NEEDS_SERVER();
    assert_ok(db_open(f->scratch.place, &other, &err));
    assert_ok(db_exec(other,
                      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> "
                      "pg_backend_pid() AND datname = current_database()",
                      NULL, 0, NULL, &err));
    enum err_code rc = db_exec(f->db, "DELETE FROM t", NULL, 0, NULL, &err);
    assert_true(rc == ERR_UNAVAILABLE);
    assert_false(db_is_dead(f->db));
    assert_ok(db_exec(f->db, "DELETE FROM t", NULL, 0, NULL, &err));
    db_close(&other);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(values_come_back_as_they_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(sums_are_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_rules_are_conflicts_and_write_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(texts_are_ordered_by_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(owners_write_beside_each_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_posted_fails_its_transaction, set_up, tear_down),
        cmocka_unit_test_setup_teardown(busy_owners_are_passed_over, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lost_connections_are_made_anew, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
