/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/base64.h"

static const char alphabets[][65] = {
    [BASE64_PADDED] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
    [BASE64_URL] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
};

static int
value_of(enum base64_form form, uint8_t c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == (uint8_t)alphabets[form][62])
        return 62;
    return c == (uint8_t)alphabets[form][63] ? 63 : -1;
}

bool
base64_decode(struct arena *arena, enum base64_form form, struct span text, struct span *ret)
{
    size_t len = text.len, n = 0;
    uint32_t bits = 0;
    int count = 0;

    if (form == BASE64_PADDED) {
        if (len % 4 != 0)
            return false;
        for (int i = 0; i < 2 && len > 0 && text.data[len - 1] == '='; i++)
            len--;
    }
    if (len % 4 == 1)
        return false;
    uint8_t *out = arena_alloc(arena, len / 4 * 3 + 3);
    if (out == NULL)
        return false;
    for (size_t i = 0; i < len; i++) {
        int value = value_of(form, text.data[i]);
        if (value < 0)
            return false;
        bits = bits << 6 | (uint32_t)value;
        count += 6;
        if (count >= 8) {
            count -= 8;
            out[n++] = (uint8_t)(bits >> count);
            bits &= (1u << count) - 1;
        }
    }
    /* Bits that no byte takes are zero: one text for one run of bytes. */
    if (bits != 0)
        return false;
    *ret = (struct span){out, n};
    return true;
}

void
base64_encode(enum base64_form form, struct span bytes, struct buf *out)
{
    const char *alphabet = alphabets[form];

    for (size_t i = 0; i < bytes.len; i += 3) {
        size_t have = bytes.len - i < 3 ? bytes.len - i : 3;
        uint32_t bits = 0;
        for (size_t k = 0; k < 3; k++)
            bits = bits << 8 | (k < have ? bytes.data[i + k] : 0u);
        for (size_t k = 0; k < 4; k++) {
            if (k <= have)
                buf_char(out, alphabet[bits >> (18 - 6 * k) & 63]);
            else if (form == BASE64_PADDED)
                buf_char(out, '=');
        }
    }
}
