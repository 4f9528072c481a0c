/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/order.h"

#include <stdlib.h>

int
order_floats(const void *a, const void *b)
{
    float left = *(const float *)a, right = *(const float *)b;

    return left < right ? -1 : left > right;
}

float
order_median(float *values, size_t n)
{
    qsort(values, n, sizeof(*values), order_floats);
    return n > 0 ? values[n / 2] : 0;
}
