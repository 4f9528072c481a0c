/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The ledger against a model of a few lines: 100,000 random operations, each answer and each
 * balance the same; grants that expire, refunds, teams without limit. */
#include "account/account.h"
#include "account/credits.h"
#include "scratch.h"

enum { OPERATIONS = 100000, TEAMS = 3, JOBS = 400, LOTS_MAX = 40000, BATCH = 10000 };

/* Grants expire in a far future that the real clock does not reach while the test runs. */
static const int64_t begin_ms = INT64_C(5000000000000);

struct lot {
    int64_t remaining, expires_ms;
};

struct model {
    struct principal who;
    struct lot *lots; /* in the order in which they are spent */
    size_t lot_count;
    int64_t granted, consumed, reserved;
    bool unlimited;
};

struct model_job {
    int team;
    int64_t held, price, refunded;
    bool begun, raised, settled;
};

struct world {
    struct scratch scratch;
    struct db *db;
    struct model teams[TEAMS];
    struct model_job jobs[JOBS];
    int64_t now_ms;
    uint64_t seed;
    long done;
    long counts[8];
};

static int64_t
dice(struct world *w, int64_t n)
{
    w->seed = w->seed * 6364136223846793005ULL + 1442695040888963407ULL;
    return (int64_t)((w->seed >> 33) % (uint64_t)n);
}

static int64_t
available(const struct model *m)
{
    return m->granted - m->consumed - m->reserved;
}

static void
model_add(struct model *m, int64_t amount, int64_t expires_ms)
{
    size_t at = m->lot_count;

    assert_true(m->lot_count < LOTS_MAX);
    while (at > 0 && m->lots[at - 1].expires_ms > expires_ms) {
        m->lots[at] = m->lots[at - 1];
        at--;
    }
    m->lots[at] = (struct lot){amount, expires_ms};
    m->lot_count++;
    m->granted += amount;
}

static void
model_take(struct model *m, int64_t amount)
{
    size_t gone = 0;

    for (size_t i = 0; amount > 0; i++) {
        assert_true(i < m->lot_count);
        int64_t taken = m->lots[i].remaining < amount ? m->lots[i].remaining : amount;
        m->lots[i].remaining -= taken;
        amount -= taken;
        if (m->lots[i].remaining == 0)
            gone = i + 1;
    }
    memmove(m->lots, m->lots + gone, (m->lot_count - gone) * sizeof(*m->lots));
    m->lot_count -= gone;
}

static void
model_expire(struct model *m, int64_t now_ms)
{
    int64_t held = m->reserved;

    for (size_t i = 0; i < m->lot_count && m->lots[i].expires_ms <= now_ms; i++) {
        int64_t kept = m->lots[i].remaining < held ? m->lots[i].remaining : held;
        held -= kept;
        m->granted -= m->lots[i].remaining - kept;
        m->lots[i].remaining = kept;
    }
}

/* True if the team can hold so much, after what it is granted by itself. */
static bool
model_hold(struct model *m, int64_t amount)
{
    if (available(m) < amount && m->unlimited)
        model_add(m, amount > 1000000 ? amount : 1000000, INT64_MAX);
    if (available(m) < amount)
        return false;
    m->reserved += amount;
    return true;
}

static void
job_id(size_t number, char ret[UUID_TEXT_SIZE])
{
    snprintf(ret, UUID_TEXT_SIZE, "00000000-0000-7000-8000-%012zu", number);
}

static void
grant(struct world *w, struct model *m, struct err *err)
{
    char key[32];
    struct credit_change change = {.team_id = m->who.team_id,
                                   .amount = dice(w, 2000),
                                   .expires_ms =
                                       dice(w, 2) == 0 ? 0 : w->now_ms + 1 + dice(w, 5000),
                                   .key = dice(w, 3) == 0 ? key : NULL,
                                   .description = "grant"};

    snprintf(key, sizeof(key), "k%ld", w->done);
    assert_int_equal(credits_give(w->db, &change, err), ERR_OK);
    if (change.amount > 0)
        model_add(m, change.amount, change.expires_ms != 0 ? change.expires_ms : INT64_MAX);
    if (change.key != NULL && change.amount > 0) {
        assert_int_equal(credits_give(w->db, &change, err), ERR_OK);
        change.amount++;
        assert_int_equal(credits_give(w->db, &change, err), ERR_CONFLICT);
    }
}

static void
adjust(struct world *w, struct model *m, struct err *err)
{
    struct credit_change change = {
        .team_id = m->who.team_id, .amount = dice(w, 200) - 120, .description = "adjust"};
    bool can = change.amount >= 0 || available(m) >= -change.amount;

    assert_int_equal(credits_adjust(w->db, &change, err), can ? ERR_OK : ERR_CREDITS);
    if (!can)
        return;
    if (change.amount >= 0) {
        if (change.amount > 0)
            model_add(m, change.amount, INT64_MAX);
        return;
    }
    model_take(m, -change.amount);
    m->granted += change.amount;
}

static void
reserve(struct world *w, size_t number, struct err *err)
{
    struct model_job *job = &w->jobs[number];
    char id[UUID_TEXT_SIZE];

    if (job->begun)
        return;
    job->team = (int)dice(w, TEAMS);
    job->price = 1 + dice(w, 6);
    job_id(number, id);
    struct model *m = &w->teams[job->team];
    bool can = model_hold(m, job->price);
    assert_int_equal(credits_reserve(w->db, m->who.team_id, id, job->price, err),
                     can ? ERR_OK : ERR_CREDITS);
    job->begun = can;
    job->held = can ? job->price : 0;
}

static void
raise_hold(struct world *w, size_t number, struct err *err)
{
    struct model_job *job = &w->jobs[number];
    char id[UUID_TEXT_SIZE];

    if (!job->begun || job->raised || job->settled)
        return;
    job_id(number, id);
    struct model *m = &w->teams[job->team];
    int64_t total = job->price * (2 + dice(w, 30));
    bool can = model_hold(m, total - job->held);
    assert_int_equal(credits_raise(w->db, m->who.team_id, id, total, err),
                     can ? ERR_OK : ERR_CREDITS);
    if (can)
        job->held = total;
    job->raised = can;
}

static void
settle(struct world *w, size_t number, struct err *err)
{
    struct model_job *job = &w->jobs[number];
    char id[UUID_TEXT_SIZE];

    if (!job->begun)
        return;
    job_id(number, id);
    struct model *m = &w->teams[job->team];
    int64_t used = job->settled ? 0 : dice(w, 3) == 0 ? 0 : dice(w, job->held + 1);
    assert_int_equal(credits_settle(w->db, m->who.team_id, id, used, err), ERR_OK);
    if (job->settled)
        return;
    m->reserved -= job->held;
    m->consumed += used;
    model_take(m, used);
    job->held = used;
    job->settled = true;
}

static void
refund(struct world *w, size_t number, struct err *err)
{
    struct model_job *job = &w->jobs[number];
    char id[UUID_TEXT_SIZE];

    if (!job->settled)
        return;
    job_id(number, id);
    struct model *m = &w->teams[job->team];
    struct credit_change change = {
        .team_id = m->who.team_id, .amount = dice(w, 10), .description = "refund"};
    bool can = job->held - job->refunded >= change.amount;
    assert_int_equal(credits_refund(w->db, id, &change, err), can ? ERR_OK : ERR_INPUT);
    if (!can || change.amount == 0)
        return;
    job->refunded += change.amount;
    model_add(m, change.amount, INT64_MAX);
    m->granted -= change.amount;
    m->consumed -= change.amount;
}

static void
check(struct world *w, const struct model *m)
{
    struct err err = {0};
    struct credit_balance balance;

    assert_ok(credits_balance(w->db, m->who.team_id, &balance, &err));
    assert_int_equal(balance.granted, m->granted);
    assert_int_equal(balance.consumed, m->consumed);
    assert_int_equal(balance.reserved, m->reserved);
    assert_true(balance.available >= 0);
}

/* A job that has ended makes room for another one under the same number, once in a while. */
static void
renew(struct world *w, size_t number, struct err *err)
{
    char id[UUID_TEXT_SIZE], now[UUID_TEXT_SIZE + 16];

    if (!w->jobs[number].settled)
        return;
    job_id(number, id);
    snprintf(now, sizeof(now), "%s-%ld", id, w->done);
    assert_int_equal(db_exec(w->db,
                             "UPDATE credit_entry SET job_id = $1, id = id || '-' || $1 "
                             "WHERE job_id = $2",
                             DB_ARGS(db_text(now), db_text(id)), NULL, err),
                     ERR_OK);
    w->jobs[number] = (struct model_job){0};
}

static void
step(struct world *w, struct err *err)
{
    struct model *m = &w->teams[dice(w, TEAMS)];
    size_t job = (size_t)dice(w, JOBS);
    int64_t what = dice(w, 100);

    if (what < 6)
        grant(w, m, err);
    else if (what < 9)
        adjust(w, m, err);
    else if (what < 40)
        reserve(w, job, err);
    else if (what < 60)
        raise_hold(w, job, err);
    else if (what < 85)
        settle(w, job, err);
    else if (what < 92)
        refund(w, job, err);
    else if (what < 97)
        renew(w, job, err);
    else {
        w->now_ms += dice(w, 300);
        assert_int_equal(credits_expire(w->db, m->who.team_id, w->now_ms, err), ERR_OK);
        model_expire(m, w->now_ms);
    }
    check(w, m);
}

static enum err_code
batch(struct db *db, void *arg, struct err *err)
{
    struct world *w = arg;

    for (int i = 0; i < BATCH && w->done < OPERATIONS; i++, w->done++)
        step(w, err);
    return credits_audit(db, err);
}

/* The lines of a statement add up, from the first to the last. */
static void
check_statement(struct world *w, const struct model *m)
{
    struct err err = {0};
    struct arena *arena = arena_new(MiB(4));
    struct credit_filter all = {.to_ms = INT64_MAX};
    int64_t before = INT64_MAX, count = 0, seen = 0, after = m->granted - m->consumed;

    assert_ok(credits_statement_count(arena, w->db, m->who.team_id, &all, &count, &err));
    for (;;) {
        struct credit_line *lines;
        size_t n;
        arena_reset(arena);
        assert_ok(
            credits_statement(arena, w->db, m->who.team_id, &all, before, 100, &lines, &n, &err));
        if (n == 0)
            break;
        for (size_t i = 0; i < n; i++) {
            assert_int_equal(lines[i].balance_after, after);
            after -= lines[i].amount;
        }
        seen += (int64_t)n;
        before = lines[n - 1].sequence;
    }
    assert_int_equal(after, 0);
    assert_int_equal(seen, count);
    arena_drop(&arena);
}

static enum err_code
make_teams(struct db *db, void *arg, struct err *err)
{
    struct world *w = arg;
    bool created;
    enum err_code rc = account_ensure_default(db, 0, &w->teams[0].who, &created, err);

    for (int i = 0; i < TEAMS; i++) {
        struct model *m = &w->teams[i];
        m->lots = calloc(LOTS_MAX, sizeof(*m->lots));
        assert_non_null(m->lots);
        char name[] = {'t', (char)('0' + i), '\0'};
        if (i > 0)
            rc = team_create(db, w->teams[0].who.organization_id, name, m->who.team_id, err);
        assert_int_equal(rc, ERR_OK);
        m->unlimited = i == TEAMS - 1;
        rc = credits_set_unlimited(db, m->who.team_id, m->unlimited, err);
    }
    return rc;
}

static void
random_operations_agree_with_the_model(void **state)
{
    struct world *w = calloc(1, sizeof(*w));
    struct err err = {0};

    (void)state;
    assert_non_null(w);
    w->seed = 20261125;
    w->now_ms = begin_ms;
    scratch_make(&w->scratch);
    assert_ok(db_open(w->scratch.place, &w->db, &err));
    assert_ok(db_transact(w->db, make_teams, w, &err));
    while (w->done < OPERATIONS)
        assert_ok(db_transact(w->db, batch, w, &err));
    for (int i = 0; i < TEAMS; i++) {
        check(w, &w->teams[i]);
        check_statement(w, &w->teams[i]);
        free(w->teams[i].lots);
    }
    assert_true(scratch_number(w->db, "SELECT COUNT(*) FROM credit_entry") > OPERATIONS / 4);
    assert_true(scratch_number(w->db, "SELECT COUNT(*) FROM credit_entry WHERE kind = 'expired'") >
                50);
    db_close(&w->db);
    scratch_remove(&w->scratch);
    free(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(random_operations_agree_with_the_model)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
