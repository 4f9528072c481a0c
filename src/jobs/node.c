/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "jobs/node.h"

#include <string.h>

enum { LIST_MAX = 10000 };

enum err_code
node_beat(struct db *db, const struct node *node, int64_t now_ms, struct err *err)
{
    enum err_code rc = db_exec(
        db,
        "INSERT INTO node (name, version, roles, weight, readers, running, draining, started_ms, "
        "seen_ms, owner, models, teams) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) "
        "ON CONFLICT (name) DO UPDATE SET version = excluded.version, roles = excluded.roles, "
        "weight = excluded.weight, readers = excluded.readers, running = excluded.running, "
        "draining = excluded.draining, started_ms = excluded.started_ms, "
        "seen_ms = excluded.seen_ms, owner = excluded.owner, models = excluded.models, "
        "teams = excluded.teams",
        DB_ARGS(db_text(node->name), db_text(node->version), db_int(node->roles),
                db_int(node->weight), db_int(node->readers), db_int(node->running),
                db_int(node->draining), db_int(node->started_ms), db_int(now_ms),
                db_text(node->owner), db_text(node->models), db_text(node->teams)),
        NULL, err);

    return rc != ERR_OK ? rc
                        : db_exec(db, "DELETE FROM node WHERE seen_ms < $1",
                                  DB_ARGS(db_int(now_ms - NODE_KEPT_MS)), NULL, err);
}

enum err_code
node_owner(struct db *db, const char *name, char ret[UUID_TEXT_SIZE], struct err *err)
{
    struct db_rows *rows = NULL;
    char owner[UUID_TEXT_SIZE] = "";
    enum err_code rc =
        db_first(db, "SELECT owner FROM node WHERE name = $1", DB_ARGS(db_text(name)), &rows, err);

    if (rc == ERR_OK && rows != NULL && !db_column_copy(rows, 0, owner, sizeof(owner)))
        rc = err_set(err, ERR_SYSTEM, "the owner of a node's tasks is too long");
    db_end(&rows);
    if (rc == ERR_OK)
        memcpy(ret, owner, sizeof(owner));
    return rc;
}

enum err_code
node_leave(struct db *db, const char *name, const char *owner, struct err *err)
{
    return db_exec(db, "DELETE FROM node WHERE name = $1 AND owner = $2",
                   DB_ARGS(db_text(name), db_text(owner)), NULL, err);
}

static void
read_node(struct arena *arena, const struct db_rows *rows, struct node *ret)
{
    *ret = (struct node){.name = db_column_text(arena, rows, 0),
                         .version = db_column_text(arena, rows, 1),
                         .roles = db_column_int(rows, 2),
                         .weight = db_column_int(rows, 3),
                         .readers = db_column_int(rows, 4),
                         .running = db_column_int(rows, 5),
                         .draining = db_column_int(rows, 6) != 0,
                         .started_ms = db_column_int(rows, 7),
                         .seen_ms = db_column_int(rows, 8),
                         .owner = db_column_text(arena, rows, 9),
                         .models = db_column_text(arena, rows, 10),
                         .teams = db_column_text(arena, rows, 11)};
}

enum err_code
node_list(struct arena *arena, struct db *db, struct node **ret, size_t *ret_n, struct err *err)
{
    struct db_rows *rows = NULL;
    struct node *nodes = arena_alloc(arena, LIST_MAX * sizeof(*nodes));
    bool more = false;
    size_t n = 0;

    if (nodes == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the list of nodes");
    enum err_code rc = db_query(db,
                                "SELECT name, version, roles, weight, readers, running, draining, "
                                "started_ms, seen_ms, owner, models, teams FROM node ORDER BY name",
                                NULL, 0, &rows, err);
    while (rc == ERR_OK && n < LIST_MAX && (rc = db_next(rows, &more, err)) == ERR_OK && more)
        read_node(arena, rows, &nodes[n++]);
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = nodes;
        *ret_n = n;
    }
    return rc;
}

enum err_code
queue_parts(struct arena *arena, struct db *db, struct queue_part **ret, size_t *ret_n,
            struct err *err)
{
    struct db_rows *rows = NULL;
    struct queue_part *parts = arena_alloc(arena, LIST_MAX * sizeof(*parts));
    bool more = false;
    size_t n = 0;

    if (parts == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the queue");
    enum err_code rc = db_query(
        db,
        "SELECT team_id, model, COUNT(CASE WHEN state = 0 THEN 1 END), "
        "COUNT(CASE WHEN state = 1 THEN 1 END), COALESCE(MIN(CASE WHEN state = 0 THEN due_ms "
        "END), 0) FROM task GROUP BY team_id, model ORDER BY team_id, model",
        NULL, 0, &rows, err);
    while (rc == ERR_OK && n < LIST_MAX && (rc = db_next(rows, &more, err)) == ERR_OK && more)
        parts[n++] = (struct queue_part){.team_id = db_column_text(arena, rows, 0),
                                         .model = db_column_text(arena, rows, 1),
                                         .waiting = db_column_int(rows, 2),
                                         .running = db_column_int(rows, 3),
                                         .oldest_due_ms = db_column_int(rows, 4)};
    db_end(&rows);
    if (rc == ERR_OK) {
        *ret = parts;
        *ret_n = n;
    }
    return rc;
}
