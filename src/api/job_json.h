/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/job_json.h - a job as a row of lists. What is not known is left out. */
#pragma once

#include "api/quirks.h"
#include "base/jsonw.h"
#include "jobs/jobs.h"

void job_put(struct jsonw *w, const char *key, const struct job *job, const struct quirks *quirks);

/* What a job is at: uploading, queued, reading, done. */
const char *job_stage(const struct job *job);
