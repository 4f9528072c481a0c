/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/turn.h - reads that may take long: analytics, lists under filters that no index serves. They
 * run on a thread of the pool with a database handle of its own; one at a time, the others wait in
 * a row, because uploads need the pool as well. */
#pragma once

#include "api/work.h"

enum { TURN_WAITING_MAX = 64 };

/* ERR_UNAVAILABLE where the row is full. */
MUST_CHECK
enum err_code turn_room(const struct api *api, struct err *err);

/* read fills in work->state; it may use work->arena, not the call. Then, on the loop's thread and
 * if somebody still waits, an error is the reply, or reply(work) makes it. The work is dropped. */
void turn_take(struct work *work,
               enum err_code (*read)(struct work *work, struct db *db, struct err *err),
               void (*reply)(struct work *work));
