/* SPDX-License-Identifier: AGPL-3.0-or-later
 * The characters of a line in the order in which they are seen, as a file gives them: the order in
 * which they are read holds each of them once. Links page_dep. */
#include "page/bidi.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint32_t seen[BIDI_LINE_MAX];
    static uint16_t order[BIDI_LINE_MAX];
    static bool right[BIDI_LINE_MAX], met[BIDI_LINE_MAX];
    struct bidi_brackets brackets = {0, 0};
    size_t n = size > 0 ? (size - 1) / 2 : 0;

    n = n < BIDI_LINE_MAX ? n : BIDI_LINE_MAX;
    for (size_t i = 0; i < n; i++) /* planes past the first have few letters that matter */
        seen[i] = (uint32_t)(data[1 + 2 * i] << 8 | data[2 + 2 * i]);
    memset(met, 0, sizeof(met));
    if (size > 0)
        (void)bidi_read(seen, n, (enum bidi_side)(data[0] % 3), order, right);
    for (size_t i = 0; i < n; i++) {
        if (order[i] >= n || met[order[i]])
            abort();
        met[order[i]] = true;
    }
    bidi_mend_brackets(seen, right, n, &brackets);
    return 0;
}
