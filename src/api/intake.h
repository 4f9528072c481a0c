/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/intake.h - a request's body on its way into the store, in constant memory.
 *
 * Two buffers: one is filled from the socket while the other is hashed and written by a thread of
 * the pool. While both are full the socket is not read. fsync and rename happen on that thread
 * too. An intake that is dropped, or whose client goes away, leaves nothing behind. */
#pragma once

#include "api/work.h"
#include "base/buf.h"

enum { INTAKE_BUFFER = 256 << 10 };

/* Makes work->intake. done(work) is called once, on the loop's thread, never inside a call of this
 * header, and only while work->call is there: after intake_end when the object is durable, or
 * earlier with the error in work->rc and work->err. When the call ends before intake_keep, with or
 * without done, the object and the work are given up by themselves. ERR_UNAVAILABLE past
 * API_INTAKES_MAX bodies at a time. */
MUST_CHECK
enum err_code intake_open(struct work *work, uint64_t max_bytes, void (*done)(struct work *work),
                          struct err *err);
void intake_feed(struct work *work, struct span piece);
/* The body is complete. */
void intake_end(struct work *work);
/* What was written; after done with ERR_OK. */
const struct store_written *intake_written(const struct work *work);
/* The object is referred to by the database: it stays, and the work is the caller's again. */
void intake_keep(struct work *work);
/* The work has failed after done: removes what was written, then calls then, with work->rc and err
 * as they are now, so that the answer goes out when nothing is left. After a fault that leaves open
 * whether the commit has reached the disk the object stays: the collector removes it if no row of
 * the database refers to it. */
void intake_undo(struct work *work, void (*then)(struct work *work));
/* Removes the object (or what there is of it), then drops the work. Not while a step is under way.
 */
void intake_give_up(struct work *work);
