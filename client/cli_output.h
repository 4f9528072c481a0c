/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cli_output.h - gives results out: to standard output, or into a folder. */
#pragma once

#include "cli_item.h"
#include "cli_options.h"

/* Makes the output folder where one was named and is missing; false after telling why not. */
bool cli_output_prepare(const struct cli_options *options);

/* Standard output only: whether a line that names the document goes first, and whether an empty
 * line sets it off from the result before. */
enum cli_heading { CLI_NO_HEADING, CLI_FIRST_HEADING, CLI_NEXT_HEADING };

/* Gives out item->result, if there is one, and frees it. Failure is put into item->error. */
void cli_output_give(const struct cli_options *options, struct cli_item *item,
                     enum cli_heading heading);
