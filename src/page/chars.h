/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/chars.h - what kind of character begins or ends a word: enough for joining and sorting
 * lines.
 *
 * Covers the scripts that have cases (Latin, Greek, Cyrillic) by range, not by the Unicode tables:
 * a rare letter taken for the wrong case costs a hyphen, never a character. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool char_is_digit(uint32_t c); /* ASCII */
bool char_is_letter(uint32_t c);
bool char_is_lower(uint32_t c);
bool char_is_upper(uint32_t c);
bool char_is_space(uint32_t c);       /* controls and invisible spaces included */
bool char_is_ideographic(uint32_t c); /* written without spaces: Han, kana, full-width forms */

/* First and last character of valid UTF-8 of len bytes; 0 if it is empty. */
uint32_t chars_first(const char *text, size_t len);
uint32_t chars_last(const char *text, size_t len);
