/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "page/makeup.h"

#include "base/utf8.h"
#include "page/chars.h"

#include <string.h>

struct makeup
makeup_of(const char *text)
{
    struct makeup m = {0};
    size_t left = strlen(text), used = 0;
    uint32_t before = 0;

    for (size_t len; left > 0; text += len, left -= len, used += len) {
        uint32_t code;
        len = utf8_decode(text, left, &code);
        if (len == 0)
            break;
        bool letter = char_is_letter(code), digit = char_is_digit(code);
        m.chars++;
        m.letters += letter;
        m.digits += digit;
        m.uppers += char_is_upper(code);
        m.lowers += char_is_lower(code);
        m.mixed |= (letter && char_is_digit(before)) || (digit && char_is_letter(before));
        m.late_capital |= char_is_upper(code) && char_is_lower(before);
        m.odd |= !letter && !digit && used > 0 && left > len && code < 0x80 &&
                 strchr(".,-/':&@%", (int)code) == NULL;
        before = code;
    }
    return m;
}
