/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/runner.h - gives claimed tasks to readers, watches deadlines, files results.
 *
 * One thread with one database handle moves all tasks; a second does the housekeeping (chores.h).
 * Pages are filed as they come: written to one object of the store, made durable, then recorded in
 * one transaction with the task's progress, at the end of a batch and at least every flush_ms. What
 * a reader says is checked before it is believed; a task is held by its lease alone, and a reader
 * is stopped before a lease that cannot be extended runs out. */
#pragma once

#include "jobs/choice.h"
#include "jobs/node.h"
#include "runner/link.h"
#include "runner/model.h"

struct runner_config {
    const struct store_config *store; /* borrowed until runner_close */
    const char *db_place;             /* see db_open */
    struct link_config link;          /* how to start a reader */
    int wake_fd;             /* becomes readable when a task may be due (an eventfd); -1: none */
    int news_fd;             /* see news.h; -1: none */
    int courier_fd;          /* to the courier, see outward.h; -1: none, nothing goes out */
    const char *webhook_key; /* file of the key that seals webhooks' secrets; with courier_fd */
    bool sole; /* nobody else works on the database: take over what others left claimed */
    /* Says that this node is there (texts borrowed; name NULL: it does not), and takes over what a
     * runner of its name left claimed. Its owner, readers, running and times are filled in here. */
    struct node node;
    struct task_choice choice; /* texts borrowed */
    bool errands_only;         /* no readers: the courier's work, and the chores */

    int64_t retention_days, audit_days; /* see keep.h */

    uint32_t readers;                            /* 0: as many as processors */
    uint64_t memory_bytes;                       /* of a child, on top of the warm reader */
    uint64_t pixels_max;                         /* of one picture */
    uint32_t pages_max;                          /* of a document */
    uint32_t page_bytes;                         /* of the result of one page */
    uint64_t batch_bytes;                        /* of the results of one batch */
    uint32_t page_ms;                            /* a page that takes longer ends its batch */
    uint32_t cpu_base_s, cpu_page_s, cpu_most_s; /* of a batch: base + pages x page, capped */
    uint32_t wall_base_ms, wall_page_ms, wall_most_ms;
    uint32_t lease_ms;
    uint32_t flush_ms;
    uint32_t grace_ms; /* for running batches, from the wish to stop */
    uint32_t idle_ms;  /* looking for work without being woken */

    uint64_t document_bytes;   /* of a document that is fetched */
    uint32_t fetch_ms;         /* for one such */
    uint32_t delivery_ms;      /* for one webhook */
    struct model_config model; /* asked through the courier */
};

/* Everything but places, link, and wake_fd, news_fd and courier_fd, which are -1. */
extern const struct runner_config runner_defaults;

struct runner;
MUST_CHECK
enum err_code runner_open(const struct runner_config *config, struct runner **ret, struct err *err);
void runner_close(struct runner **runner);

/* Works until runner_stop. OK after a stop; else why it cannot go on (the database is gone for
 * good): the process has to end then, its tasks are found again by their leases. */
MUST_CHECK
enum err_code runner_run(struct runner *runner, struct err *err);

/* From a signal handler, too. The first call: no new tasks, running batches have grace_ms. The
 * second: now. Tasks that were not finished are given back, with what was read of them filed. */
void runner_stop(struct runner *runner);
