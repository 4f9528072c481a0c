/* SPDX-License-Identifier: AGPL-3.0-or-later
 * layout/numbers.c - words that are figures, or go with them. */
#include "layout/layout_internal.h"

#include "page/chars.h"

#include <string.h>

bool
numbers_is(const char *text)
{
    uint32_t digits = 0, letters = 0;

    for (const unsigned char *s = (const unsigned char *)text; *s != 0; s++) {
        if (char_is_digit(*s))
            digits++;
        else if (*s < 0x80 && char_is_letter(*s) && digits == 0)
            return false;
        else if (*s < 0x80 && char_is_letter(*s))
            letters++;
    }
    return digits > letters && letters <= 2;
}

/* Marks that stand for a missing figure or go with one, of so many bytes at most. */
enum { MARK_MOST = 4 };

bool
numbers_go_with(const char *text)
{
    static const char *const marks[] = {"-",
                                        "\xe2\x80\x93",
                                        "\xe2\x80\x94",
                                        "$",
                                        "\xe2\x82\xac",
                                        "%",
                                        "EUR",
                                        "USD",
                                        "n/a",
                                        "N/A",
                                        "n.a.",
                                        "(",
                                        ")",
                                        "x",
                                        "*"};

    if (strnlen(text, MARK_MOST + 1) > MARK_MOST)
        return false;
    for (size_t i = 0; i < ARRAY_LEN(marks); i++) {
        if (strcmp(text, marks[i]) == 0)
            return true;
    }
    return false;
}
