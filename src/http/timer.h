/* SPDX-License-Identifier: AGPL-3.0-or-later
 * http/timer.h - deadlines by class. All of one class last equally long, so that each class is a
 * queue in order of expiry: setting, moving and dropping a deadline cost the same for any number.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer {
    struct timer *prev, *next; /* NULL while unset */
    int64_t due_ms;
};

struct timer_class {
    struct timer ring; /* its due_ms is not used */
    int64_t timeout_ms;
};

void timer_class_init(struct timer_class *tc, int64_t timeout_ms);

/* Sets the deadline to now + the class's timeout, whether or not it was set before. */
void timer_set(struct timer_class *tc, struct timer *timer, int64_t now_ms);
void timer_drop(struct timer *timer);

/* The one that is due first; NULL if the class is empty. It stays set. */
struct timer *timer_first(const struct timer_class *tc);
