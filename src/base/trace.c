/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/trace.h"

#include "base/random.h"

#include <stdio.h>
#include <string.h>

/* version "-" trace-id "-" parent-id "-" flags; versions to come may have more behind that. */
enum {
    VERSION = 2,
    TRACE = 32,
    PARENT = 16,
    FLAGS = 2,
    WHOLE = VERSION + TRACE + PARENT + FLAGS + 3
};

static bool
is_hex(const uint8_t *text, size_t len, bool *ret_zero)
{
    *ret_zero = true;
    for (size_t i = 0; i < len; i++) {
        if (!((text[i] >= '0' && text[i] <= '9') || (text[i] >= 'a' && text[i] <= 'f')))
            return false;
        *ret_zero = *ret_zero && text[i] == '0';
    }
    return true;
}

bool
trace_read(struct span field, char ret[TRACE_SIZE])
{
    const uint8_t *t = field.data;
    bool zero, no_trace, no_parent;

    ret[0] = '\0';
    if (t == NULL || field.len < WHOLE || (field.len > WHOLE && t[WHOLE] != '-'))
        return false;
    if (!is_hex(t, VERSION, &zero) || memcmp(t, "ff", 2) == 0 || (zero && field.len != WHOLE) ||
        t[2] != '-' || !is_hex(t + 3, TRACE, &no_trace) || no_trace || t[35] != '-' ||
        !is_hex(t + 36, PARENT, &no_parent) || no_parent || t[52] != '-' ||
        !is_hex(t + 53, FLAGS, &zero))
        return false;
    memcpy(ret, t + 3, TRACE);
    /* The lowest bit of the flags, whose digits were checked above. */
    memcpy(ret + TRACE, strchr("13579bdf", t[54]) != NULL ? "-01" : "-00", 4);
    return true;
}

bool
trace_is_sound(const char *trace)
{
    bool zero;

    return trace[0] == '\0' ||
           (strlen(trace) == TRACE_SIZE - 1 && is_hex((const uint8_t *)trace, TRACE, &zero) &&
            !zero && (strcmp(trace + TRACE, "-00") == 0 || strcmp(trace + TRACE, "-01") == 0));
}

void
trace_write(const char *trace, char ret[TRACEPARENT_SIZE])
{
    uint64_t span = 0;

    while (span == 0)
        random_bytes(&span, sizeof(span));
    snprintf(ret, TRACEPARENT_SIZE, "00-%.32s-%016llx%.3s", trace, (unsigned long long)span,
             trace + TRACE);
}
