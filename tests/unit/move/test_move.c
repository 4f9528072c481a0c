/* SPDX-License-Identifier: AGPL-3.0-or-later
 * A small installation moves from one database to another, both SQLite or both on the tests'
 * server, while this test writes to it. What comes of a killed mover is for tests/crash/move.py. */
#include "move/move_internal.h"
#include "scratch.h"

#include <sys/stat.h>

struct fixture {
    struct scratch old_one, new_one;
    struct db *db; /* of the old one: a client that goes on */
    struct move_config config;
    /* What happens at the first line that begins so, once. */
    const char *at;
    void (*then)(struct fixture *f);
    int lines, opened;
    char missing[200];  /* the line about objects that were not there */
    enum err_code seen; /* by `then` */
};

static void
run_sql(struct db *db, const char *sql)
{
    struct err err = {0};

    assert_ok(db_exec(db, sql, NULL, 0, NULL, &err));
}

static void
say(void *ctx, const char *text)
{
    struct fixture *f = ctx;

    f->lines++;
    if (strstr(text, "did not have") != NULL)
        snprintf(f->missing, sizeof(f->missing), "%s", text);
    if (f->at == NULL || strncmp(text, f->at, strlen(f->at)) != 0)
        return;
    f->at = NULL;
    f->then(f);
}

static enum err_code
opened(void *ctx, struct db *db, struct err *err)
{
    struct fixture *f = ctx;

    (void)db;
    (void)err;
    f->opened++;
    return ERR_OK;
}

/* Keys of one, two and six columns, numbers, texts, bytes, NULL, what is empty, and a row that
 * belongs to another. */
static void
fill(struct db *db)
{
    struct err err = {0};
    const uint8_t digest[32] = {0, 1, 255};

    run_sql(db, "INSERT INTO organization (id, name, created_ms) VALUES ('o1', 'Ä', 1), "
                "('o2', '', 9223372036854775807)");
    run_sql(db, "INSERT INTO team (id, organization_id, name, created_ms) VALUES ('t1', 'o1', 'n', "
                "-1), ('t2', 'o2', 'n', 2)");
    run_sql(db, "INSERT INTO person (id, email, name, created_ms) VALUES ('p1', 'a@x', 'A', 1), "
                "('p2', 'b@x', 'B', 1)");
    run_sql(db, "INSERT INTO member (person_id, team_id, role, created_ms) VALUES ('p1', 't1', "
                "'owner', 1)");
    run_sql(db, "INSERT INTO credit_account (team_id, granted, consumed) VALUES ('t1', 100, 7)");
    run_sql(db,
            "INSERT INTO job_tally (team_id, deleted, status, format, model, template_id, jobs) "
            "VALUES ('t1', 0, 3, 0, 'm', '', 5), ('t1', 0, 5, 0, 'm', '', 1)");
    run_sql(db,
            "INSERT INTO job_hour (team_id, hour_ms, jobs, completed, failed, cancelled, faulty, "
            "completion_ms, active_ms, begun, total_pages, done_pages, failed_pages, "
            "empty_pages, crash_pages, text_bytes, credits, scored_pages, low_pages, "
            "medium_pages, high_pages, file_bytes, bytes_least, bytes_most, with_pages, small, "
            "mid, large, confidence_sum, confidence_min) VALUES ('t1', 3600000, 1, 1, 0, 0, 0, 0, "
            "0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.1, -0.0)");
    assert_ok(db_exec(db,
                      "INSERT INTO idempotency (team_id, key, created_ms, digest, job_id) VALUES "
                      "('t1', 'k', 1, $1, 'j')",
                      DB_ARGS(db_blob((struct span){digest, sizeof(digest)})), NULL, &err));
}

static int
set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = {0};

    assert_non_null(f);
    scratch_make(&f->old_one);
    scratch_make(&f->new_one);
    assert_ok(db_open(f->old_one.place, &f->db, &err));
    fill(f->db);
    f->config = (struct move_config){.from = f->old_one.place,
                                     .to = f->new_one.place,
                                     .from_name = "the old one",
                                     .to_name = "the new one",
                                     .say = say,
                                     .opened = opened,
                                     .ctx = f};
    *state = f;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;

    db_close(&f->db);
    scratch_remove(&f->old_one);
    scratch_remove(&f->new_one);
    free(f);
    return 0;
}

static int64_t
count_new(struct fixture *f, const char *sql)
{
    struct err err = {0};
    struct db *db = NULL;

    assert_ok(db_open_for_move(f->new_one.place, &db, &err));
    int64_t n = scratch_number(db, sql);
    db_close(&db);
    return n;
}

/* --- --- */

static void
everything_arrives(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db *db = NULL;

    run_sql(f->db, "INSERT INTO node (name, version, roles, weight, readers, running, draining, "
                   "started_ms, seen_ms, owner, models, teams) VALUES ('n', '1', 7, 1, 1, 0, 0, 0, "
                   "0, '', '', '')");
    assert_ok(move_run(&f->config, &err));
    assert_int_equal(f->opened, 1);
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM organization WHERE name = 'Ä' OR "
                                  "created_ms = 9223372036854775807"),
                     2);
    assert_int_equal(count_new(f, "SELECT jobs FROM job_tally WHERE status = 3"), 5);
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM job_hour WHERE confidence_sum = 0.1 AND "
                                  "confidence_min = 0 AND confidence_max IS NULL"),
                     1);
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM node"), 0);
    /* The new one is a database as any other: what belongs to nothing is refused. */
    assert_ok(db_open(f->new_one.place, &db, &err));
    assert_code(ERR_CONFLICT,
                db_exec(db,
                        "INSERT INTO team (id, organization_id, name, created_ms) VALUES ('x', "
                        "'none', 'n', 1)",
                        NULL, 0, NULL, &err),
                &err);
    assert_code(ERR_CONFLICT,
                db_exec(db,
                        "INSERT INTO person (id, email, name, created_ms) VALUES ('x', 'a@x', "
                        "'n', 1)",
                        NULL, 0, NULL, &err),
                &err);
    db_close(&db);
}

static void
the_old_one_is_shut(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db *db = NULL;

    assert_ok(move_run(&f->config, &err));
    assert_code(ERR_CONFLICT, db_open(f->old_one.place, &db, &err), &err);
    assert_non_null(strstr(err.msg, "the new one"));
    /* A process that has it open already reads what there was, and writes nothing. */
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM person"), 2);
    const char *const writes[] = {"UPDATE person SET name = 'C'", "DELETE FROM member",
                                  "INSERT INTO organization (id, name, created_ms) VALUES ('o3', "
                                  "'n', 1)"};
    for (size_t i = 0; i < ARRAY_LEN(writes); i++)
        assert_code(ERR_UNAVAILABLE, db_exec(f->db, writes[i], NULL, 0, NULL, &err), &err);
    assert_code(ERR_CONFLICT, move_cancel(f->old_one.place, &err), &err);
    assert_code(ERR_CONFLICT, move_run(&f->config, &err), &err);
}

static void
change_much(struct fixture *f)
{
    struct db *db = f->db;
    struct err err = {0};
    struct db *none = NULL;

    run_sql(db, "INSERT INTO organization (id, name, created_ms) VALUES ('o3', 'late', 1)");
    run_sql(db, "DELETE FROM member");
    run_sql(db, "UPDATE job_tally SET jobs = 6 WHERE status = 3");
    run_sql(db, "UPDATE job_tally SET status = 4 WHERE status = 5");
    /* Two rows change places: each stands in the other's way in the new one. */
    run_sql(db, "UPDATE person SET email = 'c@x' WHERE id = 'p1'");
    run_sql(db, "UPDATE person SET email = 'a@x' WHERE id = 'p2'");
    run_sql(db, "UPDATE person SET email = 'b@x' WHERE id = 'p1'");
    f->seen = db_open(f->new_one.place, &none, &err);
}

static void
what_changes_on_the_way_comes_along(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    f->at = "copied person";
    f->then = change_much;
    assert_ok(move_run(&f->config, &err));
    assert_null(f->at);
    assert_int_equal(f->seen, ERR_CONFLICT); /* the new one, before all had come */
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM organization"), 3);
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM member"), 0);
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM job_tally WHERE status = 3 AND jobs = 6 OR "
                                  "status = 4"),
                     2);
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM job_tally"), 2);
    assert_int_equal(count_new(f,
                               "SELECT COUNT(*) FROM person WHERE id = 'p1' AND email = 'b@x' OR "
                               "id = 'p2' AND email = 'a@x'"),
                     2);
}

static void
write_while_frozen(struct fixture *f)
{
    struct err err = {0};

    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM person"), 2);
    f->seen = db_exec(f->db, "UPDATE person SET name = 'C'", NULL, 0, NULL, &err);
}

static void
nothing_is_written_while_it_is_compared(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    f->at = "nothing can be written";
    f->then = write_while_frozen;
    assert_ok(move_run(&f->config, &err));
    assert_null(f->at);
    assert_int_equal(f->seen, ERR_UNAVAILABLE);
}

static void
spoil_the_copy(struct fixture *f)
{
    struct err err = {0};
    struct db *db = NULL;

    assert_ok(db_open_for_move(f->new_one.place, &db, &err));
    run_sql(db, "UPDATE person SET name = 'Z' WHERE id = 'p1'");
    db_close(&db);
}

static void
a_difference_ends_it_and_the_old_one_works_on(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    f->at = "nothing can be written";
    f->then = spoil_the_copy;
    assert_code(ERR_CONFLICT, move_run(&f->config, &err), &err);
    assert_non_null(strstr(err.msg, "person"));
    assert_int_equal(f->opened, 0);
    run_sql(f->db, "UPDATE person SET name = 'C' WHERE id = 'p2'");
    assert_ok(move_run(&f->config, &err));
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM person WHERE name IN ('A', 'C')"), 2);
}

static void
let_another_one_move(struct fixture *f)
{
    struct err err = {0};

    f->seen = move_run(&f->config, &err);
}

static void
who_comes_later_takes_over(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    f->at = "copied person";
    f->then = let_another_one_move;
    assert_code(ERR_CONFLICT, move_run(&f->config, &err), &err);
    assert_int_equal(f->seen, ERR_OK);
    assert_int_equal(f->opened, 1);
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM person"), 2);
}

static void
it_can_be_given_up(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db *db = NULL;

    assert_code(ERR_NOT_FOUND, move_cancel(f->old_one.place, &err), &err);
    f->at = "nothing can be written";
    f->then = spoil_the_copy;
    assert_code(ERR_CONFLICT, move_run(&f->config, &err), &err);
    assert_ok(move_cancel(f->old_one.place, &err));
    run_sql(f->db, "UPDATE person SET name = 'C'");
    assert_ok(db_open(f->old_one.place, &db, &err));
    db_close(&db);
    /* What was begun there is of no use for another try. */
    assert_code(ERR_CONFLICT, move_run(&f->config, &err), &err);
}

static void
a_place_that_is_in_use_is_refused(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct db *db = NULL;

    assert_ok(db_open(f->new_one.place, &db, &err));
    run_sql(db, "INSERT INTO organization (id, name, created_ms) VALUES ('theirs', 'n', 1)");
    db_close(&db);
    assert_code(ERR_CONFLICT, move_run(&f->config, &err), &err);
    assert_code(ERR_NOT_FOUND, move_cancel(f->old_one.place, &err), &err); /* nothing has begun */
    assert_ok(db_open(f->new_one.place, &db, &err));
    db_close(&db);
}

static void
open_folder(const struct scratch *place, char folder[120], struct store **ret)
{
    struct err err = {0};

    snprintf(folder, 120, "%s-store", place->folder);
    assert_int_equal(mkdir(folder, 0700), 0);
    assert_ok(store_open(&(struct store_config){.dir = folder, .sole = true}, ret, &err));
}

static void
drop_folder(const char *folder, struct store **store)
{
    char command[160];

    store_close(store);
    snprintf(command, sizeof(command), "rm -rf '%s'", folder);
    assert_int_equal(system(command), 0);
}

static void
lost_objects_are_told(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    char old_folder[120], new_folder[120];

    open_folder(&f->old_one, old_folder, &f->config.from_store);
    open_folder(&f->new_one, new_folder, &f->config.to_store);
    run_sql(f->db,
            "INSERT INTO job (id, team_id, status, format, bounding_boxes, save_as_template, "
            "credits_per_page, file_bytes, created_ms, updated_ms, model, file_name, document_id) "
            "VALUES ('j1', 't1', 4, 0, 0, 0, 1, 9, 1, 1, 'm', 'a.pdf', "
            "'0123456789abcdef0123456789abcdef')");
    assert_ok(move_run(&f->config, &err));
    assert_memory_equal(f->missing, "1 time", 6);
    assert_int_equal(count_new(f, "SELECT COUNT(*) FROM job"), 1);
    drop_folder(old_folder, &f->config.from_store);
    drop_folder(new_folder, &f->config.to_store);
}

/* Each table of the schema is moved, but for those that are named here with the reason. */
static void
no_table_is_forgotten(void **state)
{
    static const char *const stay[] = {
        "leapocr_schema", "move_state", "move_progress", "move_log", "move_constraint", /* own */
    };
    struct fixture *f = *state;
    struct arena *arena = arena_new(MiB(64));
    struct db_table *tables = NULL;
    struct err err = {0};
    struct db_rows *rows = NULL;
    size_t n = 0, seen = 0;
    bool row = false;
    char name[64];

    assert_ok(db_tables(arena, f->db, &tables, &n, &err));
    assert_ok(db_query(f->db,
                       db_is_shared(f->db)
                           ? "SELECT CAST(tablename AS TEXT) FROM pg_tables WHERE schemaname = "
                             "current_schema() ORDER BY CAST(tablename AS TEXT) COLLATE \"C\""
                           : "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
                       NULL, 0, &rows, &err));
    while (db_next(rows, &row, &err) == ERR_OK && row) {
        bool stays = false;
        assert_true(db_column_copy(rows, 0, name, sizeof(name)));
        for (size_t i = 0; i < ARRAY_LEN(stay); i++)
            stays = stays || strcmp(stay[i], name) == 0;
        if (!stays)
            assert_string_equal(tables[seen++].name, name);
    }
    db_end(&rows);
    assert_int_equal(seen, n);
    arena_drop(&arena);
}

/* Whatever names an object has to be called so, or it is left behind. */
static void
no_object_is_forgotten(void **state)
{
    struct fixture *f = *state;
    struct arena *arena = arena_new(MiB(64));
    struct db_table *tables = NULL;
    struct err err = {0};
    size_t n = 0, found = 0;

    assert_ok(db_tables(arena, f->db, &tables, &n, &err));
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < tables[i].field_count; k++)
            found += object_column(tables[i].name, tables[i].fields[k].name) ? 1 : 0;
    assert_int_equal(found, 4); /* job, upload_part, job_page, extraction: as jobs/find.c looks */
    arena_drop(&arena);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        T(everything_arrives),
        T(the_old_one_is_shut),
        T(what_changes_on_the_way_comes_along),
        T(nothing_is_written_while_it_is_compared),
        T(a_difference_ends_it_and_the_old_one_works_on),
        T(who_comes_later_takes_over),
        T(it_can_be_given_up),
        T(a_place_that_is_in_use_is_refused),
        T(lost_objects_are_told),
        T(no_table_is_forgotten),
        T(no_object_is_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
