/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/pg_rows.c - PostgreSQL: statements, their arguments and results. */
#include "db/pg_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Source: pg_type.dat of PostgreSQL. */
enum oid {
    OID_UNKNOWN = 0, /* the server settles it */
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT4 = 23,
    OID_TEXT = 25,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_NUMERIC = 1700,
};

/* --- arguments --- */

static void
put_u64(uint8_t out[8], uint64_t v)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(v >> (56 - 8 * i));
}

static void
set_arg(struct pg_args *args, size_t i, const struct db_value *value)
{
    static const Oid types[] = {[DB_NULL] = OID_UNKNOWN,
                                [DB_INT] = OID_INT8,
                                [DB_REAL] = OID_FLOAT8,
                                [DB_TEXT] = OID_TEXT,
                                [DB_BLOB] = OID_BYTEA};
    uint64_t bits = (uint64_t)value->integer;

    args->types[i] = types[value->kind];
    args->formats[i] = 1; /* binary */
    args->values[i] = NULL;
    args->lengths[i] = 0;
    if (value->kind == DB_NULL)
        return;
    if (value->kind == DB_TEXT || value->kind == DB_BLOB) {
        args->values[i] = value->bytes.len > 0 ? (const char *)value->bytes.data : "";
        args->lengths[i] = (int)value->bytes.len;
        return;
    }
    if (value->kind == DB_REAL)
        memcpy(&bits, &value->real, sizeof(bits));
    put_u64(args->numbers[i], bits);
    args->values[i] = (const char *)args->numbers[i];
    args->lengths[i] = 8;
}

enum err_code
pg_set_args(struct pg_args *args, const struct db_value *values, size_t n, const char *sql,
            struct err *err)
{
    if (n > PG_ARGS_MAX)
        return err_set(err, ERR_SYSTEM, "%zu arguments for: %.120s", n, sql);
    for (size_t i = 0; i < n; i++) {
        if (values[i].bytes.len > INT32_MAX)
            return err_set(err, ERR_LIMIT, "a value is too large for the database");
        set_arg(args, i, &values[i]);
    }
    return ERR_OK;
}

/* --- statements --- */

void
pg_forget_statements(struct pg_db *db)
{
    for (size_t i = 0; i < PG_BUCKETS; i++) {
        for (struct pg_statement *s = db->cache[i], *next; s != NULL; s = next) {
            next = s->next;
            free(s);
        }
        db->cache[i] = NULL;
    }
}

static struct pg_statement **
bucket_of(struct pg_db *db, const char *sql)
{
    static_assert(PG_BUCKETS == 256, "the shift below gives eight bits");
    return &db->cache[((uintptr_t)sql * UINT64_C(0x9e3779b97f4a7c15)) >> 56];
}

static bool
is_for(const struct pg_statement *s, const char *sql, const struct db_value *values, size_t n)
{
    if (s->sql != sql || s->n != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (s->kinds[i] != values[i].kind)
            return false;
    return true;
}

enum err_code
pg_find_statement(struct pg_db *db, const char *sql, const struct db_value *values, size_t n,
                  struct pg_statement **ret, bool *ret_new, struct err *err)
{
    struct pg_statement **bucket = bucket_of(db, sql);

    *ret_new = false;
    for (struct pg_statement *s = *bucket; s != NULL; s = s->next)
        if (is_for(s, sql, values, n)) {
            *ret = s;
            return ERR_OK;
        }
    struct pg_statement *s = calloc(1, sizeof(*s));
    if (s == NULL)
        return err_set(err, ERR_MEMORY, "prepare statement: out of memory");
    s->sql = sql;
    s->n = n;
    for (size_t i = 0; i < n; i++)
        s->kinds[i] = (uint8_t)values[i].kind;
    snprintf(s->name, sizeof(s->name), "s%u", db->statements++);
    s->next = *bucket;
    *bucket = s;
    *ret = s;
    *ret_new = true;
    return ERR_OK;
}

void
pg_drop_statement(struct pg_db *db, struct pg_statement *statement)
{
    struct pg_statement **at = bucket_of(db, statement->sql);

    while (*at != statement)
        at = &(*at)->next;
    *at = statement->next;
    free(statement);
}

static enum err_code
prepare(struct pg_db *db, const char *sql, const struct db_value *values, size_t n,
        const struct pg_args *args, const char **ret_name, struct err *err)
{
    struct pg_statement *s = NULL;
    bool is_new = false;
    enum err_code rc = pg_find_statement(db, sql, values, n, &s, &is_new, err);

    if (rc != ERR_OK)
        return rc;
    *ret_name = s->name;
    if (!is_new)
        return ERR_OK;
    PGresult *result =
        pg_await(db, PQsendPrepare(db->conn, s->name, sql, (int)n, args->types) == 1);
    if (PQresultStatus(result) != PGRES_COMMAND_OK) {
        rc = pg_fail(db, result, sql, err);
        if (db->conn != NULL) /* else all are forgotten */
            pg_drop_statement(db, s);
    }
    PQclear(result);
    return rc;
}

/* BEGIN, SAVEPOINT and the like: they have no plan that would be worth keeping. */
static bool
is_utility(const char *sql)
{
    static const char *const words[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "WITH"};

    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strncmp(sql, words[i], strlen(words[i])) == 0)
            return false;
    return true;
}

static enum err_code
execute(struct pg_db *db, const char *sql, const struct db_value *values, size_t n,
        PGresult **ret_result, struct err *err)
{
    struct pg_args args;
    const char *name = NULL;
    enum err_code rc = pg_set_args(&args, values, n, sql, err);

    if (rc == ERR_OK && !db->pooled)
        rc = prepare(db, sql, values, n, &args, &name, err);
    if (rc != ERR_OK)
        return rc;
    int sent = name != NULL ? PQsendQueryPrepared(db->conn, name, (int)n, args.values, args.lengths,
                                                  args.formats, 1)
                            : PQsendQueryParams(db->conn, sql, (int)n, args.types, args.values,
                                                args.lengths, args.formats, 1);
    PGresult *result = pg_await(db, sent == 1);
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK) {
        *ret_result = result;
        return ERR_OK;
    }
    rc = pg_fail(db, result, sql, err);
    PQclear(result);
    return rc;
}

/* A statement that failed before would keep what undoes it from running. */
static enum err_code
execute_within(struct pg_db *db, const char *sql, const struct db_value *values, size_t n,
               PGresult **ret_result, struct err *err)
{
    enum err_code rc = ERR_OK;

    if (strncmp(sql, "ROLLBACK", 8) == 0 && db->sent_count > 0) {
        enum err_code ended = pg_burst_end(db, NULL, NULL);
        (void)ended; /* only a lost connection matters */
        rc = pg_ready(db, err);
    }
    if (rc == ERR_OK)
        rc = pg_burst_add(db, sql, values, n, err);
    return rc == ERR_OK ? pg_burst_end(db, ret_result, err) : rc;
}

enum err_code
pg_post(struct db *base, const char *sql, const struct db_value *args, size_t n, struct err *err)
{
    struct pg_db *db = pg_of(base);

    if (!db->within)
        return db_exec(base, sql, args, n, NULL, err);
    enum err_code rc = pg_ready(db, err);
    return rc == ERR_OK ? pg_burst_add(db, sql, args, n, err) : rc;
}

enum err_code
pg_query(struct db *base, const char *sql, const struct db_value *args, size_t n,
         struct db_rows **ret_rows, struct err *err)
{
    struct pg_db *db = pg_of(base);
    struct pg_rows *rows = calloc(1, sizeof(*rows));
    enum err_code rc =
        rows != NULL ? pg_ready(db, err) : err_set(err, ERR_MEMORY, "run statement: out of memory");

    if (rc == ERR_OK && db->within)
        rc = execute_within(db, sql, args, n, &rows->result, err);
    else if (rc == ERR_OK)
        rc = n == 0 && is_utility(sql) ? pg_run(db, sql, &rows->result, err)
                                       : execute(db, sql, args, n, &rows->result, err);
    if (rc != ERR_OK) {
        free(rows);
        return rc;
    }
    rows->base.db = base;
    rows->row = -1;
    *ret_rows = &rows->base;
    return ERR_OK;
}

enum err_code
pg_next(struct db_rows *base, bool *ret_row, struct err *err)
{
    struct pg_rows *rows = (struct pg_rows *)base;

    (void)err;
    if (rows->row < PQntuples(rows->result))
        rows->row++;
    *ret_row = rows->row < PQntuples(rows->result);
    return ERR_OK;
}

int64_t
pg_changed(const struct db_rows *base)
{
    return strtoll(PQcmdTuples(((const struct pg_rows *)base)->result), NULL, 10);
}

void
pg_end(struct db_rows *base)
{
    struct pg_rows *rows = (struct pg_rows *)base;

    PQclear(rows->result);
    free(rows);
}

/* --- columns --- */

bool
pg_is_null(const struct db_rows *base, int column)
{
    const struct pg_rows *rows = (const struct pg_rows *)base;

    return PQgetisnull(rows->result, rows->row, column) == 1;
}

struct span
pg_column_bytes(const struct db_rows *base, int column)
{
    const struct pg_rows *rows = (const struct pg_rows *)base;

    if (pg_is_null(base, column))
        return (struct span){0};
    return (struct span){(const uint8_t *)PQgetvalue(rows->result, rows->row, column),
                         (size_t)PQgetlength(rows->result, rows->row, column)};
}

static int64_t
big_endian(struct span bytes)
{
    uint64_t v = bytes.len > 0 && (bytes.data[0] & 0x80) != 0 ? UINT64_MAX : 0;

    for (size_t i = 0; i < bytes.len && i < 8; i++)
        v = v << 8 | bytes.data[i];
    return (int64_t)v;
}

/* Groups of four decimal digits behind a head: their number, the weight of the first, sign, scale.
 * Source: numeric_send of PostgreSQL. */
static double
numeric(struct span bytes)
{
    double v = 0;

    if (bytes.len < 8)
        return 0;
    int64_t groups = big_endian((struct span){bytes.data, 2});
    int64_t weight = big_endian((struct span){bytes.data + 2, 2});
    bool negative = bytes.data[4] == 0x40;
    for (int64_t i = 0; i < groups && 8 + 2 * (size_t)i + 2 <= bytes.len; i++)
        v = v * 10000 + (double)big_endian((struct span){bytes.data + 8 + 2 * i, 2});
    for (int64_t i = groups - 1; i < weight; i++)
        v *= 10000;
    for (int64_t i = groups - 1; i > weight; i--)
        v /= 10000;
    return negative ? -v : v;
}

double
pg_column_real(const struct db_rows *base, int column)
{
    const struct pg_rows *rows = (const struct pg_rows *)base;
    struct span bytes = pg_column_bytes(base, column);
    double v = 0;
    float narrow = 0;

    switch (PQftype(rows->result, column)) {
    case OID_FLOAT8: {
        int64_t bits = big_endian(bytes);
        memcpy(&v, &bits, sizeof(v));
        return v;
    }
    case OID_FLOAT4: {
        int32_t bits = (int32_t)big_endian(bytes);
        memcpy(&narrow, &bits, sizeof(narrow));
        return (double)narrow;
    }
    case OID_NUMERIC:
        return numeric(bytes);
    default:
        return (double)pg_column_int(base, column);
    }
}

int64_t
pg_column_int(const struct db_rows *base, int column)
{
    const struct pg_rows *rows = (const struct pg_rows *)base;

    switch (PQftype(rows->result, column)) {
    case OID_FLOAT4:
    case OID_FLOAT8:
    case OID_NUMERIC:
        return (int64_t)pg_column_real(base, column);
    case OID_BOOL:
    case OID_INT2:
    case OID_INT4:
    case OID_INT8:
        return big_endian(pg_column_bytes(base, column));
    default:
        return 0; /* text is no number here */
    }
}
