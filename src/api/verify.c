/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/verify.c - GET /auth/verify: is this key or token good, and for what? */
#include "api/call.h"
#include "api/errors.h"
#include "api/handlers.h"

static void
put_scopes(struct jsonw *w, unsigned scopes)
{
    jsonw_array(w, "scopes");
    for (unsigned scope = SCOPE_READ; scope <= SCOPE_ADMIN; scope <<= 1)
        if ((scopes & scope) != 0)
            jsonw_string(w, NULL, scope_name((enum scope)scope));
    jsonw_end(w);
}

static void
put_id(struct jsonw *w, const char *name, const char *id)
{
    jsonw_string(w, name, id[0] != '\0' ? id : NULL);
}

void
auth_verify(struct call *call)
{
    const struct principal *who = &call->who;
    struct person person = {0};
    struct err err;

    if (who->user_id[0] != '\0' &&
        person_find(call->arena, call->api->db, who->user_id, &person, &err) != ERR_OK) {
        reply_error(call, &err);
        return;
    }
    struct jsonw w = call_json(call);
    jsonw_object(&w, NULL);
    jsonw_string(&w, "status", "success");
    jsonw_string(&w, "message", "authenticated");
    jsonw_object(&w, "user");
    put_id(&w, "id", who->user_id[0] != '\0' ? who->user_id : who->key_id);
    jsonw_string(&w, "email", person.email);
    jsonw_string(&w, "name", person.name);
    put_id(&w, "api_key_id", who->key_id);
    jsonw_string(&w, "team_id", who->team_id);
    jsonw_string(&w, "organization_id", who->organization_id);
    put_scopes(&w, who->scopes);
    jsonw_end(&w);
    jsonw_end(&w);
    call_reply_json(call, 200);
}
