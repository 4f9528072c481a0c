/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Tables as data, and the statements that are the same for both databases. */
#include "db/move.h"

#include "db/db_internal.h"

#include <stdio.h>
#include <string.h>

enum {
    ARGS_MAX = 64,         /* of one statement, see pg_internal.h */
    STATEMENT_MAX = 65536, /* bytes */
    TABLES_MAX = 256,
    FIELDS_MAX = 256,
};

/* --- reading the schema --- */

/* Those of a move itself, and the number of the schema: each database has its own. */
static bool
is_bookkeeping(const char *name)
{
    static const char *const names[] = {"move_state", "move_progress", "move_log",
                                        "move_constraint", "leapocr_schema"};

    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static bool
kind_of(const char *type, enum db_kind *ret)
{
    static const struct {
        const char *type;
        enum db_kind kind;
    } kinds[] = {
        {"BIGINT", DB_INT}, {"TEXT", DB_TEXT}, {"BYTEA", DB_BLOB}, {"DOUBLE PRECISION", DB_REAL}};

    for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
        if (strcmp(kinds[i].type, type) == 0) {
            *ret = kinds[i].kind;
            return true;
        }
    return false;
}

struct reading {
    struct arena *arena;
    struct db_table *tables;
    size_t n;
    struct db_field *fields; /* of the last table */
};

static enum err_code
add_field(struct reading *r, const struct db_rows *rows, struct err *err)
{
    struct db_table *table = &r->tables[r->n - 1];
    const char *name = db_column_text(r->arena, rows, 1), *type = db_column_text(r->arena, rows, 2);
    int64_t place = db_column_int(rows, 3);
    size_t at = table->field_count;

    if (name == NULL || type == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the schema");
    if (at == FIELDS_MAX || place > DB_KEYS_MAX || !kind_of(type, &r->fields[at].kind))
        return err_set(err, ERR_SYSTEM, "table %s, column %s: %s cannot be moved", table->name,
                       name, type);
    r->fields[at].name = name;
    if (place > 0) {
        table->keys[place - 1] = at;
        table->key_count++;
    }
    table->field_count++;
    return ERR_OK;
}

static enum err_code
see_field(struct reading *r, const struct db_rows *rows, struct err *err)
{
    const char *name = db_column_text(r->arena, rows, 0);

    if (name == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the schema");
    if (is_bookkeeping(name))
        return ERR_OK;
    if (r->n == 0 || strcmp(r->tables[r->n - 1].name, name) != 0) {
        if (r->n == TABLES_MAX)
            return err_set(err, ERR_LIMIT, "more than %d tables", TABLES_MAX);
        r->fields = arena_array(r->arena, FIELDS_MAX, sizeof(*r->fields));
        if (r->fields == NULL)
            return err_set(err, ERR_MEMORY, "no memory for the schema");
        r->tables[r->n++] = (struct db_table){.name = name, .fields = r->fields};
    }
    return add_field(r, rows, err);
}

/* --- texts --- */

void
db_put_names(struct buf *out, const struct db_table *table, bool keys)
{
    size_t n = keys ? table->key_count : table->field_count;

    for (size_t i = 0; i < n; i++)
        buf_printf(out, "%s%s", i > 0 ? ", " : "", table->fields[keys ? table->keys[i] : i].name);
}

const char *
db_keep_text(struct arena *arena, struct buf *text)
{
    const char *kept = text->spoilt ? NULL : arena_strdup(arena, buf_text(text));

    buf_fini(text);
    return kept;
}

/* "(a, b) > ($1, $2)" */
static size_t
put_bound(struct buf *out, const struct db_table *table, const char *than, size_t arg)
{
    buf_char(out, '(');
    db_put_names(out, table, true);
    buf_printf(out, ") %s (", than);
    for (size_t i = 0; i < table->key_count; i++)
        buf_printf(out, "%s$%zu", i > 0 ? ", " : "", arg++);
    buf_char(out, ')');
    return arg;
}

/* "(a = $1 AND b = $2) OR (a = $3 ...": what both databases answer from the index. */
static void
put_keys(struct buf *out, const struct db_table *table)
{
    size_t arg = 1;

    for (size_t row = 0; row < table->per_call; row++) {
        buf_string(out, row > 0 ? " OR (" : "(");
        for (size_t i = 0; i < table->key_count; i++)
            buf_printf(out, "%s%s = $%zu", i > 0 ? " AND " : "", table->fields[table->keys[i]].name,
                       arg++);
        buf_char(out, ')');
    }
}

enum text { TEXT_FIRST, TEXT_NEXT, TEXT_ERASE_FIRST, TEXT_ERASE_NEXT, TEXT_FIND, TEXT_ERASE };

static const char *
make_text(struct arena *arena, const struct db_table *table, enum text which)
{
    struct buf out;
    size_t arg = 1;
    bool reads = which == TEXT_FIRST || which == TEXT_NEXT || which == TEXT_FIND;

    buf_init(&out, STATEMENT_MAX);
    buf_string(&out, reads ? "SELECT " : "DELETE");
    if (reads)
        db_put_names(&out, table, false);
    buf_printf(&out, " FROM %s", table->name);
    if (which != TEXT_FIRST)
        buf_string(&out, " WHERE ");
    if (which == TEXT_NEXT || which == TEXT_ERASE_NEXT)
        arg = put_bound(&out, table, ">", arg);
    if (which == TEXT_ERASE_NEXT)
        buf_string(&out, " AND ");
    if (which == TEXT_ERASE_FIRST || which == TEXT_ERASE_NEXT)
        (void)put_bound(&out, table, "<=", arg);
    if (which == TEXT_FIND || which == TEXT_ERASE)
        put_keys(&out, table);
    if (which == TEXT_FIRST || which == TEXT_NEXT) {
        buf_string(&out, " ORDER BY ");
        db_put_names(&out, table, true);
        buf_printf(&out, " LIMIT $%zu", arg);
    }
    return db_keep_text(arena, &out);
}

static enum err_code
make_texts(struct arena *arena, const struct db *db, struct db_table *table, struct err *err)
{
    if (table->key_count == 0)
        return err_set(err, ERR_SYSTEM, "table %s has no primary key, so it cannot be moved",
                       table->name);
    for (size_t i = 0; i < table->key_count; i++) {
        enum db_kind kind = table->fields[table->keys[i]].kind;
        if (kind != DB_INT && kind != DB_TEXT)
            return err_set(err, ERR_SYSTEM, "table %s: a key of this kind cannot be moved",
                           table->name);
    }
    table->per_call = ARGS_MAX / table->key_count;
    table->first = make_text(arena, table, TEXT_FIRST);
    table->next = make_text(arena, table, TEXT_NEXT);
    table->erase_first = make_text(arena, table, TEXT_ERASE_FIRST);
    table->erase_next = make_text(arena, table, TEXT_ERASE_NEXT);
    table->find = make_text(arena, table, TEXT_FIND);
    table->erase = make_text(arena, table, TEXT_ERASE);
    table->load = db->driver->load_text(arena, table);
    return table->first != NULL && table->next != NULL && table->erase_first != NULL &&
                   table->erase_next != NULL && table->find != NULL && table->erase != NULL &&
                   table->load != NULL
               ? ERR_OK
               : err_set(err, ERR_MEMORY, "no memory for statements");
}

enum err_code
db_tables(struct arena *arena, struct db *db, struct db_table **ret, size_t *ret_n, struct err *err)
{
    struct reading r = {.arena = arena,
                        .tables = arena_array(arena, TABLES_MAX, sizeof(struct db_table))};
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = r.tables == NULL ? err_set(err, ERR_MEMORY, "no memory for the schema")
                                        : db_query(db, db->driver->tables_sql, NULL, 0, &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row)
        rc = see_field(&r, rows, err);
    db_end(&rows);
    for (size_t i = 0; rc == ERR_OK && i < r.n; i++)
        rc = make_texts(arena, db, &r.tables[i], err);
    if (rc == ERR_OK) {
        *ret = r.tables;
        *ret_n = r.n;
    }
    return rc;
}

/* --- rows --- */

static struct db_value
value_of(const struct db_rows *rows, int column, enum db_kind kind)
{
    if (db_is_null(rows, column))
        return db_null();
    switch (kind) {
    case DB_INT:
        return db_int(db_column_int(rows, column));
    case DB_REAL:
        return db_real(db_column_real(rows, column));
    case DB_TEXT:
    case DB_BLOB:
        return (struct db_value){.kind = kind, .bytes = db_column_bytes(rows, column)};
    case DB_NULL:
        break;
    }
    return db_null();
}

static enum err_code
read_rows(struct db *db, const struct db_table *table, const char *sql, const struct db_value *args,
          size_t n, db_row_seen seen, void *ctx, struct err *err)
{
    struct db_value values[FIELDS_MAX];
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(db, sql, args, n, &rows, err);

    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        for (size_t i = 0; i < table->field_count; i++)
            values[i] = value_of(rows, (int)i, table->fields[i].kind);
        rc = seen(ctx, values, err);
    }
    db_end(&rows);
    return rc;
}

enum err_code
db_page(struct db *db, const struct db_table *table, const struct db_value *after, int64_t limit,
        db_row_seen seen, void *ctx, struct err *err)
{
    struct db_value args[DB_KEYS_MAX + 1];
    size_t n = 0;

    for (; after != NULL && n < table->key_count; n++)
        args[n] = after[n];
    args[n++] = db_int(limit);
    return read_rows(db, table, after != NULL ? table->next : table->first, args, n, seen, ctx,
                     err);
}

/* A statement has places for per_call keys: the last one stands in those that are left over. */
static void
fill_keys(const struct db_table *table, const struct db_value *keys, size_t n,
          struct db_value args[ARGS_MAX])
{
    for (size_t i = 0; i < table->per_call; i++)
        memcpy(&args[i * table->key_count], &keys[(i < n ? i : n - 1) * table->key_count],
               table->key_count * sizeof(*args));
}

enum err_code
db_find_rows(struct db *db, const struct db_table *table, const struct db_value *keys, size_t n,
             db_row_seen seen, void *ctx, struct err *err)
{
    struct db_value args[ARGS_MAX];

    fill_keys(table, keys, n, args);
    return read_rows(db, table, table->find, args, table->per_call * table->key_count, seen, ctx,
                     err);
}

enum err_code
db_erase_rows(struct db *db, const struct db_table *table, const struct db_value *keys, size_t n,
              struct err *err)
{
    struct db_value args[ARGS_MAX];

    fill_keys(table, keys, n, args);
    return db_exec(db, table->erase, args, table->per_call * table->key_count, NULL, err);
}

enum err_code
db_erase_range(struct db *db, const struct db_table *table, const struct db_value *after,
               const struct db_value *to, struct err *err)
{
    struct db_value args[2 * DB_KEYS_MAX];
    size_t n = 0;

    for (size_t i = 0; after != NULL && i < table->key_count; i++)
        args[n++] = after[i];
    for (size_t i = 0; i < table->key_count; i++)
        args[n++] = to[i];
    return db_exec(db, after != NULL ? table->erase_next : table->erase_first, args, n, NULL, err);
}

enum err_code
db_load_rows(struct db *db, const struct db_table *table, const struct db_value *values,
             size_t rows, struct err *err)
{
    return rows == 0 ? ERR_OK : db->driver->load(db, table, values, rows, err);
}

/* --- the rest --- */

enum err_code
db_loosen(struct db *db, struct err *err)
{
    return db->driver->loosen(db, err);
}

enum err_code
db_tighten(struct db *db, struct err *err)
{
    return db->driver->tighten(db, err);
}

enum err_code
db_watch(struct db *db, const struct db_table *tables, size_t n, struct err *err)
{
    enum err_code rc = db->driver->make_log(db, err);

    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = db->driver->watch(db, &tables[i], err);
    return rc;
}

enum err_code
db_unwatch(struct db *db, const struct db_table *tables, size_t n, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = db->driver->unwatch(db, &tables[i], err);
    return rc == ERR_OK ? db->driver->drop_log(db, err) : rc;
}

enum err_code
db_lock_all(struct db *db, const struct db_table *tables, size_t n, struct err *err)
{
    return db->driver->lock_all(db, tables, n, err);
}

enum err_code
db_now(struct db *db, int64_t *ret_ms, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, db->driver->now_sql, NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL)
        *ret_ms = db_column_int(rows, 0);
    db_end(&rows);
    return rc;
}
