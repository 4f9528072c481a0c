/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/wanted.h - what a client wants taken out of a document: template and schema, resolved and
 * checked before there is a job. Compiling a schema is bounded in time and memory. */
#pragma once

#include "account/account.h"
#include "base/arena.h"
#include "base/json.h"
#include "db/db.h"
#include "jobs/jobs.h"

/* A schema as the client wrote it, an object or JSON text of one (PHP's empty list is {}), as
 * compact text; checked whole. ERR_INPUT with the JSON Pointer of what is wrong. */
MUST_CHECK
enum err_code wanted_schema(struct arena *arena, const json_t *value, const char **ret,
                            struct err *err);

/* Where the spec names a template: its format, schema, instructions and model win over what else
 * the client sent. db and team_id NULL: presets only. ERR_INPUT for an unknown one. */
MUST_CHECK
enum err_code wanted_template(struct arena *arena, struct db *db, const char *team_id,
                              struct job_spec *spec, struct err *err);

/* In the transaction that submits the job, before it: counts the use of its template, and keeps
 * what is asked for as a template where the client wants that (the spec then names it). */
MUST_CHECK
enum err_code wanted_submit(struct arena *arena, struct db *db, const struct principal *who,
                            struct job_spec *spec, int64_t now_ms, struct err *err);

/* "markdown", "structured" or "per_page_structured"; false: none of them. */
bool wanted_format(const char *name, enum job_format *ret);
