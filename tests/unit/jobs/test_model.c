/* SPDX-License-Identifier: AGPL-3.0-or-later
 * tests/unit/jobs/test_model.c - random steps, in order and out of it, repeated, stale and rolled
 * back, against a model in memory that knows the promises and no SQL. */
#include "life.h"

enum { STEPS = 140000, JOBS = 60, TASKS = 1000, HANDLES = 48, PAGES_MAX = 12 };

struct model_job {
    bool used, deleted, uploaded;
    struct life_job real;
    int team;
    enum job_status status;
    int64_t price, held, used_credits;
    int64_t total, done, failed, crashes;
    int64_t expires_ms;
    bool page_failed[PAGES_MAX]; /* those done */
    const char *reason;
};

struct model_task {
    bool used, running;
    int job;
    enum task_kind kind;
    int64_t id; /* 0 until it was claimed first */
    int64_t from, to, attempt, token, due_ms, lease_ms;
    char owner[16];
};

struct model {
    struct life life;
    uint64_t seed;
    struct model_job job[JOBS];
    struct model_task task[TASKS];
    struct task handle[HANDLES]; /* handed out some time, good or stale */
    int handles;
    int64_t granted[LIFE_TEAMS], consumed[LIFE_TEAMS];
    int64_t counts[64]; /* of outcomes, to see that the test reaches them */
};

/* xorshift64*: the same steps for the same seed. */
static int64_t
dice(struct model *m, int64_t sides)
{
    m->seed ^= m->seed >> 12;
    m->seed ^= m->seed << 25;
    m->seed ^= m->seed >> 27;
    return (int64_t)((m->seed * UINT64_C(2685821657736338717)) >> 33) % sides;
}

static int64_t
available(const struct model *m, int team)
{
    int64_t sum = m->granted[team] - m->consumed[team];

    for (int i = 0; i < JOBS; i++)
        if (m->job[i].used && m->job[i].team == team)
            sum -= m->job[i].held;
    return sum;
}

static int64_t
weight(const struct model_task *t)
{
    return t->kind == TASK_PROBE ? 1 : t->to - t->from;
}

/* --- what the steps do in the model --- */

static void
model_drop_tasks(struct model *m, int job)
{
    for (int i = 0; i < TASKS; i++)
        if (m->task[i].used && m->task[i].job == job)
            m->task[i].used = false;
}

static struct model_task *
model_add_task(struct model *m, int job, enum task_kind kind, int64_t from, int64_t to)
{
    for (int i = 0; i < TASKS; i++)
        if (!m->task[i].used) {
            m->task[i] = (struct model_task){.used = true,
                                             .job = job,
                                             .kind = kind,
                                             .from = from,
                                             .to = to,
                                             .due_ms = m->life.now_ms};
            return &m->task[i];
        }
    fail_msg("the model has too few tasks");
    return NULL;
}

static void
model_end(struct model *m, int job, enum job_status status, int64_t used, const char *reason)
{
    struct model_job *j = &m->job[job];

    j->status = status;
    j->used_credits = used;
    j->held = 0;
    j->reason = reason;
    m->consumed[j->team] += used;
    model_drop_tasks(m, job);
}

static void
model_advance(struct model *m, struct model_task *t, int64_t pages, const bool *failed,
              const char *first_reason, bool keep)
{
    struct model_job *j = &m->job[t->job];

    for (int64_t i = 0; i < pages; i++) {
        j->page_failed[t->from + i] = failed[i];
        j->failed += failed[i];
        if (failed[i] && t->from + i == 0)
            j->reason = first_reason;
    }
    j->done += pages;
    t->from += pages;
    if (pages > 0)
        t->attempt = keep ? 1 : 0;
    if (t->from == t->to)
        t->used = false;
    else if (!keep)
        t->running = false, t->due_ms = m->life.now_ms;
    if (j->done < j->total)
        return;
    int64_t used = (j->total - j->failed) * j->price;
    bool none = j->failed == j->total;
    model_end(m, t->job,
              j->failed == 0 ? JOB_COMPLETED
              : none         ? JOB_FAILED
                             : JOB_PARTIAL,
              used, none ? j->reason : NULL);
}

/* True if the task waits for another attempt (the caller knows when it is due). */
static bool
model_abnormal(struct model *m, struct model_task *t, enum err_code why)
{
    struct model_job *j = &m->job[t->job];
    bool again = false;
    static const bool yes = true;

    if (err_is_retryable(why)) {
        again = t->attempt < TASK_ATTEMPTS_MAX && j->crashes + 1 < TASK_CRASHES_PER_JOB_MAX;
        j->crashes++;
    }
    if (again)
        t->running = false;
    else if (t->kind == TASK_PROBE)
        model_end(m, t->job, JOB_FAILED, 0, err_reason(why));
    else
        model_advance(m, t, 1, &yes, err_reason(why), false);
    return again;
}

/* The next running task that has lapsed: by lease (NULL owner), or because owner does not hold it.
 * The order matters where a job's crashes are about to be spent. */
static struct model_task *
model_next_lapsed(struct model *m, const char *owner)
{
    struct model_task *first = NULL;

    for (int i = 0; i < TASKS; i++) {
        struct model_task *t = &m->task[i];
        if (!t->used || !t->running ||
            (owner == NULL ? t->lease_ms > m->life.now_ms : strcmp(t->owner, owner) == 0))
            continue;
        if (first == NULL || (owner == NULL && t->lease_ms < first->lease_ms) ||
            ((owner != NULL || t->lease_ms == first->lease_ms) && t->id < first->id))
            first = t;
    }
    return first;
}

static int64_t
model_reclaim(struct model *m, const char *owner)
{
    struct model_task *t;
    int64_t n = 0;

    for (; (t = model_next_lapsed(m, owner)) != NULL; n++)
        if (owner != NULL && m->job[t->job].crashes + 1 < TASK_CRASHES_PER_JOB_MAX) {
            m->job[t->job].crashes++;
            t->attempt--;
            t->running = false;
            t->due_ms = m->life.now_ms;
        } else if (model_abnormal(m, t, ERR_CRASH))
            t->due_ms = m->life.now_ms;
    return n;
}

static struct model_task *
model_held(struct model *m, const struct task *handle)
{
    for (int i = 0; i < TASKS; i++) {
        struct model_task *t = &m->task[i];
        if (t->used && t->running && t->id == handle->id && t->token == handle->token)
            return t;
    }
    return NULL;
}

/* --- steps: each calls the real thing in a transaction, and compares --- */

struct step {
    struct model *m;
    enum err_code (*run)(struct step *step, struct db *db, struct err *err);
    bool roll_back;
    struct model_job *job;
    struct task *task;
    int64_t number, batch;
    struct job_page pages[PAGES_MAX];
    size_t n;
    struct err why;
    struct task claimed;
    int64_t next_ms;
    struct life_job made;
    struct task before; /* the handle, should the step be rolled back */
};

static enum err_code
run_step(struct db *db, void *arg, struct err *err)
{
    struct step *step = arg;
    enum err_code rc = step->run(step, db, err);

    return rc == ERR_OK && step->roll_back ? err_set(err, ERR_METHOD, "rolled back") : rc;
}

/* The outcome, or ERR_METHOD where the transaction was rolled back for the test. */
static enum err_code
take_step(struct step *step)
{
    struct model *m = step->m;

    step->roll_back = dice(m, 40) == 0;
    enum err_code rc = db_transact(m->life.db, run_step, step, &m->life.err);
    m->counts[rc]++;
    return rc;
}

static void
expect_rc(struct model *m, enum err_code rc, enum err_code want, const char *where)
{
    if (rc != want)
        fail_msg("%s: %s, the model says %s (%s)", where, err_reason(rc), err_reason(want),
                 m->life.err.msg);
}

#define expect(rc, want) expect_rc(m, (rc), (want), __func__)

static enum err_code
run_submit(struct step *s, struct db *db, struct err *err)
{
    struct job_spec spec = life_spec(s->number);

    return job_submit(db, &s->m->life.team[s->batch], &spec, s->m->life.now_ms, LIFE_TTL_MS, 1000,
                      s->made.id, &s->made.upload, err);
}

static void
step_submit(struct model *m)
{
    struct step s = {.m = m, .run = run_submit, .number = dice(m, 4), .batch = dice(m, LIFE_TEAMS)};
    int slot = 0;

    while (slot < JOBS && m->job[slot].used)
        slot++;
    if (slot == JOBS)
        return;
    bool enough = available(m, (int)s.batch) >= s.number;
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && enough)
        return;
    expect(rc, enough ? ERR_OK : ERR_CREDITS);
    if (enough)
        m->job[slot] = (struct model_job){.used = true,
                                          .real = s.made,
                                          .team = (int)s.batch,
                                          .price = s.number,
                                          .held = s.number,
                                          .expires_ms = m->life.now_ms + LIFE_TTL_MS};
}

static struct model_job *
any_job(struct model *m)
{
    for (int tries = 0; tries < 20; tries++) {
        struct model_job *j = &m->job[dice(m, JOBS)];
        if (j->used)
            return j;
    }
    return NULL;
}

static bool
upload_gone(const struct model_job *j)
{
    return j->deleted || (j->status == JOB_FAILED && j->expires_ms < 0);
}

static enum err_code
run_put(struct step *s, struct db *db, struct err *err)
{
    struct upload_part part = {.number = 1, .size = 10};
    char displaced[OBJECT_ID_SIZE];

    memset(part.md5, 0xa1, sizeof(part.md5));
    life_object(part.object_id);
    return upload_put_part(db, s->job->real.upload.id, &part, displaced, err);
}

static void
step_put(struct model *m)
{
    struct step s = {.m = m, .run = run_put, .job = any_job(m)};

    if (s.job == NULL)
        return;
    enum err_code want = upload_gone(s.job)               ? ERR_NOT_FOUND
                         : s.job->status != JOB_UPLOADING ? ERR_CONFLICT
                                                          : ERR_OK;
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && want == ERR_OK)
        return;
    expect(rc, want);
    if (want == ERR_OK)
        s.job->uploaded = true;
}

static enum err_code
run_complete(struct step *s, struct db *db, struct err *err)
{
    return job_complete(db, s->m->life.team[s->number].team_id, s->job->real.id, life_claims, s->n,
                        s->m->life.now_ms, err);
}

static void
step_complete(struct model *m)
{
    struct step s = {.m = m, .run = run_complete, .job = any_job(m), .n = dice(m, 10) != 0};

    if (s.job == NULL)
        return;
    s.number = dice(m, 20) == 0 ? dice(m, LIFE_TEAMS) : s.job->team;
    enum err_code want = ERR_OK;
    if (s.number != s.job->team || s.job->deleted)
        want = ERR_NOT_FOUND;
    else if (upload_gone(s.job))
        want = ERR_CONFLICT;
    else if (s.job->status != JOB_UPLOADING)
        want = s.n == 1 ? ERR_OK : ERR_CONFLICT;
    else if (s.n == 0 || !s.job->uploaded)
        want = ERR_INPUT;
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && want == ERR_OK)
        return;
    expect(rc, want);
    if (want != ERR_OK || s.job->status != JOB_UPLOADING)
        return;
    s.job->status = JOB_QUEUED;
    model_add_task(m, (int)(s.job - m->job), TASK_PROBE, 0, 0);
}

static enum err_code
run_claim(struct step *s, struct db *db, struct err *err)
{
    return task_claim(s->m->life.arena, db, s->number == 0 ? "red" : "blue", s->m->life.now_ms,
                      LIFE_LEASE_MS, &s->claimed, &s->next_ms, err);
}

static int64_t
pages_in_flight(const struct model *m, int team)
{
    int64_t sum = 0;

    for (int i = 0; i < TASKS; i++)
        if (m->task[i].used && m->task[i].running && m->job[m->task[i].job].team == team)
            sum += weight(&m->task[i]);
    return sum;
}

static bool
is_due(const struct model *m, const struct model_task *t)
{
    return t->used && !t->running && t->due_ms <= m->life.now_ms;
}

/* Fewest pages in flight among the teams that have something due; -1: none has. */
static int64_t
fewest_in_flight(const struct model *m)
{
    int64_t fewest = -1;

    for (int i = 0; i < TASKS; i++) {
        if (!is_due(m, &m->task[i]))
            continue;
        int64_t pages = pages_in_flight(m, m->job[m->task[i].job].team);
        if (fewest < 0 || pages < fewest)
            fewest = pages;
    }
    return fewest;
}

static struct model_task *
matching(struct model *m, const struct task *claimed)
{
    for (int i = 0; i < TASKS; i++) {
        struct model_task *t = &m->task[i];
        if (is_due(m, t) && t->kind == claimed->kind && t->from == claimed->page_from &&
            t->to == claimed->page_to && strcmp(m->job[t->job].real.id, claimed->job_id) == 0)
            return t;
    }
    return NULL;
}

static void
step_claim(struct model *m)
{
    static struct model before;
    struct step s = {.m = m, .run = run_claim, .number = dice(m, 2)};
    enum err_code rc = take_step(&s);

    if (rc == ERR_METHOD)
        return;
    before = *m;
    (void)model_reclaim(m, NULL);
    int64_t fewest = fewest_in_flight(m);
    expect(rc, fewest < 0 ? ERR_NOT_FOUND : ERR_OK);
    if (rc == ERR_NOT_FOUND) {
        *m = before;
        return;
    }
    struct model_task *t = matching(m, &s.claimed);
    if (t == NULL)
        fail_msg("claimed task %lld, which does not wait: job %s, pages %lld to %lld, attempt %lld",
                 (long long)s.claimed.id, s.claimed.job_id, (long long)s.claimed.page_from,
                 (long long)s.claimed.page_to, (long long)s.claimed.attempt);
    assert_int_equal(pages_in_flight(m, m->job[t->job].team), fewest);
    assert_true(t->id == 0 || t->id == s.claimed.id);
    t->running = true;
    t->id = s.claimed.id;
    t->token++;
    t->attempt++;
    t->lease_ms = m->life.now_ms + LIFE_LEASE_MS;
    snprintf(t->owner, sizeof(t->owner), "%s", s.number == 0 ? "red" : "blue");
    assert_int_equal(s.claimed.token, t->token);
    assert_int_equal(s.claimed.attempt, t->attempt);
    assert_int_equal(s.claimed.lease_until_ms, t->lease_ms);
    assert_string_equal(s.claimed.team_id, m->life.team[m->job[t->job].team].team_id);
    m->handle[m->handles++ % HANDLES] = s.claimed;
}

/* A handle; mostly one that is good. */
static struct task *
any_handle(struct model *m, enum task_kind kind)
{
    struct task *handle = NULL;

    for (int tries = 0; m->handles > 0 && tries < 40; tries++) {
        handle = &m->handle[dice(m, m->handles < HANDLES ? m->handles : HANDLES)];
        struct model_task *t = model_held(m, handle);
        if ((t != NULL && t->kind == kind) || dice(m, 40) == 0)
            return handle;
    }
    return handle;
}

static enum err_code
run_probed(struct step *s, struct db *db, struct err *err)
{
    return task_probed(db, s->task, s->number, s->batch, s->m->life.now_ms, err);
}

static void
step_probed(struct model *m)
{
    struct step s = {.m = m,
                     .run = run_probed,
                     .task = any_handle(m, TASK_PROBE),
                     .number = dice(m, 30) == 0 ? 0 : 1 + dice(m, PAGES_MAX),
                     .batch = 1 + dice(m, 4)};

    if (s.task == NULL)
        return;
    struct model_task *t = model_held(m, s.task);
    enum err_code want = t == NULL ? ERR_STALE : t->kind != TASK_PROBE ? ERR_INPUT : ERR_OK;
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && want == ERR_OK)
        return;
    expect(rc, want);
    if (want != ERR_OK)
        return;
    int job = t->job;
    struct model_job *j = &m->job[job];
    if (s.number == 0) {
        model_end(m, job, JOB_FAILED, 0, "unreadable_document");
    } else if (available(m, j->team) < j->price * (s.number - 1)) {
        model_end(m, job, JOB_FAILED, 0, "less_credits");
    } else {
        model_drop_tasks(m, job);
        j->status = JOB_PROCESSING;
        j->total = s.number;
        j->held = j->price * s.number;
        for (int64_t from = 0; from < s.number; from += s.batch)
            model_add_task(m, job, TASK_PAGES, from,
                           from + s.batch < s.number ? from + s.batch : s.number);
    }
}

static enum err_code
run_pages(struct step *s, struct db *db, struct err *err)
{
    s->before = *s->task;
    return task_pages_done(db, s->task, s->pages, s->n, s->m->life.now_ms, err);
}

static void
step_pages(struct model *m)
{
    struct step s = {.m = m, .run = run_pages, .task = any_handle(m, TASK_PAGES)};
    bool failed[PAGES_MAX] = {0};

    if (s.task == NULL)
        return;
    struct model_task *t = model_held(m, s.task);
    int64_t from = t != NULL ? t->from : dice(m, PAGES_MAX);
    int64_t room = t != NULL && t->kind == TASK_PAGES ? t->to - t->from : 1;
    int64_t again = dice(m, 8) == 0 ? dice(m, from + 1) : 0; /* told before */
    int64_t fresh = dice(m, room + 1);
    bool beyond = dice(m, 30) == 0;
    s.n = (size_t)(again + fresh);
    for (int64_t i = 0; i < again + fresh; i++) {
        s.pages[i] = life_page(from - again + i + 1 + (beyond && i >= again));
        if (i >= again && dice(m, 6) == 0) {
            s.pages[i].reason = "page_too_large";
            failed[i - again] = true;
        }
    }
    enum err_code want = ERR_OK;
    if (t == NULL)
        want = ERR_STALE;
    else if (t->kind != TASK_PAGES || (beyond && fresh > 0))
        want = ERR_INPUT;
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && want == ERR_OK) {
        *s.task = s.before;
        return;
    }
    expect(rc, want);
    if (want == ERR_OK)
        model_advance(m, t, fresh, failed, "page_too_large", true);
}

static enum err_code
run_failed(struct step *s, struct db *db, struct err *err)
{
    s->before = *s->task;
    return task_failed(db, s->task, &s->why, s->m->life.now_ms, err);
}

static void
step_failed(struct model *m)
{
    static const enum err_code codes[] = {ERR_CRASH, ERR_DEADLINE, ERR_MEMORY, ERR_PIXELS,
                                          ERR_FORMAT};
    struct step s = {.m = m,
                     .run = run_failed,
                     .task = any_handle(m, dice(m, 4) == 0 ? TASK_PROBE : TASK_PAGES)};

    if (s.task == NULL)
        return;
    (void)err_set(&s.why, codes[dice(m, ARRAY_LEN(codes))], "as the test wants");
    struct model_task *t = model_held(m, s.task);
    int64_t attempt = t != NULL ? t->attempt : 0, id = s.task->id;
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && t != NULL) {
        *s.task = s.before;
        return;
    }
    expect(rc, t == NULL ? ERR_STALE : ERR_OK);
    if (t == NULL || !model_abnormal(m, t, s.why.code))
        return;
    /* The length of the back-off is partly chance: checked, then taken over. */
    struct db_rows *rows = NULL;
    int64_t base = attempt == 1 ? 500 : 2000;
    expect(db_first(m->life.db, "SELECT due_ms FROM task WHERE id = $1", DB_ARGS(db_int(id)), &rows,
                    &m->life.err),
           ERR_OK);
    t->due_ms = db_column_int(rows, 0);
    db_end(&rows);
    assert_in_range(t->due_ms - m->life.now_ms, base, base + base / 4);
}

static enum err_code
run_release(struct step *s, struct db *db, struct err *err)
{
    return task_release(db, s->task, err);
}

static void
step_release(struct model *m)
{
    struct step s = {.m = m, .run = run_release, .task = any_handle(m, TASK_PAGES)};

    if (s.task == NULL)
        return;
    struct model_task *t = model_held(m, s.task);
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && t != NULL)
        return;
    expect(rc, t == NULL ? ERR_STALE : ERR_OK);
    if (t != NULL) {
        t->running = false;
        t->attempt--;
    }
}

static enum err_code
run_extend(struct step *s, struct db *db, struct err *err)
{
    return task_extend(db, s->task, s->m->life.now_ms, LIFE_LEASE_MS, err);
}

static void
step_extend(struct model *m)
{
    struct step s = {.m = m, .run = run_extend, .task = any_handle(m, TASK_PAGES)};

    if (s.task == NULL)
        return;
    struct model_task *t = model_held(m, s.task);
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && t != NULL)
        return;
    expect(rc, t == NULL ? ERR_STALE : ERR_OK);
    if (t != NULL)
        t->lease_ms = m->life.now_ms + LIFE_LEASE_MS;
}

static enum err_code
run_remove(struct step *s, struct db *db, struct err *err)
{
    char(*ids)[OBJECT_ID_SIZE] = NULL;

    return job_remove(s->m->life.arena, db, s->m->life.team[s->job->team].team_id, s->job->real.id,
                      s->m->life.now_ms, &ids, &s->n, err);
}

static void
step_remove(struct model *m)
{
    struct step s = {.m = m, .run = run_remove, .job = any_job(m)};

    /* Jobs in progress are removed less often, so that most come to their end. */
    if (s.job == NULL || (!job_is_terminal(s.job->status) && dice(m, 12) != 0))
        return;
    enum err_code want = s.job->deleted ? ERR_NOT_FOUND : ERR_OK;
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && want == ERR_OK)
        return;
    expect(rc, want);
    if (want == ERR_NOT_FOUND) {
        s.job->used = false; /* forgotten by the model too */
        return;
    }
    if (!job_is_terminal(s.job->status))
        model_end(m, (int)(s.job - m->job), JOB_FAILED, 0, NULL);
    s.job->deleted = true;
}

static enum err_code
run_cancel(struct step *s, struct db *db, struct err *err)
{
    char(*ids)[OBJECT_ID_SIZE] = NULL;

    return job_cancel(s->m->life.arena, db, s->m->life.team[s->job->team].team_id, s->job->real.id,
                      s->m->life.now_ms, &ids, &s->n, err);
}

static void
step_cancel(struct model *m)
{
    struct step s = {.m = m, .run = run_cancel, .job = any_job(m)};

    if (s.job == NULL || dice(m, 12) != 0)
        return;
    enum err_code want = s.job->deleted                   ? ERR_NOT_FOUND
                         : job_is_terminal(s.job->status) ? ERR_CONFLICT
                                                          : ERR_OK;
    enum err_code rc = take_step(&s);
    if (rc == ERR_METHOD && want == ERR_OK)
        return;
    expect(rc, want);
    if (want != ERR_OK)
        return;
    if (s.job->status == JOB_UPLOADING) {
        assert_int_equal(s.n, s.job->uploaded);
        s.job->expires_ms = -1;
    }
    model_end(m, (int)(s.job - m->job), JOB_FAILED, 0, "cancelled");
}

static enum err_code
run_sweep(struct step *s, struct db *db, struct err *err)
{
    char(*ids)[OBJECT_ID_SIZE] = NULL;

    return job_sweep(s->m->life.arena, db, s->m->life.now_ms, &ids, &s->n, err);
}

static void
step_sweep(struct model *m)
{
    struct step s = {.m = m, .run = run_sweep};
    enum err_code rc = take_step(&s);
    size_t objects = 0;

    if (rc == ERR_METHOD)
        return;
    expect(rc, ERR_OK);
    (void)model_reclaim(m, NULL);
    for (int i = 0; i < JOBS; i++) {
        struct model_job *j = &m->job[i];
        if (!j->used || j->deleted || j->status != JOB_UPLOADING ||
            j->expires_ms + JOB_UPLOAD_GRACE_MS > m->life.now_ms)
            continue;
        objects += j->uploaded;
        model_end(m, i, JOB_FAILED, 0, "upload_expired");
        j->expires_ms = -1;
    }
    assert_int_equal(s.n, objects);
}

static enum err_code
run_recover(struct step *s, struct db *db, struct err *err)
{
    return task_recover(db, "red", s->m->life.now_ms, &s->number, err);
}

static void
step_recover(struct model *m)
{
    struct step s = {.m = m, .run = run_recover};
    enum err_code rc = take_step(&s);

    if (rc == ERR_METHOD)
        return;
    expect(rc, ERR_OK);
    assert_int_equal(s.number, model_reclaim(m, "red"));
}

static void
step_grant(struct model *m)
{
    int team = (int)dice(m, LIFE_TEAMS);

    /* Seldom enough, and little enough, that teams run out of credits now and then. */
    if (available(m, team) > 6 || dice(m, 10) != 0)
        return;
    expect(credits_grant(m->life.db, m->life.team[team].team_id, 60, "more", &m->life.err), ERR_OK);
    m->granted[team] += 60;
}

static void
step_time(struct model *m)
{
    static const int64_t steps_ms[] = {1, 50, 600, 2500, 9000, LIFE_LEASE_MS};

    /* Rarely so long that uploads run out. */
    m->life.now_ms += dice(m, 400) == 0 ? LIFE_TTL_MS + JOB_UPLOAD_GRACE_MS / 2
                                        : steps_ms[dice(m, ARRAY_LEN(steps_ms))];
}

/* --- the whole state against the model --- */

static void
compare_job(struct model *m, const struct model_job *j)
{
    struct job found;
    enum err_code rc = job_find(m->life.arena, m->life.db, m->life.team[j->team].team_id,
                                j->real.id, &found, &m->life.err);

    expect(rc, j->deleted ? ERR_NOT_FOUND : ERR_OK);
    if (j->deleted)
        return;
    assert_int_equal(found.status, j->status);
    assert_int_equal(found.total_pages, j->total);
    assert_int_equal(found.done_pages, j->done);
    assert_int_equal(found.failed_pages, j->failed);
    assert_int_equal(found.credits_used, j->used_credits);
    assert_int_equal(found.completed_ms != 0, job_is_terminal(j->status));
    assert_int_equal(found.reason != NULL, j->status == JOB_FAILED);
    if (found.reason != NULL)
        assert_string_equal(found.reason, j->reason);
    struct job_page *pages = NULL;
    size_t n = 0;
    expect(job_pages(m->life.arena, m->life.db, j->real.id, 1, PAGES_MAX, &pages, &n, &m->life.err),
           ERR_OK);
    assert_int_equal(n, j->done);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(pages[i].reason != NULL, j->page_failed[pages[i].number - 1]);
}

static void
compare_all(struct model *m)
{
    struct job_counts counts;
    int64_t waiting = 0, running = 0;

    for (int i = 0; i < JOBS; i++)
        if (m->job[i].used)
            compare_job(m, &m->job[i]);
    for (int i = 0; i < TASKS; i++) {
        waiting += m->task[i].used && !m->task[i].running;
        running += m->task[i].used && m->task[i].running;
    }
    expect(job_counts(m->life.db, &counts, &m->life.err), ERR_OK);
    assert_int_equal(counts.queued_tasks, waiting);
    assert_int_equal(counts.running_tasks, running);
    for (int team = 0; team < LIFE_TEAMS; team++) {
        struct credit_balance balance = life_balance(&m->life, team);
        assert_int_equal(balance.granted, m->granted[team]);
        assert_int_equal(balance.consumed, m->consumed[team]);
        assert_int_equal(balance.available, available(m, team));
    }
}

static void
every_step_does_what_the_model_says(void **state)
{
    (void)state;
    static struct model model;
    struct model *m = &model;
    static void (*const steps[])(struct model *) = {
        step_submit, step_put,    step_put,     step_complete, step_complete, step_claim,
        step_claim,  step_claim,  step_probed,  step_probed,   step_pages,    step_pages,
        step_pages,  step_failed, step_release, step_extend,   step_remove,   step_remove,
        step_remove, step_cancel, step_sweep,   step_time,     step_grant};
    const char *seed = getenv("LEAPOCR_TEST_SEED");

    m->seed = seed != NULL ? strtoull(seed, NULL, 10) : UINT64_C(20240607);
    life_open(&m->life, 100);
    for (int i = 0; i < LIFE_TEAMS; i++)
        m->granted[i] = 100;
    for (int i = 0; i < STEPS; i++) {
        if (dice(m, 300) == 0)
            step_recover(m);
        else
            steps[dice(m, ARRAY_LEN(steps))](m);
        if (i % 500 == 0) {
            compare_all(m);
            arena_reset(m->life.arena);
        }
        if (i % 20000 == 0)
            life_check(&m->life);
    }
    compare_all(m);
    life_check(&m->life);
    int64_t taken = 0;
    for (size_t i = 0; i < ARRAY_LEN(m->counts); i++)
        taken += m->counts[i];
    print_message("%lld transactions\n", (long long)taken);
    assert_true(taken >= 100000);
    static const enum err_code reached[] = {ERR_OK,    ERR_CREDITS, ERR_NOT_FOUND, ERR_CONFLICT,
                                            ERR_STALE, ERR_INPUT,   ERR_METHOD};
    for (size_t i = 0; i < ARRAY_LEN(reached); i++) {
        print_message("%-16s %lld\n", err_reason(reached[i]), (long long)m->counts[reached[i]]);
        assert_true(m->counts[reached[i]] > 20);
    }
    for (int status = JOB_COMPLETED; status <= JOB_FAILED; status++) {
        struct db_rows *rows = NULL;
        expect(db_first(m->life.db, "SELECT COUNT(*) FROM job WHERE status = $1",
                        DB_ARGS(db_int(status)), &rows, &m->life.err),
               ERR_OK);
        print_message("%-16s %lld jobs\n", job_status_name((enum job_status)status),
                      (long long)db_column_int(rows, 0));
        assert_true(db_column_int(rows, 0) > 100);
        db_end(&rows);
    }
    life_close(&m->life);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_step_does_what_the_model_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
