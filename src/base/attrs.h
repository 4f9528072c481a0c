/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/attrs.h - the compiler attributes and small macros that every file may use. */
#pragma once

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define NO_RETURN         __attribute__((noreturn))
#define ARRAY_LEN(a)      (sizeof(a) / sizeof((a)[0]))

/* KiB(4) reads better than 4096 in a table of limits. */
#define KiB(n) ((size_t)(n) << 10)
#define MiB(n) ((size_t)(n) << 20)
