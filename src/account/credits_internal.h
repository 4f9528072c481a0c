/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/credits_internal.h - what the files of the ledger share: one movement between accounts,
 * and the grants that what is spent is taken from. All run in the caller's transaction. */
#pragma once

#include "account/credits.h"

/* A row of the ledger, and what it does to the team's balance. */
struct movement {
    const char *id;
    const char *team_id;
    const char *job_id; /* NULL: no job's */
    const char *kind;   /* see 0002_tenancy.sql, as source and target */
    const char *source;
    const char *target;
    int64_t amount;
    int64_t expires_ms; /* of a grant; 0: never */
    const char *description;
};

enum { CREDITS_ENTRY_ID_SIZE = 160 };

/* ERR_INPUT outside 0 .. CREDITS_MAX. */
MUST_CHECK
enum err_code credits_check_amount(int64_t amount, struct err *err);

/* *ret_enough false where the source does not have it, or the team has no account: then nothing
 * was written, and the caller may go on in the same transaction. */
MUST_CHECK
enum err_code credits_move(struct db *db, const struct movement *m, bool *ret_enough,
                           struct err *err);

/* Takes what was consumed or adjusted away from the grants, what expires first from first. */
MUST_CHECK
enum err_code credits_take(struct db *db, const char *team_id, int64_t amount, struct err *err);

/* A team without limit is granted what it needs. */
MUST_CHECK
enum err_code credits_top_up(struct db *db, const char *team_id, int64_t need, bool *ret_topped,
                             struct err *err);
