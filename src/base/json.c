/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/json.h"

#include "base/utf8.h"

#include <string.h>

/* jansson stops at its own 2048 levels; ours is checked before it, without recursion. */
static bool
too_deep(struct span text)
{
    int depth = 0;
    bool in_string = false;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t c = text.data[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return true;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return false;
}

enum err_code
json_read(struct span text, json_t **ret_value, struct err *err)
{
    json_error_t where;

    if (text.len == 0)
        return err_set(err, ERR_SYNTAX, "the body is empty, JSON was expected");
    if (too_deep(text))
        return err_set(err, ERR_SYNTAX, "JSON nests deeper than the limit of %d levels",
                       JSON_DEPTH_MAX);
    json_t *value = json_loadb((const char *)text.data, text.len,
                               JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &where);
    if (value == NULL) {
        /* jansson quotes the text that it stopped at, which need not be UTF-8. */
        char clean[JSON_ERROR_TEXT_LENGTH * 3];
        utf8_clean(clean, sizeof(clean), where.text, strnlen(where.text, sizeof(where.text)));
        return err_set(err, ERR_SYNTAX, "not valid JSON: line %d column %d: %s", where.line,
                       where.column, clean);
    }
    *ret_value = value;
    return ERR_OK;
}

static int
append(const char *bytes, size_t len, void *buf)
{
    buf_append(buf, bytes, len);
    return 0;
}

void
json_put(struct buf *buf, const json_t *value)
{
    if (json_dump_callback(value, append, buf, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
        buf->spoilt = true;
}
