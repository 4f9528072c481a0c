/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/clock.h - time: monotonic for waiting, UTC epoch for records, RFC 3339 towards people. */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum { CLOCK_TEXT_SIZE = 32 };

/* Milliseconds since some moment that never moves back; for deadlines inside one process. */
int64_t clock_mono_ms(void);

/* The same in microseconds, for measuring. */
int64_t clock_mono_us(void);

/* Milliseconds since 1970-01-01 UTC; for records and between processes. */
int64_t clock_utc_ms(void);

/* "2026-11-23T15:04:05.678Z" (exactly three fractional digits: the SDKs read 0, 3 or 6). */
void clock_rfc3339(int64_t utc_ms, char ret_text[CLOCK_TEXT_SIZE]);

/* "20261123T150405Z", as Signature Version 4 writes time. */
void clock_basic8601(int64_t utc_ms, char ret_text[CLOCK_TEXT_SIZE]);

/* Reads "20261123T150405Z" exactly; -1 where it is anything else. */
int64_t clock_parse_basic8601(const char *text, size_t len);

/* Reads RFC 3339 ("2026-11-23T15:04:05.678+01:00"; 'T' may be a space or lower case, as may 'Z',
 * and a space for the sign is '+', as a query turns it) or a date alone, which is its begin in UTC;
 * -1 where it is anything else, before 1970 or after 9999. Fractions below a millisecond are cut.
 */
int64_t clock_parse_rfc3339(const char *text);

/* "Mon, 23 Nov 2026 15:04:05 GMT" (RFC 9110, IMF-fixdate), for the Date header. */
void clock_http_date(int64_t utc_ms, char ret_text[CLOCK_TEXT_SIZE]);
