/* SPDX-License-Identifier: AGPL-3.0-or-later
 * jobs/choice.h - which tasks a runner takes; jobs.h has the claim. */
#pragma once

#include <stdint.h>

struct task_choice {
    const char *models; /* "a,b-*": of jobs; NULL or "": all */
    const char *teams;  /* ids; NULL or "": all */
    int64_t hold_ms;    /* leaves a task to others for so long */
};
