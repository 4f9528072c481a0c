/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/keep.h"

#include "account/audit.h"
#include "account/credits.h"
#include "base/clock.h"
#include "base/log.h"
#include "jobs/retention.h"

static const int64_t day_ms = INT64_C(86400000);

enum { REMOVAL_ARENA_BYTES = 16 << 20, AUDIT_BATCH = 1000 };

struct judging {
    const struct keep *keep;
    struct retention_clock clock;
    struct retention_verdict verdict;
};

static enum err_code
judge(struct db *db, void *arg, struct err *err)
{
    struct judging *j = arg;

    return retention_judge(db, &j->clock, j->keep->retention_days, &j->verdict, err);
}

struct removal {
    struct arena *arena;
    const struct retention_job *job;
    char (*ids)[OBJECT_ID_SIZE];
    size_t n;
};

static enum err_code
remove_job(struct db *db, void *arg, struct err *err)
{
    struct removal *r = arg;
    const struct audit_entry entry = {
        .team_id = r->job->team_id, .actor = "system", .action = "retention", .target = r->job->id};
    enum err_code rc =
        job_remove(r->arena, db, r->job->team_id, r->job->id, clock_utc_ms(), &r->ids, &r->n, err);

    return rc == ERR_OK ? audit_add(db, &entry, err) : rc;
}

/* Gone already is as good. */
static enum err_code
remove_one(const struct keep *keep, struct arena *arena, const struct retention_job *job,
           struct err *err)
{
    struct removal r = {.arena = arena, .job = job};

    arena_reset(arena);
    enum err_code rc = db_transact(keep->db, remove_job, &r, err);
    if (rc == ERR_NOT_FOUND)
        return ERR_OK;
    for (size_t i = 0; rc == ERR_OK && i < r.n; i++)
        rc = store_remove(keep->store, r.ids[i], err);
    return rc;
}

static enum err_code
remove_due(const struct keep *keep, int64_t cutoff_ms, struct err *err)
{
    struct retention_job jobs[RETENTION_BATCH];
    size_t n = 0;
    enum err_code rc = retention_due(keep->db, cutoff_ms, keep->retention_days, jobs, &n, err);

    if (rc != ERR_OK || n == 0)
        return rc;
    struct arena *arena = arena_new(REMOVAL_ARENA_BYTES);
    if (arena == NULL)
        return err_set(err, ERR_MEMORY, "no memory for the sweep");
    for (size_t i = 0; rc == ERR_OK && i < n; i++)
        rc = remove_one(keep, arena, &jobs[i], err);
    arena_drop(&arena);
    if (rc == ERR_OK)
        log_line(LOG_INFO, "jobs past their retention removed", "count=%zu", n);
    return rc;
}

static enum err_code
sweep_jobs(const struct keep *keep, struct err *err)
{
    struct judging j = {.keep = keep};
    char quoted[LOG_QUOTE_SIZE];

    retention_clock_now(&j.clock);
    enum err_code rc = db_transact(keep->db, judge, &j, err);
    if (rc != ERR_OK)
        return rc;
    if (j.verdict.news)
        log_line(LOG_ERROR, "retention stands still until `leapocr admin retention confirm`",
                 "why=%s", log_quote(quoted, j.verdict.why));
    return j.verdict.cutoff_ms > 0 ? remove_due(keep, j.verdict.cutoff_ms, err) : ERR_OK;
}

static enum err_code
sweep_accounts(struct db *db, void *arg, struct err *err)
{
    const struct keep *keep = arg;
    int64_t now = clock_utc_ms();
    enum err_code rc = credits_expire_all(db, now, err);

    if (rc == ERR_OK && keep->audit_days > 0)
        rc = audit_forget(db, now - keep->audit_days * day_ms, AUDIT_BATCH, err);
    return rc;
}

enum err_code
keep_sweep(const struct keep *keep, struct err *err)
{
    struct keep copy = *keep;
    enum err_code rc = sweep_jobs(keep, err);

    return rc == ERR_OK ? db_transact(keep->db, sweep_accounts, &copy, err) : rc;
}
