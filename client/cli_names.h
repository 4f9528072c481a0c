/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cli_names.h - what documents are called: towards the server, people and the output folder. */
#pragma once

#include "cli_item.h"

/* True for http:// and https:// in any case. */
bool cli_is_url(const char *input);

/* Fills name, shown and output_name of all items; false without memory. Output names are those of
 * the documents without their endings; the second of a name becomes NAME-2, and so on. */
bool cli_name_items(struct cli_item *items, size_t n);

/* Replaces in place what could drive a terminal: control characters, those of UTF-8 included. */
void cli_defuse(char *text);
