/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/again.c - pictures that pages have in common, a letterhead or a logo, are read once.
 *
 * The same pixels at the same place give the same words, so what was read of a picture is kept for
 * the pages after it in the batch. Known by a hash of 64 bits: pictures that share one by chance
 * are not to be feared, and who makes them on purpose spoils his own document. */
#include "worker/worker_internal.h"

#include <stdlib.h>
#include <string.h>

enum { KEPT_MAX = 32 };

/* Of what is kept; past it all of it goes, before the next page. */
static const size_t kept_bytes = KiB(512), arena_bytes = MiB(64);

struct kept {
    uint64_t hash;
    struct box box;
    const struct page *seen;
};

struct again {
    struct arena *arena;
    struct kept kept[KEPT_MAX];
    uint32_t count;
};

void
again_begin_page(struct page_reader *reader)
{
    struct again *again = reader->again;

    if (again != NULL && (again->count == KEPT_MAX || arena_used(again->arena) > kept_bytes)) {
        arena_reset(again->arena);
        again->count = 0;
    }
}

void
again_drop(struct again **again)
{
    if (*again == NULL)
        return;
    arena_drop(&(*again)->arena);
    free(*again);
    *again = NULL;
}

struct arena *
again_arena(struct page_reader *reader, struct arena *otherwise)
{
    if (reader->again == NULL) {
        struct again *again = calloc(1, sizeof(*again));
        if (again != NULL)
            again->arena = arena_new(arena_bytes);
        if (again == NULL || again->arena == NULL) {
            free(again);
            return otherwise;
        }
        reader->again = again;
    }
    return reader->again->arena;
}

uint64_t
again_hash(const struct pixmap *picture, enum again_use use)
{
    const uint64_t odd = 0x9E3779B97F4A7C15U; /* 2^64 over the golden ratio */
    uint64_t hash = ((uint64_t)picture->width << 32 | picture->height) * odd + use;

    for (uint32_t y = 0; y < picture->height; y++) {
        const uint8_t *row = picture->pixels + (size_t)y * picture->stride;
        for (uint32_t x = 0; x < picture->width; x += 8) {
            uint64_t word = 0;
            memcpy(&word, row + x, picture->width - x < 8 ? picture->width - x : 8);
            hash = (hash ^ word) * odd;
            hash ^= hash >> 29;
        }
    }
    return hash;
}

static bool
is_same(struct box a, struct box b)
{
    return a.x0 == b.x0 && a.y0 == b.y0 && a.x1 == b.x1 && a.y1 == b.y1;
}

const struct page *
again_find(const struct page_reader *reader, uint64_t hash, struct box box)
{
    const struct again *again = reader->again;

    for (uint32_t i = 0; again != NULL && i < again->count; i++)
        if (again->kept[i].hash == hash && is_same(again->kept[i].box, box))
            return again->kept[i].seen;
    return NULL;
}

void
again_keep(struct page_reader *reader, uint64_t hash, struct box box, const struct page *seen)
{
    struct again *again = reader->again;

    if (again != NULL && again->count < KEPT_MAX && seen->arena == again->arena)
        again->kept[again->count++] = (struct kept){hash, box, seen};
}
