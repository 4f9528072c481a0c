/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cli_item.h - one document on its way through `leapocr process`. Plain data; what changes is
 * guarded by the lock of the run. */
#pragma once

#include "leapocr.h"

enum cli_phase { CLI_WAITING, CLI_FETCHING, CLI_SENDING, CLI_READING, CLI_DONE, CLI_PHASES };

struct cli_item {
    const char *input; /* as given on the command line */
    bool is_url;
    char *name;        /* to call the document by, valid UTF-8 without control characters */
    char *shown;       /* to people: the name, or the input where another has the same name */
    char *output_name; /* name of its result without the ending, unlike that of any other item */

    enum cli_phase phase;
    int64_t started_ms; /* monotonic, as the next two; 0 before */
    int64_t submitted_ms;
    int64_t done_ms;
    uint64_t bytes_done;
    uint64_t bytes_total; /* 0: not known */
    char job_id[LEAPOCR_ID_SIZE];
    struct leapocr_job job;
    unsigned polls;
    int64_t next_poll_ms;

    /* CLI_DONE: how it went. status OK and job.state FAILED: the server could not read it. */
    struct leapocr_error error;
    char *result; /* owned; NULL once given out */
    bool markdown;
    bool given_out;

    /* What has been said in plain lines. */
    enum cli_phase said_phase;
    int64_t said_pages;
    int64_t said_ms;
};

/* Read to the end: whole, or in part. */
static inline bool
cli_item_was_read(const struct cli_item *item)
{
    return item->phase == CLI_DONE && item->error.status == LEAPOCR_OK &&
           item->job.state != LEAPOCR_FAILED;
}
