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
    int64_t granted; /* all that was added, less what has expired or was taken away */
    int64_t consumed;
    int64_t reserved;  /* held by jobs in progress */
    int64_t available; /* granted - consumed - reserved, >= 0 */
    bool unlimited;    /* granted anew whenever it does not suffice */
};

enum { CREDITS_KEY_MAX = 80 };

/* Something that an operator or a billing provider does. */
struct credit_change {
    const char *team_id;
    int64_t amount;
    int64_t expires_ms; /* of what is granted; 0: never */
    const char *key;    /* idempotency key, at most CREDITS_KEY_MAX bytes; NULL: always anew */
    const char *description;
};

MUST_CHECK
enum err_code credits_balance(struct db *db, const char *team_id, struct credit_balance *ret,
                              struct err *err);
/* The sums over all teams. */
MUST_CHECK
enum err_code credits_total(struct db *db, struct credit_balance *ret, struct err *err);
MUST_CHECK
enum err_code credits_grant(struct db *db, const char *team_id, int64_t amount,
                            const char *description, struct err *err);

/* The same with a key and an end. With a key that was used before: no change if it is the same
 * transaction, else ERR_CONFLICT. ERR_NOT_FOUND: no such team. */
MUST_CHECK
enum err_code credits_give(struct db *db, const struct credit_change *change, struct err *err);
/* More (amount > 0) or less (< 0) by hand; ERR_CREDITS where there is not so much to take. */
MUST_CHECK
enum err_code credits_adjust(struct db *db, const struct credit_change *change, struct err *err);
/* Gives back what a job has cost, or a part; ERR_INPUT for more than that. */
MUST_CHECK
enum err_code credits_refund(struct db *db, const char *job_id, const struct credit_change *change,
                             struct err *err);
/* Ends the team's grants whose time is over, but for what work in progress holds. */
MUST_CHECK
enum err_code credits_expire(struct db *db, const char *team_id, int64_t now_ms, struct err *err);
/* The same for all teams (100 at a call). */
MUST_CHECK
enum err_code credits_expire_all(struct db *db, int64_t now_ms, struct err *err);
MUST_CHECK
enum err_code credits_set_unlimited(struct db *db, const char *team_id, bool unlimited,
                                    struct err *err);

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
/* --- the statement: what changed a team's balance, newest first --- */
struct credit_line {
    char team_id[UUID_TEXT_SIZE];
    const char *id;     /* the idempotency key */
    const char *kind;   /* granted, adjusted, consumed, refunded, expired */
    const char *job_id; /* NULL: no job's */
    const char *model;  /* of the job; NULL */
    const char *description;
    int64_t amount;                 /* signed: the amounts of all lines add up to the balance */
    int64_t balance_after;          /* what is held by work in progress counts as there */
    int64_t sequence;               /* the order in the team */
    int64_t created_ms, expires_ms; /* 0: never */
};
struct credit_filter {
    const char *search;     /* part of the description, or a job's id, or a key; NULL: all */
    const char *model;      /* NULL: all */
    int64_t from_ms, to_ms; /* from_ms <= created < to_ms */
};
/* At most max lines with a sequence below before. */
MUST_CHECK
enum err_code credits_statement(struct arena *arena, struct db *db, const char *team_id,
                                const struct credit_filter *filter, int64_t before, int64_t max,
                                struct credit_line **ret, size_t *ret_n, struct err *err);
/* Without a filter the account knows how many lines there are; else they are counted one by one. */
bool credits_statement_is_quick(const struct credit_filter *filter);
MUST_CHECK
enum err_code credits_statement_count(struct arena *arena, struct db *db, const char *team_id,
                                      const struct credit_filter *filter, int64_t *ret,
                                      struct err *err);

/* sum(ledger) == stored balance for every team, and none negative; ERR_SYSTEM says which differs.
 */
MUST_CHECK
enum err_code credits_audit(struct db *db, struct err *err);
