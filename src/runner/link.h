/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/link.h - the runner's end of one reader: starts it, gives it runs, checks what comes back.
 *
 * Nothing here waits but link_wait: the owner polls the two descriptors, calls link_step until it
 * says LINK_NOTHING, and again at link_due_ms. Results are hostile input and leave here checked
 * frame by frame (wire/stream.h); the page tree inside is still the caller's to decode. A reader
 * that dies is started again, with a growing pause. Knows no jobs and no database: the command line
 * uses it too. One thread. The caller ignores SIGPIPE or not, as he likes. */
#pragma once

#include "wire/message.h"

struct link_config {
    const char *exe;         /* NULL: /proc/self/exe */
    const char *const *args; /* behind "reader --fd 3", NULL at the end; may be NULL */
    int64_t ready_ms;        /* a reader not ready after that is started anew; 0: 30 s */
    /* Not NULL: the first reader is a fork of this process that runs this, and ends with what it
     * returns: half of the time that a program takes to start. It has this process's memory, so
     * there must be nothing in it yet that a document's reader may not see. */
    int (*entry)(int control_fd, void *ctx);
    void *entry_ctx;
};

struct link;

/* The reader is started by the first link_step. config is copied, what it points to is not. */
MUST_CHECK
enum err_code link_open(const struct link_config *config, struct link **ret, struct err *err);
/* Kills the reader, and with it its child. */
void link_close(struct link **link);

enum link_state { LINK_DOWN, LINK_STARTING, LINK_READY, LINK_RUNNING };
enum link_state link_state(const struct link *link);

/* What the reader said of itself when it became ready; "" before. */
const struct wire_ready *link_reader(const struct link *link);

/* To poll for reading; -1: none now. They change in link_step and link_run only. */
int link_control_fd(const struct link *link);
int link_result_fd(const struct link *link);

/* Monotonic time at which link_step has to be called at the latest; INT64_MAX: no such time. */
int64_t link_due_ms(const struct link *link);

enum link_event_kind {
    LINK_NOTHING, /* wait */
    LINK_BECAME_READY,
    LINK_PROBE,       /* probe */
    LINK_HINT,        /* hint */
    LINK_PAGE,        /* page: borrowed until the next call on the link */
    LINK_PAGE_FAILED, /* failure */
    LINK_RECORD,      /* record: borrowed as a page is */
    LINK_WARNINGS,    /* warnings: borrowed */
    LINK_DATA,        /* data: borrowed */
    LINK_ENDED,       /* why: code OK, or how the run failed; ended */
    LINK_TROUBLE      /* why: the reader could not be started, or died idle; it is tried again */
};
struct link_event {
    enum link_event_kind kind;
    union {
        struct wire_probe probe;
        struct wire_hint hint;
        struct wire_page page;
        struct wire_failure failure;
        struct wire_record record;
        struct span warnings;
        struct span data;
    };
    struct err why;
    struct wire_ended ended; /* all zero if the reader died before it could tell */
};
void link_step(struct link *link, struct link_event *ret);

/* Starts a run; only in LINK_READY. run->id is set here. doc_fd stays the caller's and may be
 * closed at once. ERR_UNAVAILABLE if the reader has just died. */
MUST_CHECK
enum err_code link_run(struct link *link, const struct wire_run *run, int doc_fd, struct err *err);
/* The same for SEARCHABLE. trees_fd: as wire/message.h says; stays the caller's too. */
MUST_CHECK
enum err_code link_run_trees(struct link *link, const struct wire_run *run, int doc_fd,
                             int trees_fd, struct err *err);

/* Ends the run early: no more results come, then LINK_ENDED with why. No run: nothing happens. */
void link_cancel(struct link *link, const struct err *why);

/* Waits until link_step has something to do, at most until that monotonic time. */
void link_wait(const struct link *link, int64_t until_ms);
