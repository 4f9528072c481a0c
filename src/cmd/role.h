/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/role.h - from settings to the plain structs of the modules, for the roles and for commands
 * that read documents themselves. */
#pragma once

#include "base/log.h"
#include "base/netpolicy.h"
#include "cmd/options.h"
#include "runner/runner.h"

enum log_level role_log_level(const struct options *options);
/* Level and form of the log. */
void role_log_init(const char *name, const struct options *options);

/* How to start a reader with these settings. Points into itself and into options: keep both. */
struct role_reader {
    struct link_config link;
    const char *args[12];
};
void role_reader_config(const struct options *options, struct role_reader *ret);

/* For a link: a reader of what takes no models, in a fork of this process. ctx: const struct
 * options. */
int role_read_without_models(int control_fd, void *ctx);

/* Loads the models as a reader would, and drops them: why readers do not become ready.
 * ERR_NOT_FOUND names the file and the package that has it. */
MUST_CHECK
enum err_code role_check_models(const struct options *options, struct err *err);

/* How many readers work side by side. */
size_t role_reader_count(const struct options *options);

/* The runner's settings, but for places, wake and lock. */
void role_runner_config(const struct options *options, struct runner_config *ret);

/* ERR_INPUT: endpoint, name or key file of the outside model are no good. */
MUST_CHECK
enum err_code role_check_outside_model(const struct options *options, struct err *err);

/* Where this service connects for tenants; ERR_INPUT. */
MUST_CHECK
enum err_code role_policy(const struct options *options, struct netpolicy *ret, struct err *err);

/* Limits of a run (without its times), and the times: of a batch, and of each page on top. */
void role_limits(const struct options *options, struct wire_limits *ret, int64_t *ret_batch_ms,
                 int64_t *ret_page_ms);
