/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/cmd.h - the commands of the program; each is called with its own argc and argv (argv[0] is
 * the command's name) and returns the exit status: 0 done, 1 wrong usage, 2 failed, others in the
 * command's --help. */
#pragma once

#include "base/err.h"

int cmd_serve(int argc, char **argv);
int cmd_key(int argc, char **argv);
int cmd_admin(int argc, char **argv);
int cmd_credits(int argc, char **argv);
int cmd_doctor(int argc, char **argv);
int cmd_convert(int argc, char **argv);
int cmd_version(int argc, char **argv);
int cmd_options(int argc, char **argv);

/* Roles that `serve` starts by running the program again; not for people. */
int cmd_role_api(int argc, char **argv);
int cmd_role_runner(int argc, char **argv);
int cmd_role_courier(int argc, char **argv);
int cmd_reader(int argc, char **argv);

enum { EXIT_DONE = 0, EXIT_USAGE = 1, EXIT_FAILED = 2 };

/* "leapocr COMMAND: message" on standard error; returns EXIT_FAILED. */
int cmd_fail(const char *command, const struct err *err);
