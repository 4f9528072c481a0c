/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/distance.h - how unlike two short texts are. */
#pragma once

enum { DISTANCE_BYTES_MAX = 200 };

/* Edits (insert, drop, change) of bytes that make one of the other; most + 1 if it takes more, or
 * if the texts differ and one is longer than DISTANCE_BYTES_MAX. */
int distance_edits(const char *a, const char *b, int most);
