/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/operator.h - what the operator does by commands stands in the audit log, too. */
#pragma once

#include "account/audit.h"

/* An entry by "operator:NAME", the name of the system's user who runs the command; in the caller's
 * transaction. target, team_id and detail may be NULL. */
MUST_CHECK
enum err_code operator_note(struct db *db, const char *action, const char *team_id,
                            const char *target, const char *detail, struct err *err);
