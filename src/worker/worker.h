/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/worker.h - the reader process: models loaded once, one confined child a page batch.
 *
 * The reader never touches a byte of a document: it receives the descriptors of a run, forks a
 * child that confines itself and reads, watches its deadline and says how it ended. The process has
 * to be single-threaded, started with OMP_THREAD_LIMIT=1 in its environment (Tesseract's OpenMP
 * reads it when it is loaded), with nothing open but control_fd, standard error and what libraries
 * need. */
#pragma once

#include "base/attrs.h"

#include <stdbool.h>

struct worker_config {
    const char *model_dir; /* NULL: the usual places */
    const char *languages; /* NULL: "eng" */
    /* Reads what can be read without models, and says ERR_UNAVAILABLE of other pages. It is ready
     * at once, and says so with an engine of no name. */
    bool without_models;
};

/* Serves runs on control_fd (wire/channel.h) until the other side closes it. Returns the exit
 * status of the process: 0, or 1 if it could not get ready (said in the log). The process is
 * confined afterwards and of no use for anything else. */
MUST_CHECK
int worker_reader_main(int control_fd, const struct worker_config *config);
