/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/framing.h - what the fields of a request say about its body and its connection.
 *
 * Source: RFC 9110 (7.2 Host, 10.1.1 Expect), RFC 9112 (3.2, 6, 9). Stricter than they ask in that
 * Content-Length may be given once only, Transfer-Encoding may be nothing but "chunked", and both
 * together are refused. */
#pragma once

#include "http/head.h"

/* head: request line and fields are there; sets length, chunked, keep_alive, expects_continue.
 * ERR_SYNTAX, ERR_NOT_IMPLEMENTED (a transfer coding), ERR_EXPECT. */
MUST_CHECK
enum err_code framing_check(struct head *head, struct err *err);
