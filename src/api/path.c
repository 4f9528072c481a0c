/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/path.h"

#include "base/hash.h"
#include "base/utf8.h"

#include <string.h>

static bool
is(struct span segment, const char *text)
{
    return segment.len == strlen(text) && memcmp(segment.data, text, segment.len) == 0;
}

bool
path_split(struct span text, struct path *ret)
{
    struct path path = {.count = 0};

    for (size_t i = 0; i < text.len;) {
        if (text.data[i] == '/') {
            i++;
            continue;
        }
        size_t end = i;
        while (end < text.len && text.data[end] != '/')
            end++;
        if (path.count == PATH_SEGMENTS_MAX)
            return false;
        path.segments[path.count++] = (struct span){text.data + i, end - i};
        i = end;
    }
    if (path.count >= 2 && is(path.segments[0], "api") && is(path.segments[1], "v1")) {
        path.count -= 2;
        memmove(path.segments, path.segments + 2, path.count * sizeof(path.segments[0]));
    }
    *ret = path;
    return true;
}

/* The pattern's next segment; false at its end. */
static bool
next_segment(const char **pattern, struct span *ret)
{
    const char *s = *pattern;

    while (*s == '/')
        s++;
    size_t len = strcspn(s, "/");
    *ret = (struct span){(const uint8_t *)s, len};
    *pattern = s + len;
    return len > 0;
}

bool
path_matches(const struct path *path, const char *pattern)
{
    struct span want;
    size_t i = 0;

    while (next_segment(&pattern, &want)) {
        if (i == path->count)
            return false;
        if (want.data[0] != '{' && !span_equal(want, path->segments[i]))
            return false;
        i++;
    }
    return i == path->count;
}

static const char *
decode(struct arena *arena, struct span segment)
{
    char *out = arena_alloc(arena, segment.len + 1);
    size_t len = 0;

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < segment.len; i++) {
        uint8_t c = segment.data[i];
        if (c == '%') {
            if (segment.len - i < 3 || !hash_unhex((const char *)segment.data + i + 1, 2, &c, 1))
                return NULL;
            i += 2;
        }
        if (c == '\0')
            return NULL;
        out[len++] = (char)c;
    }
    return utf8_valid(out, len) ? out : NULL;
}

bool
path_params(struct arena *arena, const struct path *path, const char *pattern,
            const char **ret_params, size_t max)
{
    struct span want;
    size_t n = 0;

    for (size_t i = 0; i < path->count && next_segment(&pattern, &want); i++) {
        if (want.data[0] != '{')
            continue;
        if (n == max)
            return false;
        ret_params[n] = decode(arena, path->segments[i]);
        if (ret_params[n++] == NULL)
            return false;
    }
    return true;
}
