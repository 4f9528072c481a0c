/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The object store through its header. System calls that durability rests on go through wrappers
 * (the linker's --wrap), which note their order and make the n-th of them fail. */
#include "base/fdio.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the wrappers --- */

static char calls[4096]; /* one letter a call: w write, s fsync, m mkdirat, r renameat, l linkat */
static int fail_at;      /* number of the call that fails, from 1; 0: none */
static int fail_errno;
static int call_count;
static bool no_copy_range; /* copy_file_range is "not implemented" */
static bool no_links;

static void
watch_calls(int fail_call, int number)
{
    calls[0] = '\0';
    call_count = 0;
    fail_at = fail_call;
    fail_errno = number;
}

static bool
noted(char letter)
{
    size_t used = strlen(calls);

    if (used + 1 < sizeof(calls)) {
        calls[used] = letter;
        calls[used + 1] = '\0';
    }
    if (++call_count != fail_at)
        return false;
    errno = fail_errno;
    return true;
}

ssize_t __real_write(int fd, const void *bytes, size_t len);
ssize_t __wrap_write(int fd, const void *bytes, size_t len);
int __real_fsync(int fd);
int __wrap_fsync(int fd);
int __real_mkdirat(int fd, const char *name, mode_t mode);
int __wrap_mkdirat(int fd, const char *name, mode_t mode);
int __real_renameat(int from, const char *old, int to, const char *name);
int __wrap_renameat(int from, const char *old, int to, const char *name);
int __real_linkat(int from, const char *old, int to, const char *name, int flags);
int __wrap_linkat(int from, const char *old, int to, const char *name, int flags);
ssize_t __real_copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t len,
                               unsigned flags);
ssize_t __wrap_copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t len,
                               unsigned flags);

ssize_t
__wrap_write(int fd, const void *bytes, size_t len)
{
    return noted('w') ? -1 : __real_write(fd, bytes, len);
}

int
__wrap_fsync(int fd)
{
    return noted('s') ? -1 : __real_fsync(fd);
}

int
__wrap_mkdirat(int fd, const char *name, mode_t mode)
{
    return noted('m') ? -1 : __real_mkdirat(fd, name, mode);
}

int
__wrap_renameat(int from, const char *old, int to, const char *name)
{
    return noted('r') ? -1 : __real_renameat(from, old, to, name);
}

int
__wrap_linkat(int from, const char *old, int to, const char *name, int flags)
{
    if (no_links) {
        errno = EPERM;
        return -1;
    }
    return noted('l') ? -1 : __real_linkat(from, old, to, name, flags);
}

ssize_t
__wrap_copy_file_range(int in, off64_t *in_at, int out, off64_t *out_at, size_t len, unsigned flags)
{
    if (no_copy_range) {
        errno = ENOSYS;
        return -1;
    }
    if (noted('c'))
        return -1;
    /* Short copies, as the kernel may give them. */
    return __real_copy_file_range(in, in_at, out, out_at, len > 1000 ? 1000 : len, flags);
}

/* --- the folder under test --- */

struct place {
    char dir[64];
    struct store *store;
};

static int
set_up(void **state)
{
    struct place *place = calloc(1, sizeof(*place));
    struct err err;

    assert_non_null(place);
    watch_calls(0, 0);
    no_copy_range = no_links = false;
    snprintf(place->dir, sizeof(place->dir), "/tmp/leapocr-store-XXXXXX");
    assert_non_null(mkdtemp(place->dir));
    assert_int_equal(
        store_open(&(struct store_config){.dir = place->dir, .sole = true}, &place->store, &err),
        ERR_OK);
    *state = place;
    return 0;
}

static int
tear_down(void **state)
{
    struct place *place = *state;
    char command[128];

    store_close(&place->store);
    snprintf(command, sizeof(command), "rm -rf '%s'", place->dir);
    assert_int_equal(system(command), 0);
    free(place);
    return 0;
}

static struct store_written
write_object(struct store *store, const char *bytes)
{
    struct store_sink *sink;
    struct store_written written;
    struct err err;

    assert_int_equal(sink_open(store, 1000000, &sink, &err), ERR_OK);
    assert_int_equal(sink_write(sink, span_of(bytes), &err), ERR_OK);
    assert_int_equal(sink_commit(&sink, &written, &err), ERR_OK);
    assert_null(sink);
    return written;
}

static void
assert_holds(const struct store *store, const char *id, const char *bytes)
{
    uint64_t size;
    int fd;
    struct err err;

    assert_int_equal(store_fetch(store, id, &fd, &size, &err), ERR_OK);
    assert_int_equal(size, strlen(bytes));
    char *found = malloc(size + 1);
    assert_non_null(found);
    assert_int_equal(fd_read_exact(fd, found, size, &err), ERR_OK);
    assert_memory_equal(found, bytes, size);
    free(found);
    close(fd);
}

static enum err_code
count_object(void *ctx, const char *id, struct err *err)
{
    (void)err;
    assert_int_equal(strlen(id), OBJECT_ID_SIZE - 1);
    ++*(int *)ctx;
    return ERR_OK;
}

static int
object_count(const struct store *store)
{
    int n = 0;
    struct err err;

    assert_int_equal(store_walk(store, -1000, count_object, &n, &err), ERR_OK);
    return n;
}

static int
tmp_count(const struct place *place)
{
    char command[128];
    int n = -1;

    snprintf(command, sizeof(command), "ls -A '%s/tmp' | wc -l", place->dir);
    FILE *out = popen(command, "r");
    assert_non_null(out);
    assert_int_equal(fscanf(out, "%d", &n), 1);
    pclose(out);
    return n;
}

/* --- the tests --- */

static void
what_was_written_is_found_with_its_digests(void **state)
{
    struct place *place = *state;
    struct store_written written = write_object(place->store, "abc");
    char hex[SHA256_HEX_SIZE], path[256];
    struct stat st;

    assert_int_equal(written.size, 3);
    hash_hex(written.md5, MD5_SIZE, hex);
    assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
    hash_hex(written.sha256, SHA256_SIZE, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_holds(place->store, written.id, "abc");
    snprintf(path, sizeof(path), "%s/objects/%.2s/%.2s/%s", place->dir, written.id, written.id + 2,
             written.id);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0400);
    assert_int_equal(tmp_count(place), 0);
}

static void
folders_are_closed_to_others(void **state)
{
    struct place *place = *state;
    struct stat st;
    char path[128];
    struct err err;

    snprintf(path, sizeof(path), "%s/objects", place->dir);
    assert_int_equal(chmod(path, 0755), 0);
    store_close(&place->store);
    assert_int_equal(
        store_open(&(struct store_config){.dir = place->dir, .sole = false}, &place->store, &err),
        ERR_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void
an_object_is_acknowledged_only_after_its_syncs(void **state)
{
    struct place *place = *state;

    watch_calls(0, 0);
    (void)write_object(place->store, "abc");
    /* file, objects/, objects/aa/, then the name in its folder */
    assert_string_equal(calls, "wsmsmsrs");
    watch_calls(0, 0);
}

static void
a_failing_call_leaves_nothing_and_is_not_tried_again(void **state)
{
    struct place *place = *state;
    static const int numbers[] = {EIO, ENOSPC};
    struct store_written written;
    struct store_sink *sink;
    struct err err;
    int failures = 0;

    for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
        for (int n = 1;; n++) {
            assert_int_equal(sink_open(place->store, 100, &sink, &err), ERR_OK);
            watch_calls(n, numbers[i]);
            enum err_code rc = sink_write(sink, span_of("abc"), &err);
            enum err_code committed = sink_commit(&sink, &written, &err);
            bool reached = call_count >= n;
            watch_calls(0, 0);
            assert_null(sink);
            assert_int_equal(tmp_count(place), 0);
            if (!reached) {
                assert_int_equal(committed, ERR_OK);
                assert_int_equal(store_remove(place->store, written.id, &err), ERR_OK);
                break;
            }
            failures++;
            assert_int_equal(committed, numbers[i] == ENOSPC ? ERR_STORAGE_FULL : ERR_SYSTEM);
            assert_true(rc == ERR_OK || rc == committed);
            assert_int_equal(object_count(place->store), 0);
        }
    }
    assert_true(failures >= 14);
}

static void
a_sink_stops_at_its_limit(void **state)
{
    struct place *place = *state;
    struct store_sink *sink;
    struct store_written written;
    struct err err;

    assert_int_equal(sink_open(place->store, 5, &sink, &err), ERR_OK);
    assert_int_equal(sink_write(sink, span_of("12345"), &err), ERR_OK);
    assert_int_equal(sink_write(sink, span_of(""), &err), ERR_OK);
    assert_int_equal(sink_write(sink, span_of("6"), &err), ERR_LIMIT);
    assert_int_equal(sink_write(sink, span_of(""), &err), ERR_LIMIT);
    assert_int_equal(sink_commit(&sink, &written, &err), ERR_LIMIT);
    assert_null(sink);
    assert_int_equal(sink_open(place->store, 5, &sink, &err), ERR_OK);
    assert_int_equal(sink_write(sink, span_of("123456"), &err), ERR_LIMIT);
    sink_abort(&sink);
    sink_abort(&sink);
    assert_int_equal(tmp_count(place), 0);
    assert_int_equal(object_count(place->store), 0);
}

static void
large_objects_pass_through(void **state)
{
    struct place *place = *state;
    struct store_sink *sink;
    struct store_written written;
    struct err err;
    static uint8_t piece[MiB(1)];

    assert_int_equal(sink_open(place->store, MiB(20), &sink, &err), ERR_OK);
    for (int i = 0; i < 20; i++)
        assert_int_equal(sink_write(sink, (struct span){piece, sizeof(piece)}, &err), ERR_OK);
    assert_int_equal(sink_commit(&sink, &written, &err), ERR_OK);
    assert_int_equal(written.size, MiB(20));
    char hex[MD5_HEX_SIZE];
    hash_hex(written.md5, MD5_SIZE, hex);
    assert_string_equal(hex, "8f4e33f3dc3e414ff94e5fb6905cba8c");
}

static void
ids_that_are_none_are_refused(void **state)
{
    struct place *place = *state;
    static const char *const bad[] = {
        "",
        "../../../../etc/passwd",
        "0123456789abcdef0123456789abcde",
        "0123456789abcdef0123456789abcdef0",
        "0123456789ABCDEF0123456789ABCDEF",
        "0123456789abcdef/123456789abcdef",
        "..23456789abcdef0123456789abcdef",
    };
    uint64_t size;
    int fd;
    char id[OBJECT_ID_SIZE];
    struct err err;

    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        assert_int_equal(store_fetch(place->store, bad[i], &fd, &size, &err), ERR_INPUT);
        assert_int_equal(store_remove(place->store, bad[i], &err), ERR_INPUT);
        assert_int_equal(store_join(place->store, &bad[i], 1, id, &size, &err), ERR_INPUT);
    }
    static const char *const unknown = "0123456789abcdef0123456789abcdef";
    assert_int_equal(store_fetch(place->store, unknown, &fd, &size, &err), ERR_NOT_FOUND);
    assert_int_equal(store_join(place->store, &unknown, 1, id, &size, &err), ERR_NOT_FOUND);
    assert_int_equal(store_join(place->store, &unknown, 0, id, &size, &err), ERR_INPUT);
    assert_int_equal(store_remove(place->store, unknown, &err), ERR_OK);
}

static void
symbolic_links_are_not_followed(void **state)
{
    struct place *place = *state;
    struct store_written written = write_object(place->store, "abc");
    char path[512], folder[256], moved[128], other[128];
    uint64_t size;
    int fd;
    struct err err;

    snprintf(folder, sizeof(folder), "%s/objects/%.2s/%.2s", place->dir, written.id,
             written.id + 2);
    snprintf(path, sizeof(path), "%s/%s", folder, written.id);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/passwd", path), 0);
    assert_int_equal(store_fetch(place->store, written.id, &fd, &size, &err), ERR_SYSTEM);
    assert_int_equal(object_count(place->store), 0);
    assert_int_equal(unlink(path), 0);
    /* a folder replaced by a link */
    snprintf(moved, sizeof(moved), "%s/elsewhere", place->dir);
    assert_int_equal(rename(folder, moved), 0);
    assert_int_equal(symlink(moved, folder), 0);
    assert_int_equal(store_fetch(place->store, written.id, &fd, &size, &err), ERR_SYSTEM);
    /* objects/ itself a link: no start */
    snprintf(other, sizeof(other), "%s/d", place->dir);
    assert_int_equal(mkdir(other, 0700), 0);
    snprintf(path, sizeof(path), "%s/objects", other);
    assert_int_equal(symlink(moved, path), 0);
    struct store *second = NULL;
    assert_int_equal(store_open(&(struct store_config){.dir = other, .sole = false}, &second, &err),
                     ERR_SYSTEM);
    assert_null(second);
}

static void
join_once(struct store *store, const char *const *ids, size_t n, const char *expected)
{
    char id[OBJECT_ID_SIZE];
    uint64_t size = 0;
    struct err err;

    assert_int_equal(store_join(store, ids, n, id, &size, &err), ERR_OK);
    assert_int_equal(size, strlen(expected));
    assert_holds(store, id, expected);
    for (size_t i = 0; i < n; i++)
        assert_string_not_equal(id, ids[i]);
    assert_int_equal(store_remove(store, id, &err), ERR_OK);
    assert_holds(store, ids[0], "one,");
}

static void
joined_objects_follow_one_another(void **state)
{
    struct place *place = *state;
    struct store_written a = write_object(place->store, "one,");
    char long_text[5000];
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    struct store_written b = write_object(place->store, long_text);
    struct store_written c = write_object(place->store, "");
    const char *ids[] = {a.id, b.id, c.id, a.id};
    char expected[6000];

    snprintf(expected, sizeof(expected), "one,%sone,", long_text);
    for (int way = 0; way < 4; way++) {
        no_copy_range = way & 1;
        no_links = way & 2;
        join_once(place->store, ids, 4, expected);
        join_once(place->store, ids, 1, "one,");
    }
    no_copy_range = no_links = false;
    assert_int_equal(object_count(place->store), 3);
    assert_int_equal(tmp_count(place), 0);
}

static void
one_object_is_joined_by_a_second_name(void **state)
{
    struct place *place = *state;
    struct store_written a = write_object(place->store, "abc");
    const char *ids[] = {a.id};
    char id[OBJECT_ID_SIZE];
    uint64_t size;
    struct err err;

    watch_calls(0, 0);
    assert_int_equal(store_join(place->store, ids, 1, id, &size, &err), ERR_OK);
    assert_string_equal(calls, "msmsls");
    watch_calls(0, 0);
    assert_int_equal(store_remove(place->store, a.id, &err), ERR_OK);
    assert_holds(place->store, id, "abc");
}

static void
a_failing_join_leaves_nothing(void **state)
{
    struct place *place = *state;
    struct store_written a = write_object(place->store, "one,");
    struct store_written b = write_object(place->store, "two");
    const char *ids[] = {a.id, b.id};
    char id[OBJECT_ID_SIZE];
    uint64_t size;
    struct err err;

    for (size_t parts = 1; parts <= 2; parts++) {
        for (int n = 1;; n++) {
            watch_calls(n, EIO);
            enum err_code rc = store_join(place->store, ids, parts, id, &size, &err);
            bool reached = call_count >= n;
            watch_calls(0, 0);
            assert_int_equal(tmp_count(place), 0);
            if (!reached) {
                assert_int_equal(rc, ERR_OK);
                assert_int_equal(store_remove(place->store, id, &err), ERR_OK);
                break;
            }
            assert_int_equal(rc, ERR_SYSTEM);
            assert_int_equal(object_count(place->store), 2);
        }
    }
}

static void
removed_is_gone_and_synced(void **state)
{
    struct place *place = *state;
    struct store_written a = write_object(place->store, "abc");
    uint64_t size;
    int fd;
    struct err err;

    watch_calls(0, 0);
    assert_int_equal(store_remove(place->store, a.id, &err), ERR_OK);
    assert_string_equal(calls, "s");
    assert_int_equal(store_fetch(place->store, a.id, &fd, &size, &err), ERR_NOT_FOUND);
    assert_int_equal(store_remove(place->store, a.id, &err), ERR_OK);
    watch_calls(1, EIO);
    assert_int_equal(store_remove(place->store, a.id, &err), ERR_SYSTEM);
    watch_calls(0, 0);
}

static enum err_code
remove_seen(void *ctx, const char *id, struct err *err)
{
    return store_remove(ctx, id, err);
}

static enum err_code
stop_at_once(void *ctx, const char *id, struct err *err)
{
    ++*(int *)ctx;
    return err_set(err, ERR_CONFLICT, "%s", id);
}

static void
a_walk_sees_the_old_and_spares_the_young(void **state)
{
    struct place *place = *state;
    int n = 0;
    struct err err;

    for (int i = 0; i < 40; i++)
        (void)write_object(place->store, "abc");
    assert_int_equal(object_count(place->store), 40);
    assert_int_equal(store_walk(place->store, 60000, count_object, &n, &err), ERR_OK);
    assert_int_equal(n, 0);
    assert_int_equal(store_walk(place->store, -1000, stop_at_once, &n, &err), ERR_CONFLICT);
    assert_int_equal(n, 1);
    assert_int_equal(store_walk(place->store, -1000, remove_seen, place->store, &err), ERR_OK);
    assert_int_equal(object_count(place->store), 0);
}

static void
only_the_sole_owner_empties_tmp(void **state)
{
    struct place *place = *state;
    struct store_sink *sink;
    struct store *second;
    struct err err;

    assert_int_equal(sink_open(place->store, 10, &sink, &err), ERR_OK);
    assert_int_equal(
        store_open(&(struct store_config){.dir = place->dir, .sole = false}, &second, &err),
        ERR_OK);
    store_close(&second);
    assert_int_equal(tmp_count(place), 1);
    assert_int_equal(
        store_open(&(struct store_config){.dir = place->dir, .sole = true}, &second, &err), ERR_OK);
    store_close(&second);
    assert_int_equal(tmp_count(place), 0);
    sink_abort(&sink);
}

static void
space_is_told(void **state)
{
    struct place *place = *state;
    uint64_t free_bytes, total;
    struct err err;

    assert_int_equal(store_space(place->store, &free_bytes, &total, &err), ERR_OK);
    assert_true(total > 0 && free_bytes <= total);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_is_found_with_its_digests),
        TEST(folders_are_closed_to_others),
        TEST(an_object_is_acknowledged_only_after_its_syncs),
        TEST(a_failing_call_leaves_nothing_and_is_not_tried_again),
        TEST(a_sink_stops_at_its_limit),
        TEST(large_objects_pass_through),
        TEST(ids_that_are_none_are_refused),
        TEST(symbolic_links_are_not_followed),
        TEST(joined_objects_follow_one_another),
        TEST(one_object_is_joined_by_a_second_name),
        TEST(a_failing_join_leaves_nothing),
        TEST(removed_is_gone_and_synced),
        TEST(a_walk_sees_the_old_and_spares_the_young),
        TEST(only_the_sole_owner_empties_tmp),
        TEST(space_is_told),
    };
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
