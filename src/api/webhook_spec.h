/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/webhook_spec.h - webhooks as JSON: what a client asks for, and what it is shown. */
#pragma once

#include "base/json.h"
#include "base/jsonw.h"
#include "base/netpolicy.h"
#include "hooks/hooks.h"

/* Reads url, events, description and enabled over what *hook has; creating: url is needed. Strings
 * live in the arena. ERR_INPUT and ERR_URL name the field and its limit. */
MUST_CHECK
enum err_code webhook_spec_read(struct arena *arena, const json_t *fields, bool creating,
                                const struct netpolicy *policy, struct hook *hook, struct err *err);

/* One object; key as in jsonw_object. with_secret: else it is null. */
void webhook_put(struct jsonw *w, const char *key, const struct hook *hook, bool with_secret);
