/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/arena.h"
#include "cmd/outlet.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static char folder[64], path[128];

static int
make_folder(void **state)
{
    (void)state;
    snprintf(folder, sizeof(folder), "/tmp/leapocr-outlet-XXXXXX");
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(path, sizeof(path), "%s/book.md", folder);
    return 0;
}

static int
remove_folder(void **state)
{
    (void)state;
    (void)unlink(path);
    return rmdir(folder); /* fails if anything else was left */
}

static void
expect_content(const char *content)
{
    struct arena *arena = arena_new(KiB(64));
    struct span got;
    struct err err;

    assert_int_equal(fd_load_file(arena, AT_FDCWD, path, KiB(16), &got, &err), ERR_OK);
    assert_true(span_equal(got, span_of(content)));
    arena_drop(&arena);
}

static void
a_file_is_there_when_it_is_whole(void **state)
{
    struct outlet outlet;
    struct err err;

    (void)state;
    assert_int_equal(outlet_open(&outlet, path, &err), ERR_OK);
    buf_string(&outlet.out, "one ");
    assert_int_equal(outlet_write(&outlet, span_of("two "), &err), ERR_OK);
    buf_string(&outlet.out, "three");
    assert_int_not_equal(access(path, F_OK), 0);
    assert_int_equal(outlet_end(&outlet, &err), ERR_OK);
    outlet_close(&outlet);
    expect_content("one two three");
}

static void
what_is_not_ended_leaves_the_old_file(void **state)
{
    struct outlet outlet;
    struct err err;

    (void)state;
    assert_int_equal(outlet_put_file(path, span_of("old"), &err), ERR_OK);
    assert_int_equal(outlet_open(&outlet, path, &err), ERR_OK);
    assert_int_equal(outlet_write(&outlet, span_of("new"), &err), ERR_OK);
    outlet_close(&outlet);
    expect_content("old");
}

static void
a_folder_that_is_not_there_is_an_error(void **state)
{
    struct outlet outlet;
    struct err err;

    (void)state;
    assert_int_not_equal(outlet_open(&outlet, "/proc/no/such/folder/a.md", &err), ERR_OK);
    outlet_close(&outlet);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_file_is_there_when_it_is_whole, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(what_is_not_ended_leaves_the_old_file, make_folder,
                                        remove_folder),
        cmocka_unit_test(a_folder_that_is_not_there_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
