/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/body.h - members of a JSON body, checked for type and length. null is as if the member were
 * not there; members nobody asks for are ignored. */
#pragma once

#include "base/arena.h"
#include "base/json.h"

struct call;

/* The body as an object; the caller owns it (json_decref). */
MUST_CHECK
enum err_code body_object(struct call *call, json_t **ret, struct err *err);

/* A copy in the arena of text of at most max bytes; NULL where it is not there, ERR_INPUT if it is
 * needed. */
MUST_CHECK
enum err_code body_text(struct arena *arena, const json_t *body, const char *name, size_t max,
                        bool needed, const char **ret, struct err *err);
MUST_CHECK
enum err_code body_bool(const json_t *body, const char *name, bool missing, bool *ret,
                        struct err *err);
MUST_CHECK
enum err_code body_int(const json_t *body, const char *name, int64_t min, int64_t max,
                       int64_t missing, int64_t *ret, struct err *err);
/* RFC 3339 or a date, in milliseconds; missing where it is not there or "". */
MUST_CHECK
enum err_code body_time(const json_t *body, const char *name, int64_t missing, int64_t *ret,
                        struct err *err);
/* Compact text of any value, of at most max bytes; NULL where it is not there. */
MUST_CHECK
enum err_code body_json(struct arena *arena, const json_t *body, const char *name, size_t max,
                        const char **ret, struct err *err);
