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

/* A key belongs to one team. */
static bool
is_own(const struct principal *who, const char *organization, const char *team)
{
    return (organization == NULL || strcmp(organization, who->organization_id) == 0) &&
           (team == NULL || strcmp(team, who->team_id) == 0);
}

bool
tenant_admit(struct call *call)
{
    const char *organization = NULL, *team = NULL;
    unsigned missing = (unsigned)call->route->scope & ~call->who.scopes;
    struct err err;

    split_params(call, &organization, &team);
    if (!is_own(&call->who, organization, team))
        err_set(&err, ERR_NOT_FOUND, "there is no such organization or team");
    else if (missing != 0)
        err_set(&err, ERR_FORBIDDEN, "this needs the scope '%s', which the key does not have",
                scope_name((enum scope)missing));
    else
        return true;
    reply_error(call, &err);
    return false;
}
