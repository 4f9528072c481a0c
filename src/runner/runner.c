/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "runner/runner.h"

#include "base/clock.h"
#include "base/fdio.h"
#include "base/log.h"
#include "base/meter.h"
#include "runner/asking.h"
#include "runner/chores.h"
#include "runner/outward.h"
#include "runner/slot.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

enum { READERS_MAX = 64, FDS_MAX = 3 + 2 * READERS_MAX };

/* Looking for work after the database did not answer. */
static const int64_t claim_pause_ms = 1000;

/* Whether running tasks are still wanted: their jobs may be cancelled or deleted at any time. */
static const int64_t wanted_ms = 1000;

/* What the first reader may take, on a slow disk with many languages, before it counts as missing.
 */
static const int64_t first_reader_ms = 30000;

/* The loop comes round at least so often, to be seen. */
static const int64_t round_ms = 1000;

/* In a row, of a handle that is not dead: a new process may fare better. */
enum { DB_FAILURES_MAX = 5 };

/* After the grace: readers kill their children at once, and one transaction gives a task back. */
static const int64_t give_back_ms = 10000;

const struct runner_config runner_defaults = {
    .wake_fd = -1,
    .retention_days = -1,
    .news_fd = -1,
    .courier_fd = -1,
    .memory_bytes = UINT64_C(1) << 30,
    .pixels_max = 40000000,
    .pages_max = 20000,
    .page_bytes = 16 << 20,
    .batch_bytes = UINT64_C(256) << 20,
    .page_ms = 60000,
    .cpu_base_s = 30,
    .cpu_page_s = 20,
    .cpu_most_s = 900,
    .wall_base_ms = 60000,
    .wall_page_ms = 30000,
    .wall_most_ms = 900000,
    .lease_ms = 60000,
    .flush_ms = 1000,
    .grace_ms = 30000,
    .idle_ms = 1000,
    .document_bytes = UINT64_C(1) << 30,
    .fetch_ms = 300000,
    .delivery_ms = 10000,
    .model = {.time_ms = 60000},
};

struct runner {
    struct runner_config config;
    char owner[UUID_TEXT_SIZE];
    struct db *db;
    struct store *store;
    struct chores *chores;
    struct outward *outward; /* NULL without a courier */
    struct model model;
    struct asking *asking; /* NULL without courier or model */
    int stop_fd;
    int told_fd; /* see slot.h */
    struct slot *slots[READERS_MAX];
    size_t slot_count;
    int64_t claim_due_ms;  /* no claims before */
    int64_t wanted_due_ms; /* see wanted_ms */
    int db_failures;
    uint64_t stops;       /* calls of runner_stop that were seen */
    int64_t grace_end_ms; /* once stopping */
};

struct recover {
    struct runner *runner;
    int64_t count;
};

static enum err_code
do_recover(struct db *db, void *arg, struct err *err)
{
    struct recover *recover = arg;
    struct runner *runner = recover->runner;
    const struct node *node = &runner->config.node;
    char before[UUID_TEXT_SIZE] = "";
    enum err_code rc = ERR_OK;

    if (runner->config.sole)
        rc = task_recover(db, runner->owner, clock_utc_ms(), &recover->count, err);
    else if (node->name != NULL)
        rc = node_owner(db, node->name, before, err);
    if (rc == ERR_OK && before[0] != '\0')
        rc = task_recover_of(db, before, clock_utc_ms(), &recover->count, err);
    return rc == ERR_OK && node->name != NULL ? node_beat(db, node, clock_utc_ms(), err) : rc;
}

/* What an earlier process left claimed when it was killed. */
static enum err_code
recover_tasks(struct runner *runner, struct err *err)
{
    struct recover recover = {.runner = runner};
    enum err_code rc = db_transact(runner->db, do_recover, &recover, err);

    if (rc == ERR_OK && recover.count > 0)
        log_line(LOG_WARN, "tasks taken over", "count=%lld", (long long)recover.count);
    return rc;
}

static size_t
wanted_readers(const struct runner_config *config)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    size_t wanted = config->readers > 0 ? config->readers : processors > 0 ? (size_t)processors : 1;

    wanted = wanted < READERS_MAX ? wanted : READERS_MAX;
    return config->errands_only ? 0 : wanted;
}

static enum err_code
open_slots(struct runner *runner, struct err *err)
{
    size_t wanted = wanted_readers(&runner->config);
    const struct slot_world world = {.config = &runner->config,
                                     .db = runner->db,
                                     .store = runner->store,
                                     .owner = runner->owner,
                                     .told_fd = runner->told_fd,
                                     .model = &runner->model,
                                     .asking = runner->asking};
    enum err_code rc = ERR_OK;

    meter_set(METER_READERS, (int64_t)wanted);
    meter_set(METER_READERS_READY, 0);
    meter_set(METER_RUNNER_SEEN_MS, clock_mono_ms());
    if (meter_gauge(METER_READER_SEEN_MS) == 0) /* the service starts: they are about to come */
        meter_set(METER_READER_SEEN_MS, clock_mono_ms() + first_reader_ms);
    while (rc == ERR_OK && runner->slot_count < wanted) {
        rc = slot_open(&world, &runner->slots[runner->slot_count], err);
        runner->slot_count += rc == ERR_OK;
    }
    return rc;
}

enum err_code
runner_open(const struct runner_config *config, struct runner **ret, struct err *err)
{
    struct runner *runner = calloc(1, sizeof(*runner));

    if (runner == NULL)
        return err_set(err, ERR_MEMORY, "no memory for a runner");
    runner->config = *config;
    random_uuid(runner->owner);
    runner->config.node.owner = runner->owner;
    runner->config.node.readers = (int64_t)wanted_readers(config);
    runner->config.node.started_ms = clock_utc_ms();
    runner->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    runner->told_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    enum err_code rc =
        runner->stop_fd < 0 || runner->told_fd < 0 ? err_sys(err, "eventfd") : ERR_OK;
    if (rc == ERR_OK)
        rc = model_init(&config->model, &runner->model, err);
    if (rc == ERR_OK && config->courier_fd >= 0 && runner->model.url[0] != '\0')
        rc = asking_open(&runner->model, config->wake_fd, &runner->asking, err);
    if (rc == ERR_OK)
        rc = store_open(config->store, &runner->store, err);
    if (rc == ERR_OK)
        rc = db_open(config->db_place, &runner->db, err);
    if (rc == ERR_OK)
        rc = recover_tasks(runner, err);
    if (rc == ERR_OK && !config->errands_only)
        rc = open_slots(runner, err);
    if (rc != ERR_OK)
        runner_close(&runner);
    else
        *ret = runner;
    return rc;
}

void
runner_close(struct runner **runner)
{
    if (*runner == NULL)
        return;
    if ((*runner)->store != NULL)
        store_hurry((*runner)->store);
    outward_close(&(*runner)->outward);
    chores_close(&(*runner)->chores);
    for (size_t i = 0; i < (*runner)->slot_count; i++)
        slot_close(&(*runner)->slots[i]);
    asking_close(&(*runner)->asking);
    model_fini(&(*runner)->model);
    db_close(&(*runner)->db);
    store_close(&(*runner)->store);
    fd_close(&(*runner)->stop_fd);
    fd_close(&(*runner)->told_fd);
    free(*runner);
    *runner = NULL;
}

void
runner_stop(struct runner *runner)
{
    int number = errno;
    uint64_t one = 1;
    ssize_t n = write(runner->stop_fd, &one, sizeof(one));

    (void)n; /* fails only when the counter is full of stops */
    errno = number;
}

/* --- leases --- */

struct extension {
    struct runner *runner;
    enum err_code rcs[READERS_MAX];
};

/* All held tasks at once: one that is stale must not undo the others. */
static enum err_code
do_extend(struct db *db, void *arg, struct err *err)
{
    struct extension *extension = arg;
    struct runner *runner = extension->runner;

    for (size_t i = 0; i < runner->slot_count; i++) {
        const struct task *task = slot_task(runner->slots[i]);
        if (task == NULL)
            continue;
        enum err_code rc = task_extend(db, task, clock_utc_ms(), runner->config.lease_ms, err);
        if (rc != ERR_OK && rc != ERR_STALE)
            return rc;
        extension->rcs[i] = rc;
    }
    return ERR_OK;
}

static void
extend_leases(struct runner *runner)
{
    struct extension extension = {.runner = runner};
    int64_t due = INT64_MAX;
    char quoted[LOG_QUOTE_SIZE];
    struct err err;

    for (size_t i = 0; i < runner->slot_count; i++)
        if (slot_extend_due_ms(runner->slots[i]) < due)
            due = slot_extend_due_ms(runner->slots[i]);
    if (clock_mono_ms() < due)
        return;
    enum err_code rc = db_transact(runner->db, do_extend, &extension, &err);
    if (rc != ERR_OK)
        log_line(LOG_ERROR, "leases were not extended", "error=%s", log_quote(quoted, err.msg));
    for (size_t i = 0; i < runner->slot_count; i++)
        if (slot_task(runner->slots[i]) != NULL)
            slot_extended(runner->slots[i], rc != ERR_OK ? rc : extension.rcs[i]);
}

static size_t
count_busy(const struct runner *runner)
{
    size_t busy = 0;

    for (size_t i = 0; i < runner->slot_count; i++)
        busy += slot_is_busy(runner->slots[i]);
    return busy;
}

/* Ends the runs of tasks whose jobs are over. A database that does not answer is found out by the
 * extension of the leases. */
static void
check_wanted(struct runner *runner)
{
    struct err err;

    if (count_busy(runner) == 0 || clock_mono_ms() < runner->wanted_due_ms)
        return;
    runner->wanted_due_ms = clock_mono_ms() + wanted_ms;
    for (size_t i = 0; i < runner->slot_count; i++) {
        const struct task *task = slot_task(runner->slots[i]);
        bool held = true;
        if (task != NULL && task_is_held(runner->db, task, &held, &err) == ERR_OK && !held)
            slot_extended(runner->slots[i], ERR_STALE);
    }
}

/* --- work --- */

/* ERR_SYSTEM again and again is a database that only a new process can open. */
static enum err_code
claim_failed(struct runner *runner, enum err_code rc, const struct err *why, struct err *err)
{
    char quoted[LOG_QUOTE_SIZE];

    runner->claim_due_ms = clock_mono_ms() + claim_pause_ms;
    runner->db_failures = rc == ERR_SYSTEM ? runner->db_failures + 1 : 0;
    log_line(LOG_ERROR, "no task could be claimed", "error=%s", log_quote(quoted, why->msg));
    if (runner->db_failures >= DB_FAILURES_MAX)
        return err_set(err, rc, "%s", why->msg);
    return ERR_OK;
}

static size_t
list_free(const struct runner *runner, struct slot **ret)
{
    size_t n = 0;

    for (size_t i = 0; i < runner->slot_count; i++)
        if (slot_is_free(runner->slots[i]))
            ret[n++] = runner->slots[i];
    return n;
}

/* Nothing was there for slots that are free. */
static void
rest_till(struct runner *runner, int64_t next_due_ms)
{
    int64_t wait = next_due_ms == 0 ? runner->config.idle_ms : next_due_ms - clock_utc_ms();

    if (wait > runner->config.idle_ms)
        wait = runner->config.idle_ms;
    runner->claim_due_ms = clock_mono_ms() + (wait > 1 ? wait : 1);
}

static enum err_code
claim_tasks(struct runner *runner, struct err *err)
{
    struct slot *slots[READERS_MAX];
    size_t n = 0, claimed = 0;

    for (size_t round = 0;
         round < runner->slot_count && runner->stops == 0 &&
         clock_mono_ms() >= runner->claim_due_ms && (n = list_free(runner, slots)) > 0;
         round++) {
        struct err why;
        int64_t next_due_ms = 0;
        enum err_code rc = slots_claim(slots, n, &claimed, &next_due_ms, &why);
        if (rc == ERR_NOT_FOUND)
            rest_till(runner, next_due_ms);
        else if (rc != ERR_OK)
            return claim_failed(runner, rc, &why, err);
        runner->db_failures = 0;
    }
    return ERR_OK;
}

static void
hear_stop(struct runner *runner)
{
    uint64_t stops;

    if (read(runner->stop_fd, &stops, sizeof(stops)) != (ssize_t)sizeof(stops))
        return;
    if (runner->stops == 0) {
        runner->grace_end_ms = clock_mono_ms() + runner->config.grace_ms;
        log_line(LOG_INFO, "runner stops", "running=%zu", count_busy(runner));
    }
    runner->stops += stops;
    if (runner->stops > 1)
        runner->grace_end_ms = clock_mono_ms();
    for (size_t i = 0; i < runner->slot_count; i++) /* nobody brings their answers any more */
        if (slot_is_asking(runner->slots[i]))
            slot_give_back(runner->slots[i]);
    outward_stop(runner->outward, runner->grace_end_ms);
}

static void
hear_wake(struct runner *runner)
{
    uint64_t count;

    if (read(runner->config.wake_fd, &count, sizeof(count)) == (ssize_t)sizeof(count))
        runner->claim_due_ms = runner->wanted_due_ms = 0;
    outward_wake(runner->outward);
}

/* When something has to be done without a descriptor asking for it. */
static int64_t
find_due(const struct runner *runner)
{
    int64_t due = INT64_MAX;
    bool free_slot = false;

    for (size_t i = 0; i < runner->slot_count; i++) {
        const struct slot *slot = runner->slots[i];
        due = slot_due_ms(slot) < due ? slot_due_ms(slot) : due;
        due = slot_extend_due_ms(slot) < due ? slot_extend_due_ms(slot) : due;
        due = slot_rest_due_ms(slot) < due ? slot_rest_due_ms(slot) : due;
        free_slot = free_slot || slot_is_free(slot);
    }
    if (runner->stops > 0) {
        int64_t end = runner->grace_end_ms;
        if (clock_mono_ms() >= end) /* all was told to end: its ends are waited for */
            end += give_back_ms;
        return end < due ? end : due;
    }
    if (count_busy(runner) > 0 && runner->wanted_due_ms < due)
        due = runner->wanted_due_ms;
    return free_slot && runner->claim_due_ms < due ? runner->claim_due_ms : due;
}

static void
wait_for_something(struct runner *runner, bool more)
{
    struct pollfd fds[FDS_MAX];
    uint64_t told;
    nfds_t n = 0;
    int64_t left = more ? 0 : find_due(runner) - clock_mono_ms();

    left = left < 0 ? 0 : left > round_ms ? round_ms : left;
    fds[n++] = (struct pollfd){.fd = runner->stop_fd, .events = POLLIN};
    fds[n++] = (struct pollfd){.fd = runner->config.wake_fd, .events = POLLIN};
    fds[n++] = (struct pollfd){.fd = runner->told_fd, .events = POLLIN};
    for (size_t i = 0; i < runner->slot_count; i++) {
        if (slot_is_away(runner->slots[i]))
            continue;
        const struct link *link = slot_link(runner->slots[i]);
        fds[n++] = (struct pollfd){.fd = link_control_fd(link), .events = POLLIN};
        fds[n++] = (struct pollfd){.fd = link_result_fd(link), .events = POLLIN};
    }
    if (poll(fds, n, (int)left) <= 0)
        return;
    if (fds[0].revents != 0)
        hear_stop(runner);
    if (fds[1].revents != 0)
        hear_wake(runner);
    if (fds[2].revents != 0)
        (void)!read(runner->told_fd, &told, sizeof(told)); /* who it was, is looked at */
}

/* What health is told by. */
static void
tell_state(struct runner *runner)
{
    int64_t ready = 0, now = clock_mono_ms();

    for (size_t i = 0; i < runner->slot_count; i++)
        ready += slot_is_ready(runner->slots[i]);
    meter_set(METER_RUNNER_SEEN_MS, now);
    meter_set(METER_READERS_READY, ready);
    if (ready > 0)
        meter_set(METER_READER_SEEN_MS, now);
}

/* After a failed fsync nothing that a handle says can be believed: the next process recovers from
 * the log. */
static enum err_code
check_database(const struct runner *runner, struct err *err)
{
    if (db_is_dead(runner->db) || chores_are_dead(runner->chores) ||
        outward_is_dead(runner->outward))
        return err_set(err, ERR_SYSTEM, "the database has failed for good; see the lines above");
    for (size_t i = 0; i < runner->slot_count; i++)
        if (slot_is_dead(runner->slots[i]))
            return err_set(err, ERR_SYSTEM, "the database has failed for good");
    return ERR_OK;
}

static enum err_code
open_outward(struct runner *runner, struct err *err)
{
    const struct outward_config config = {.db_place = runner->config.db_place,
                                          .store = runner->store,
                                          .channel_fd = runner->config.courier_fd,
                                          .wake_fd = runner->config.wake_fd,
                                          .news_fd = runner->config.news_fd,
                                          .asking = runner->asking,
                                          .webhook_key = runner->config.webhook_key,
                                          .sole = runner->config.sole,
                                          .document_bytes = runner->config.document_bytes,
                                          .fetch_ms = runner->config.fetch_ms,
                                          .delivery_ms = runner->config.delivery_ms};

    return outward_open(&config, &runner->outward, err);
}

enum err_code
runner_run(struct runner *runner, struct err *err)
{
    const struct chores_config chores = {.db_place = runner->config.db_place,
                                         .node = runner->config.node,
                                         .store = runner->store,
                                         .retention_days = runner->config.retention_days,
                                         .audit_days = runner->config.audit_days};
    enum err_code rc = chores_open(&chores, &runner->chores, err);

    if (rc == ERR_OK && runner->config.courier_fd >= 0)
        rc = open_outward(runner, err);
    size_t busy = 0;
    while (rc == ERR_OK) {
        bool more = false;
        for (size_t i = 0; i < runner->slot_count; i++)
            more = slot_step(runner->slots[i]) || more;
        tell_state(runner);
        /* The end of a task may have made others: a probe's pages, above all. */
        if (count_busy(runner) < busy) {
            runner->claim_due_ms = 0;
            outward_wake(runner->outward); /* and events of the job */
        }
        chores_note(runner->chores, count_busy(runner), runner->stops > 0);
        check_wanted(runner);
        extend_leases(runner);
        rc = claim_tasks(runner, err);
        busy = count_busy(runner); /* a slot may come back from its thread at any time */
        if (rc == ERR_OK)
            rc = check_database(runner, err);
        if (runner->stops > 0) {
            int64_t now = clock_mono_ms();
            for (size_t i = 0; now >= runner->grace_end_ms && i < runner->slot_count; i++)
                slot_give_back(runner->slots[i]);
            if (count_busy(runner) == 0 || now >= runner->grace_end_ms + give_back_ms)
                break;
        }
        if (rc == ERR_OK)
            wait_for_something(runner, more);
    }
    return rc;
}
