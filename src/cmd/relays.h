/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/relays.h - what wakes the roles of a node: the eventfd and the pipe that serve gave them, or,
 * where several nodes share a database server, the words that pass through it. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "db/relay.h"

struct relays {
    struct db_relay *work, *jobs;
    int wake_fd; /* "there is work": api writes, runner reads */
    int news_fd; /* ids of jobs that changed: runner writes, api reads */
    int own_fds[3];
};

/* place: of the database. On SQLite wake_fd and news_fd stay those given. */
MUST_CHECK
enum err_code relays_open_api(const char *place, int wake_fd, int news_fd, struct relays *ret,
                              struct err *err);
MUST_CHECK
enum err_code relays_open_runner(const char *place, int wake_fd, int news_fd, struct relays *ret,
                                 struct err *err);
void relays_close(struct relays *relays);
