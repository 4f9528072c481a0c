/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/clock.h"
#include "move/move_internal.h"

#include <stdio.h>
#include <string.h>

static const int64_t freeze_ms = 20000; /* a mover that is gone holds nobody up for longer */
static const int64_t renew_ms = 3000;

struct state {
    bool there;
    int64_t side, phase;
    char move_id[UUID_TEXT_SIZE];
    char owner[UUID_TEXT_SIZE];
    char place[256];
};

static enum err_code
read_state(struct db *db, struct state *ret, struct err *err)
{
    struct db_rows *rows = NULL;
    struct state state = {0};
    enum err_code rc =
        db_first(db, "SELECT side, phase, move_id, owner, place FROM move_state WHERE id = 1", NULL,
                 0, &rows, err);

    if (rc == ERR_OK && rows != NULL) {
        state.there = true;
        state.side = db_column_int(rows, 0);
        state.phase = db_column_int(rows, 1);
        if (!db_column_copy(rows, 2, state.move_id, sizeof(state.move_id)) ||
            !db_column_copy(rows, 3, state.owner, sizeof(state.owner)) ||
            !db_column_copy(rows, 4, state.place, sizeof(state.place)))
            rc = err_set(err, ERR_SYSTEM, "the state of the move cannot be read");
    }
    db_end(&rows);
    if (rc == ERR_OK)
        *ret = state;
    return rc;
}

static enum err_code
write_state(struct move *m, struct db *db, int64_t side, const char *place, struct err *err)
{
    return db_exec(
        db,
        "INSERT INTO move_state (id, move_id, side, phase, frozen_until_ms, begun_ms, "
        "done_ms, owner, place) VALUES (1, $1, $2, 0, 0, $3, 0, $4, $5) ON CONFLICT (id) "
        "DO UPDATE SET move_id = $1, side = $2, phase = 0, frozen_until_ms = 0, "
        "begun_ms = $3, done_ms = 0, owner = $4, place = $5",
        DB_ARGS(db_text(m->id), db_int(side), db_int(clock_utc_ms()), db_text(m->owner),
                db_text(place)),
        NULL, err);
}

static enum err_code
take_over(struct move *m, struct db *db, struct err *err)
{
    return db_exec(db, "UPDATE move_state SET owner = $1 WHERE id = 1", DB_ARGS(db_text(m->owner)),
                   NULL, err);
}

/* --- the beginning --- */

/* Also where the move was begun before: a newer program may have more tables. */
static enum err_code
begin_old(struct db *db, void *arg, struct err *err)
{
    struct move *m = arg;
    struct state state;
    enum err_code rc = read_state(db, &state, err);

    if (rc != ERR_OK)
        return rc;
    bool fresh = !state.there || (state.side == 1 && state.phase == 1);
    if (!fresh && state.side == 1)
        return err_set(err, ERR_CONFLICT,
                       "%s is what an installation is being moved to, not where it is",
                       m->config->from_name);
    if (!fresh && strcmp(state.place, m->config->to_name) != 0)
        return err_set(err, ERR_CONFLICT,
                       state.phase == 1 ? "%s has moved to %s already"
                                        : "%s is on its way to %s; `leapocr admin move --cancel` "
                                          "gives that up",
                       m->config->from_name, state.place);
    if (!fresh)
        memcpy(m->id, state.move_id, sizeof(m->id));
    m->moved = !fresh && state.phase == 1;
    m->fresh = fresh;
    rc = fresh ? write_state(m, db, 0, m->config->to_name, err) : take_over(m, db, err);
    return rc == ERR_OK && !m->moved ? db_watch(db, m->tables, m->count, err) : rc;
}

static enum err_code
check_empty(struct move *m, struct db *db, struct err *err)
{
    struct db_rows *rows = NULL;
    enum err_code rc = db_first(db, "SELECT 1 FROM organization LIMIT 1", NULL, 0, &rows, err);

    if (rc == ERR_OK && rows != NULL)
        rc = err_set(err, ERR_CONFLICT,
                     "%s holds an installation already; a move needs an empty database",
                     m->config->to_name);
    db_end(&rows);
    return rc;
}

static enum err_code
begin_new(struct db *db, void *arg, struct err *err)
{
    struct move *m = arg;
    struct state state;
    enum err_code rc = read_state(db, &state, err);

    if (rc != ERR_OK)
        return rc;
    if (!state.there) {
        rc = m->moved ? err_set(err, ERR_CONFLICT, "%s has moved, but not to this %s",
                                m->config->from_name, m->config->to_name)
                      : check_empty(m, db, err);
        return rc == ERR_OK ? write_state(m, db, 1, m->config->from_name, err) : rc;
    }
    if (state.side != 1 || strcmp(state.move_id, m->id) != 0)
        return err_set(err, ERR_CONFLICT,
                       "%s took part in another move; a move needs an empty database",
                       m->config->to_name);
    if (state.phase == 1)
        return err_set(err, ERR_CONFLICT, "%s has moved to %s already", m->config->from_name,
                       m->config->to_name);
    return take_over(m, db, err);
}

static enum err_code
do_cancel(struct db *db, void *arg, struct err *err)
{
    struct move *m = arg;
    struct state state;
    enum err_code rc = read_state(db, &state, err);

    if (rc == ERR_OK && (!state.there || state.side == 1))
        rc = err_set(err, ERR_NOT_FOUND, "no move away from there was begun");
    else if (rc == ERR_OK && state.phase == 1)
        rc = err_set(err, ERR_CONFLICT, "it has moved to %s already: writing there may have begun",
                     state.place);
    if (rc == ERR_OK)
        rc = db_unwatch(db, m->tables, m->count, err);
    return rc == ERR_OK ? db_exec(db, "DELETE FROM move_state", NULL, 0, NULL, err) : rc;
}

/* The old one first: its row tells the number of the move. A new one that knows of a move which the
 * old one has forgotten is refused by the number. */
enum err_code
state_begin(struct move *m, struct err *err)
{
    random_uuid(m->id);
    random_uuid(m->owner);
    enum err_code rc = db_transact(m->from, begin_old, m, err);
    if (rc != ERR_OK)
        return rc;
    rc = db_transact(m->to, begin_new, m, err);
    if (rc == ERR_CONFLICT && m->fresh) { /* then nothing has begun */
        struct err why;
        enum err_code undone = db_transact(m->from, do_cancel, m, &why);
        (void)undone; /* what cannot be undone now can be by hand */
    }
    return rc == ERR_OK && !m->moved ? db_loosen(m->to, err) : rc;
}

enum err_code
state_check_owner(struct move *m, struct db *db, struct err *err)
{
    struct state state;
    enum err_code rc = read_state(db, &state, err);

    if (rc == ERR_OK && (strcmp(state.owner, m->owner) != 0 || strcmp(state.move_id, m->id) != 0))
        rc = err_set(err, ERR_CONFLICT, "another `leapocr admin move` has taken over");
    return rc;
}

/* --- freezing --- */

/* By the database's clock: nobody else's has to agree with it. */
static enum err_code
set_frozen(struct move *m, struct db *db, int64_t until_ms, struct err *err)
{
    return db_exec(db, "UPDATE move_state SET frozen_until_ms = $1 WHERE id = 1 AND owner = $2",
                   DB_ARGS(db_int(until_ms), db_text(m->owner)), NULL, err);
}

/* Under the lock, so that whoever was writing has ended when it is said. */
static enum err_code
do_freeze(struct db *db, void *arg, struct err *err)
{
    struct move *m = arg;
    int64_t now = 0;
    enum err_code rc = state_check_owner(m, db, err);

    if (rc == ERR_OK)
        rc = db_lock_all(db, m->tables, m->count, err);
    if (rc == ERR_OK)
        rc = db_now(db, &now, err);
    return rc == ERR_OK ? set_frozen(m, db, now + freeze_ms, err) : rc;
}

enum err_code
state_freeze(struct move *m, struct err *err)
{
    int64_t now = clock_mono_ms();

    if (m->frozen && now - m->renewed_at_ms < renew_ms)
        return ERR_OK;
    enum err_code rc = db_transact(m->from, do_freeze, m, err);
    if (rc == ERR_OK && !m->frozen)
        m->frozen_at_ms = now;
    if (rc == ERR_OK) {
        m->frozen = true;
        m->renewed_at_ms = now;
    }
    return rc;
}

static enum err_code
do_thaw(struct db *db, void *arg, struct err *err)
{
    return set_frozen(arg, db, 0, err);
}

enum err_code
state_thaw(struct move *m, struct err *err)
{
    m->frozen = false;
    return db_transact(m->from, do_thaw, m, err);
}

/* --- the end --- */

struct marking {
    struct move *m;
    bool moved;
};

static enum err_code
do_mark(struct db *db, void *arg, struct err *err)
{
    struct marking *marking = arg;
    struct move *m = marking->m;
    struct db_rows *rows = NULL;
    enum err_code rc = state_check_owner(m, db, err);

    if (rc == ERR_OK)
        rc = db_lock_all(db, m->tables, m->count, err);
    if (rc == ERR_OK)
        rc = db_first(db, "SELECT 1 FROM move_log LIMIT 1", NULL, 0, &rows, err);
    marking->moved = rc == ERR_OK && rows == NULL;
    db_end(&rows);
    if (!marking->moved)
        return rc;
    return db_exec(db,
                   "UPDATE move_state SET phase = 1, frozen_until_ms = $1, done_ms = $2 "
                   "WHERE id = 1",
                   DB_ARGS(db_int(INT64_MAX), db_int(clock_utc_ms())), NULL, err);
}

enum err_code
state_mark_moved(struct move *m, bool *ret_moved, struct err *err)
{
    struct marking marking = {.m = m};
    enum err_code rc = db_transact(m->from, do_mark, &marking, err);

    if (rc == ERR_OK)
        *ret_moved = m->moved = marking.moved;
    return rc;
}

static enum err_code
do_open(struct db *db, void *arg, struct err *err)
{
    struct move *m = arg;
    enum err_code rc = state_check_owner(m, db, err);

    if (rc == ERR_OK)
        rc = db_exec(db, "DELETE FROM move_progress", NULL, 0, NULL, err);
    if (rc == ERR_OK && m->config->opened != NULL)
        rc = m->config->opened(m->config->ctx, db, err);
    return rc == ERR_OK ? db_exec(db, "UPDATE move_state SET phase = 1, done_ms = $1 WHERE id = 1",
                                  DB_ARGS(db_int(clock_utc_ms())), NULL, err)
                        : rc;
}

enum err_code
state_open_new(struct move *m, struct err *err)
{
    return db_transact(m->to, do_open, m, err);
}

/* --- giving up --- */

enum err_code
move_cancel(const char *from, struct err *err)
{
    struct move m = {.schema = arena_new(MiB(64))};
    enum err_code rc = m.schema != NULL ? db_open_for_move(from, &m.from, err)
                                        : err_set(err, ERR_MEMORY, "no memory");

    if (rc == ERR_OK)
        rc = db_tables(m.schema, m.from, &m.tables, &m.count, err);
    if (rc == ERR_OK)
        rc = db_transact(m.from, do_cancel, &m, err);
    db_close(&m.from);
    arena_drop(&m.schema);
    return rc;
}
