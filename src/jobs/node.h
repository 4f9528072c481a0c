/* SPDX-License-Identifier: AGPL-3.0-or-later
 * jobs/node.h - the nodes that work on one database, as each says of itself, and the queue as the
 * operator sees it. Nothing is decided by these rows but what a node of the same name left behind:
 * a task is held by its lease alone. Steps run in the caller's transaction. */
#pragma once

#include "base/arena.h"
#include "base/random.h"
#include "db/db.h"

enum {
    NODE_BEAT_MS = 30 * 1000,        /* how often a node writes its row */
    NODE_LOST_MS = 3 * NODE_BEAT_MS, /* not seen for so long: it is gone, or cut off */
    NODE_KEPT_MS = 24 * 3600 * 1000, /* rows of lost ones */
};

struct node {
    const char *name, *version;
    int64_t roles; /* bits: 1 api, 2 runner, 4 courier */
    int64_t weight, readers;
    const char *models, *teams; /* "": all */
    int64_t running;            /* batches */
    bool draining;
    int64_t started_ms, seen_ms;
    const char *owner; /* see task_claim; "": no runner */
};

/* Its row, new or again; rows of those lost for NODE_KEPT_MS go. seen_ms is now_ms then. */
MUST_CHECK
enum err_code node_beat(struct db *db, const struct node *node, int64_t now_ms, struct err *err);
/* The owner that a node of this name had when it was last seen; "" if there was none. */
MUST_CHECK
enum err_code node_owner(struct db *db, const char *name, char ret[UUID_TEXT_SIZE],
                         struct err *err);
/* It ends in order: the row goes, unless another took the name. */
MUST_CHECK
enum err_code node_leave(struct db *db, const char *name, const char *owner, struct err *err);

/* All, by name. */
MUST_CHECK
enum err_code node_list(struct arena *arena, struct db *db, struct node **ret, size_t *ret_n,
                        struct err *err);

/* What waits and runs of one team and model. */
struct queue_part {
    const char *team_id, *model;
    int64_t waiting, running;
    int64_t oldest_due_ms; /* of the waiting; 0: none waits */
};
/* Counts every task: for people, not for loops. */
MUST_CHECK
enum err_code queue_parts(struct arena *arena, struct db *db, struct queue_part **ret,
                          size_t *ret_n, struct err *err);
