/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/order.h - numbers in their order. */
#pragma once

#include <stddef.h>

/* For qsort: floats, none of them NaN, rising. */
int order_floats(const void *a, const void *b);

/* The one in the middle (of an even number, the upper); sorts them. 0 of none. */
float order_median(float *values, size_t n);
