/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/audit.h - the log of everything that changes something: who, what, from where.
 *
 * An entry is written by the transaction that makes the change, so that there is neither without
 * the other. Requests get theirs from api/work.c by themselves; commands of the operator and the
 * chores write their own. Entries are never changed; they go by age alone. */
#pragma once

#include "base/arena.h"
#include "base/random.h"
#include "db/db.h"

struct audit_entry {
    int64_t id; /* in the order of the changes; set by audit_add */
    int64_t created_ms;
    const char *organization_id; /* NULL: about the server as a whole */
    const char *team_id;         /* NULL */
    const char *actor;      /* "key:ID", "person:ID", "token:SUBJECT", "operator:USER", "system" */
    const char *action;     /* "PUT /organizations/.../settings", "admin key revoke" */
    const char *target;     /* what it was done to; NULL */
    const char *origin;     /* address; NULL */
    const char *request_id; /* NULL */
    const char *detail;     /* NULL */
};

/* Gives the entry its number and its time. */
MUST_CHECK
enum err_code audit_add(struct db *db, const struct audit_entry *entry, struct err *err);

/* At most max entries, newest first, with id < before; of a team (NULL: all). Reads only. */
MUST_CHECK
enum err_code audit_list(struct arena *arena, struct db *db, const char *team_id, int64_t before,
                         int64_t max, struct audit_entry **ret, size_t *ret_n, struct err *err);
MUST_CHECK
enum err_code audit_count(struct db *db, const char *team_id, int64_t *ret, struct err *err);
/* Entries older than before_ms go, at most max of them. */
MUST_CHECK
enum err_code audit_forget(struct db *db, int64_t before_ms, int64_t max, struct err *err);
