/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * All rows of both databases are read in the order of their keys. A digest takes each value with
 * its kind and length, so that no two tables that differ look alike. */
#include "move/move_internal.h"

#include <string.h>

enum { READ_ROWS = 1000 };

struct digest {
    struct hash_stream *hash;
    int64_t rows;
    uint8_t sha256[SHA256_SIZE];
};

struct reading {
    struct move *m;
    const struct db_table *table;
    struct digest *digest;
    struct db_value last[DB_KEYS_MAX];
    size_t page; /* rows of the present page */
};

static void
add_value(struct hash_stream *hash, const struct db_value *value)
{
    uint64_t number = (uint64_t)value->integer;
    uint8_t head[9];

    if (value->kind == DB_REAL) {
        double real = value->real == 0 ? 0 : value->real; /* SQLite keeps no sign of zero */
        memcpy(&number, &real, sizeof(number));
    } else if (value->kind == DB_TEXT || value->kind == DB_BLOB) {
        number = value->bytes.len;
    } else if (value->kind == DB_NULL) {
        number = 0;
    }
    head[0] = (uint8_t)value->kind;
    memcpy(head + 1, &number, sizeof(number));
    hash_stream_add(hash, head, sizeof(head));
    if ((value->kind == DB_TEXT || value->kind == DB_BLOB) && value->bytes.len > 0)
        hash_stream_add(hash, value->bytes.data, value->bytes.len);
}

static enum err_code
see_row(void *ctx, const struct db_value *row, struct err *err)
{
    struct reading *r = ctx;

    for (size_t i = 0; i < r->table->field_count; i++)
        add_value(r->digest->hash, &row[i]);
    r->digest->rows++;
    if (++r->page < READ_ROWS)
        return ERR_OK;
    for (size_t i = 0; i < r->table->key_count; i++) {
        struct db_value *key = &r->last[i];
        *key = row[r->table->keys[i]];
        if (key->kind == DB_TEXT) {
            const char *bytes = key->bytes.len > 0 ? (const char *)key->bytes.data : "";
            const char *copy = arena_strndup(r->m->arena, bytes, key->bytes.len);
            if (copy == NULL)
                return err_set(err, ERR_MEMORY, "no memory to compare %s", r->table->name);
            key->bytes.data = (const uint8_t *)copy;
        }
    }
    return ERR_OK;
}

/* The old one stays frozen while that goes on. */
static enum err_code
digest_table(struct move *m, struct db *db, const struct db_table *table, struct digest *ret,
             struct err *err)
{
    struct reading r = {.m = m, .table = table, .digest = ret};
    bool first = true;
    enum err_code rc = ERR_OK;

    *ret = (struct digest){.hash = hash_stream_new()};
    if (ret->hash == NULL)
        return err_set(err, ERR_MEMORY, "no memory to compare %s", table->name);
    do {
        r.page = 0;
        rc = state_freeze(m, err);
        if (rc == ERR_OK)
            rc = db_page(db, table, first ? NULL : r.last, READ_ROWS, see_row, &r, err);
        first = false;
    } while (rc == ERR_OK && r.page == READ_ROWS);
    uint8_t md5[MD5_SIZE];
    hash_stream_end(ret->hash, md5, ret->sha256);
    hash_stream_drop(&ret->hash);
    return rc;
}

static enum err_code
verify_table(struct move *m, size_t i, int64_t *rows, struct err *err)
{
    struct digest a, b;
    struct err why;

    arena_reset(m->arena);
    enum err_code rc = digest_table(m, m->from, &m->tables[i], &a, err);
    if (rc == ERR_OK)
        rc = digest_table(m, m->to, &m->targets[i], &b, err);
    if (rc != ERR_OK)
        return rc;
    *rows += a.rows;
    if (a.rows == b.rows && memcmp(a.sha256, b.sha256, sizeof(a.sha256)) == 0)
        return ERR_OK;
    rc = progress_forget(m, &m->targets[i], &why);
    return err_set(err, ERR_CONFLICT, "table %s is not equal: %lld rows and %lld%s",
                   m->tables[i].name, (long long)a.rows, (long long)b.rows,
                   rc == ERR_OK ? "; it is copied again by the next call" : "");
}

/* --- the ledger --- */

static const char ledger_sql[] =
    "SELECT a.team_id, a.granted, a.consumed, a.reserved, COUNT(e.id), "
    "CAST(COALESCE(SUM(CASE WHEN e.kind = 'consumed' THEN e.amount ELSE 0 END), 0) AS BIGINT), "
    "CAST(COALESCE(SUM(CASE WHEN e.kind = 'granted' THEN e.amount ELSE 0 END), 0) AS BIGINT) "
    "FROM credit_account a LEFT JOIN credit_entry e ON e.team_id = a.team_id "
    "GROUP BY a.team_id, a.granted, a.consumed, a.reserved ORDER BY a.team_id";

static enum err_code
read_ledgers(struct db *db, struct buf *ret, int64_t *ret_teams, int64_t *ret_consumed,
             struct err *err)
{
    struct db_rows *rows = NULL;
    bool row = false;
    enum err_code rc = db_query(db, ledger_sql, NULL, 0, &rows, err);

    *ret_teams = *ret_consumed = 0;
    while (rc == ERR_OK && (rc = db_next(rows, &row, err)) == ERR_OK && row) {
        struct span team = db_column_bytes(rows, 0);
        buf_append(ret, team.data, team.len);
        for (int i = 1; i < 7; i++)
            buf_printf(ret, " %lld", (long long)db_column_int(rows, i));
        ++*ret_teams;
        *ret_consumed += db_column_int(rows, 2);
    }
    db_end(&rows);
    return rc == ERR_OK ? buf_check(ret, "ledgers", err) : rc;
}

static enum err_code
verify_ledgers(struct move *m, struct err *err)
{
    int64_t teams, consumed;
    struct buf a, b;

    buf_init(&a, MiB(256));
    buf_init(&b, MiB(256));
    enum err_code rc = read_ledgers(m->from, &a, &teams, &consumed, err);
    if (rc == ERR_OK)
        rc = read_ledgers(m->to, &b, &teams, &consumed, err);
    if (rc == ERR_OK && !span_equal(buf_span(&a), buf_span(&b)))
        rc = err_set(err, ERR_CONFLICT, "the ledgers are not equal");
    if (rc == ERR_OK)
        move_say(m, "ledgers equal: %lld teams, %lld credits consumed", (long long)teams,
                 (long long)consumed);
    buf_fini(&a);
    buf_fini(&b);
    return rc;
}

enum err_code
verify_all(struct move *m, struct err *err)
{
    int64_t rows = 0;
    enum err_code rc = ERR_OK;

    for (size_t i = 0; rc == ERR_OK && i < m->count; i++)
        rc = verify_table(m, i, &rows, err);
    if (rc == ERR_OK)
        move_say(m, "equal: %zu tables, %lld rows, counts and SHA-256", m->count, (long long)rows);
    return rc == ERR_OK ? verify_ledgers(m, err) : rc;
}
