/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The second step: rows whose keys are in the log are copied as they are now, or go. The log is
 * read before the rows, so they are at least as new as it says; what changes after that is in the
 * log again. Entries go when their rows are there: only unbroken runs of numbers that were read,
 * because a transaction of the old database may still bring an entry with a lower number. */
#include "move/move_internal.h"

#include <stdlib.h>
#include <string.h>

struct change {
    size_t table;
    struct db_value key[DB_KEYS_MAX];
};

struct following {
    struct move *m;
    int64_t *ids;
    struct change *changes;
    size_t n;
    struct piece *pieces; /* one a table that has changes */
};

static enum err_code
find_table(const struct move *m, const struct db_rows *rows, size_t *ret, struct err *err)
{
    char name[64];

    for (size_t i = 0; db_column_copy(rows, 1, name, sizeof(name)) && i < m->count; i++)
        if (strcmp(m->tables[i].name, name) == 0) {
            *ret = i;
            return ERR_OK;
        }
    return err_set(err, ERR_SYSTEM, "the log of changes names a table that is not there");
}

static enum err_code
read_log(struct following *f, struct err *err)
{
    struct move *m = f->m;
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(
        m->from, "SELECT id, name, k1, k2, k3, k4, k5, k6 FROM move_log ORDER BY id LIMIT $1",
        DB_ARGS(db_int(MOVE_BATCH)), &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        struct change *change = &f->changes[f->n];
        f->ids[f->n] = db_column_int(rows, 0);
        rc = find_table(m, rows, &change->table, err);
        if (rc == ERR_OK)
            rc = key_read(m->arena, &m->tables[change->table], rows, 2, change->key, err);
        f->n++;
    }
    db_end(&rows);
    return rc;
}

/* --- each key once --- */

static int
compare_values(const struct db_value *a, const struct db_value *b)
{
    if (a->kind == DB_INT)
        return (a->integer > b->integer) - (a->integer < b->integer);
    size_t n = a->bytes.len < b->bytes.len ? a->bytes.len : b->bytes.len;
    int order = n > 0 ? memcmp(a->bytes.data, b->bytes.data, n) : 0;
    return order != 0 ? order : (a->bytes.len > b->bytes.len) - (a->bytes.len < b->bytes.len);
}

static int
compare_changes(const void *a, const void *b, void *arg)
{
    const struct following *f = arg;
    const struct change *x = a, *y = b;
    int order = (x->table > y->table) - (x->table < y->table);

    for (size_t i = 0; order == 0 && i < f->m->tables[x->table].key_count; i++)
        order = compare_values(&x->key[i], &y->key[i]);
    return order;
}

static void
drop_twins(struct following *f)
{
    size_t kept = 0;

    qsort_r(f->changes, f->n, sizeof(*f->changes), compare_changes, f);
    for (size_t i = 0; i < f->n; i++)
        if (kept == 0 || compare_changes(&f->changes[kept - 1], &f->changes[i], f) != 0)
            f->changes[kept++] = f->changes[i];
    f->n = kept;
}

/* --- the rows --- */

/* Calls each(f, table, keys, n) for runs of changes of one table, per_call at most. */
static enum err_code
by_runs(struct following *f,
        enum err_code (*each)(struct following *f, size_t table, const struct db_value *keys,
                              size_t n, struct err *err),
        struct err *err)
{
    struct db_value keys[64];
    enum err_code rc = ERR_OK;

    for (size_t i = 0, n; rc == ERR_OK && i < f->n; i += n) {
        size_t table = f->changes[i].table;
        const struct db_table *t = &f->m->tables[table];
        for (n = 0; n < t->per_call && i + n < f->n && f->changes[i + n].table == table; n++)
            memcpy(&keys[n * t->key_count], f->changes[i + n].key, t->key_count * sizeof(*keys));
        rc = each(f, table, keys, n, err);
    }
    return rc;
}

static enum err_code
fetch_run(struct following *f, size_t table, const struct db_value *keys, size_t n, struct err *err)
{
    return db_find_rows(f->m->from, &f->m->tables[table], keys, n, piece_add, &f->pieces[table],
                        err);
}

static enum err_code
erase_run(struct following *f, size_t table, const struct db_value *keys, size_t n, struct err *err)
{
    return db_erase_rows(f->m->to, &f->m->targets[table], keys, n, err);
}

static enum err_code
fetch_rows(struct following *f, struct err *err)
{
    struct move *m = f->m;
    enum err_code rc = ERR_OK;

    f->pieces = arena_array(m->arena, m->count, sizeof(*f->pieces));
    if (f->pieces == NULL)
        return err_set(err, ERR_MEMORY, "no memory for what changed");
    for (size_t i = 0, n; i < f->n; i += n) {
        size_t table = f->changes[i].table;
        for (n = 0; i + n < f->n && f->changes[i + n].table == table; n++)
            ;
        piece_init(&f->pieces[table], m, &m->tables[table], n, SIZE_MAX);
    }
    rc = by_runs(f, fetch_run, err);
    for (size_t i = 0; rc == ERR_OK && i < m->count; i++)
        if (f->pieces[i].rows > 0)
            rc = piece_bring_objects(&f->pieces[i], err);
    return rc;
}

static enum err_code
do_apply(struct db *db, void *arg, struct err *err)
{
    struct following *f = arg;
    enum err_code rc = state_check_owner(f->m, db, err);

    if (rc == ERR_OK)
        rc = by_runs(f, erase_run, err);
    for (size_t i = 0; rc == ERR_OK && i < f->m->count; i++)
        if (f->pieces[i].rows > 0)
            rc = db_load_rows(db, &f->m->targets[i], f->pieces[i].values, f->pieces[i].rows, err);
    return rc;
}

/* --- the log --- */

struct forgetting {
    const int64_t *ids; /* ascending */
    size_t n;
};

static enum err_code
do_forget(struct db *db, void *arg, struct err *err)
{
    const struct forgetting *g = arg;
    enum err_code rc = ERR_OK;

    for (size_t i = 0, run; rc == ERR_OK && i < g->n; i += run) {
        for (run = 1; i + run < g->n && g->ids[i + run] == g->ids[i] + (int64_t)run; run++)
            ;
        rc = db_exec(db, "DELETE FROM move_log WHERE id >= $1 AND id <= $2",
                     DB_ARGS(db_int(g->ids[i]), db_int(g->ids[i + run - 1])), NULL, err);
    }
    return rc;
}

enum err_code
follow_some(struct move *m, size_t *ret_n, struct err *err)
{
    arena_reset(m->arena);
    struct following f = {.m = m,
                          .ids = arena_array(m->arena, MOVE_BATCH, sizeof(int64_t)),
                          .changes = arena_array(m->arena, MOVE_BATCH, sizeof(struct change))};
    enum err_code rc = f.ids == NULL || f.changes == NULL
                           ? err_set(err, ERR_MEMORY, "no memory for what changed")
                           : read_log(&f, err);
    if (rc != ERR_OK)
        return rc;
    struct forgetting read = {f.ids, f.n};
    drop_twins(&f);
    if (f.n > 0)
        rc = fetch_rows(&f, err);
    if (rc == ERR_OK && f.n > 0)
        rc = db_transact(m->to, do_apply, &f, err);
    if (rc == ERR_OK && read.n > 0)
        rc = db_transact(m->from, do_forget, &read, err);
    if (rc == ERR_OK)
        *ret_n = read.n;
    return rc;
}
