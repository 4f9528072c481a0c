/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/effort.h - how much reading a page gets: a bound that does not hang on the clock, so that the
 * same page reads the same on any machine.
 *
 * Counted are steps of the line reader's network (three columns of 36 pixels) and the pixels of
 * pictures that are prepared and searched for rows, two of which take as long as one of those. A
 * page is read once, whatever that takes; second looks of any kind begin only while there is some
 * of the budget left. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct effort {
    uint64_t spent, most; /* steps; most 0: not known before the page was read once */
};

/* That of a picture of so many pixels. */
uint64_t effort_of_picture(uint64_t pixels);

/* The page was read once: now it is known how much more it gets. */
void effort_settle(struct effort *effort);

/* Whether there is as much left. Always before effort_settle. */
bool effort_has(const struct effort *effort, uint64_t steps);
