/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Bodies of upload requests: whatever is accepted keeps to its limits. */
#include "api/spec.h"
#include "base/utf8.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check(const struct job_spec *spec, const struct spec_limits *limits)
{
    size_t len = strlen(spec->file_name);

    assert(len > 0 && utf8_valid(spec->file_name, len));
    assert(utf8_length(spec->file_name, len) <= SPEC_FILE_NAME_MAX);
    assert(strpbrk(spec->file_name, "/\\") == NULL);
    assert(limits->is_form || spec->file_bytes <= limits->file_bytes_max);
    assert(spec->model != NULL && spec->credits_per_page >= 1);
    assert(spec->format <= JOB_PER_PAGE_STRUCTURED);
    assert(spec->min_confidence >= 0 && spec->min_confidence <= 1);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct spec_limits limits = {.file_bytes_max = 1 << 30, .is_form = data[0] & 1};
    struct arena *arena = arena_new(MiB(1));
    struct job_spec spec;
    struct err err = {0};
    json_t *fields = NULL;

    if (arena != NULL && json_read((struct span){data + 1, size - 1}, &fields, &err) == ERR_OK) {
        if (spec_read(arena, fields, &limits, &spec, &err) == ERR_OK)
            check(&spec, &limits);
        else
            assert(err.msg[0] != '\0' && utf8_valid(err.msg, strlen(err.msg)));
    }
    json_decref(fields);
    arena_drop(&arena);
    return 0;
}
