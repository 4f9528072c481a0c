/* SPDX-License-Identifier: AGPL-3.0-or-later
 * What is on the disk when, and what becomes of a handle whose disk fails or is full. */
#include "fixture.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void
a_failed_fsync_ends_the_handle_unacknowledged(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    assert_ok(add(f->db, "before", &err));
    atomic_store(&sync_failing, 1);
    assert_int_equal(add(f->db, "lost", &err), ERR_SYSTEM);
    assert_true(db_is_dead(f->db));
    assert_int_equal(add(f->db, "later", &err), ERR_SYSTEM);
    assert_non_null(strstr(err.msg, "dead"));
    db_close(&f->db);
    assert_ok(db_open(f->scratch.place, &f->db, &err));
    assert_int_equal(
        scratch_number(f->db, "SELECT COUNT(*) FROM organization WHERE id IN ('before', 'later')"),
        1);
    assert_ok(add(f->db, "after", &err));
}

/* The log is written into the file after the commit is safe: the commit stands, the handle ends. */
static void
a_failed_fsync_of_the_checkpoint_is_not_forgotten(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    char id[32];
    int rounds = 0;

    while (!db_is_dead(f->db) && rounds < 100000) {
        snprintf(id, sizeof(id), "%d", rounds++);
        /* A commit syncs the log once; from the second call on it is the checkpoint's. */
        atomic_store(&sync_failing, 2);
        assert_ok(add(f->db, id, &err));
    }
    assert_true(db_is_dead(f->db));
    atomic_store(&sync_failing, 0);
    db_close(&f->db);
    assert_ok(db_open(f->scratch.place, &f->db, &err));
    assert_int_equal(scratch_number(f->db, "SELECT COUNT(*) FROM organization"), rounds);
}

static void
every_commit_is_synced(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};

    for (int i = 0; i < 50; i++) {
        char id[16];
        snprintf(id, sizeof(id), "%d", i);
        int before = atomic_load(&sync_calls);
        assert_ok(add(f->db, id, &err));
        assert_true(atomic_load(&sync_calls) > before);
    }
}

static void
deleted_text_leaves_file_and_log(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    static const char secret[] = "canary-7f3a9c-canary";
    struct arena *arena = arena_new(MiB(8));
    char log[128];

    assert_ok(db_exec(f->db, insert_organization,
                      DB_ARGS(db_text("id"), db_text(secret), db_int(1)), NULL, &err));
    assert_ok(db_exec(f->db, "DELETE FROM organization", NULL, 0, NULL, &err));
    assert_ok(db_checkpoint(f->db, &err));
    snprintf(log, sizeof(log), "%s-wal", f->scratch.place);
    const char *const files[] = {f->scratch.place, log};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct span bytes;
        assert_ok(fd_load_file(arena, AT_FDCWD, files[i], MiB(4), &bytes, &err));
        assert_null(bytes.len == 0 ? NULL : memmem(bytes.data, bytes.len, secret, strlen(secret)));
    }
    arena_drop(&arena);
}

static void
the_log_stays_bounded(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct stat st;
    char log[128], id[32];
    static char text[4000];

    memset(text, 'x', sizeof(text) - 1);
    for (int i = 0; i < 20000; i++) {
        snprintf(id, sizeof(id), "%d", i);
        assert_ok(db_exec(f->db, insert_organization,
                          DB_ARGS(db_text(id), db_text(text), db_int(1)), NULL, &err));
    }
    snprintf(log, sizeof(log), "%s-wal", f->scratch.place);
    assert_int_equal(stat(log, &st), 0);
    assert_true(st.st_size < (off_t)MiB(16));
}

static void
the_handle_says_how_durable_it_is(void **state)
{
    struct fixture *f = *state;
    struct err err = {0};
    struct buf text;

    buf_init(&text, 1000);
    assert_ok(db_describe(f->db, &text, &err));
    assert_non_null(strstr(buf_text(&text), "write-ahead log, synchronous full"));
    assert_non_null(strstr(buf_text(&text), "secure delete on"));
    buf_fini(&text);
}

/* Runs in a child with a file system of its own; 77: not allowed here. */
static int
fill_small_disk(const char *folder)
{
    struct err err = {0};
    struct db *db = NULL;
    char place[128], id[32];
    static char text[3000];
    enum err_code rc = ERR_OK;
    int stored = 0;

    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("none", folder, "tmpfs", 0, "size=2m") != 0)
        return 77;
    snprintf(place, sizeof(place), "%s/small.db", folder);
    memset(text, 'x', sizeof(text) - 1);
    if (db_open(place, &db, &err) != ERR_OK)
        return 1;
    while (rc == ERR_OK) {
        snprintf(id, sizeof(id), "%d", stored);
        rc = db_exec(db, insert_organization, DB_ARGS(db_text(id), db_text(text), db_int(1)), NULL,
                     &err);
        stored += rc == ERR_OK;
    }
    if (rc != ERR_STORAGE_FULL || db_is_dead(db))
        return 2;
    if (scratch_number(db, "SELECT COUNT(*) FROM organization") != stored)
        return 3;
    /* Room again: the same handle goes on. */
    if (mount("none", folder, "tmpfs", MS_REMOUNT, "size=8m") != 0)
        return 77;
    if (add(db, "more", &err) != ERR_OK)
        return 4;
    db_close(&db);
    if (db_open(place, &db, &err) != ERR_OK)
        return 5;
    if (scratch_number(db, "SELECT COUNT(*) FROM organization") != stored + 1)
        return 6;
    db_close(&db);
    return 0;
}

static void
a_full_disk_is_told_and_survived(void **state)
{
    (void)state;
    struct scratch scratch;
    int status = 0;

    scratch_make(&scratch);
    pid_t child = fork();
    if (child == 0)
        _exit(fill_small_disk(scratch.folder));
    waitpid(child, &status, 0);
    scratch_remove(&scratch);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77) {
        print_message("a small tmpfs cannot be mounted here: needs root\n");
        skip();
    }
    assert_int_equal(status, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_failed_fsync_ends_the_handle_unacknowledged, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_failed_fsync_of_the_checkpoint_is_not_forgotten, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(every_commit_is_synced, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deleted_text_leaves_file_and_log, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_log_stays_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_handle_says_how_durable_it_is, set_up, tear_down),
        cmocka_unit_test(a_full_disk_is_told_and_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
