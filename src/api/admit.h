/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/admit.h - how much: requests of a key and of its team, by token buckets (api/rate.h). Where a
 * limit is set every answer says what is left of it in RateLimit fields. */
#pragma once

#include "base/attrs.h"

#include <stdbool.h>

struct call;

/* After auth_call. False: the call has ended with 429. */
MUST_CHECK
bool admit_call(struct call *call);
