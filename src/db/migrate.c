/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db_internal.h"

/* Expand, then contract: while the nodes of a database are upgraded one by one, programs of two
 * versions work on it. A migration that only adds what an older program does not miss (a table, an
 * index, a column with a default that is right for its rows) says so by `-- least: N`, and programs
 * from schema N on accept it. What they use is taken away by a later release, in a migration that
 * says no such thing. The database holds the number, because the older program has never seen the
 * migration. */
static enum err_code
read_least(struct db *db, int64_t *ret_least, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc =
        db_first(db, "SELECT value FROM counter WHERE name = 'schema_least'", NULL, 0, &rows, err);

    if (rc == ERR_OK && rows == NULL)
        rc = err_set(err, ERR_CONFLICT, "the database does not say who may work on it");
    if (rc == ERR_OK)
        *ret_least = db_column_int(rows, 0);
    db_end(&rows);
    return rc;
}

static enum err_code
raise_least(struct db *db, int64_t least, struct err *err)
{
    return db_exec(db, "UPDATE counter SET value = $1 WHERE name = 'schema_least' AND value < $1",
                   DB_ARGS(db_int(least)), NULL, err);
}

/* Whether there is something to do, read again under the lock: another process may have been
 * quicker. */
static enum err_code
read_version(struct db *db, int64_t *ret_version, struct err *err)
{
    enum err_code rc = db_schema_version(db, ret_version, err);
    int64_t newest = (int64_t)db_migration_count, least = INT64_MAX;
    struct err why;

    if (rc != ERR_OK || *ret_version <= newest)
        return rc;
    if (read_least(db, &least, &why) != ERR_OK || least > newest)
        rc = err_set(err, ERR_VERSION,
                     "the database has schema %lld, which programs that know less do not fit; this "
                     "one knows up to %lld: start the newer program that wrote it, or restore a "
                     "backup",
                     (long long)*ret_version, (long long)newest);
    return rc;
}

static enum err_code
apply_next(struct db *db, void *arg, struct err *err)
{
    int64_t version = 0;
    enum err_code rc = read_version(db, &version, err);

    (void)arg;
    if (rc != ERR_OK || version >= (int64_t)db_migration_count)
        return rc;
    const struct db_migration *next = &db_migrations[version];
    struct err why = {0};
    rc = db_script(db, next->sql, &why);
    if (rc != ERR_OK)
        return err_set(err, rc, "migration %s: %.200s", next->name, why.msg);
    rc = db_set_schema_version(db, next->version, err);
    return rc == ERR_OK ? raise_least(db, next->least, err) : rc;
}

enum err_code
db_migrate(struct db *db, struct err *err)
{
    int64_t version = 0;
    enum err_code rc = read_version(db, &version, err);

    while (rc == ERR_OK && version < (int64_t)db_migration_count) {
        rc = db_transact(db, apply_next, NULL, err);
        if (rc == ERR_OK)
            rc = read_version(db, &version, err);
    }
    return rc;
}
