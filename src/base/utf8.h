/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/utf8.h - UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing past U+10FFFF.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UTF8_MAX_BYTES = 4 };

bool utf8_valid(const void *bytes, size_t len);

/* Decodes the character at s (len > 0 bytes available) and returns its length; 0 where the bytes
 * are no character. */
size_t utf8_decode(const void *s, size_t len, uint32_t *ret_code_point);

/* Writes the character to out (UTF8_MAX_BYTES bytes) and returns its length; code points that
 * cannot be encoded are written as U+FFFD. */
size_t utf8_encode(uint32_t code_point, char *out);

/* Cuts off an incomplete character at the end of a NUL-terminated string. */
void utf8_trim(char *s);

/* Copies s into out (capacity cap, always terminated), replacing each byte that is no character by
 * U+FFFD and each control character by a space; returns the length written. */
size_t utf8_clean(char *out, size_t cap, const void *s, size_t len);

/* The number of characters in a valid string of len bytes. */
size_t utf8_length(const void *s, size_t len);
