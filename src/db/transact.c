/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db_internal.h"

enum err_code
db_begin(struct db *db, enum db_mode mode, const char *owner, struct err *err)
{
    if (db_in_transaction(db))
        return err_set(err, ERR_SYSTEM, "a transaction inside a transaction");
    return db->driver->begin(db, mode, owner, err);
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
transact(struct db *db, enum db_mode mode, const char *owner, db_work work, void *arg,
         struct err *err)
{
    enum err_code rc = db_begin(db, mode, owner, err);

    if (rc != ERR_OK)
        return rc;
    rc = work(db, arg, err);
    return db_finish(db, rc, err);
}

enum err_code
db_transact(struct db *db, db_work work, void *arg, struct err *err)
{
    return transact(db, DB_WRITES, NULL, work, arg, err);
}

enum err_code
db_transact_for(struct db *db, const char *owner, db_work work, void *arg, struct err *err)
{
    return transact(db, DB_SHARES, owner, work, arg, err);
}

enum err_code
db_read(struct db *db, db_work work, void *arg, struct err *err)
{
    enum err_code rc, ended;

    if (db_in_transaction(db))
        return err_set(err, ERR_SYSTEM, "a transaction inside a transaction");
    rc = db_begin(db, DB_READS, NULL, err);
    if (rc != ERR_OK)
        return rc;
    rc = work(db, arg, err);
    /* There is nothing to lose, but the next transaction needs this one gone. */
    ended = db_exec(db, "ROLLBACK", NULL, 0, NULL, rc == ERR_OK ? err : NULL);
    leave(db);
    return rc == ERR_OK ? ended : rc;
}
