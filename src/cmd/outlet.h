/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/outlet.h - where a command writes what it made of a document: standard output, or a file that
 * appears when it is whole. It goes there piece by piece, so that no document is held whole. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/fdio.h"

struct outlet {
    struct buf out; /* to be appended to */
    struct fd_draft draft;
    bool is_file;
};

/* path: of the file; NULL: standard output. */
MUST_CHECK
enum err_code outlet_open(struct outlet *outlet, const char *path, struct err *err);
/* Between two pieces: sends on what has come if that is much. */
MUST_CHECK
enum err_code outlet_pass(struct outlet *outlet, struct err *err);
/* Bytes that are there already, behind what has come. */
MUST_CHECK
enum err_code outlet_write(struct outlet *outlet, struct span bytes, struct err *err);
/* All has come. */
MUST_CHECK
enum err_code outlet_end(struct outlet *outlet, struct err *err);
/* In any case; a file that was not ended is none. */
void outlet_close(struct outlet *outlet);

/* The whole of a file at once. */
MUST_CHECK
enum err_code outlet_put_file(const char *path, struct span bytes, struct err *err);
