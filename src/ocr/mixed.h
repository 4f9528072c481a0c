/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/mixed.h - Latin words in lines of another script.
 *
 * Models know the letters of their own script alone: a name or an address in Latin letters between
 * words of Hebrew comes out as letters that look like it, or as nothing much, and unsure. The line
 * was read with a Latin model too, which is sure of just these. */
#pragma once

#include "ocr/lstm.h"

/* The line with the words of latin, another reading of the same place, where they are sure and the
 * line is not. False if the arena is full. */
MUST_CHECK
bool mixed_take_latin(struct arena *arena, struct lstm_line *line, const struct lstm_line *latin);
