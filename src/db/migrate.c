/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "db/db_internal.h"

/* Whether there is something to do, read again under the lock: another process may have been
 * quicker. */
static enum err_code
read_version(struct db *db, int64_t *ret_version, struct err *err)
{
    enum err_code rc = db_schema_version(db, ret_version, err);
    int64_t newest = (int64_t)db_migration_count;

    if (rc == ERR_OK && *ret_version > newest)
        rc = err_set(err, ERR_VERSION,
                     "the database has schema %lld, this program knows up to %lld: start the newer "
                     "program that wrote it, or restore a backup",
                     (long long)*ret_version, (long long)newest);
    return rc;
}

static enum err_code
apply_next(struct db *db, void *arg, struct err *err)
{
    int64_t version = 0;
    enum err_code rc = read_version(db, &version, err);

    (void)arg;
    if (rc != ERR_OK || version == (int64_t)db_migration_count)
        return rc;
    const struct db_migration *next = &db_migrations[version];
    struct err why = {0};
    rc = db_script(db, next->sql, &why);
    if (rc != ERR_OK)
        return err_set(err, rc, "migration %s: %.200s", next->name, why.msg);
    return db_set_schema_version(db, next->version, err);
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
