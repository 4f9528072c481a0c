/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/distance.h"
#include "base/utf8.h"
#include "extract/extract_internal.h"

#include <string.h>
#include <utf8proc.h>

/* A longer label is a sentence, and as such the same or another. */
enum { DISTANCE_LENGTH_MAX = 63 };

/* Letters that are not a base with an accent for Unicode but are for a reader. */
static int32_t
plain_letter(int32_t c)
{
    switch (c) {
    case 0x142: /* l with stroke */
        return 'l';
    case 0xf8:
        return 'o';
    case 0x111:
        return 'd';
    case 0x131:
        return 'i';
    default:
        return c;
    }
}

static bool
is_kept(int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
        return true;
    default:
        return c == '%';
    }
}

static size_t
fold_char(uint32_t c, char *out)
{
    utf8proc_int32_t parts[16];
    int last = 0;
    size_t len = 0;

    if (c < 0x80) {
        if (c >= 'A' && c <= 'Z')
            c += 'a' - 'A';
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '%')
            out[len++] = (char)c;
        return len;
    }
    utf8proc_ssize_t n = utf8proc_decompose_char(
        (utf8proc_int32_t)c, parts, 16,
        UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_STRIPMARK, &last);
    for (utf8proc_ssize_t i = 0; i < n && i < 16 && len < 48; i++)
        if (is_kept(parts[i]))
            len += utf8_encode((uint32_t)plain_letter(parts[i]), out + len);
    return len;
}

char *
fold_key(struct arena *arena, const char *text, size_t len)
{
    size_t used = 0, cap = len * 2 + 8;
    char *key = arena_alloc(arena, cap), part[64];

    if (key == NULL)
        return NULL;
    for (size_t i = 0; i < len;) {
        uint32_t c;
        size_t n = utf8_decode(text + i, len - i, &c), made;
        if (n == 0)
            break;
        if (c == '#') {
            memcpy(part, "no", 2);
            made = 2;
        } else {
            made = fold_char(c, part);
        }
        if (used + made + 1 > cap) {
            char *more = arena_grow(arena, key, used, cap * 2 + made, 1);
            if (more == NULL)
                return NULL;
            key = more;
            cap = cap * 2 + made;
        }
        memcpy(key + used, part, made);
        used += made;
        i += n;
    }
    key[used] = '\0';
    return key;
}

void
fold_skeleton(char *key)
{
    char *out = key;

    for (const char *in = key; *in != '\0'; in++) {
        switch (*in) {
        case '0':
            *out++ = 'o';
            break;
        case '1':
        case 'i':
        case 'j':
            *out++ = 'l';
            break;
        case '5':
            *out++ = 's';
            break;
        case '8':
            *out++ = 'b';
            break;
        default:
            *out++ = *in;
        }
    }
    *out = '\0';
}

int
fold_distance(const char *a, const char *b, int most)
{
    if (strlen(a) > DISTANCE_LENGTH_MAX || strlen(b) > DISTANCE_LENGTH_MAX)
        return strcmp(a, b) == 0 ? 0 : most + 1;
    return distance_edits(a, b, most);
}

bool
word_in(const char *word, const char *const *list)
{
    for (size_t i = 0; list[i] != NULL; i++)
        if (strcmp(word, list[i]) == 0)
            return true;
    return false;
}
