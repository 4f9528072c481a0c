/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/template_body.h - the body of a request that makes or changes a template, validated. */
#pragma once

#include "base/arena.h"
#include "base/json.h"
#include "template/template.h"

/* before: what it was, for a change: model, favorite, enabled and the other parts that the body
 * does not name stay as they are; NULL: a new one. ERR_INPUT names the field and its limit. */
MUST_CHECK
enum err_code template_body_read(struct arena *arena, const json_t *fields,
                                 const struct template_spec *before, struct template_spec *ret,
                                 struct err *err);
