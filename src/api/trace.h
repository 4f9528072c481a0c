/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/trace.h - the trace that a request belongs to (W3C Trace Context, as OpenTelemetry sends it):
 * its id goes into the lines of the log. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>

enum { TRACE_ID_SIZE = 33 };

/* The trace id of a traceparent field, 32 lower-case hexadecimal digits; false, and "", for
 * anything that is none. */
bool trace_read(struct span traceparent, char ret_id[TRACE_ID_SIZE]);
