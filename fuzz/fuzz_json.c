/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fuzz/fuzz_json.c - what json_read accepts can be written and read again. */
#include "base/json.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct err err;
    struct buf text;
    json_t *value = NULL, *again = NULL;

    if (json_read((struct span){data, size}, &value, &err) != ERR_OK)
        return 0;
    buf_init(&text, 16 * size + 1024);
    json_put(&text, value);
    if (text.spoilt || json_read(buf_span(&text), &again, &err) != ERR_OK)
        abort();
    json_decref(again);
    json_decref(value);
    buf_fini(&text);
    return 0;
}
