/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cli_progress.h - tells on standard error how far the documents are.
 *
 * On a terminal: one line with a bar, redrawn in place, as wide as the window; elsewhere, on a dumb
 * terminal too, a plain line when something happened. NO_COLOR is honoured. Used by one thread. */
#pragma once

#include "cli_item.h"

struct cli_progress {
    bool quiet;
    bool bar; /* redraw in place */
    bool colour;
    bool blocks; /* the terminal shows UTF-8 */
    bool shown;  /* a bar stands on the cursor's line */
    int64_t drawn_ms;
};

void cli_progress_init(struct cli_progress *progress, bool quiet);

/* Says what is new of n items; a bar at most ten times a second. */
void cli_progress_show(struct cli_progress *progress, struct cli_item *items, size_t n,
                       int64_t now_ms);

/* The one line that stays of an item that is done; errors are told even when quiet. */
void cli_progress_done(struct cli_progress *progress, const struct cli_item *item);

/* Wipes the bar away, before anything else is written to the terminal. */
void cli_progress_clear(struct cli_progress *progress);
