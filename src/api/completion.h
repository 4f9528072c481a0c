/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/completion.h - the completion of an upload, while it is under way. */
#pragma once

#include "api/work.h"
#include "jobs/jobs.h"

struct completion {
    char team_id[UUID_TEXT_SIZE];
    const char *job_id;
    struct upload_claim *claims;
    size_t n;
    int64_t now_ms;
    struct job job; /* once it is complete */
    struct upload upload;
    struct upload_came came;
    struct store_part *parts; /* the list that stands */
    size_t part_count;
    struct err refused; /* by the service */
    void (*done)(struct work *work);
};

/* work->state is a struct completion, whose upload went to the S3 service. Asks the service what
 * has come, lets the list stand, has the service complete it, and queues the job; then calls done
 * with work->rc. */
void completion_direct(struct work *work, void (*done)(struct work *work));
