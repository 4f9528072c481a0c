/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/trace.h - the trace that a request belongs to (W3C Trace Context, as OpenTelemetry sends
 * it). Its id stands in the lines of the log, of every process that works for the request; webhooks
 * of its job take it along. */
#pragma once

#include "base/buf.h"

#include <stdbool.h>

/* A trace is kept as 32 lower-case hexadecimal digits, "-", and "01" where its begin was sampled,
 * else "00"; "" is none. Lines of the log have the digits alone. */
enum { TRACE_SIZE = 36, TRACE_DIGITS = 32, TRACEPARENT_SIZE = 56 };

/* Out of a traceparent field; false, and "", for anything that is none. */
bool trace_read(struct span traceparent, char ret[TRACE_SIZE]);
/* "" or of that form. */
bool trace_is_sound(const char *trace);
/* The field for a request of our own within the trace, which is not "". */
void trace_write(const char *trace, char ret[TRACEPARENT_SIZE]);
