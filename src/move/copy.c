/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The first step: a table from its beginning to its end, in pieces by its key. */
#include "move/move_internal.h"

#include <string.h>

struct copying {
    struct move *m;
    const struct db_table *target;
    const struct piece *piece;
    const struct progress *before, *now;
};

/* What the log has brought there before goes first: it is in the piece as well, or gone. */
static enum err_code
do_write(struct db *db, void *arg, struct err *err)
{
    struct copying *c = arg;
    const struct db_value *after = c->before->begun ? c->before->key : NULL;
    enum err_code rc = state_check_owner(c->m, db, err);

    if (rc == ERR_OK && c->piece->rows > 0)
        rc = db_erase_range(db, c->target, after, c->now->key, err);
    if (rc == ERR_OK)
        rc = db_load_rows(db, c->target, c->piece->values, c->piece->rows, err);
    return rc == ERR_OK ? progress_write(c->m, c->target, c->now, err) : rc;
}

static enum err_code
copy_piece(struct move *m, size_t table, struct progress *progress, struct err *err)
{
    const struct progress before = *progress;
    struct piece piece;

    piece_init(&piece, m, &m->tables[table], MOVE_PAGE_ROWS, MOVE_PIECE_BYTES);
    enum err_code rc = db_page(m->from, &m->tables[table], before.begun ? before.key : NULL,
                               MOVE_PAGE_ROWS, piece_add, &piece, err);
    if (rc == ERR_OK)
        rc = piece_bring_objects(&piece, err);
    if (rc != ERR_OK)
        return rc;
    progress->complete = piece.rows < MOVE_PAGE_ROWS && !piece.full;
    progress->copied += (int64_t)piece.rows;
    if (piece.rows > 0) {
        progress->begun = true;
        piece_key(&piece, piece.rows - 1, progress->key);
    }
    struct copying c = {m, &m->targets[table], &piece, &before, progress};
    return db_transact(m->to, do_write, &c, err);
}

enum err_code
copy_table(struct move *m, size_t table, struct err *err)
{
    struct progress progress = {0};
    enum err_code rc = ERR_OK;
    bool waited = false;

    /* Read again each time: the key that it holds goes with the arena. */
    while (rc == ERR_OK) {
        arena_reset(m->arena);
        rc = progress_read(m, &m->targets[table], &progress, err);
        if (rc != ERR_OK || progress.complete)
            break;
        waited = true;
        rc = copy_piece(m, table, &progress, err);
    }
    if (rc == ERR_OK && waited && progress.copied > 0)
        move_say(m, "copied %s: %lld rows", m->tables[table].name, (long long)progress.copied);
    return rc;
}
