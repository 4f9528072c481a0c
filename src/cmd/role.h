/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/role.h - from settings to the plain structs of the modules, for the roles and for commands
 * that read documents themselves. */
#pragma once

#include "base/log.h"
#include "cmd/options.h"

enum log_level role_log_level(const struct options *options);
