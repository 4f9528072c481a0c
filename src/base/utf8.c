/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/utf8.h"

#include <string.h>

size_t
utf8_decode(const void *bytes, size_t len, uint32_t *ret_code_point)
{
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    const uint8_t *s = bytes;
    uint8_t lead = s[0];
    size_t need;
    uint32_t value;

    if (lead < 0x80) {
        *ret_code_point = lead;
        return 1;
    }
    if (lead >= 0xc2 && lead < 0xe0) {
        need = 2;
        value = lead & 0x1f;
    } else if (lead >= 0xe0 && lead < 0xf0) {
        need = 3;
        value = lead & 0x0f;
    } else if (lead >= 0xf0 && lead < 0xf5) {
        need = 4;
        value = lead & 0x07;
    } else {
        return 0;
    }
    if (len < need)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3f);
    }
    if (value < smallest[need] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *ret_code_point = value;
    return need;
}

size_t
utf8_encode(uint32_t c, char *out)
{
    if (c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        c = 0xfffd;
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

bool
utf8_valid(const void *bytes, size_t len)
{
    const uint8_t *s = bytes;
    size_t at = 0;

    while (at < len) {
        uint64_t eight;
        /* Most text is ASCII: eight bytes at a step while no high bit is set. */
        if (len - at >= sizeof(eight)) {
            memcpy(&eight, s + at, sizeof(eight));
            if ((eight & 0x8080808080808080u) == 0) {
                at += sizeof(eight);
                continue;
            }
        }
        uint32_t code_point;
        size_t n = utf8_decode(s + at, len - at, &code_point);
        if (n == 0)
            return false;
        at += n;
    }
    return true;
}

void
utf8_trim(char *s)
{
    size_t len = strlen(s);
    size_t start = len;

    while (start > 0 && len - start < UTF8_MAX_BYTES && ((uint8_t)s[start - 1] & 0xc0) == 0x80)
        start--;
    if (start == 0)
        return;
    start--;
    uint32_t code_point;
    if (utf8_decode(s + start, len - start, &code_point) != len - start)
        s[start] = '\0';
}

size_t
utf8_clean(char *out, size_t cap, const void *bytes, size_t len)
{
    const uint8_t *s = bytes;
    size_t used = 0;
    size_t at = 0;

    if (cap == 0)
        return 0;
    while (at < len) {
        char coded[UTF8_MAX_BYTES];
        uint32_t c;
        size_t n = utf8_decode(s + at, len - at, &c);
        if (n == 0) {
            n = 1;
            c = 0xfffd;
        } else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
            c = ' ';
        }
        at += n;
        n = utf8_encode(c, coded);
        if (used + n >= cap)
            break;
        memcpy(out + used, coded, n);
        used += n;
    }
    out[used] = '\0';
    return used;
}

size_t
utf8_length(const void *bytes, size_t len)
{
    const uint8_t *s = bytes;
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += (s[i] & 0xc0) != 0x80;
    return count;
}
