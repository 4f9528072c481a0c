/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/log.h - one line an event, on standard error, in logfmt:
 *   2026-11-23T15:04:05.678Z info api job=0193... msg="job submitted"
 *
 * Only processes log (api, runner, worker, cmd), once per error; library folders return errors.
 * Bytes outside 0x20..0x7e in values are escaped, so that no document or header can forge a line or
 * drive a terminal. Secrets and document text are never passed here. */
#pragma once

#include "base/attrs.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARN, LOG_ERROR };
enum log_form { LOG_LOGFMT, LOG_JSON };

/* process: a literal such as "api", shown in each line. */
void log_init(const char *process, enum log_level least);

/* LOG_JSON: an object a line, {"time", "level", "process", "msg", ...}, all values strings. */
void log_set_form(enum log_form form);

/* fields: "" or logfmt pairs made with a constant format; text values go through log_quote. */
void log_line(enum log_level level, const char *msg, const char *fields_fmt, ...) PRINTF_LIKE(3, 4);

enum { LOG_QUOTE_SIZE = 512 };

/* s as a quoted and escaped logfmt value in out, cut to fit; returns out. NULL gives "". */
const char *log_quote(char out[LOG_QUOTE_SIZE], const char *s);
