/* SPDX-License-Identifier: AGPL-3.0-or-later
 * account/credits.h - the credit ledger of a team: never negative, its sum is the balance.
 *
 * Rows are only ever added. A row's idempotency key is unique, so that repeating a step adds
 * nothing: job_<id>_reserved, job_<id>_raised, job_<id>_consumed, job_<id>_released; with _<n>
 * behind them for the n-th time that the job is begun again. All functions
 * run in the caller's transaction, the one that changes the job's state. Amounts are whole credits,
 * 0 .. CREDITS_MAX; arithmetic is checked. */
#pragma once

#include "base/random.h"
#include "db/db.h"

#define CREDITS_MAX INT64_C(1000000000000)

struct credit_balance {
    int64_t granted; /* all that was ever added */
    int64_t consumed;
    int64_t reserved;  /* held by jobs in progress */
    int64_t available; /* granted - consumed - reserved, >= 0 */
};

MUST_CHECK
enum err_code credits_balance(struct db *db, const char *team_id, struct credit_balance *ret,
                              struct err *err);
MUST_CHECK
enum err_code credits_grant(struct db *db, const char *team_id, int64_t amount,
                            const char *description, struct err *err);

/* Holds amount for the job; ERR_CREDITS with a text that names need and balance. */
MUST_CHECK
enum err_code credits_reserve(struct db *db, const char *team_id, const char *job_id,
                              int64_t amount, struct err *err);
/* As credits_reserve for a job that was settled and begins its n-th round (n >= 1): the functions
 * below speak of the newest round. */
MUST_CHECK
enum err_code credits_reserve_again(struct db *db, const char *team_id, const char *job_id,
                                    int64_t round, int64_t amount, struct err *err);
/* Brings the hold of the job to total (>= what is held); ERR_CREDITS leaves it as it was. */
MUST_CHECK
enum err_code credits_raise(struct db *db, const char *team_id, const char *job_id, int64_t total,
                            struct err *err);
/* Ends the hold: amount (0 .. held) is consumed, the rest released. Again: no change. */
MUST_CHECK
enum err_code credits_settle(struct db *db, const char *team_id, const char *job_id, int64_t amount,
                             struct err *err);
/* sum(ledger) == stored balance for every team, and none negative; ERR_SYSTEM says which differs.
 */
MUST_CHECK
enum err_code credits_audit(struct db *db, struct err *err);
