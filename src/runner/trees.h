/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/trees.h - page trees in a file in memory, as a run takes them that makes something of a
 * whole document (wire/message.h): each behind its length. For the runner and the command line. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

/* *ret_fd is the caller's. */
MUST_CHECK
enum err_code trees_open(int *ret_fd, struct err *err);
/* The next page, in order; len 0: one that was not read. */
MUST_CHECK
enum err_code trees_put(int fd, struct span tree, struct err *err);
/* The same for who writes the len bytes of the tree himself. */
MUST_CHECK
enum err_code trees_begin_one(int fd, uint32_t len, struct err *err);
/* All are there: whoever reads begins at the first. */
MUST_CHECK
enum err_code trees_end(int fd, struct err *err);

/* How large the searchable PDF of a document may get. */
uint64_t trees_pdf_bytes(uint64_t document_bytes);
