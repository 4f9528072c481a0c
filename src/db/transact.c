/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db_internal.h"

#include <assert.h>

enum err_code
db_begin(struct db *db, enum db_mode mode, const char *const *owners, size_t n, struct err *err)
{
    if (db_in_transaction(db))
        return err_set(err, ERR_SYSTEM, "a transaction inside a transaction");
    return db->driver->begin(db, mode, owners, n, err);
}

static void
leave(struct db *db)
{
    if (db->driver->left != NULL)
        db->driver->left(db);
}

enum err_code
db_finish(struct db *db, enum err_code rc, struct err *err)
{
    if (rc == ERR_OK && !db_in_transaction(db))
        rc = err_set(err, ERR_SYSTEM, "the database ended the transaction by itself");
    if (rc == ERR_OK)
        rc = db->driver->commit(db, err);
    /* The first error is the one to tell; a rollback can only fail where the handle is dead, and
     * then closing it rolls back. */
    if (rc != ERR_OK && db_in_transaction(db)) {
        enum err_code undone = db_exec(db, "ROLLBACK", NULL, 0, NULL, NULL);
        (void)undone;
    }
    leave(db);
    return rc;
}

static enum err_code
transact(struct db *db, enum db_mode mode, const char *const *owners, size_t n, db_work work,
         void *arg, struct err *err)
{
    enum err_code rc = db_begin(db, mode, owners, n, err);

    if (rc != ERR_OK)
        return rc;
    rc = work(db, arg, err);
    return db_finish(db, rc, err);
}

enum err_code
db_transact(struct db *db, db_work work, void *arg, struct err *err)
{
    return transact(db, DB_WRITES, NULL, 0, work, arg, err);
}

enum err_code
db_transact_for(struct db *db, const char *owner, db_work work, void *arg, struct err *err)
{
    return transact(db, DB_SHARES, &owner, 1, work, arg, err);
}

enum err_code
db_transact_any(struct db *db, const char *const *owners, size_t n, db_work work, void *arg,
                bool *ret_busy, struct err *err)
{
    assert(n >= 1 && n <= DB_OWNERS_MAX);
    enum err_code rc = transact(db, DB_TRIES, owners, n, work, arg, err);

    *ret_busy = rc != ERR_OK && db->driver->was_busy != NULL && db->driver->was_busy(db);
    return *ret_busy ? ERR_OK : rc;
}

bool
db_has_owner(const struct db *db, size_t i)
{
    return db->driver->has_owner == NULL || db->driver->has_owner(db, i);
}

enum err_code
db_join(struct db *db, const char *owner, bool *ret_joined, struct err *err)
{
    *ret_joined = true;
    return db->driver->join != NULL ? db->driver->join(db, owner, ret_joined, err) : ERR_OK;
}

enum err_code
db_read(struct db *db, db_work work, void *arg, struct err *err)
{
    enum err_code rc, ended;

    if (db_in_transaction(db))
        return err_set(err, ERR_SYSTEM, "a transaction inside a transaction");
    rc = db_begin(db, DB_READS, NULL, 0, err);
    if (rc != ERR_OK)
        return rc;
    rc = work(db, arg, err);
    /* There is nothing to lose, but the next transaction needs this one gone. */
    ended = db_exec(db, "ROLLBACK", NULL, 0, NULL, rc == ERR_OK ? err : NULL);
    leave(db);
    return rc == ERR_OK ? ended : rc;
}
