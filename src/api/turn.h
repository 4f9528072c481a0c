/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/turn.h - reads of the database that may take long: analytics, lists under filters that no
 * index serves. They run on a thread of the pool with a database handle of their own; one at a
 * time, the others wait in a row, because uploads need the pool as well. */
#pragma once

#include "api/api_internal.h"

enum { TURN_WAITING_MAX = 64 };

/* How a request is answered by one read. What outlives `ask` is in the arena or in the state, as
 * the call may end while the read waits or runs. */
struct turn_read {
    size_t state_size;
    /* From the request to the state, which is zeroed. */
    enum err_code (*ask)(struct call *call, struct arena *arena, void *state, struct err *err);
    /* True: it is read at once, on the loop's thread. NULL: none is that quick. */
    bool (*is_quick)(const void *state);
    /* load(db, state) in one db_read; not on the loop's thread, unless quick. May run again. */
    db_work load;
    void (*reply)(struct call *call, const void *state);
    /* Frees what the state holds outside the arena; also after an error of ask. NULL: nothing. */
    void (*drop)(void *state);
};

/* Answers the call now or later, with an error of ask or read as the reply; ERR_UNAVAILABLE (503)
 * where the row is full. `how` is static. */
void turn_answer(struct call *call, const struct turn_read *how);

/* After the other threads have ended. */
void turn_close(struct api *api);
