/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "move/move_internal.h"

#include <stdio.h>
#include <stdlib.h>

enum err_code
key_read(struct arena *arena, const struct db_table *table, const struct db_rows *rows, int column,
         struct db_value ret[DB_KEYS_MAX], struct err *err)
{
    for (size_t i = 0; i < table->key_count; i++) {
        const char *text = db_column_text(arena, rows, column + (int)i);
        if (text == NULL)
            return err_set(err, ERR_MEMORY, "no memory for the keys of %s", table->name);
        bool number = table->fields[table->keys[i]].kind == DB_INT;
        ret[i] = number ? db_int(strtoll(text, NULL, 10)) : db_text(text);
    }
    return ERR_OK;
}

enum err_code
progress_read(struct move *m, const struct db_table *table, struct progress *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    struct progress p = {0};
    enum err_code rc = db_first(
        m->to, "SELECT complete, copied, k1, k2, k3, k4, k5, k6 FROM move_progress WHERE name = $1",
        DB_ARGS(db_text(table->name)), &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        p.complete = db_column_int(rows, 0) != 0;
        p.copied = db_column_int(rows, 1);
        p.begun = !db_is_null(rows, 2);
        if (p.begun)
            rc = key_read(m->arena, table, rows, 2, p.key, err);
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret = p;
    return rc;
}

enum err_code
progress_write(struct move *m, const struct db_table *table, const struct progress *progress,
               struct err *err)
{
    char digits[DB_KEYS_MAX][24];
    struct db_value keys[DB_KEYS_MAX] = {0};

    for (size_t i = 0; progress->begun && i < table->key_count; i++) {
        keys[i] = progress->key[i];
        if (keys[i].kind == DB_INT) {
            snprintf(digits[i], sizeof(digits[i]), "%lld", (long long)keys[i].integer);
            keys[i] = db_text(digits[i]);
        }
    }
    return db_exec(m->to,
                   "INSERT INTO move_progress (name, complete, copied, k1, k2, k3, k4, k5, k6) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name) DO UPDATE SET "
                   "complete = $2, copied = $3, k1 = $4, k2 = $5, k3 = $6, k4 = $7, k5 = $8, "
                   "k6 = $9",
                   DB_ARGS(db_text(table->name), db_int(progress->complete ? 1 : 0),
                           db_int(progress->copied), keys[0], keys[1], keys[2], keys[3], keys[4],
                           keys[5]),
                   NULL, err);
}

enum err_code
progress_forget(struct move *m, const struct db_table *table, struct err *err)
{
    return db_exec(m->to, "DELETE FROM move_progress WHERE name = $1",
                   DB_ARGS(db_text(table->name)), NULL, err);
}
