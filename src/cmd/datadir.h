/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/datadir.h - the data folder of a node:
 *   leapocr.db  objects/  tmp/  secrets/presign secrets/webhooks secrets/metrics (0600)  lock
 * Everything in it is private to its owner (0700, umask 077). With --database the state is not in
 * it, with --secrets the keys are not. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "cmd/options.h"

enum { DATADIR_PATH_MAX = 4096 };

struct datadir {
    char path[DATADIR_PATH_MAX - 64]; /* absolute */
    char db[DATADIR_PATH_MAX];        /* path, or address of a server */
    char secrets[DATADIR_PATH_MAX - 64];
    char secret[DATADIR_PATH_MAX];
    char metrics[DATADIR_PATH_MAX];
    char webhook_key[DATADIR_PATH_MAX];
    int lock_fd; /* -1: not locked by us */
};

/* Makes what is missing and takes the lock (flock, which dies with the last process that holds it):
 * ERR_CONFLICT names the process that has it. */
MUST_CHECK
enum err_code datadir_create(const struct options *options, struct datadir *ret, struct err *err);

/* An existing folder, not locked: for commands beside a running server. ERR_NOT_FOUND, but for one
 * that only speaks to a database server: then path is "". */
MUST_CHECK
enum err_code datadir_find(const struct options *options, struct datadir *ret, struct err *err);

void datadir_fini(struct datadir *dir);
