/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/chars.h - the character classes of RFC 9110 and RFC 9112. Independent of the locale. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

static inline bool
char_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static inline bool
char_is_alpha(uint8_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

/* tchar: what names of methods and fields are made of. */
static inline bool
char_is_token(uint8_t c)
{
    static const uint32_t set[8] = {0, 0x03ff6cfa, 0xc7fffffe, 0x57ffffff, 0, 0, 0, 0};

    return (set[c >> 5] >> (c & 31)) & 1;
}

/* HTAB, SP, VCHAR and obs-text: all that may stand within a line. */
static inline bool
char_is_text(uint8_t c)
{
    return (c >= 0x20 && c != 0x7f) || c == '\t';
}

static inline bool
char_is_blank(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* Value of a hexadecimal digit; -1 for anything else. */
static inline int
char_hex(uint8_t c)
{
    if (char_is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}
