/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/json.h - reading JSON strictly (jansson behind RFC 8259 with limits).
 *
 * The only file that includes jansson. Refused: duplicate names, invalid UTF-8, lone surrogates,
 * U+0000 in strings, numbers that overflow, nesting past the limit, anything after the value. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"
#include "base/err.h"

#include <jansson.h>

enum { JSON_DEPTH_MAX = 64 };

/* The caller owns *ret_value (json_decref). ERR_SYNTAX says what is wrong and where. */
MUST_CHECK
enum err_code json_read(struct span text, json_t **ret_value, struct err *err);

/* Compact text of a value into buf; the order of members is kept. */
void json_put(struct buf *buf, const json_t *value);
