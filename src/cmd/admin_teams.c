/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/admin_teams.c - `leapocr admin org|team`. */
#include "account/credits.h"
#include "account/settings.h"
#include "cmd/admin_internal.h"

#include <string.h>

enum err_code
admin_org_new(struct admin *a, struct err *err)
{
    char *id = arena_alloc(a->arena, UUID_TEXT_SIZE);

    if (id == NULL)
        return err_set(err, ERR_MEMORY, "no memory");
    enum err_code rc = organization_create(a->db, a->args[0], id, err);
    if (rc != ERR_OK)
        return rc;
    a->target = id;
    admin_row(a);
    admin_text(a, "id", id);
    admin_text(a, "name", a->args[0]);
    admin_row_end(a);
    return ERR_OK;
}

enum err_code
admin_org_list(struct admin *a, struct err *err)
{
    struct organization *list = NULL;
    size_t n = 0;
    enum err_code rc = organization_list(a->arena, a->db, &list, &n, err);

    for (size_t i = 0; rc == ERR_OK && i < n; i++) {
        admin_row(a);
        admin_text(a, "id", list[i].id);
        admin_time(a, "created_at", list[i].created_ms);
        admin_text(a, "name", list[i].name);
        admin_row_end(a);
    }
    return rc;
}

static void
put_team(struct admin *a, const struct team *team)
{
    admin_row(a);
    admin_text(a, "id", team->id);
    admin_text(a, "organization_id", team->organization_id);
    admin_time(a, "created_at", team->created_ms);
    admin_bool(a, "disabled", team->disabled_ms != 0);
    admin_text(a, "name", team->name);
    admin_text(a, "organization", team->organization_name);
    admin_row_end(a);
}

enum err_code
admin_team_new(struct admin *a, struct err *err)
{
    const char *organization = admin_option(a, OPTION_ORGANIZATION);
    char *id = arena_alloc(a->arena, UUID_TEXT_SIZE);
    struct organization *list = NULL;
    struct team team;
    size_t n = 0;
    enum err_code rc = id != NULL ? ERR_OK : err_set(err, ERR_MEMORY, "no memory");

    if (rc == ERR_OK && organization == NULL) {
        rc = organization_list(a->arena, a->db, &list, &n, err);
        if (rc == ERR_OK && n == 0)
            rc = err_set(err, ERR_NOT_FOUND, "there is no organization: `leapocr admin org new`");
        organization = rc == ERR_OK ? list[0].id : NULL;
    }
    if (rc == ERR_OK)
        rc = team_create(a->db, organization, a->args[0], id, err);
    if (rc == ERR_OK)
        rc = team_find(a->arena, a->db, id, &team, err);
    if (rc == ERR_OK)
        put_team(a, &team);
    a->target = a->team_id = id;
    return rc;
}

/* By id or by name. */
static bool
names_it(const char *wanted, const char *id, const char *name)
{
    return strcmp(wanted, id) == 0 || strcmp(wanted, name) == 0;
}

enum err_code
admin_team_list(struct admin *a, struct err *err)
{
    const char *organization = admin_option(a, OPTION_ORGANIZATION);
    struct organization *known = NULL;
    struct team *teams = NULL;
    size_t n = 0, known_count = 0;
    bool found = organization == NULL;
    enum err_code rc = organization_list(a->arena, a->db, &known, &known_count, err);

    for (size_t i = 0; rc == ERR_OK && i < known_count; i++)
        found = found || names_it(organization, known[i].id, known[i].name);
    if (rc == ERR_OK && !found)
        rc = err_set(err, ERR_NOT_FOUND,
                     "there is no organization '%.60s'; `leapocr admin org list` shows them",
                     organization);
    if (rc == ERR_OK)
        rc = team_list(a->arena, a->db, &teams, &n, err);
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        if (organization == NULL ||
            names_it(organization, teams[i].organization_id, teams[i].organization_name))
            put_team(a, &teams[i]);
    return rc;
}

/* The team that the first argument names. */
static enum err_code
named_team(struct admin *a, struct team *ret, struct err *err)
{
    enum err_code rc = team_find(a->arena, a->db, a->args[0], ret, err);

    if (rc == ERR_NOT_FOUND)
        return err_set(err, rc, "there is no team '%.60s'; `leapocr admin team list` shows them",
                       a->args[0]);
    if (rc == ERR_OK)
        a->target = a->team_id = arena_strdup(a->arena, ret->id);
    return rc;
}

enum err_code
admin_team_rename(struct admin *a, struct err *err)
{
    struct team team;
    enum err_code rc = named_team(a, &team, err);

    if (rc == ERR_OK)
        rc = team_rename(a->db, team.id, a->args[1], err);
    team.name = a->args[1];
    a->detail = a->args[1];
    if (rc == ERR_OK)
        put_team(a, &team);
    return rc;
}

static enum err_code
set_disabled(struct admin *a, bool disabled, struct err *err)
{
    struct team team;
    enum err_code rc = named_team(a, &team, err);

    if (rc == ERR_OK)
        rc = team_disable(a->db, team.id, disabled, err);
    team.disabled_ms = disabled;
    if (rc == ERR_OK)
        put_team(a, &team);
    return rc;
}

enum err_code
admin_team_disable(struct admin *a, struct err *err)
{
    return set_disabled(a, true, err);
}

enum err_code
admin_team_enable(struct admin *a, struct err *err)
{
    return set_disabled(a, false, err);
}

/* "default" is the server's setting. */
static enum err_code
read_limit(const char *arg, const char *name, int64_t *limit, bool *ret_known, struct err *err)
{
    const char *value = admin_value(arg, name);

    if (value == NULL)
        return ERR_OK;
    *ret_known = true;
    if (strcmp(value, "default") == 0) {
        *limit = -1;
        return ERR_OK;
    }
    return admin_number(value, name, 0, INT64_C(1000000000000000), limit, err);
}

static enum err_code
read_limits(struct admin *a, struct team_limits *limits, struct err *err)
{
    enum err_code rc = ERR_OK;

    for (int i = 0; rc == ERR_OK && i < a->n; i++) {
        bool known = false;
        const char *arg = a->args[i];
        rc = read_limit(arg, "requests", &limits->requests_per_minute, &known, err);
        if (rc == ERR_OK)
            rc = read_limit(arg, "jobs", &limits->jobs_max, &known, err);
        if (rc == ERR_OK)
            rc = read_limit(arg, "bytes", &limits->bytes_max, &known, err);
        if (rc == ERR_OK)
            rc = read_limit(arg, "pages", &limits->pages_max, &known, err);
        if (rc == ERR_OK && !known)
            rc = err_set(err, ERR_INPUT, "'%.40s' is none of requests=N jobs=N bytes=N pages=N",
                         arg);
    }
    return rc;
}

static void
put_limit(struct admin *a, const char *name, int64_t limit)
{
    if (limit < 0)
        admin_text(a, name, a->out.json ? NULL : "default");
    else
        admin_int(a, name, limit);
}

enum err_code
admin_team_limits(struct admin *a, struct err *err)
{
    struct team team;
    struct team_limits limits;
    enum err_code rc = admin_team(a, &team, err);

    if (rc == ERR_OK)
        rc = limits_find(a->db, team.id, &limits, err);
    if (rc == ERR_OK)
        rc = read_limits(a, &limits, err);
    if (rc == ERR_OK && a->n > 0)
        rc = limits_set(a->db, team.id, &limits, err);
    if (rc != ERR_OK)
        return rc;
    admin_row(a);
    admin_text(a, "team_id", team.id);
    put_limit(a, "requests_per_minute", limits.requests_per_minute);
    put_limit(a, "jobs_max", limits.jobs_max);
    put_limit(a, "bytes_max", limits.bytes_max);
    put_limit(a, "pages_max", limits.pages_max);
    admin_row_end(a);
    return ERR_OK;
}

enum err_code
admin_team_unlimited(struct admin *a, struct err *err)
{
    struct team team;
    bool yes = strcmp(a->args[0], "yes") == 0;
    enum err_code rc = admin_team(a, &team, err);

    if (rc == ERR_OK && !yes && strcmp(a->args[0], "no") != 0)
        rc = err_set(err, ERR_INPUT, "'%.20s' is neither yes nor no", a->args[0]);
    if (rc == ERR_OK)
        rc = credits_set_unlimited(a->db, team.id, yes, err);
    if (rc != ERR_OK)
        return rc;
    a->detail = a->args[0];
    admin_row(a);
    admin_text(a, "team_id", team.id);
    admin_bool(a, "unlimited", yes);
    admin_row_end(a);
    return ERR_OK;
}
