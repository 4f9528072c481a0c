/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/move.h - what src/move/ needs of a database to copy all of it into another one: its tables as
 * data, rows in bulk, a log of the rows that change meanwhile, and a stop to all changes.
 *
 * Only here is SQL made from names, which all come from the schema itself, so that no table of a
 * later migration is forgotten. Texts of statements live in the arena that the tables are read
 * into: it has to outlive the handles (db.h keeps statements by the address of their text). */
#pragma once

#include "db/db.h"

enum { DB_KEYS_MAX = 6 };

struct db_field {
    const char *name;
    enum db_kind kind;
};

struct db_table {
    const char *name;
    const struct db_field *fields;
    size_t field_count;
    size_t keys[DB_KEYS_MAX]; /* fields of the primary key, in its order */
    size_t key_count;
    size_t per_call; /* rows that one statement by keys takes */
    /* Statements; see the functions below. */
    const char *first, *next, *erase_first, *erase_next, *find, *erase, *load;
};

/* As db_open, also where db_open refuses because the installation has moved away, or not yet here.
 */
MUST_CHECK
enum err_code db_open_for_move(const char *place, struct db **ret_db, struct err *err);

/* All tables with a primary key of integers and texts, by name, but those of the move itself and of
 * the schema's version. ERR_SYSTEM names a table that cannot be moved. */
MUST_CHECK
enum err_code db_tables(struct arena *arena, struct db *db, struct db_table **ret, size_t *ret_n,
                        struct err *err);

/* A row as an array of field_count values; a key as one of key_count. seen borrows them until it
 * returns. */
typedef enum err_code (*db_row_seen)(void *ctx, const struct db_value *row, struct err *err);

/* The next rows by key, at most limit of them; after: NULL from the first on. */
MUST_CHECK
enum err_code db_page(struct db *db, const struct db_table *table, const struct db_value *after,
                      int64_t limit, db_row_seen seen, void *ctx, struct err *err);
/* Those of the n keys that are there. n <= per_call. */
MUST_CHECK
enum err_code db_find_rows(struct db *db, const struct db_table *table, const struct db_value *keys,
                           size_t n, db_row_seen seen, void *ctx, struct err *err);
MUST_CHECK
enum err_code db_erase_rows(struct db *db, const struct db_table *table,
                            const struct db_value *keys, size_t n, struct err *err);
/* Rows behind `after` (NULL: all) up to the key `to`. */
MUST_CHECK
enum err_code db_erase_range(struct db *db, const struct db_table *table,
                             const struct db_value *after, const struct db_value *to,
                             struct err *err);
/* Adds rows that are not there. On SQLite a row that stands in the way of a UNIQUE goes: the move
 * has it among what changed. */
MUST_CHECK
enum err_code db_load_rows(struct db *db, const struct db_table *table,
                           const struct db_value *values, size_t rows, struct err *err);

/* Rows need not fit to each other while they come in any order; db_tighten puts that back and
 * checks it (ERR_CONFLICT). Both outside transactions, both repeatable. */
MUST_CHECK
enum err_code db_loosen(struct db *db, struct err *err);
MUST_CHECK
enum err_code db_tighten(struct db *db, struct err *err);

/* From the commit on each row that is added, changed or removed leaves its key in move_log (id,
 * name, k1..k6), and no process can write while move_state.frozen_until_ms lies ahead: it gets
 * ERR_UNAVAILABLE. Within a transaction; repeatable. */
MUST_CHECK
enum err_code db_watch(struct db *db, const struct db_table *tables, size_t n, struct err *err);
MUST_CHECK
enum err_code db_unwatch(struct db *db, const struct db_table *tables, size_t n, struct err *err);

/* Within a transaction: waits until nobody else is writing, and keeps it so to its end. */
MUST_CHECK
enum err_code db_lock_all(struct db *db, const struct db_table *tables, size_t n, struct err *err);

/* The database's clock, by which it judges frozen_until_ms. */
MUST_CHECK
enum err_code db_now(struct db *db, int64_t *ret_ms, struct err *err);
