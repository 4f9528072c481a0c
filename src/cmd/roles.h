/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/roles.h - which roles a node of `serve` starts, and how it is called. */
#pragma once

#include "base/err.h"
#include "cmd/options.h"

#include <stdint.h>

enum roles {
    ROLES_API = 1,
    ROLES_RUNNER = 2,
    ROLES_COURIER = 4, /* and a runner without readers beside it: that has the database */
    ROLES_ALL = 7,
};

enum { NODE_NAME_SIZE = 65 };

/* --role; ERR_INPUT names the word that is none. */
MUST_CHECK
enum err_code roles_parse(const char *text, unsigned *ret, struct err *err);

/* --node, or a name that no other has. ERR_INPUT. */
MUST_CHECK
enum err_code roles_name_node(const struct options *options, char ret[NODE_NAME_SIZE],
                              struct err *err);

/* "api,runner" */
void roles_text(int64_t roles, char ret[32]);
