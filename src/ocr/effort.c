/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "ocr/effort.h"

/* For a page that takes little by itself, steps: three seconds. For others, of their first reading.
 */
static const uint64_t most_least = 250000, most_times = 6;

static const uint64_t pixels_a_step = 216;

uint64_t
effort_of_picture(uint64_t pixels)
{
    return pixels / pixels_a_step;
}

void
effort_settle(struct effort *effort)
{
    uint64_t most = most_times * effort->spent;

    if (effort->most == 0)
        effort->most = most > most_least ? most : most_least;
}

bool
effort_has(const struct effort *effort, uint64_t steps)
{
    return effort->most == 0 || effort->spent + steps <= effort->most;
}
