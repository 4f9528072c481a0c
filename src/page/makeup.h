/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/makeup.h - what a word is made of: for judging readings by their looks. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct makeup {
    uint32_t chars, letters, digits, uppers, lowers;
    bool mixed;        /* a digit and a letter side by side */
    bool late_capital; /* a capital right behind a small letter */
    bool odd;          /* marks inside that words and numbers do not have */
};

/* Of UTF-8, up to its first fault. */
struct makeup makeup_of(const char *text);
