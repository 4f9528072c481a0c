/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/pattern.h - regular expressions that take time linear in the text, whatever the pattern.
 *
 * The dialect is that of ECMA-262 with the u flag as far as automata reach: alternation, groups
 * (capturing or not, nothing is captured), classes, \d \w \s \b and their opposites, \p{...} for a
 * few properties, counted and lazy repeats, ^ and $ at the ends of the text. Refused: look-around,
 * back references, and what expands past the limit. Texts and patterns are UTF-8.
 * Method: Thompson's simulation (Pike's machine without captures; R. Cox, "Regular Expression
 * Matching: the Virtual Machine Approach"). */
#pragma once

#include "base/arena.h"
#include "base/attrs.h"
#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    PATTERN_MAX_BYTES = 4096,
    PATTERN_MAX_STEPS = 4096, /* instructions after repeats are written out */
};

struct pattern;

/* The pattern is of the arena. ERR_INPUT says what is not understood and where; ERR_LIMIT past the
 * limit. */
MUST_CHECK
enum err_code pattern_compile(struct arena *arena, const char *text, size_t len,
                              struct pattern **ret_pattern, struct err *err);

/* Whether it matches anywhere in the text (anchors are part of a pattern). Time: at most
 * len * PATTERN_MAX_STEPS steps. */
bool pattern_matches(const struct pattern *pattern, const char *text, size_t len);
