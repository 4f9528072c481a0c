/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cli_options.h - the command line of `leapocr process`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum cli_exit {
    CLI_OK = 0,
    CLI_USAGE = 1,
    CLI_FAILED = 2,
    CLI_UNREACHABLE = 3,
    CLI_AUTH = 4,
    CLI_CREDITS = 5,
    CLI_PARTIAL = 6,
    CLI_TIMEOUT = 7,
    CLI_INTERRUPTED = 130
};

struct cli_options {
    const char *server;
    const char *api_key; /* NULL: none */
    const char *format;  /* NULL where not given, as the next three */
    const char *model;
    const char *instructions;
    const char *template_slug;
    char *schema_json;      /* owned */
    const char *output_dir; /* NULL: standard output */
    int64_t timeout_ms;     /* 0: none */
    bool json;
    bool boxes;
    bool delete_jobs;
    bool quiet;
    char **inputs; /* borrowed from argv */
    size_t input_count;
};

/* True: go on. False: end with *ret_exit; what there was to say has been said. */
bool cli_options_read(int argc, char **argv, struct cli_options *ret, int *ret_exit);
void cli_options_fini(struct cli_options *options);
