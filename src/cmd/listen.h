/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/listen.h - from "ADDRESS:PORT" to a listening socket. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"

enum { LISTEN_TEXT_SIZE = 300 };

/* "127.0.0.1:8080", "[::1]:8080", "localhost:0". ret_address: what it is bound to, with the real
 * port. ERR_INPUT for a malformed address, ERR_CONFLICT where the port is taken. */
MUST_CHECK
enum err_code listen_open(const char *where, int *ret_fd, char ret_address[LISTEN_TEXT_SIZE],
                          struct err *err);
