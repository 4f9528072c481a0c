/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/admin_nodes.c - `leapocr admin nodes`: who works on the database, and what waits. */
#include "base/clock.h"
#include "cmd/admin_internal.h"
#include "cmd/roles.h"
#include "jobs/node.h"

static const char *
state_of(const struct node *node, int64_t now_ms)
{
    return now_ms - node->seen_ms > NODE_LOST_MS ? "lost" : node->draining ? "draining" : "works";
}

static void
put_node(struct admin *a, const struct node *node, int64_t now_ms)
{
    char roles[32];

    roles_text(node->roles, roles);
    admin_row(a);
    admin_text(a, "node", node->name);
    admin_text(a, "state", state_of(node, now_ms));
    admin_text(a, "roles", roles);
    admin_text(a, "version", node->version);
    admin_int(a, "weight", node->weight);
    admin_int(a, "readers", node->readers);
    admin_int(a, "running", node->running);
    admin_time(a, "started_at", node->started_ms);
    admin_time(a, "seen_at", node->seen_ms);
    admin_text(a, "models", node->models[0] != '\0' ? node->models : NULL);
    admin_text(a, "teams", node->teams[0] != '\0' ? node->teams : NULL);
    admin_row_end(a);
}

static void
put_part(struct admin *a, const struct queue_part *part, int64_t now_ms)
{
    int64_t due_ms = part->oldest_due_ms;

    admin_row(a);
    admin_text(a, "team_id", part->team_id);
    admin_text(a, "model", part->model);
    admin_int(a, "waiting", part->waiting);
    admin_int(a, "running", part->running);
    admin_int(a, "oldest_seconds", due_ms > 0 && due_ms < now_ms ? (now_ms - due_ms) / 1000 : 0);
    admin_row_end(a);
}

/* A table, or a list of that name in the object. */
static void
begin(struct admin *a, const char *name)
{
    if (a->out.json)
        jsonw_array(&a->out.w, name);
    else if (a->out.text.len > 0)
        buf_char(&a->out.text, '\n');
    a->out.head_done = false;
}

static void
end(struct admin *a, const char *none)
{
    if (a->out.json)
        jsonw_end(&a->out.w);
    else if (!a->out.head_done)
        buf_printf(&a->out.text, "%s\n", none);
}

enum err_code
admin_nodes_list(struct admin *a, struct err *err)
{
    struct node *nodes = NULL;
    struct queue_part *parts = NULL;
    size_t node_count = 0, part_count = 0;
    int64_t now_ms = clock_utc_ms();
    enum err_code rc = node_list(a->arena, a->db, &nodes, &node_count, err);

    if (rc == ERR_OK)
        rc = queue_parts(a->arena, a->db, &parts, &part_count, err);
    if (rc != ERR_OK)
        return rc;
    admin_row(a);
    begin(a, "nodes");
    for (size_t i = 0; i < node_count; i++)
        put_node(a, &nodes[i], now_ms);
    end(a, "no node has been seen for a day");
    begin(a, "queue");
    for (size_t i = 0; i < part_count; i++)
        put_part(a, &parts[i], now_ms);
    end(a, "the queue is empty");
    if (a->out.json)
        jsonw_end(&a->out.w);
    return rc;
}
