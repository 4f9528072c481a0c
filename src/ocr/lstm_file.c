/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/lstm_file.c - bounded reading of a model file and of its table of contents. */
#include "ocr/lstm_internal.h"

#include <string.h>

const uint8_t *
lstm_cursor_take(struct lstm_cursor *cursor, size_t len)
{
    const uint8_t *at = cursor->at;

    if (cursor->bad || len > cursor->left) {
        cursor->bad = true;
        return NULL;
    }
    cursor->at += len;
    cursor->left -= len;
    return at;
}

static uint64_t
take_number(struct lstm_cursor *cursor, size_t len)
{
    const uint8_t *bytes = lstm_cursor_take(cursor, len);
    uint64_t value = 0;

    for (size_t i = len; bytes != NULL && i-- > 0;)
        value = value << 8 | bytes[i];
    return value;
}

uint8_t
lstm_cursor_u8(struct lstm_cursor *cursor)
{
    return (uint8_t)take_number(cursor, 1);
}

uint16_t
lstm_cursor_u16(struct lstm_cursor *cursor)
{
    return (uint16_t)take_number(cursor, 2);
}

uint32_t
lstm_cursor_u32(struct lstm_cursor *cursor)
{
    return (uint32_t)take_number(cursor, 4);
}

static uint64_t
take_u64(struct lstm_cursor *cursor)
{
    return take_number(cursor, 8);
}

double
lstm_cursor_f64(struct lstm_cursor *cursor)
{
    uint64_t bits = take_number(cursor, 8);
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

struct span
lstm_cursor_string(struct lstm_cursor *cursor)
{
    uint32_t len = lstm_cursor_u32(cursor);
    const uint8_t *bytes = lstm_cursor_take(cursor, len);

    return (struct span){bytes, bytes == NULL ? 0 : len};
}

/* A section runs to where the next one that exists begins, else to the end of the file. */
enum err_code
lstm_file_section(struct span file, enum lstm_section section, struct span *ret, struct err *err)
{
    struct lstm_cursor cursor = {file.data, file.len, false};
    uint32_t count = lstm_cursor_u32(&cursor);
    uint64_t begin = UINT64_MAX, end = file.len;

    if (cursor.bad || count > LSTM_SECTIONS_MAX)
        return err_set(err, ERR_FORMAT, "model: no table of contents (%u sections, limit %d)",
                       count, LSTM_SECTIONS_MAX);
    for (uint32_t i = 0; i < count; i++) {
        uint64_t offset = take_u64(&cursor);

        if (offset == UINT64_MAX)
            continue;
        if (i == (uint32_t)section) {
            begin = offset;
        } else if (i > (uint32_t)section && begin != UINT64_MAX) {
            end = offset;
            break;
        }
    }
    if (cursor.bad)
        return err_set(err, ERR_FORMAT, "model: table of contents is cut off");
    if (begin == UINT64_MAX) {
        *ret = (struct span){NULL, 0};
        return ERR_OK;
    }
    if (begin > end || end > file.len)
        return err_set(err, ERR_FORMAT, "model: section %d lies outside the file", (int)section);
    *ret = (struct span){file.data + begin, (size_t)(end - begin)};
    return ERR_OK;
}
