/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/audit.c - GET of a team's audit log, newest first. */
#include "account/audit.h"
#include "api/call.h"
#include "api/cursor.h"
#include "api/errors.h"
#include "api/handlers.h"

#include <stdio.h>

static void
put_entry(struct jsonw *w, const struct audit_entry *entry)
{
    char id[24];

    snprintf(id, sizeof(id), "%lld", (long long)entry->id);
    jsonw_object(w, NULL);
    jsonw_string(w, "id", id);
    jsonw_time(w, "created_at", entry->created_ms);
    jsonw_string(w, "actor", entry->actor);
    jsonw_string(w, "action", entry->action);
    jsonw_string(w, "target", entry->target);
    jsonw_string(w, "origin", entry->origin);
    jsonw_string(w, "request_id", entry->request_id);
    jsonw_string(w, "detail", entry->detail);
    jsonw_end(w);
}

void
audit_show(struct call *call)
{
    struct cursor_page page;
    struct audit_entry *entries = NULL;
    struct cursor_end end = {.id = ""};
    size_t n = 0;
    struct err err;
    enum err_code rc = cursor_read(call, &page, &err);

    if (rc == ERR_OK)
        rc = audit_list(call->arena, call->api->db, call->who.team_id, page.sort, page.limit + 1,
                        &entries, &n, &err);
    if (rc == ERR_OK)
        rc = audit_count(call->api->db, call->who.team_id, &end.total, &err);
    if (rc != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct jsonw w = cursor_open(call);
    n = cursor_shown(&page, n, &end);
    for (size_t i = 0; i < n; i++) {
        put_entry(&w, &entries[i]);
        end.sort = entries[i].id;
    }
    cursor_close(call, &w, &page, &end);
}
