/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cli_run.h - one run of `leapocr process`, as its threads share it: threads that upload, each
 * taking the next document, and one thread that asks for the jobs on the server, gives out results
 * and draws. */
#pragma once

#include "cli_item.h"
#include "cli_options.h"
#include "cli_progress.h"

#include <pthread.h>

struct cli_run {
    struct cli_options options;
    struct cli_item *items; /* [n]; guarded by lock until CLI_READING, then the waiting thread's */
    size_t n;
    pthread_mutex_t lock;
    size_t next;  /* the first item that no thread has taken */
    bool no_more; /* the server cannot be reached or refuses: nothing further is begun */
    struct leapocr_error why_no_more;
    struct cli_progress progress; /* the waiting thread's, as the next */
    size_t given;                 /* results on standard output so far */
};

/* process.c: true once a signal asked for the end. */
bool cli_interrupted(void);

/* process.c: monotonic. */
int64_t cli_now_ms(void);

/* process.c: a client with the options of the run. */
enum leapocr_status cli_connect(const struct cli_run *run, bool (*tick)(void *), void *ctx,
                                struct leapocr **ret, struct leapocr_error *error);

/* cli_send.c: the body of an uploading thread; ctx is the run. */
void *cli_send_thread(void *ctx);

/* cli_wait.c: serves all items until they are given out or a signal comes. */
void cli_wait_for_all(struct cli_run *run, struct leapocr *client);

/* cli_wait.c: the tick function of the waiting thread's client; ctx is the run. */
bool cli_draw_while_waiting(void *ctx);
