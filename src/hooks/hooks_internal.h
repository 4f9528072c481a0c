/* SPDX-License-Identifier: AGPL-3.0-or-later
 * hooks/hooks_internal.h - the outbox's rows, shared by those who write them. */
#pragma once

#include "hooks/hooks.h"

struct new_event {
    char id[UUID_TEXT_SIZE];
    const char *team_id;
    const char *job_id; /* NULL */
    enum hook_event event;
    int64_t now_ms;
    const char *payload;
};

MUST_CHECK
enum err_code outbox_add_event(struct db *db, const struct new_event *event, struct err *err);

/* One delivery of the event, due at once. */
MUST_CHECK
enum err_code outbox_add_delivery(struct db *db, const struct new_event *event, const char *hook_id,
                                  struct err *err);

/* Brings head_ms of the subscription up to its deliveries; NULL while it is disabled. */
MUST_CHECK
enum err_code outbox_find_head(struct db *db, const char *hook_id, struct err *err);
