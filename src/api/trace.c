/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/trace.h"

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
trace_read(struct span field, char ret_id[TRACE_ID_SIZE])
{
    const uint8_t *t = field.data;
    bool zero, no_trace, no_parent;

    ret_id[0] = '\0';
    if (t == NULL || field.len < WHOLE || (field.len > WHOLE && t[WHOLE] != '-'))
        return false;
    if (!is_hex(t, VERSION, &zero) || memcmp(t, "ff", 2) == 0 || (zero && field.len != WHOLE) ||
        t[2] != '-' || !is_hex(t + 3, TRACE, &no_trace) || no_trace || t[35] != '-' ||
        !is_hex(t + 36, PARENT, &no_parent) || no_parent || t[52] != '-' ||
        !is_hex(t + 53, FLAGS, &zero))
        return false;
    memcpy(ret_id, t + 3, TRACE);
    ret_id[TRACE] = '\0';
    return true;
}
