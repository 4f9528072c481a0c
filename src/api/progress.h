/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/progress.h - how far a job has come, as numbers for people. */
#pragma once

#include "jobs/jobs.h"

struct api;

/* 0..100; 100 for a job that ended with a result. */
double progress_percent(const struct job *job);
/* Whole seconds until the end, from what its own pages took so far, or before the first of them
 * pages lately; -1: nobody can tell. */
int64_t progress_left(struct api *api, const struct job *job, int64_t now_ms);
/* Seconds of work so far, or in all, begun ones counted; 0 before the work begins. */
int64_t progress_seconds(const struct job *job, int64_t now_ms);
