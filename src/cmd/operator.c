/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/operator.h"

#include <pwd.h>
#include <stdio.h>
#include <unistd.h>

enum err_code
operator_note(struct db *db, const char *action, const char *team_id, const char *target,
              const char *detail, struct err *err)
{
    const struct passwd *entry = getpwuid(geteuid());
    char actor[160];

    if (entry != NULL)
        snprintf(actor, sizeof(actor), "operator:%.140s", entry->pw_name);
    else
        snprintf(actor, sizeof(actor), "operator:%d", (int)geteuid());
    return audit_add(db,
                     &(struct audit_entry){.team_id = team_id,
                                           .actor = actor,
                                           .action = action,
                                           .target = target,
                                           .detail = detail},
                     err);
}
