/* SPDX-License-Identifier: AGPL-3.0-or-later
 * hooks/note.h - what a step of a job's life tells the outbox, in the step's own transaction. */
#pragma once

#include "hooks/hooks.h"

/* The job has come to this: an event for all subscriptions of the team that want it. The job's row
 * is as the step leaves it. */
MUST_CHECK
enum err_code hooks_note(struct db *db, const char *team_id, const char *job_id,
                         enum hook_event event, int64_t now_ms, struct err *err);

/* The job was deleted: what earlier events said of its document is taken out of them, also out of
 * those that still wait, and HOOK_JOB_DELETED is noted. */
MUST_CHECK
enum err_code hooks_redact(struct db *db, const char *team_id, const char *job_id, int64_t now_ms,
                           struct err *err);
