/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/main.c - `leapocr COMMAND ...`: finds the command and calls it. */
#include "cmd/cmd.h"
#include "cmd/version.h"
#include "process.h"

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help; /* NULL: not shown */
};

static const struct command commands[] = {
    {"serve", cmd_serve, "run the service (API, queue, readers) on a data folder"},
    {"process", leapocr_process_main, "send files or URLs to a running server, print what it read"},
    {"convert", cmd_convert, "read files here, without a server"},
    {"key", cmd_key, "make, list and revoke API keys"},
    {"credits", cmd_credits, "show and add credits of a team"},
    {"admin", cmd_admin, "teams, users, keys, credits, settings, retention, audit log"},
    {"doctor", cmd_doctor, "check models, sandbox, disk and limits, and say how to mend them"},
    {"options", cmd_options, "the table of all settings, as Markdown"},
    {"version", cmd_version, "version, licence and where the source is"},
    {"role-api", cmd_role_api, NULL},
    {"role-runner", cmd_role_runner, NULL},
    {"role-courier", cmd_role_courier, NULL},
    {"reader", cmd_reader, NULL},
};

static void
print_help(FILE *out)
{
    fprintf(out,
            "leapocr %s - reads documents: PDF and pictures in, Markdown or JSON out\n\n"
            "usage: leapocr COMMAND [ARGUMENTS]\n\n",
            LEAPOCR_VERSION);
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (commands[i].help != NULL)
            fprintf(out, "  %-9s %s\n", commands[i].name, commands[i].help);
    fputs("\n`leapocr COMMAND --help` tells more. To begin: leapocr serve\n", out);
}

int
cmd_fail(const char *command, const struct err *err)
{
    fprintf(stderr, "leapocr %s: %s\n", command, err->msg);
    return EXIT_FAILED;
}

int
main(int argc, char **argv)
{
    /* A peer that hangs up is an error code, not the end of the process. */
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2) {
        print_help(stderr);
        return EXIT_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
        strcmp(argv[1], "help") == 0) {
        print_help(stdout);
        return EXIT_DONE;
    }
    const char *name = strcmp(argv[1], "--version") == 0 ? "version" : argv[1];
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    fprintf(stderr, "leapocr: there is no command '%s'\n\n", argv[1]);
    print_help(stderr);
    return EXIT_USAGE;
}
