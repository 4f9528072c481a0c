/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/tenant.h"

#include "api/call.h"
#include "api/errors.h"
#include "api/routes.h"

#include <string.h>

static const char organization_name[] = "{organization_id}", team_name[] = "{team_id}";

/* The name of the pattern's next parameter, with its braces; len 0 at the end. */
static struct span
next_name(const char **pattern)
{
    const char *begin = strchr(*pattern, '{');

    if (begin == NULL)
        return (struct span){0};
    size_t len = strcspn(begin, "/");
    *pattern = begin + len;
    return (struct span){(const uint8_t *)begin, len};
}

/* Takes the tenant out of the parameters. */
static void
split_params(struct call *call, const char **ret_organization, const char **ret_team)
{
    const char *pattern = call->route->pattern;
    const char *params[CALL_PARAMS_MAX] = {0};
    size_t kept = 0;

    for (size_t i = 0; i < CALL_PARAMS_MAX; i++) {
        struct span name = next_name(&pattern);
        if (name.len == 0)
            break;
        if (span_equal(name, span_of(organization_name)))
            *ret_organization = call->params[i];
        else if (span_equal(name, span_of(team_name)))
            *ret_team = call->params[i];
        else
            params[kept++] = call->params[i];
    }
    memcpy(call->params, params, sizeof(params));
}

/* A key belongs to one team; a person may be a member of several. */
static enum err_code
find_own(struct call *call, const char *organization, const char *team, struct err *err)
{
    struct principal *who = &call->who;

    if ((organization == NULL || strcmp(organization, who->organization_id) == 0) &&
        (team == NULL || strcmp(team, who->team_id) == 0))
        return ERR_OK;
    return principal_move(call->api->db, organization, team, who, err);
}

bool
tenant_admit(struct call *call)
{
    const char *organization = NULL, *team = NULL;
    struct err err;

    split_params(call, &organization, &team);
    enum err_code rc = find_own(call, organization, team, &err);
    unsigned missing = (unsigned)call->route->scope & SCOPE_ALL & ~call->who.scopes;
    if (rc == ERR_OK && missing != 0)
        err_set(&err, ERR_FORBIDDEN, "this needs the scope '%s', which the key does not have",
                scope_name((enum scope)missing));
    else if (rc == ERR_OK)
        return true;
    reply_error(call, &err);
    return false;
}
