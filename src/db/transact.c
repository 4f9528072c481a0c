/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db_internal.h"

enum err_code
db_begin(struct db *db, struct err *err)
{
    if (db_in_transaction(db))
        return err_set(err, ERR_SYSTEM, "a transaction inside a transaction");
    /* IMMEDIATE: takes the lock now, where waiting is safe, instead of failing half-way through. */
    return db_exec(db, "BEGIN IMMEDIATE", NULL, 0, NULL, err);
}

enum err_code
db_finish(struct db *db, enum err_code rc, struct err *err)
{
    if (rc == ERR_OK && !db_in_transaction(db))
        rc = err_set(err, ERR_SYSTEM, "the database ended the transaction by itself");
    if (rc == ERR_OK)
        rc = db_exec(db, "COMMIT", NULL, 0, NULL, err);
    /* The first error is the one to tell; a rollback can only fail where the handle is dead, and
     * then closing it rolls back. */
    if (rc != ERR_OK && db_in_transaction(db)) {
        enum err_code undone = db_exec(db, "ROLLBACK", NULL, 0, NULL, NULL);
        (void)undone;
    }
    return rc;
}

enum err_code
db_transact(struct db *db, db_work work, void *arg, struct err *err)
{
    enum err_code rc = db_begin(db, err);

    if (rc != ERR_OK)
        return rc;
    rc = work(db, arg, err);
    return db_finish(db, rc, err);
}

enum err_code
db_read(struct db *db, db_work work, void *arg, struct err *err)
{
    enum err_code rc, ended;

    if (db_in_transaction(db))
        return err_set(err, ERR_SYSTEM, "a transaction inside a transaction");
    rc = db_exec(db, "BEGIN", NULL, 0, NULL, err);
    if (rc != ERR_OK)
        return rc;
    rc = work(db, arg, err);
    /* There is nothing to lose, but the next transaction needs this one gone. */
    ended = db_exec(db, "ROLLBACK", NULL, 0, NULL, rc == ERR_OK ? err : NULL);
    return rc == ERR_OK ? ended : rc;
}

enum err_code
db_first(struct db *db, const char *sql, const struct db_value *args, size_t n,
         struct db_rows **ret_rows, struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(db, sql, args, n, &rows, err);

    if (rc == ERR_OK)
        rc = db_next(rows, &row, err);
    if (rc != ERR_OK || !row)
        db_end(&rows);
    if (rc == ERR_OK)
        *ret_rows = rows;
    return rc;
}
