/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/db/scratch.h - a folder of its own for each test with a database, gone afterwards.
 * With LEAPOCR_TEST_POSTGRES (tests/support/postgres.py) the database is one on that server. */
#pragma once

#include "base/fdio.h"
#include "db/db.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct scratch {
    char folder[64];
    char place[96]; /* of a database in it, or on the tests' server */
};

static inline bool
scratch_on_server(void)
{
    return getenv("LEAPOCR_TEST_POSTGRES") != NULL;
}

/* order: "CREATE DATABASE %s" or another of a database's name. */
static inline void
scratch_order(const struct scratch *scratch, const char *order, const char *more)
{
    char command[512];

    snprintf(command, sizeof(command), "psql -q -d %s/postgres -c '%s \"%s\" %s' >/dev/null",
             getenv("LEAPOCR_TEST_POSTGRES"), order, strrchr(scratch->place, '/') + 1, more);
    assert_int_equal(system(command), 0);
}

#define assert_ok(call) assert_code(ERR_OK, (call), &err)
#define assert_code(want, call, why)                                                               \
    do {                                                                                           \
        enum err_code code_ = (call);                                                              \
        if (code_ != (want))                                                                       \
            fail_msg("%s: %s (%s)", #call, err_reason(code_), (why)->msg);                         \
    } while (0)

static inline void
scratch_make(struct scratch *scratch)
{
    const char *base = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";

    snprintf(scratch->folder, sizeof(scratch->folder), "%s/leapocr-test-XXXXXX", base);
    assert_non_null(mkdtemp(scratch->folder));
    snprintf(scratch->place, sizeof(scratch->place), "%s/leapocr.db", scratch->folder);
    const char *server = getenv("LEAPOCR_TEST_POSTGRES");
    if (server != NULL) {
        snprintf(scratch->place, sizeof(scratch->place), "%s/%s", server,
                 strrchr(scratch->folder, '/') + 1);
        scratch_order(scratch, "CREATE DATABASE", "");
    }
}

static inline void
scratch_remove(struct scratch *scratch)
{
    DIR *dir = opendir(scratch->folder);

    if (scratch_on_server())
        scratch_order(scratch, "DROP DATABASE", "WITH (FORCE)");

    for (struct dirent *entry; dir != NULL && (entry = readdir(dir)) != NULL;)
        unlinkat(dirfd(dir), entry->d_name, 0);
    if (dir != NULL)
        closedir(dir);
    rmdir(scratch->folder);
}

/* For tests of thousands of transactions: a power cut is not what they try. */
static inline void
scratch_be_quick(struct db *db)
{
    struct err err = {0};

    if (!scratch_on_server())
        assert_ok(db_exec(db, "PRAGMA synchronous = OFF", NULL, 0, NULL, &err));
}

/* One number out of a query without arguments. */
static inline int64_t
scratch_number(struct db *db, const char *sql)
{
    struct err err = {0};
    struct db_rows *rows = NULL;

    assert_ok(db_first(db, sql, NULL, 0, &rows, &err));
    assert_non_null(rows);
    int64_t number = db_column_int(rows, 0);
    db_end(&rows);
    return number;
}
