/* SPDX-License-Identifier: AGPL-3.0-or-later
 * fuzz/fuzz_records.c - a stored extraction: what is read lies inside the bytes, and can be written
 * again. */
#include "page/records.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct record_reader reader = {.left = {data, size}};
    struct record record;
    struct buf out;
    struct err err;
    bool found = true;
    enum err_code rc = ERR_OK;

    buf_init(&out, size + 64);
    while (rc == ERR_OK && found) {
        rc = record_next(&reader, &record, &found, &err);
        if (rc == ERR_OK && found && record.result.data + record.result.len > data + size)
            abort();
        if (rc == ERR_OK && found)
            record_put(&out, &record);
    }
    if (rc == ERR_OK) {
        record_put_end(&out, reader.warnings);
        if (out.spoilt || out.len != size)
            abort();
    }
    buf_fini(&out);
    return 0;
}
