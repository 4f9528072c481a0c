/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "http/timer.h"

void
timer_class_init(struct timer_class *tc, int64_t timeout_ms)
{
    tc->ring.prev = tc->ring.next = &tc->ring;
    tc->timeout_ms = timeout_ms;
}

void
timer_drop(struct timer *timer)
{
    if (timer->next == NULL)
        return;
    timer->prev->next = timer->next;
    timer->next->prev = timer->prev;
    timer->prev = timer->next = NULL;
}

void
timer_set(struct timer_class *tc, struct timer *timer, int64_t now_ms)
{
    timer_drop(timer);
    timer->due_ms = now_ms + tc->timeout_ms;
    timer->prev = tc->ring.prev;
    timer->next = &tc->ring;
    tc->ring.prev->next = timer;
    tc->ring.prev = timer;
}

struct timer *
timer_first(const struct timer_class *tc)
{
    return tc->ring.next == &tc->ring ? NULL : tc->ring.next;
}
