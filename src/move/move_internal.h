/* SPDX-License-Identifier: AGPL-3.0-or-later
 * move/move_internal.h - what the steps of a move share; nobody else includes it. */
#pragma once

#include "base/hash.h"
#include "base/random.h"
#include "db/move.h"
#include "move/move.h"

enum {
    MOVE_PAGE_ROWS = 256,       /* read, and committed, at once */
    MOVE_PIECE_BYTES = 8 << 20, /* of such a piece, but for its last row */
    MOVE_BATCH = 2000,          /* entries of the log that are followed at once */
};

/* The two sides have the same tables and columns in the same order. */
struct move {
    const struct move_config *config;
    struct db *from, *to;
    struct arena *schema;              /* of the tables, outlives the handles */
    struct db_table *tables, *targets; /* by name: of the old database, of the new one */
    size_t count;
    struct arena *arena; /* of one piece */
    char id[UUID_TEXT_SIZE];
    char owner[UUID_TEXT_SIZE]; /* this process */
    bool fresh;                 /* begun by this call */
    bool moved;                 /* the old one is marked; only the new one is to be opened */
    bool frozen;
    int64_t frozen_at_ms, renewed_at_ms; /* monotonic */
    int64_t missing; /* objects that rows name and the old store does not have */
};

void move_say(const struct move *m, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* --- state.c: the rows that say what the move has come to --- */
MUST_CHECK
enum err_code state_begin(struct move *m, struct err *err);
/* In a transaction of the new database: ERR_CONFLICT if this process is not the mover any more. */
MUST_CHECK
enum err_code state_check_owner(struct move *m, struct db *db, struct err *err);
/* Stops all writing in the old database, or goes on doing so. Cheap if it was done a moment ago. */
MUST_CHECK
enum err_code state_freeze(struct move *m, struct err *err);
MUST_CHECK
enum err_code state_thaw(struct move *m, struct err *err);
/* The old one is done for, unless something was written that has not been followed: *ret_moved. */
MUST_CHECK
enum err_code state_mark_moved(struct move *m, bool *ret_moved, struct err *err);
MUST_CHECK
enum err_code state_open_new(struct move *m, struct err *err);

/* Keys are kept as texts: from the columns k1, k2, ... of a row, from `column` on. */
MUST_CHECK
enum err_code key_read(struct arena *arena, const struct db_table *table,
                       const struct db_rows *rows, int column, struct db_value ret[DB_KEYS_MAX],
                       struct err *err);

/* --- progress.c: how far each table has been copied --- */
struct progress {
    bool complete;
    bool begun; /* there is a key: of the last row */
    int64_t copied;
    struct db_value key[DB_KEYS_MAX]; /* in m->arena */
};
MUST_CHECK
enum err_code progress_read(struct move *m, const struct db_table *table, struct progress *ret,
                            struct err *err);
/* In the transaction that writes the rows. */
MUST_CHECK
enum err_code progress_write(struct move *m, const struct db_table *table,
                             const struct progress *progress, struct err *err);
/* The table is copied again by the next call. */
MUST_CHECK
enum err_code progress_forget(struct move *m, const struct db_table *table, struct err *err);

/* --- piece.c: some rows of one table, on their way --- */
struct piece {
    struct move *m;
    const struct db_table *table;
    struct db_value *values; /* rows * field_count */
    size_t rows, cap, bytes, bytes_max;
    bool full; /* further rows were left out */
};
void piece_init(struct piece *piece, struct move *m, const struct db_table *table, size_t cap,
                size_t bytes_max);
/* A db_row_seen: keeps a copy of the row in the arena. */
enum err_code piece_add(void *ctx, const struct db_value *row, struct err *err);
void piece_key(const struct piece *piece, size_t row, struct db_value ret[DB_KEYS_MAX]);
/* The objects that the rows name are in the new store after OK. */
MUST_CHECK
enum err_code piece_bring_objects(const struct piece *piece, struct err *err);

/* --- the steps --- */
MUST_CHECK
enum err_code copy_table(struct move *m, size_t table, struct err *err);
/* Follows what is in the log, at most MOVE_BATCH of its entries; *ret_n of them. */
MUST_CHECK
enum err_code follow_some(struct move *m, size_t *ret_n, struct err *err);
/* ERR_CONFLICT says which table is not equal. */
MUST_CHECK
enum err_code verify_all(struct move *m, struct err *err);

/* --- objects.c --- */
/* Whether a column names an object that has to come along. */
bool object_column(const char *table, const char *column);
/* Copies those that are not there, several at once, and reads each again. Those that the old store
 * does not have are counted. */
MUST_CHECK
enum err_code objects_copy(struct move *m, const char *const *ids, size_t n, struct err *err);
