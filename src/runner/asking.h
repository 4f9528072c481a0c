/* SPDX-License-Identifier: AGPL-3.0-or-later
 * runner/asking.h - questions to the outside model on their way from the slots' thread to that of
 * outward.c and back. A question is tried twice; the slot looks for its end at each step. */
#pragma once

#include "runner/model.h"

enum { ASKS_MAX = 64, ASK_ATTEMPTS_MAX = 2 };

struct asking;

/* model is borrowed. slot_wake_fd is written when a question is over. */
MUST_CHECK
enum err_code asking_open(const struct model *model, int slot_wake_fd, struct asking **ret,
                          struct err *err);
void asking_close(struct asking **asking);

/* --- the slots' thread --- */
/* The number of the question, or 0: too many wait. The content of body is copied. */
uint32_t asking_put(struct asking *asking, struct span body);
/* True when it is over, and then forgotten: the answer's bytes, or why there is none. */
bool asking_get(struct asking *asking, uint32_t number, struct buf *ret_answer,
                struct err *ret_why);
void asking_forget(struct asking *asking, uint32_t number);

/* --- outward's thread; NULL is accepted --- */
struct asking_way {
    int channel_fd; /* to the courier */
    uint64_t runner;
    uint64_t *next_id;
};
/* Who is woken by asking_put. */
void asking_attach(struct asking *asking, int outward_wake_fd);
/* Sends what waits, cancels what was forgotten, ends what had no answer in time. */
void asking_step(struct asking *asking, const struct asking_way *way);
void asking_outcome(struct asking *asking, const struct wire_outcome *outcome);
/* The courier that had them is gone. */
void asking_lose(struct asking *asking, const char *text);
