/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/work.h - what a call has done by other threads: writing to the database, reading and writing
 * objects. It has memory of its own, so that the call may end at any moment.
 *
 * One step at a time: work_write or work_io hands it over, `then` is called on the loop's thread
 * when the step is over, with rc and err set. `then` looks at work->call (NULL: nobody waits any
 * more), cleans up what the outcome asks for, and begins another step or ends with work_drop. */
#pragma once

#include "account/audit.h"
#include "api/api_internal.h"

struct call;
struct intake;
struct turn_read;

struct work {
    struct work *prev, *next;
    struct api *api;
    struct call *call; /* loop's thread only */
    struct arena *arena;
    void *state;           /* the resource's own */
    void *removal;         /* of work_remove_objects */
    struct intake *intake; /* of api/intake.h */
    bool busy;             /* another thread has it */
    /* Called when the call ends while no step is under way; NULL: `then` does all that is needed.
     */
    void (*on_orphan)(struct work *work);
    void (*on_drop)(
        struct work *work); /* frees what state holds outside the arena; NULL: nothing */
    struct {
        struct work *next; /* in the row */
        const struct turn_read *how;
    } turn;                    /* of api/turn.h */
    struct audit_entry *audit; /* to be written with the first change; NULL: none, or done */
    enum err_code rc;
    struct err err;

    db_work write;
    enum err_code (*io)(struct work *work, struct err *err);
    void (*then)(struct work *work);
    struct db_job db;
    char owner[UUID_TEXT_SIZE]; /* the team of work_write_for_team */
    struct io_job job;
    struct http_mail mail;
    bool wakes; /* the step makes work for the runner: tell it once committed */
};

/* Of a call that changes something (any method but GET) by somebody known, the first change writes
 * an entry of the audit log in its own transaction.
 * call may be NULL. ERR_MEMORY as NULL. state_size: zeroed bytes for work->state. */
MUST_CHECK
struct work *work_new(struct api *api, struct call *call, size_t state_size);
/* The same of a call; where there is no memory the call has been answered, and NULL is returned. */
MUST_CHECK
struct work *work_begin(struct call *call, size_t state_size);
/* In the step: what it has made, where the path does not name it. id lives as long as the work. */
void work_audit_target(struct work *work, const char *id);
/* In the step: it has changed nothing, so there is nothing to note. */
void work_audit_nothing(struct work *work);
/* Not while a step is under way. Sets *work to NULL. */
void work_drop(struct work **work);
/* How most works end: if somebody still waits, an error of the step is the reply, or reply(call,
 * state) makes it. Drops the work. */
void work_answer(struct work *work, void (*reply)(struct call *call, const void *state));

/* write(db, work) in a transaction of the writer. */
void work_write(struct work *work, db_work write, void (*then)(struct work *work));
/* The same where all that it reads for writing, and writes, belongs to the call's team (and the
 * audit log): on a server it goes on beside what others do for other teams. */
void work_write_for_team(struct work *work, db_work write, void (*then)(struct work *work));
/* io(work) on a thread of the pool. */
void work_io(struct work *work, enum err_code (*io)(struct work *work, struct err *err),
             void (*then)(struct work *work));

/* The same of what may take seconds of a processor, in turn with those of other teams. */
void work_io_long(struct work *work, enum err_code (*io)(struct work *work, struct err *err),
                  void (*then)(struct work *work));

/* The call has ended. */
void work_orphan(struct work *work);

/* Removes objects that nothing refers to any more, then calls then (NULL: drops the work). ids
 * stay valid as long as the work. A failure is logged: the collector of orphans finds them later.
 */
void work_remove_objects(struct work *work, char (*ids)[OBJECT_ID_SIZE], size_t n,
                         void (*then)(struct work *work));

/* After the other threads have ended: finishes what came back and nobody took. */
void work_drain(struct api *api);
