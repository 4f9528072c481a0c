/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/quirks.h - what published client libraries cannot cope with, told by their User-Agent.
 * The one place where an answer depends on who asks; docs/api.md lists the same. */
#pragma once

#include "base/buf.h"
#include "jobs/jobs.h"

#include <stdbool.h>

struct quirks {
    bool no_created_at; /* PHP: created_at in the answer of `complete` is a TypeError */
    bool no_boxes;      /* PHP: a bounding box in a result is a TypeError */
    bool
        partial_is_done; /* JS, Python, Go: partially_done is polled on until their time runs out */
    bool page_text;      /* Python <= 0.0.3, Go <= 0.0.4: pages have text, processed_at, metadata */
};

/* user_agent: the field's value; data NULL if there is none. */
struct quirks quirks_of(struct span user_agent);

/* The status word as this client can take it. */
const char *quirks_status(const struct quirks *quirks, enum job_status status);
