/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/chars.h"

#include "base/utf8.h"

bool
char_is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

/* In Latin Extended-A capital and small letters alternate; two stretches begin with the odd one. */
static bool
is_extended_lower(uint32_t c)
{
    bool odd_is_capital = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);

    return c == 0x138 || c == 0x17f || c == 0x149 || (c % 2 == 1) != odd_is_capital;
}

bool
char_is_lower(uint32_t c)
{
    if (c < 0x80)
        return c >= 'a' && c <= 'z';
    return (c >= 0xdf && c <= 0xff && c != 0xf7) ||
           (c >= 0x100 && c <= 0x17f && is_extended_lower(c)) || (c >= 0x3ac && c <= 0x3ce) ||
           (c >= 0x430 && c <= 0x45f) || (c >= 0xfb00 && c <= 0xfb06);
}

bool
char_is_upper(uint32_t c)
{
    if (c < 0x80)
        return c >= 'A' && c <= 'Z';
    return (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
           (c >= 0x100 && c <= 0x17f && !is_extended_lower(c)) || (c >= 0x386 && c <= 0x3ab) ||
           (c >= 0x400 && c <= 0x42f);
}

bool
char_is_letter(uint32_t c)
{
    if (c < 0x80)
        return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
    return c >= 0xc0 && c != 0xd7 && c != 0xf7 && !(c >= 0x2000 && c <= 0x2bff) &&
           !(c >= 0x2e00 && c <= 0x303f) && !(c >= 0xe000 && c <= 0xf8ff) && c != 0xfeff &&
           c != 0xfffd;
}

bool
char_is_space(uint32_t c)
{
    return c <= ' ' || (c >= 0x7f && c <= 0xa0) || (c >= 0x2000 && c <= 0x200b) || c == 0x2028 ||
           c == 0x2029 || c == 0x202f || c == 0x205f || c == 0x3000 || c == 0xfeff;
}

bool
char_is_ideographic(uint32_t c)
{
    return (c >= 0x2e80 && c <= 0x9fff) || (c >= 0xf900 && c <= 0xfaff) ||
           (c >= 0xff00 && c <= 0xff9f) || (c >= 0x20000 && c <= 0x3ffff);
}

uint32_t
chars_first(const char *text, size_t len)
{
    uint32_t c = 0;

    if (len > 0)
        (void)utf8_decode(text, len, &c); /* 0 for what is no character */
    return c;
}

uint32_t
chars_last(const char *text, size_t len)
{
    size_t at = len;

    while (at > 0 && len - at < UTF8_MAX_BYTES) {
        at--;
        if (((unsigned char)text[at] & 0xc0) != 0x80)
            break;
    }
    return chars_first(text + at, len - at);
}
