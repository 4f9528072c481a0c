/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/reading_internal.h - parts of reading files here. */
#pragma once

#include "cmd/reading.h"
#include "runner/link.h"

enum { READING_SEATS_MAX = 256 }; /* as many as --readers takes */

/* What one reader is busy with. */
struct seat {
    struct link *link;
    bool is_taken;             /* its reader was started, or is to be */
    struct reading_file *file; /* NULL: idle */
    enum wire_run_kind kind;   /* of its run */
    uint32_t page_to;          /* end of the batch */
    uint32_t next;             /* first page of it that has not come */
    int64_t due_ms;            /* of a WHOLE, as soon as its pages are known; else INT64_MAX */
};

struct room {
    struct reading *reading;
    struct wire_limits limits;
    int64_t batch_ms, page_ms;
    uint64_t file_max;
    struct seat seats[READING_SEATS_MAX];
    size_t seat_count;
    struct link_config with_models; /* of a reader that can read anything */
    bool any_begun;                 /* something of a document may be in this process's memory */
    size_t given;
    int troubles;
    bool models_checked;
    struct err trouble;
};

/* --- reading_work.c: who reads what next --- */

/* Its pages are read, looked at beside each other, written or extracted from as was asked; or it
 * has failed. */
bool reading_is_done(const struct reading *reading, const struct reading_file *file);
/* Whether its reader has models loaded: those that do not are ready sooner, and say of a page that
 * takes some that they cannot read it. */
bool reading_has_models(const struct seat *seat);
/* The seat gets a reader with models in place of one without. */
void reading_get_models(struct room *room, struct seat *seat);
/* How long a run over so many pages may take: what a message can say at most. */
int64_t reading_time_ms(const struct room *room, uint32_t pages);
/* Gives the seat, whose reader is ready and idle, something to do, if there is anything. */
void reading_find_work(struct room *room, struct seat *seat);
/* Takes seats for readers that have something to do: a short document needs one. */
void reading_take_seats(struct room *room);

/* --- reading_bind.c --- */

/* The trees of pages from..to (past the last), as runs take them (runner/trees.h); empty ones for
 * pages that could not be read. */
MUST_CHECK
enum err_code reading_put_trees(const struct reading_file *file, uint32_t from, uint32_t to, int fd,
                                struct err *err);
/* Not all pages have been bound yet. */
bool reading_wants_binding(const struct reading_file *file);
void reading_next_binding(const struct reading_file *file, struct wire_run *ret);
/* The trees that the run is given: the caller closes it. */
MUST_CHECK
enum err_code reading_binding_fd(const struct reading_file *file, const struct wire_run *run,
                                 int *ret_fd, struct err *err);
MUST_CHECK
enum err_code reading_take_bound(struct reading_file *file, const struct wire_page *page,
                                 struct err *err);
/* The run up to page to is over. What cannot be bound stays as it was read. */
void reading_end_binding(struct reading_file *file, uint32_t to, const struct err *why);

/* --- reading_extract.c --- */

/* Request and trees of the pages that were read, as the child gets them: the caller closes it. */
MUST_CHECK
enum err_code reading_pages_fd(const struct wire_ask *wanted, const struct reading_file *file,
                               int *ret_fd, struct err *err);

/* Into file->records, checked as what comes from a child. */
MUST_CHECK
enum err_code reading_take_record(struct reading_file *file, const struct wire_record *record,
                                  struct err *err);
MUST_CHECK
enum err_code reading_take_warnings(struct reading_file *file, struct span warnings,
                                    struct err *err);
