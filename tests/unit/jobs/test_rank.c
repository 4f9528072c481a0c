/* SPDX-License-Identifier: AGPL-3.0-or-later
 * What rankings and sums say of any range is what the single rows say: jobs that came, went and
 * came again in any order, entries of the ledger of every kind. */
#include "jobs/jobs_internal.h"
#include "life.h"
#include "stats/stats.h"

enum { JOBS = 600, RANGES = 60 };

static const int64_t day_ms = 86400000;
static const int64_t begin_ms = INT64_C(1769640000000); /* in 2026 */

/* The same numbers at each run. */
static uint64_t dice_state;

static int64_t
dice(int64_t n)
{
    dice_state = dice_state * 6364136223846793005U + 1442695040888963407U;
    return (int64_t)((dice_state >> 20) % (uint64_t)n);
}

static int
set_up(void **state)
{
    struct life *life = calloc(1, sizeof(*life));

    assert_non_null(life);
    life_open(life, 1000);
    dice_state = 7;
    *state = life;
    return 0;
}

static int
tear_down(void **state)
{
    struct life *life = *state;

    life_close(life);
    free(life);
    return 0;
}

/* Of a hundred days; some to the millisecond at midnight. */
static int64_t
moment(void)
{
    int64_t at = begin_ms + dice(100 * day_ms);

    return dice(6) == 0 ? at / day_ms * day_ms : at;
}

static const char add_job[] =
    "INSERT INTO job_stat (job_id, team_id, created_ms, started_ms, completed_ms, status, "
    "cancelled, credits, file_bytes, total_pages, done_pages, failed_pages, empty_pages, "
    "crash_pages, text_bytes, scored_pages, low_pages, medium_pages, high_pages, confidence_sum, "
    "confidence_min, confidence_max, model, extension, submitted_by, template_id, reason) VALUES "
    "($1, $2, $3, 0, 0, $4, $5, $6, $7, $8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, $9, $10, $11, "
    "$12, $13)";

static void
add(struct life *life, int i)
{
    static const char *const models[] = {"standard-v2", "pro-v2", "own"};
    static const char *const extensions[] = {"pdf", "pdf", "png", ""};
    static const char *const people[] = {"ann", "bob", ""};
    static const char *const templates[] = {"", "t-1", "t-2"};
    static const char *const reasons[] = {"time_limit", "unreadable_document", "cancelled"};
    char id[16];
    int64_t why = dice(3);
    bool failed = dice(3) == 0;

    snprintf(id, sizeof(id), "j-%d", i);
    must(db_exec(life->db, add_job,
                 DB_ARGS(db_text(id), db_text(life->team[i % 2].team_id), db_int(moment()),
                         db_int(failed ? 5 : 3 + dice(2)), db_int(failed && why == 2),
                         db_int(dice(9)), db_int(dice(100000)), db_int(dice(30)),
                         db_text(models[dice(3)]), db_text(extensions[dice(4)]),
                         db_text(people[dice(3)]), db_text(templates[dice(3)]),
                         db_text(failed ? reasons[why] : NULL)),
                 NULL, &life->err));
    must(rank_add(life->db, id, &life->err));
}

static void
forget(struct life *life, int i)
{
    char id[16];

    snprintf(id, sizeof(id), "j-%d", i);
    must(rank_forget(life->db, id, &life->err));
    must(db_exec(life->db, "DELETE FROM job_stat WHERE job_id = $1", DB_ARGS(db_text(id)), NULL,
                 &life->err));
}

static void
make_history(struct life *life)
{
    for (int i = 0; i < JOBS; i++)
        add(life, i);
    for (int i = 0; i < JOBS; i += 3)
        forget(life, i);
    for (int i = 0; i < JOBS; i += 6)
        add(life, i);
}

#define SCAN(begin)                                                                                \
    "(SELECT team_id, kind, " begin " AS b, name, user_id, COUNT(*) AS jobs, "                     \
    "SUM(completed) AS completed, SUM(failed) AS failed, SUM(pages) AS pages, "                    \
    "SUM(bytes) AS bytes, SUM(credits) AS credits, COUNT(DISTINCT created_ms / 86400000) AS days," \
    "MIN(created_ms) AS first_ms, MAX(created_ms) AS last_ms FROM job_ranked "                     \
    "GROUP BY team_id, kind, " begin ", name, user_id)"
#define AGREE                                                                                      \
    " a JOIN job_rank r ON r.team_id = a.team_id AND r.kind = a.kind AND r.begin_ms = a.b AND "    \
    "r.name = a.name AND r.user_id = a.user_id AND r.jobs = a.jobs AND r.completed = "             \
    "a.completed AND r.failed = a.failed AND r.pages = a.pages AND r.bytes = a.bytes AND "         \
    "r.credits = a.credits AND r.days = a.days AND r.first_ms = a.first_ms AND "                   \
    "r.last_ms = a.last_ms AND r.span = "

static void
sums_are_those_of_the_rows(void **state)
{
    struct life *life = *state;

    make_history(life);
    int64_t days = scratch_number(life->db, "SELECT COUNT(*) FROM job_rank WHERE span = 1");
    int64_t blocks = scratch_number(life->db, "SELECT COUNT(*) FROM job_rank WHERE span = 32");
    assert_true(days > 500 && blocks > 50);
    assert_int_equal(days,
                     scratch_number(life->db, "SELECT COUNT(*) FROM " SCAN(
                                                  "created_ms / 86400000 * 86400000") AGREE "1"));
    assert_int_equal(
        blocks, scratch_number(life->db, "SELECT COUNT(*) FROM " SCAN(
                                             "created_ms / 2764800000 * 2764800000") AGREE "32"));
}

static const char scan[] =
    "SELECT name, COUNT(*), SUM(completed), SUM(failed), SUM(pages), SUM(bytes), SUM(credits), "
    "MIN(created_ms), MAX(created_ms), COUNT(DISTINCT created_ms / 86400000), user_id "
    "FROM job_ranked WHERE team_id = $1 AND kind = $2 AND created_ms >= $3 AND created_ms < $4 "
    "GROUP BY name, user_id ORDER BY COUNT(*) DESC, name, user_id LIMIT $5";

static void
compare(struct life *life, const struct stats_scope *scope, enum stats_by by, const char *kind)
{
    struct stats_rank *ranks = NULL;
    struct db_rows *rows = NULL;
    size_t n = 0, seen = 0;
    bool row = false;
    int64_t max = 1 + dice(8);

    must(stats_ranks(life->arena, life->db, scope, by, max, &ranks, &n, &life->err));
    must(db_query(life->db, scan,
                  DB_ARGS(db_text(scope->team_id), db_text(kind), db_int(scope->from_ms),
                          db_int(scope->to_ms), db_int(max)),
                  &rows, &life->err));
    while (db_next(rows, &row, &life->err) == ERR_OK && row) {
        assert_true(seen < n);
        const struct stats_rank *r = &ranks[seen++];
        const int64_t numbers[] = {r->jobs,    r->completed, r->failed,  r->pages, r->bytes,
                                   r->credits, r->first_ms,  r->last_ms, r->days};
        assert_string_equal(r->name, db_column_text(life->arena, rows, 0));
        assert_string_equal(r->user, db_column_text(life->arena, rows, 10));
        for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
            assert_int_equal(numbers[i], db_column_int(rows, (int)i + 1));
    }
    db_end(&rows);
    assert_int_equal(seen, n);
}

static void
rankings_are_those_of_the_rows(void **state)
{
    static const struct {
        enum stats_by by;
        const char *kind;
    } all[] = {{STATS_EXTENSION, "extension"},
               {STATS_REASON, "reason"},
               {STATS_MODEL, "model"},
               {STATS_TEMPLATE, "template"},
               {STATS_USER, "user"}};
    /* within a day, of days, of weeks, of all */
    static const int64_t lengths[] = {3600000, 5 * INT64_C(86400000), 45 * INT64_C(86400000),
                                      200 * INT64_C(86400000)};
    struct life *life = *state;

    make_history(life);
    for (int i = 0; i < RANGES; i++) {
        int64_t from = moment();
        struct stats_scope scope = {life->team[i % 2].team_id, from,
                                    from + 1 + dice(lengths[i % 4])};
        if (i % 5 == 0)
            scope.from_ms -= 100 * day_ms;
        compare(life, &scope, all[i % 5].by, all[i % 5].kind);
    }
}

static void
the_ledger_by_hours_is_the_ledger(void **state)
{
    struct life *life = *state;
    const char *team = life->team[1].team_id;
    struct stats_credits sums[2];

    for (int i = 0; i < 12; i++) {
        struct life_job job = life_probed(life, 1, 2, 1 + i % 3, 9);
        struct task task = life_claimed(life);
        must(life_read(life, &task, 1 + i % 3));
        if (i % 4 == 0)
            must(credits_refund(
                life->db, job.id,
                &(struct credit_change){.team_id = team, .amount = 1, .description = "test"},
                &life->err));
    }
    must(credits_adjust(
        life->db, &(struct credit_change){.team_id = team, .amount = -5, .description = "test"},
        &life->err));
    must(credits_adjust(
        life->db, &(struct credit_change){.team_id = team, .amount = 3, .description = "test"},
        &life->err));
    struct stats_scope all = {team, 0, INT64_C(1) << 50};
    must(stats_credits(life->db, &all, &sums[0], &life->err));
    assert_true(sums[0].consumed > 0);
    assert_int_equal(sums[0].adjusted, -2);
    assert_int_equal(sums[0].refunded, 3);
    /* Halves that meet within an hour: single entries, and the same sum. */
    int64_t now = clock_utc_ms();
    struct stats_scope past = {team, 0, now}, rest = {team, now, INT64_C(1) << 50};
    struct stats_credits more;
    must(stats_credits(life->db, &past, &sums[1], &life->err));
    must(stats_credits(life->db, &rest, &more, &life->err));
    assert_int_equal(sums[1].consumed + more.consumed, sums[0].consumed);
    assert_int_equal(sums[1].granted + more.granted, sums[0].granted);
    assert_int_equal(sums[1].refunded + more.refunded, sums[0].refunded);
    assert_int_equal(sums[1].adjusted + more.adjusted, sums[0].adjusted);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sums_are_those_of_the_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rankings_are_those_of_the_rows, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_ledger_by_hours_is_the_ledger, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
