/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "schema/schema_internal.h"

#include <string.h>

/* A URI in its five parts; len 0 with data NULL means that the part is not there. */
struct uri {
    struct span scheme, authority, path, query;
};

static struct span
cut(const char *from, const char *to)
{
    return (struct span){.data = (const uint8_t *)from, .len = (size_t)(to - from)};
}

static struct uri
split(const char *text)
{
    struct uri uri = {0};
    const char *end = text + strcspn(text, "#");
    const char *colon = text + strcspn(text, ":/?#");

    if (*colon == ':' && colon > text) {
        uri.scheme = cut(text, colon);
        text = colon + 1;
    }
    if (end - text >= 2 && text[0] == '/' && text[1] == '/') {
        const char *stop = text + 2 + strcspn(text + 2, "/?#");
        uri.authority = cut(text + 2, stop);
        text = stop;
    }
    const char *stop = text + strcspn(text, "?#");
    uri.path = cut(text, stop);
    if (*stop == '?')
        uri.query = cut(stop + 1, end);
    return uri;
}

/* RFC 3986 section 5.2.4, in place. */
static void
remove_dots(char *path)
{
    char *out = path;
    const char *in = path;

    while (*in != '\0') {
        const char *next = in + 1 + strcspn(in + 1, "/");
        size_t len = (size_t)(next - in);
        bool last = *next == '\0';
        if (*in == '/' && len == 2 && in[1] == '.') {
            if (last)
                *out++ = '/';
        } else if (*in == '/' && len == 3 && in[1] == '.' && in[2] == '.') {
            while (out > path && *--out != '/')
                continue;
            if (last)
                *out++ = '/';
        } else {
            memmove(out, in, len);
            out += len;
        }
        in = next;
    }
    *out = '\0';
}

static char *
merge_paths(struct arena *arena, const struct uri *base, struct span ref)
{
    size_t keep = base->path.len;
    const char *path = (const char *)base->path.data;

    if (ref.len > 0 && ref.data[0] == '/')
        keep = 0;
    else if (base->authority.data != NULL && base->path.len == 0)
        return arena_printf(arena, "/%.*s", (int)ref.len, (const char *)ref.data);
    while (keep > 0 && path[keep - 1] != '/')
        keep--;
    return arena_printf(arena, "%.*s%.*s", (int)keep, path, (int)ref.len, (const char *)ref.data);
}

const char *
uri_resolve(struct arena *arena, const char *base_text, const char *ref_text)
{
    struct uri base = split(base_text);
    struct uri ref = split(ref_text);
    char *path;

    if (ref.scheme.data != NULL)
        return arena_strndup(arena, ref_text, strcspn(ref_text, "#"));
    if (ref.authority.data == NULL && ref.path.len == 0 && ref.query.data == NULL)
        return base_text;
    ref.scheme = base.scheme;
    if (ref.authority.data == NULL) {
        ref.authority = base.authority;
        path = ref.path.len == 0 ? arena_strndup(arena, (const char *)base.path.data, base.path.len)
                                 : merge_paths(arena, &base, ref.path);
    } else {
        path = arena_strndup(arena, (const char *)ref.path.data, ref.path.len);
    }
    if (path == NULL)
        return NULL;
    remove_dots(path);
    return arena_printf(arena, "%.*s%s%s%.*s%s%s%.*s", (int)ref.scheme.len,
                        ref.scheme.len > 0 ? (const char *)ref.scheme.data : "",
                        ref.scheme.len > 0 ? ":" : "", ref.authority.data != NULL ? "//" : "",
                        (int)ref.authority.len,
                        ref.authority.len > 0 ? (const char *)ref.authority.data : "", path,
                        ref.query.data != NULL ? "?" : "", (int)ref.query.len,
                        ref.query.len > 0 ? (const char *)ref.query.data : "");
}
