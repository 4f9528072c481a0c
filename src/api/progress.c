/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/progress.h"

#include "api/api_internal.h"
#include "base/clock.h"

double
progress_percent(const struct job *job)
{
    if (job->status == JOB_COMPLETED || job->status == JOB_PARTIAL)
        return 100;
    if (job->total_pages <= 0)
        return 0;
    double percent = 100.0 * (double)job->done_pages / (double)job->total_pages;
    return percent < 100 ? percent : 100;
}

/* What pages take changes slowly; asked of the database at most so often. */
static const int64_t pace_ms = 5000;

static int64_t
pace(struct api *api)
{
    struct err err;
    int64_t now = clock_mono_ms();

    if (now >= api->pace_until_ms) {
        if (job_pace(api->db, &api->pace_ms, &err) != ERR_OK)
            api->pace_ms = 0;
        api->pace_until_ms = now + pace_ms;
    }
    return api->pace_ms;
}

int64_t
progress_left(struct api *api, const struct job *job, int64_t now_ms)
{
    int64_t left_ms = -1;

    if (job_is_terminal(job->status))
        return 0;
    if (job->total_pages <= 0)
        return -1;
    if (job->done_pages > 0 && job->updated_ms > job->started_ms)
        left_ms = (job->updated_ms - job->started_ms) * (job->total_pages - job->done_pages) /
                      job->done_pages -
                  (now_ms - job->updated_ms);
    else if (pace(api) > 0)
        left_ms = pace(api) * job->total_pages - (now_ms - job->started_ms);
    else
        return -1;
    return left_ms > 0 ? (left_ms + 999) / 1000 : 1;
}

int64_t
progress_seconds(const struct job *job, int64_t now_ms)
{
    if (job->started_ms == 0)
        return 0;
    int64_t end_ms = job->completed_ms != 0 ? job->completed_ms : now_ms;
    return end_ms > job->started_ms ? (end_ms - job->started_ms + 999) / 1000 : 0;
}
