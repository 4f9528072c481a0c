/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/usage.h - the common beginning of every command: environment, flags, --help. */
#pragma once

#include "cmd/options.h"

#include <stdbool.h>

struct usage {
    const char *command;  /* "serve" */
    const char *synopsis; /* whole text before the options; ends with a newline */
    const enum option_id *allowed;
    size_t allowed_count;
};

/* Reads argv[1..] into options; the rest of the arguments is moved to argv[1..*ret_rest]. Returns
 * true to go on; false to leave with *ret_exit (help was shown, or the mistake). */
MUST_CHECK
bool usage_begin(const struct usage *usage, int argc, char **argv, struct options *options,
                 int *ret_rest, int *ret_exit);

/* Says the mistake, and where help is, in one line on standard error; returns EXIT_USAGE. */
int usage_mistake(const struct usage *usage, const char *what);
