/* SPDX-License-Identifier: AGPL-3.0-or-later
 * Paths and queries of requests against the table of routes. */
#include "api/query.h"
#include "api/routes.h"
#include "base/utf8.h"

#include <assert.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
try_path(struct arena *arena, struct span text)
{
    struct path path;
    const char *params[PATH_SEGMENTS_MAX];
    const char *allow = NULL;

    if (!path_split(text, &path))
        return;
    assert(path.count <= PATH_SEGMENTS_MAX);
    const struct route *route = route_find(arena, span_of("DELETE"), &path, false, &allow);
    if (route == NULL)
        return;
    assert(path_matches(&path, route->pattern));
    if (path_params(arena, &path, route->pattern, params, PATH_SEGMENTS_MAX))
        assert(utf8_valid(params[0], strlen(params[0])));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *mark = size > 0 ? memchr(data, '?', size) : NULL;
    size_t len = mark != NULL ? (size_t)(mark - data) : size;
    struct arena *arena = arena_new(KiB(256));
    struct err err;
    int64_t limit = 0;

    if (arena == NULL)
        return 0;
    try_path(arena, (struct span){data, len});
    if (mark != NULL && query_int((struct span){mark + 1, size - len - 1}, "limit", 1, 1000, 100,
                                  &limit, &err) == ERR_OK)
        assert(limit >= 1 && limit <= 1000);
    arena_drop(&arena);
    return 0;
}
