/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/base_url.h - scheme and host that clients reach this server by, for absolute URLs.
 * Fields that a proxy adds (X-Forwarded-*) are not believed: anyone can send them. */
#pragma once

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* "https://host[:port]" without anything behind it; for api_config.public_url. */
MUST_CHECK
enum err_code base_url_check(const char *url, struct err *err);

/* public_url, or "http://" and the Host field. ERR_SYNTAX if that is no host. */
MUST_CHECK
enum err_code base_url_of(struct arena *arena, const char *public_url, struct span host,
                          const char **ret, struct err *err);
