/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/random.h"

#include "base/clock.h"
#include "base/hash.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

void
random_bytes(void *out, size_t len)
{
    uint8_t *at = out;

    while (len > 0) {
        ssize_t n = getrandom(at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            abort();
        at += n;
        len -= (size_t)n;
    }
}

void
random_uuid(char ret_text[UUID_TEXT_SIZE])
{
    uint8_t raw[16];
    char hex[33];
    uint64_t now = (uint64_t)clock_utc_ms();

    random_bytes(raw, sizeof(raw));
    for (int i = 0; i < 6; i++)
        raw[i] = (uint8_t)(now >> (40 - 8 * i));
    raw[6] = (uint8_t)(0x70 | (raw[6] & 0x0f));
    raw[8] = (uint8_t)(0x80 | (raw[8] & 0x3f));
    hash_hex(raw, sizeof(raw), hex);
    static const uint8_t group_len[] = {8, 4, 4, 4, 12};
    const char *from = hex;
    for (size_t g = 0; g < sizeof(group_len); g++) {
        memcpy(ret_text, from, group_len[g]);
        ret_text += group_len[g];
        from += group_len[g];
        *ret_text++ = g + 1 < sizeof(group_len) ? '-' : '\0';
    }
}

bool
random_is_uuid(const char *text)
{
    static const char shape[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    uint8_t byte;

    if (strlen(text) != sizeof(shape) - 1)
        return false;
    for (size_t i = 0; shape[i] != '\0'; i++) {
        char pair[2] = {'0', text[i]};
        if (shape[i] == '-' ? text[i] != '-' : !hash_unhex(pair, 2, &byte, 1))
            return false;
    }
    return true;
}

void
random_text(char *out, size_t len)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    for (size_t i = 0; i < len;) {
        uint8_t raw[32];
        random_bytes(raw, sizeof(raw));
        /* Values past the last multiple of 62 would favour the first characters. */
        for (size_t k = 0; k < sizeof(raw) && i < len; k++)
            if (raw[k] < 248)
                out[i++] = alphabet[raw[k] % 62];
    }
    out[len] = '\0';
}
