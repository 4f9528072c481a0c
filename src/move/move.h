/* SPDX-License-Identifier: AGPL-3.0-or-later
 * move/move.h - moves an installation from one database to another, and its objects from one store
 * to another, while it works.
 *
 * From its beginning on triggers in the old database note the key of each row that changes. Then:
 * copy   each table by its key, in pieces; how far it is stands in the new database;
 * follow rows that changed since are copied again, or go, until few are left;
 * freeze nothing can be written in the old database, for 20 s at a time and as long as this process
 *        says so again: clients are answered 503, reading goes on;
 * check  what is left is followed, what holds between rows is put back and checked by the new
 *        database, then all rows of both are read: counts, digests, ledgers have to be equal;
 * switch the old database is marked as moved for good, if nothing came meanwhile; then the new one
 *        is opened.
 * The objects that a piece of rows names are copied, and read again, before the rows are committed.
 * So both sides may be killed at any time: what was done is kept, the same call goes on, and as
 * long as it is not called the old installation works on by itself. docs/move.md */
#pragma once

#include "db/db.h"
#include "store/store.h"

struct move_config {
    const char *from, *to;               /* databases, as db_open takes them */
    const char *from_name, *to_name;     /* the same for people: without a password */
    struct store *from_store, *to_store; /* borrowed; both NULL: objects stay where they are */
    /* A line for the operator. */
    void (*say)(void *ctx, const char *text);
    /* In the transaction that opens the new database. */
    enum err_code (*opened)(void *ctx, struct db *db, struct err *err);
    void *ctx;
};

/* Goes from wherever an earlier call got to, to the end. ERR_CONFLICT: these two are no such pair,
 * or what was compared is not equal (then the old one works on, and the next call copies the tables
 * in question again), or another process has taken the move over. ERR_UNAVAILABLE: one of the
 * databases or stores is away; to be called again. */
MUST_CHECK
enum err_code move_run(const struct move_config *config, struct err *err);

/* The old database forgets a move that was begun. ERR_NOT_FOUND: there is none; ERR_CONFLICT: it
 * has moved already. */
MUST_CHECK
enum err_code move_cancel(const char *from, struct err *err);
