/* SPDX-License-Identifier: AGPL-3.0-or-later
 * extract/period.h - spans of time as lists of records print them: "03/2019 – heute",
 * "Jan. 2015 to May 2018", "2010-2013", "since 2020", "2009". */
#pragma once

#include "extract/solve.h"

/* One end of it: text as printed, and the tokens that hold it. count 0: there is none. */
struct moment {
    const char *text;
    uint32_t first, count;
};

struct period {
    uint32_t first, count; /* tokens of all of it, its brackets included; count 0: there is none */
    struct moment start, end;
    bool range; /* two ends, or one that is open; else a single moment, in start */
};

/* The period that begins with the token and ends before `stop`. A single moment counts where it
 * stands in brackets, or is followed by nothing, a comma or a mark. */
bool period_at(const struct solve *solve, uint32_t token, uint32_t stop, struct period *ret);
