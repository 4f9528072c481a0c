/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/progress.h"

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

int64_t
progress_seconds(const struct job *job, int64_t now_ms)
{
    if (job->started_ms == 0)
        return 0;
    int64_t end_ms = job->completed_ms != 0 ? job->completed_ms : now_ms;
    return end_ms > job->started_ms ? (end_ms - job->started_ms) / 1000 : 0;
}
