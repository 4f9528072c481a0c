/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "account/account.h"
#include "scratch.h"
#include "store/upload.h"

static const char job[] = "00000000-0000-7000-8000-00000000000a";
#define THREE_PARTS (UPLOAD_PART_BYTES * 2 + 7)

struct fixture {
    struct scratch scratch;
    struct db *db;
    struct arena *arena;
};

static int
set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = {0};
    struct principal who;
    bool created = false;

    assert_non_null(f);
    scratch_make(&f->scratch);
    f->arena = arena_new(MiB(4));
    assert_ok(db_open(f->scratch.place, &f->db, &err));
    assert_ok(account_ensure_default(f->db, 0, &who, &created, &err));
    /* An upload belongs to a job; the rest of a job's row does not matter here. */
    assert_ok(db_exec(f->db,
                      "INSERT INTO job (id, team_id, status, format, bounding_boxes, "
                      "save_as_template, credits_per_page, file_bytes, created_ms, updated_ms, "
                      "model, file_name) VALUES ($1, $2, 0, 0, 0, 0, 1, 0, 0, 0, 'm', 'f')",
                      DB_ARGS(db_text(job), db_text(who.team_id)), NULL, &err));
    *state = f;
    return 0;
}

static int
tear_down(void **state)
{
    struct fixture *f = *state;

    arena_drop(&f->arena);
    db_close(&f->db);
    scratch_remove(&f->scratch);
    free(f);
    return 0;
}

static struct upload_part
make_part(uint32_t number, uint64_t size, uint8_t fill)
{
    struct upload_part part = {.number = number, .size = size};

    memset(part.md5, fill, sizeof(part.md5));
    memset(part.sha256, fill, sizeof(part.sha256));
    memset(part.object_id, "0123456789abcdef"[fill & 15], OBJECT_ID_SIZE - 1);
    return part;
}

/* As a table row of a real upload: three parts of the 50 MB that make several parts are cut down
 * by writing the part count directly. */
static struct upload
three_parts(struct fixture *f)
{
    struct err err = {0};
    struct upload upload;
    char displaced[OBJECT_ID_SIZE];

    assert_ok(upload_create(f->db, job, THREE_PARTS, 1000, &upload, &err));
    assert_ok(db_exec(f->db, "UPDATE upload SET part_count = 3", NULL, 0, NULL, &err));
    assert_ok(upload_find(f->db, upload.id, &upload, &err));
    for (uint32_t i = 1; i <= 3; i++) {
        struct upload_part part = make_part(i, i == 3 ? 7 : UPLOAD_PART_BYTES, (uint8_t)(0xa0 + i));
        assert_ok(upload_put_part(f->db, upload.id, &part, displaced, &err));
        assert_string_equal(displaced, "");
    }
    return upload;
}

#define E1 "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
#define E2 "a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2"
#define E3 "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"

static const struct upload_claim right[] = {{1, E1}, {2, E2}, {3, E3}};

static void
files_are_cut_without_gap_or_overlap(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0,
                                     1,
                                     UPLOAD_PART_BYTES,
                                     UPLOAD_SINGLE_BYTES - 1,
                                     UPLOAD_SINGLE_BYTES,
                                     UPLOAD_SINGLE_BYTES + 1,
                                     99999999,
                                     UPLOAD_MAX_BYTES};
    static const uint32_t counts[] = {1, 1, 1, 1, 10, 10, 19, 204};

    for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
        uint64_t next = 0, start, end;
        assert_int_equal(upload_part_count(sizes[i]), counts[i]);
        for (uint32_t number = 1; number <= counts[i]; number++) {
            struct upload upload = {.declared_bytes = sizes[i], .part_count = counts[i]};
            upload_part_range(sizes[i], number, &start, &end);
            assert_int_equal(start, next);
            assert_true(sizes[i] == 0 || (end >= start && end < sizes[i]));
            assert_true(end - start + 1 <= upload_part_ceiling(&upload));
            if (number < counts[i])
                assert_true(end - start + 1 >= UPLOAD_PART_BYTES);
            next = end + 1;
            /* The JavaScript client cuts into equal slices whatever it is told: the same ones. */
            if (number < counts[i])
                assert_int_equal(end - start + 1, (sizes[i] + counts[i] - 1) / counts[i]);
        }
        assert_true(sizes[i] == 0 || next == sizes[i]);
    }
}

static void
uploads_are_found_by_id_and_by_job(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload made, found;

    assert_int_equal(upload_create(f->db, job, UPLOAD_MAX_BYTES + 1, 5, &made, &err), ERR_LIMIT);
    assert_ok(upload_create(f->db, job, 1234, 99, &made, &err));
    assert_ok(upload_find(f->db, made.id, &found, &err));
    assert_string_equal(found.job_id, job);
    assert_int_equal(found.declared_bytes, 1234);
    assert_int_equal(found.expires_ms, 99);
    assert_int_equal(found.state, UPLOAD_OPEN);
    assert_ok(upload_of_job(f->db, job, &found, &err));
    assert_string_equal(found.id, made.id);
    assert_int_equal(upload_find(f->db, job, &found, &err), ERR_NOT_FOUND);
    assert_int_equal(upload_create(f->db, job, 1, 5, &made, &err), ERR_CONFLICT);
}

static void
a_second_put_displaces_the_first_whole(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload upload = three_parts(f);
    struct upload_part part = make_part(2, 5, 0xbb), *parts = NULL;
    char displaced[OBJECT_ID_SIZE];
    size_t n = 0;

    assert_ok(upload_put_part(f->db, upload.id, &part, displaced, &err));
    assert_string_equal(displaced, "22222222222222222222222222222222");
    assert_ok(upload_put_part(f->db, upload.id, &part, displaced, &err));
    assert_string_equal(displaced, "");
    assert_ok(upload_parts(f->arena, f->db, job, &parts, &n, &err));
    assert_int_equal(n, 3);
    assert_memory_equal(&parts[1], &part, sizeof(part));
}

static void
parts_outside_the_upload_are_refused(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload upload = three_parts(f);
    char displaced[OBJECT_ID_SIZE] = "untouched";

    struct upload_part part = make_part(0, 1, 1);
    assert_int_equal(upload_put_part(f->db, upload.id, &part, displaced, &err), ERR_INPUT);
    part.number = 4;
    assert_int_equal(upload_put_part(f->db, upload.id, &part, displaced, &err), ERR_INPUT);
    part = make_part(1, UPLOAD_PART_BYTES + 1, 1);
    assert_int_equal(upload_put_part(f->db, upload.id, &part, displaced, &err), ERR_LIMIT);
    part = make_part(1, 1, 1);
    assert_int_equal(upload_put_part(f->db, "none", &part, displaced, &err), ERR_NOT_FOUND);
    assert_string_equal(displaced, "untouched");
}

static void
lists_that_are_wrong_say_what_is_wrong(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload upload = three_parts(f);
    static const struct {
        struct upload_claim claims[5];
        size_t n;
        const char *says;
    } table[] = {
        {{{0}}, 0, "part 1 is missing"},
        {{{1, E1}}, 1, "part 2 is missing"},
        {{{1, E1}, {2, E2}}, 2, "part 3 is missing"},
        {{{1, E1}, {3, E3}}, 2, "part 2 is missing"},
        {{{2, E2}, {3, E3}}, 2, "part 1 is missing"},
        {{{0, E1}, {1, E1}, {2, E2}, {3, E3}}, 4, "part_number 0: numbers begin with 1"},
        {{{-1, E1}}, 1, "part_number -1: numbers begin with 1"},
        {{{INT64_MIN, E1}}, 1, "numbers begin with 1"},
        {{{1, E1}, {2, E2}, {3, E3}, {4, E1}}, 4, "part_number 4: this upload has 3 parts"},
        {{{INT64_MAX, E1}}, 1, "this upload has 3 parts"},
        {{{2147483649, E1}}, 1, "this upload has 3 parts"},
        {{{1, E1}, {1, E1}, {2, E2}, {3, E3}}, 4, "part 1 is listed twice"},
        {{{1, E1}, {2, E2}, {3, E3}, {1, E1}}, 4, "part 1 is listed twice"},
        {{{1, E1}, {2, E2}, {3, E3}, {3, E3}}, 4, "part 3 is listed twice"},
        {{{3, E3}, {2, E2}, {1, E1}}, 3, "part 3 stands before part 1"},
        {{{1, E1}, {3, E3}, {2, E2}}, 3, "part 3 stands before part 2"},
        {{{1, E1}, {2, E3}, {3, E3}}, 3, "part 2: etag differs"},
        {{{1, NULL}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, ""}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, "\""}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, "\"\""}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, "W/\"" E1 "\""}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, "\"" E1}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, E1 "\""}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, "'" E1 "'"}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, " " E1}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, E1 " "}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, E1 "-2"}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, E1 E1}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, "\"\"" E1 "\"\""}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
        {{{1, "g1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"}, {2, E2}, {3, E3}}, 3, "part 1: etag must be"},
    };

    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        uint64_t total = 77;
        enum err_code rc = upload_seal(f->db, upload.id, table[i].claims, table[i].n, &total, &err);
        if (rc != ERR_INPUT || strstr(err.msg, table[i].says) == NULL)
            fail_msg("row %zu: code %d, '%s'", i, rc, err.msg);
        assert_int_equal(total, 77);
        assert_ok(upload_find(f->db, upload.id, &upload, &err));
        assert_int_equal(upload.state, UPLOAD_OPEN);
    }
    uint64_t total = 0;
    assert_ok(upload_seal(f->db, upload.id, right, 3, &total, &err));
    assert_int_equal(total, THREE_PARTS);
}

static void
what_was_not_uploaded_cannot_be_sealed(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload upload = three_parts(f);
    uint64_t total = 0;
    char displaced[OBJECT_ID_SIZE];

    assert_ok(db_exec(f->db, "DELETE FROM upload_part WHERE number = 2", NULL, 0, NULL, &err));
    assert_int_equal(upload_seal(f->db, upload.id, right, 3, &total, &err), ERR_INPUT);
    assert_string_equal(err.msg, "part 2 was not uploaded");
    struct upload_part part = make_part(2, UPLOAD_PART_BYTES - 1, 0xa2);
    assert_ok(upload_put_part(f->db, upload.id, &part, displaced, &err));
    assert_int_equal(upload_seal(f->db, upload.id, right, 3, &total, &err), ERR_INPUT);
    assert_string_equal(err.msg, "the parts have 10485766 bytes together, file_size said 10485767");
    assert_int_equal(upload_seal(f->db, "none", right, 3, &total, &err), ERR_NOT_FOUND);
}

static void
etags_may_have_quotes_and_either_case(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload upload = three_parts(f);
    uint64_t total = 0;
    static const struct upload_claim quoted[] = {
        {1, "\"" E1 "\""}, {2, "A2a2A2a2a2a2a2a2a2a2a2a2a2a2a2A2"}, {3, E3}};

    assert_ok(upload_seal(f->db, upload.id, quoted, 3, &total, &err));
}

static void
a_seal_can_be_repeated_but_not_changed(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload upload = three_parts(f);
    char displaced[OBJECT_ID_SIZE];
    uint64_t total = 0;
    static const struct upload_claim other[] = {{1, E1}, {2, E2}, {3, E1}};

    assert_ok(upload_seal(f->db, upload.id, right, 3, &total, &err));
    total = 0;
    assert_ok(upload_seal(f->db, upload.id, right, 3, &total, &err));
    assert_int_equal(total, THREE_PARTS);
    assert_int_equal(upload_seal(f->db, upload.id, other, 3, &total, &err), ERR_CONFLICT);
    assert_int_equal(upload_seal(f->db, upload.id, right, 2, &total, &err), ERR_CONFLICT);
    struct upload_part part = make_part(1, 1, 9);
    assert_int_equal(upload_put_part(f->db, upload.id, &part, displaced, &err), ERR_CONFLICT);
}

static void
a_file_of_unknown_size_is_one_part(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload upload;
    struct upload_part part = make_part(1, UPLOAD_MAX_BYTES, 0xa1);
    char displaced[OBJECT_ID_SIZE];
    uint64_t total = 0;

    assert_ok(upload_create(f->db, job, 0, 1000, &upload, &err));
    assert_int_equal(upload.part_count, 1);
    assert_ok(upload_put_part(f->db, upload.id, &part, displaced, &err));
    assert_ok(upload_seal(f->db, upload.id, right, 1, &total, &err));
    assert_int_equal(total, UPLOAD_MAX_BYTES);
}

static void
joining_gives_up_the_parts_objects_once(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload upload = three_parts(f);
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;
    uint64_t total = 0;

    assert_ok(upload_seal(f->db, upload.id, right, 3, &total, &err));
    assert_ok(
        upload_joined(f->arena, f->db, job, "33333333333333333333333333333333", &ids, &n, &err));
    assert_int_equal(n, 2);
    assert_string_equal(ids[0], "11111111111111111111111111111111");
    assert_string_equal(ids[1], "22222222222222222222222222222222");
    assert_ok(
        upload_joined(f->arena, f->db, job, "33333333333333333333333333333333", &ids, &n, &err));
    assert_int_equal(n, 0);
    assert_ok(upload_seal(f->db, upload.id, right, 3, &total, &err));
}

static void
forgetting_names_every_object(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct upload upload = three_parts(f);
    char(*ids)[OBJECT_ID_SIZE] = NULL;
    size_t n = 0;

    assert_ok(upload_forget(f->arena, f->db, job, &ids, &n, &err));
    assert_int_equal(n, 3);
    assert_int_equal(upload_find(f->db, upload.id, &upload, &err), ERR_NOT_FOUND);
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM upload_part"), 0);
    assert_ok(upload_forget(f->arena, f->db, job, &ids, &n, &err));
    assert_int_equal(n, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_cut_without_gap_or_overlap),
        cmocka_unit_test_setup_teardown(uploads_are_found_by_id_and_by_job, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_put_displaces_the_first_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parts_outside_the_upload_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lists_that_are_wrong_say_what_is_wrong, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_was_not_uploaded_cannot_be_sealed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(etags_may_have_quotes_and_either_case, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_seal_can_be_repeated_but_not_changed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_file_of_unknown_size_is_one_part, set_up, tear_down),
        cmocka_unit_test_setup_teardown(joining_gives_up_the_parts_objects_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(forgetting_names_every_object, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
