/* SPDX-License-Identifier: AGPL-3.0-or-later
 * process.h - the command `leapocr process`: hands documents to a server and gives back what it
 * read. A user of leapocr.h alone; includes nothing of the server. */
#pragma once

/* argv[0] is skipped. Returns the exit code, as --help lists them. Sets handlers for SIGINT and
 * SIGTERM, ignores SIGPIPE, and starts threads of its own, all of which have ended on return. */
int leapocr_process_main(int argc, char **argv);
