/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/writer.h - the one writing thread of a process, with group commit.
 *
 * Work posted by the event loops runs in order, many pieces inside one transaction, each behind a
 * savepoint of its own: a piece that fails is rolled back alone. done() is called, on the writer's
 * thread, only after the COMMIT that holds the piece has reached the disk (or has failed: then
 * every piece of the group that had succeeded is told so). A group ends after DB_GROUP_MAX pieces,
 * after 20 ms, or when nothing more is posted. After a second without work the log is emptied
 * (db_checkpoint). */
#pragma once

#include "db/db.h"

struct db_writer;

enum { DB_GROUP_MAX = 128 };

struct db_job {
    struct db_job *next; /* owned by the writer between post and done */
    db_work work;
    void (*done)(struct db_job *job); /* on the writer's thread; hand over, do not linger */
    void *arg;
    const char *owner; /* NULL, or the only one whose rows it reads for writing, and writes, but for
                        * what only writers write; see db_transact_for */
    enum err_code rc;  /* set before done */
    struct err err;
};

MUST_CHECK
enum err_code db_writer_open(const char *place, struct db_writer **ret, struct err *err);

/* Finishes what was posted, then ends the thread. */
void db_writer_close(struct db_writer **writer);

/* From any thread; cannot fail. The job is the caller's memory, untouched by him until done. */
void db_writer_post(struct db_writer *writer, struct db_job *job);

/* From any thread: db_is_dead of the writer's handle. The process has to end then. */
bool db_writer_is_dead(const struct db_writer *writer);
