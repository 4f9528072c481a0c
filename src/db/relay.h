/* SPDX-License-Identifier: AGPL-3.0-or-later
 * db/relay.h - carries words between the nodes of one PostgreSQL database: NOTIFY and LISTEN, each
 * by a thread with a connection of its own.
 *
 * On one machine processes wake each other by an eventfd and a pipe; a relay puts the database in
 * the middle and leaves both ends as they are. Words may be lost (the server restarts, a pipe is
 * full): who waits looks for himself now and then, as he does on one machine. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum { RELAY_WORD_MAX = 64 };

struct db_relay;

struct db_relay_config {
    const char *place;   /* postgres://... */
    const char *channel; /* a name of letters and _ */
    bool hears;          /* LISTEN, and writes to fd; else reads from fd, and NOTIFY */
    size_t word_bytes;   /* of each word, at most RELAY_WORD_MAX; 0: fd is an eventfd */
    int fd;              /* borrowed until the relay is closed */
};

/* Starts the thread; the database need not be there yet. Behind a pooler that keeps no session
 * nothing can be heard: *ret is NULL then. */
MUST_CHECK
enum err_code db_relay_open(const struct db_relay_config *config, struct db_relay **ret,
                            struct err *err);
/* NULL is accepted. */
void db_relay_close(struct db_relay **relay);
