/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/admin_keep.c - `leapocr admin settings|retention|audit`: what is kept, and what was done. */
#include "account/audit.h"
#include "account/settings.h"
#include "cmd/admin_internal.h"
#include "jobs/retention.h"

#include <string.h>

static enum err_code
put_settings(struct admin *a, const char *team_id, struct err *err)
{
    struct team_settings settings;
    enum err_code rc =
        settings_find(a->db, team_id, a->options->number[OPTION_RETENTION], &settings, err);

    if (rc != ERR_OK)
        return rc;
    admin_row(a);
    admin_text(a, "team_id", team_id);
    admin_bool(a, "auto_delete_enabled", settings.auto_delete);
    admin_int(a, "retention_period_days", settings.retention_days);
    admin_time(a, "updated_at", settings.updated_ms);
    admin_row_end(a);
    return ERR_OK;
}

enum err_code
admin_settings_show(struct admin *a, struct err *err)
{
    struct team team;
    enum err_code rc = admin_team(a, &team, err);

    return rc == ERR_OK ? put_settings(a, team.id, err) : rc;
}

static enum err_code
read_setting(const char *arg, struct team_settings *settings, struct err *err)
{
    const char *days = admin_value(arg, "days"), *automatic = admin_value(arg, "auto-delete");

    if (days != NULL)
        return admin_number(days, "days", 0, RETENTION_DAYS_MAX, &settings->retention_days, err);
    if (automatic == NULL || (strcmp(automatic, "yes") != 0 && strcmp(automatic, "no") != 0))
        return err_set(err, ERR_INPUT, "'%.40s' is neither days=N nor auto-delete=yes|no", arg);
    settings->auto_delete = strcmp(automatic, "yes") == 0;
    return ERR_OK;
}

enum err_code
admin_settings_set(struct admin *a, struct err *err)
{
    struct team team;
    struct team_settings settings;
    enum err_code rc = admin_team(a, &team, err);

    if (rc == ERR_OK)
        rc = settings_find(a->db, team.id, a->options->number[OPTION_RETENTION], &settings, err);
    for (int i = 0; rc == ERR_OK && i < a->n; i++)
        rc = read_setting(a->args[i], &settings, err);
    if (rc == ERR_OK)
        rc = settings_set(a->db, team.id, settings.auto_delete, settings.retention_days, err);
    a->detail = a->args[0];
    return rc == ERR_OK ? put_settings(a, team.id, err) : rc;
}

enum err_code
admin_retention_show(struct admin *a, struct err *err)
{
    struct retention_state state;
    enum err_code rc = retention_show(a->arena, a->db, &state, err);

    if (rc != ERR_OK)
        return rc;
    admin_row(a);
    admin_text(a, "state", state.refused_ms != 0 ? "stands still" : "runs");
    admin_time(a, "since", state.refused_ms);
    admin_time(a, "confirmed_at", state.confirmed_ms);
    admin_text(a, "why", state.why);
    admin_row_end(a);
    return ERR_OK;
}

enum err_code
admin_retention_confirm(struct admin *a, struct err *err)
{
    struct retention_clock clock;

    retention_clock_now(&clock);
    enum err_code rc = retention_confirm(a->db, &clock, err);
    if (rc != ERR_OK)
        return rc;
    admin_row(a);
    admin_time(a, "confirmed_at", clock.wall_ms);
    admin_row_end(a);
    return ERR_OK;
}

enum err_code
admin_audit_export(struct admin *a, struct err *err)
{
    enum { PAGE = 1000 };
    struct team team;
    int64_t before = INT64_MAX;
    bool one = admin_option(a, OPTION_TEAM) != NULL;
    enum err_code rc = one ? admin_team(a, &team, err) : ERR_OK;

    for (size_t n = PAGE; rc == ERR_OK && n == PAGE;) {
        struct audit_entry *list = NULL;
        rc = audit_list(a->arena, a->db, one ? team.id : NULL, before, PAGE, &list, &n, err);
        for (size_t i = 0; rc == ERR_OK && i < n; i++) {
            admin_row(a);
            admin_int(a, "id", list[i].id);
            admin_time(a, "created_at", list[i].created_ms);
            admin_text(a, "actor", list[i].actor);
            admin_text(a, "action", list[i].action);
            admin_text(a, "team_id", list[i].team_id);
            admin_text(a, "target", list[i].target);
            admin_text(a, "origin", list[i].origin);
            admin_text(a, "request_id", list[i].request_id);
            admin_text(a, "detail", list[i].detail);
            admin_row_end(a);
            before = list[i].id;
        }
    }
    return rc;
}
