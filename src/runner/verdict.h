/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/verdict.h - from how a confined child ended to the error code that the job gets.
 *
 * For a child that did not end properly (no DONE, no FAILED). Knows signals and limits only. */
#pragma once

#include "wire/message.h"

/* Always sets *ret, and never to ERR_OK. */
void verdict_of(const struct wire_ended *ended, const struct wire_limits *limits, struct err *ret);
