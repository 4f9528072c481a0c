/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/db/fixture.h - a database of its own for each test, whose fsync may be made to fail.
 */
#pragma once

#include "failing_sync.h"
#include "scratch.h"

static const char insert_organization[] =
    "INSERT INTO organization (id, name, created_ms) VALUES ($1, $2, $3)";

struct fixture {
    struct scratch scratch;
    struct db *db;
};

static inline int
set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    struct err err = {0};

    assert_non_null(f);
    scratch_make(&f->scratch);
    assert_ok(db_open(f->scratch.place, &f->db, &err));
    *state = f;
    return 0;
}

static inline int
tear_down(void **state)
{
    struct fixture *f = *state;

    atomic_store(&sync_failing, 0);
    db_close(&f->db);
    scratch_remove(&f->scratch);
    free(f);
    return 0;
}

static inline enum err_code
add(struct db *db, const char *id, struct err *err)
{
    return db_exec(db, insert_organization, DB_ARGS(db_text(id), db_text("n"), db_int(1)), NULL,
                   err);
}
