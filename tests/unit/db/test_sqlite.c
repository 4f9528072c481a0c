/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "fixture.h"

#include "base/clock.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void
the_file_is_private_whatever_the_umask(void **state)
{
    (void)state;
    static const mode_t masks[] = {0, 022, 0277};

    for (size_t i = 0; i < ARRAY_LEN(masks); i++) {
        struct scratch scratch;
        struct db *db = NULL;
        struct err err = {0};
        struct stat st;
        char log[128];
        scratch_make(&scratch);
        mode_t before = umask(masks[i]);
        assert_ok(db_open(scratch.place, &db, &err));
        umask(before);
        assert_int_equal(stat(scratch.place, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        snprintf(log, sizeof(log), "%s-wal", scratch.place);
        assert_int_equal(stat(log, &st), 0);
        assert_int_equal(st.st_mode & 07777, 0600);
        db_close(&db);
        scratch_remove(&scratch);
    }
}

static void
values_come_back_as_they_went(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db_rows *rows = NULL;
    struct arena *arena = arena_new(KiB(64));
    static const uint8_t bytes[] = {0, 1, 255, 0};

    assert_ok(db_first(f->db, "SELECT $1, $2, $3, $4, $5, $6",
                       DB_ARGS(db_int(INT64_MIN), db_real(0.1), db_text("\xc3\xa4"),
                               db_blob((struct span){bytes, 4}), db_null(), db_text("")),
                       &rows, &err));
    assert_true(db_column_int(rows, 0) == INT64_MIN);
    assert_true(db_column_real(rows, 1) == 0.1);
    assert_string_equal(db_column_text(arena, rows, 2), "\xc3\xa4");
    struct span blob = db_column_blob(arena, rows, 3);
    assert_int_equal(blob.len, 4);
    assert_memory_equal(blob.data, bytes, 4);
    assert_true(db_is_null(rows, 4));
    assert_null(db_column_text(arena, rows, 4));
    assert_false(db_is_null(rows, 5));
    assert_string_equal(db_column_text(arena, rows, 5), "");
    char two[2] = "x", three[3];
    assert_false(db_column_copy(rows, 2, two, sizeof(two)));
    assert_string_equal(two, "x");
    assert_true(db_column_copy(rows, 2, three, sizeof(three)));
    assert_string_equal(three, "\xc3\xa4");
    db_end(&rows);
    db_end(&rows);
    arena_drop(&arena);
}

static void
wrong_statements_are_refused(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db_rows *rows = NULL;

    assert_int_equal(db_query(f->db, "SELECT $2, $1", DB_ARGS(db_int(1), db_int(2)), &rows, &err),
                     ERR_SYSTEM);
    assert_non_null(strstr(err.msg, "not in order"));
    assert_int_equal(db_query(f->db, "SELECT $1", NULL, 0, &rows, &err), ERR_SYSTEM);
    assert_int_equal(db_query(f->db, "SELECT nothing FROM nowhere", NULL, 0, &rows, &err),
                     ERR_SYSTEM);
    assert_null(rows);
    assert_false(db_is_dead(f->db));
}

static void
a_statement_can_run_inside_itself(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    static const char sql[] = "SELECT id FROM organization ORDER BY id";
    int seen = 0;

    assert_ok(add(f->db, "a", &err));
    assert_ok(add(f->db, "b", &err));
    for (int round = 0; round < 3; round++) {
        struct db_rows *outer = NULL, *inner = NULL;
        bool more = true, more_inside = true;
        assert_ok(db_query(f->db, sql, NULL, 0, &outer, &err));
        while (assert_int_equal(db_next(outer, &more, &err), ERR_OK), more) {
            assert_ok(db_query(f->db, sql, NULL, 0, &inner, &err));
            while (assert_int_equal(db_next(inner, &more_inside, &err), ERR_OK), more_inside)
                seen++;
            db_end(&inner);
        }
        db_end(&outer);
    }
    assert_int_equal(seen, 12);
}

static void
broken_constraints_are_conflicts(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    assert_ok(add(f->db, "a", &err));
    assert_int_equal(add(f->db, "a", &err), ERR_CONFLICT);
    assert_int_equal(
        db_exec(f->db,
                "INSERT INTO team (id, organization_id, name, created_ms) VALUES ($1, $2, $3, $4)",
                DB_ARGS(db_text("t"), db_text("none"), db_text("n"), db_int(1)), NULL, &err),
        ERR_CONFLICT);
    assert_int_equal(add(f->db, NULL, &err), ERR_SYSTEM);
    int64_t changed = -1;
    assert_ok(db_exec(f->db, "DELETE FROM organization WHERE id = $1", DB_ARGS(db_text("zz")),
                      &changed, &err));
    assert_int_equal(changed, 0);
}

static enum err_code
add_two_and_fail(struct db *db, void *arg, struct err *err)
{
    struct err ignored = {0};

    assert_int_equal(add(db, "x", &ignored), ERR_OK);
    assert_int_equal(add(db, "y", &ignored), ERR_OK);
    return err_set(err, *(enum err_code *)arg, "as the test wants");
}

static enum err_code
nest(struct db *db, void *arg, struct err *err)
{
    return db_transact(db, add_two_and_fail, arg, err);
}

static void
a_transaction_is_all_or_nothing(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    enum err_code rc = ERR_CREDITS;

    assert_int_equal(db_transact(f->db, add_two_and_fail, &rc, &err), ERR_CREDITS);
    assert_string_equal(err.msg, "as the test wants");
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM organization"), 0);
    assert_int_equal(db_transact(f->db, nest, &rc, &err), ERR_SYSTEM);
    rc = ERR_OK;
    assert_ok(db_transact(f->db, add_two_and_fail, &rc, &err));
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM organization"), 2);
}

static enum err_code
count_twice(struct db *db, void *arg, struct err *err)
{
    int64_t before = scratch_number(db, "SELECT COUNT(*) FROM organization");

    assert_int_equal(add(arg, "meanwhile", err), ERR_OK);
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM organization"), before);
    return err_set(err, ERR_CREDITS, "seen");
}

static void
a_reader_sees_one_moment(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db *other = NULL;

    assert_ok(db_open(f->scratch.place, &other, &err));
    assert_int_equal(db_read(f->db, count_twice, other, &err), ERR_CREDITS);
    assert_string_equal(err.msg, "seen");
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM organization"), 1);
    db_close(&other);
}

static void
other_schemas_are_refused(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db *other = NULL;

    assert_ok(db_exec(f->db, "PRAGMA user_version = 999", NULL, 0, NULL, &err));
    assert_ok(db_open(f->scratch.place, &other, &err)); /* it says that it only adds */
    db_close(&other);
    assert_ok(db_exec(f->db, "UPDATE counter SET value = 999 WHERE name = 'schema_least'", NULL, 0,
                      NULL, &err));
    assert_int_equal(db_open(f->scratch.place, &other, &err), ERR_VERSION);
    assert_non_null(strstr(err.msg, "schema 999"));
    assert_ok(db_exec(f->db, "PRAGMA user_version = 0", NULL, 0, NULL, &err));
    assert_ok(db_exec(f->db, "PRAGMA application_id = 7", NULL, 0, NULL, &err));
    assert_int_equal(db_open(f->scratch.place, &other, &err), ERR_CONFLICT);
    assert_null(other);
}

static void
a_file_that_is_no_database_is_refused(void **state)
{
    (void)state;
    struct scratch scratch;
    struct err err = {0};
    struct db *db = NULL;

    scratch_make(&scratch);
    FILE *file = fopen(scratch.place, "w");
    for (int i = 0; i < 1000; i++)
        fputs("this is a diary, not a database\n", file);
    fclose(file);
    assert_int_equal(db_open(scratch.place, &db, &err), ERR_SYSTEM);
    scratch_remove(&scratch);
    assert_int_equal(db_open("/nonexistent/folder/x.db", &db, &err), ERR_SYSTEM);
    assert_null(db);
}

static void
a_damaged_file_ends_the_handle(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db_rows *rows = NULL;
    static char text[2000], garbage[16 * 4096];
    enum err_code rc = ERR_OK;
    bool row = true;
    char id[16];

    memset(text, 'x', sizeof(text) - 1);
    memset(garbage, 0x5a, sizeof(garbage));
    for (int i = 0; i < 200; i++) {
        snprintf(id, sizeof(id), "%d", i);
        assert_ok(db_exec(f->db, insert_organization,
                          DB_ARGS(db_text(id), db_text(text), db_int(1)), NULL, &err));
    }
    db_close(&f->db);
    FILE *file = fopen(f->scratch.place, "r+");
    assert_int_equal(fseek(file, -40 * 4096, SEEK_END), 0); /* behind the schema */
    assert_int_equal(fwrite(garbage, sizeof(garbage), 1, file), 1);
    fclose(file);
    assert_ok(db_open(f->scratch.place, &f->db, &err));
    assert_ok(db_query(f->db, "SELECT name FROM organization", NULL, 0, &rows, &err));
    while (rc == ERR_OK && row)
        rc = db_next(rows, &row, &err);
    db_end(&rows);
    assert_int_equal(rc, ERR_SYSTEM);
    assert_true(db_is_dead(f->db));
    assert_int_equal(add(f->db, "later", &err), ERR_SYSTEM);
}

static void
many_processes_may_open_a_new_file_at_once(void **state)
{
    (void)state;
    struct scratch scratch;
    pid_t children[8];

    scratch_make(&scratch);
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        children[i] = fork();
        if (children[i] == 0) {
            struct err err = {0};
            struct db *db = NULL;
            char id[16];
            snprintf(id, sizeof(id), "%zu", i);
            bool ok = db_open(scratch.place, &db, &err) == ERR_OK && add(db, id, &err) == ERR_OK;
            if (!ok)
                fprintf(stderr, "child %zu: %s\n", i, err.msg);
            db_close(&db);
            _exit(ok ? 0 : 1);
        }
    }
    for (size_t i = 0; i < ARRAY_LEN(children); i++) {
        int status = 0;
        waitpid(children[i], &status, 0);
        assert_int_equal(status, 0);
    }
    struct err err = {0};
    struct db *db = NULL;
    assert_ok(db_open(scratch.place, &db, &err));
    assert_int_equal(scratch_number(db, "SELECT COUNT(*) FROM organization"), 8);
    db_close(&db);
    scratch_remove(&scratch);
}

struct holder {
    const char *place;
    int64_t hold_ms;
    pthread_barrier_t held;
    sem_t *until; /* and until this is posted; NULL: no longer */
};

static enum err_code
hold(struct db *db, void *arg, struct err *err)
{
    struct holder *holder = arg;

    (void)err;
    pthread_barrier_wait(&holder->held);
    usleep((useconds_t)holder->hold_ms * 1000);
    if (holder->until != NULL)
        sem_wait(holder->until);
    return add(db, "held", err);
}

static void *
hold_lock(void *arg)
{
    struct holder *holder = arg;
    struct err err = {0};
    struct db *db = NULL;
    enum err_code rc = db_open(holder->place, &db, &err);

    if (rc == ERR_OK)
        rc = db_transact(db, hold, holder, &err);
    db_close(&db);
    return rc == ERR_OK ? NULL : arg;
}

/* Returns what became of an insert while another handle holds the lock so long, or until it ends.
 */
static enum err_code
insert_against(struct fixture *f, int64_t hold_ms, bool to_the_end, int64_t *ret_waited_ms)
{
    sem_t ended;
    struct holder holder = {
        .place = f->scratch.place, .hold_ms = hold_ms, .until = to_the_end ? &ended : NULL};
    struct err err = {0};
    pthread_t thread;
    void *wrong = NULL;

    sem_init(&ended, 0, 0);
    pthread_barrier_init(&holder.held, NULL, 2);
    assert_int_equal(pthread_create(&thread, NULL, hold_lock, &holder), 0);
    int64_t from = clock_mono_ms();
    pthread_barrier_wait(&holder.held);
    enum err_code rc = add(f->db, "waiter", &err);
    *ret_waited_ms = clock_mono_ms() - from;
    sem_post(&ended);
    pthread_join(thread, &wrong);
    assert_null(wrong);
    pthread_barrier_destroy(&holder.held);
    sem_destroy(&ended);
    return rc;
}

static void
a_writer_waits_for_the_lock_but_not_for_ever(void **state)
{
    struct fixture *f = *state;
    int64_t waited = 0;

    assert_int_equal(insert_against(f, 100, false, &waited), ERR_OK);
    assert_true(waited >= 90);
    struct err err = {0};
    assert_ok(db_exec(f->db, "DELETE FROM organization", NULL, 0, NULL, &err));
    assert_int_equal(insert_against(f, 0, true, &waited), ERR_UNAVAILABLE);
    assert_true(waited >= 4900);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_is_private_whatever_the_umask),
        cmocka_unit_test_setup_teardown(values_come_back_as_they_went, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_statements_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_statement_can_run_inside_itself, set_up, tear_down),
        cmocka_unit_test_setup_teardown(broken_constraints_are_conflicts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_transaction_is_all_or_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_reader_sees_one_moment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(other_schemas_are_refused, set_up, tear_down),
        cmocka_unit_test(a_file_that_is_no_database_is_refused),
        cmocka_unit_test_setup_teardown(a_damaged_file_ends_the_handle, set_up, tear_down),
        cmocka_unit_test(many_processes_may_open_a_new_file_at_once),
        cmocka_unit_test_setup_teardown(a_writer_waits_for_the_lock_but_not_for_ever, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
