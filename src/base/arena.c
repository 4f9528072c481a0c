/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ONE_MALLOC_PER_BLOCK 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ONE_MALLOC_PER_BLOCK 1
#endif
#endif
#ifndef ONE_MALLOC_PER_BLOCK
#define ONE_MALLOC_PER_BLOCK 0
#endif

/* Small enough that an idle connection's arena costs little, doubled up to the second figure. */
static const size_t first_chunk_bytes = KiB(4);
static const size_t largest_step_bytes = KiB(256);

struct chunk {
    struct chunk *next; /* older chunk */
    size_t size;
    size_t used;
    bool clean; /* what is not used yet is zero */
    _Alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct chunk *newest;
    size_t limit;
    size_t used;
};

struct arena *
arena_new(size_t limit_bytes)
{
    struct arena *arena = calloc(1, sizeof(*arena));

    if (arena != NULL)
        arena->limit = limit_bytes;
    return arena;
}

void
arena_drop(struct arena **arena)
{
    if (*arena == NULL)
        return;
    for (struct chunk *c = (*arena)->newest, *next; c != NULL; c = next) {
        next = c->next;
        free(c);
    }
    free(*arena);
    *arena = NULL;
}

void
arena_reset(struct arena *arena)
{
    struct chunk *c = arena->newest;

    while (c != NULL && (c->next != NULL || ONE_MALLOC_PER_BLOCK)) {
        struct chunk *next = c->next;
        free(c);
        c = next;
    }
    if (c != NULL) {
        c->clean = false;
        c->used = 0;
    }
    arena->newest = c;
    arena->used = 0;
}

/* A chunk for many blocks is zeroed as they are handed out: what nobody asks for is never touched,
 * and costs a process that lives for one document no page of memory. One for a single block comes
 * zeroed, which the system does for nothing where it is large. */
static struct chunk *
add_chunk(struct arena *arena, size_t at_least, bool zeroed)
{
    size_t size = arena->newest == NULL ? first_chunk_bytes : arena->newest->size * 2;

    if (size > largest_step_bytes)
        size = largest_step_bytes;
    bool single = size < at_least || ONE_MALLOC_PER_BLOCK;
    if (single)
        size = at_least;
    if (size > SIZE_MAX - sizeof(struct chunk))
        return NULL;
    bool clean = single && zeroed;
    struct chunk *c = clean ? calloc(1, sizeof(*c) + size) : malloc(sizeof(*c) + size);
    if (c == NULL)
        return NULL;
    c->clean = clean;
    c->used = 0;
    c->size = size;
    c->next = arena->newest;
    arena->newest = c;
    return c;
}

static void *
take(struct arena *arena, size_t size, bool zeroed)
{
    const size_t align = _Alignof(max_align_t);
    size_t rounded = (size + align - 1) & ~(align - 1);

    if (rounded < size)
        return NULL;
    if (rounded == 0)
        rounded = align;
    if (rounded > arena->limit - arena->used)
        return NULL;
    struct chunk *c = arena->newest;
    if (ONE_MALLOC_PER_BLOCK || c == NULL || c->size - c->used < rounded) {
        c = add_chunk(arena, ONE_MALLOC_PER_BLOCK ? size : rounded, zeroed);
        if (c == NULL)
            return NULL;
    }
    void *block = c->bytes + c->used;
    if (zeroed && !c->clean)
        memset(block, 0, rounded);
    c->used += ONE_MALLOC_PER_BLOCK ? size : rounded;
    arena->used += rounded;
    return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    return take(arena, size, true);
}

void *
arena_room(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return take(arena, bytes, false);
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes))
        return NULL;
    return arena_alloc(arena, bytes);
}

void *
arena_grow(struct arena *arena, const void *old, size_t old_count, size_t new_count, size_t size)
{
    void *block = arena_array(arena, new_count, size);

    if (block != NULL && old_count > 0)
        memcpy(block, old, (old_count < new_count ? old_count : new_count) * size);
    return block;
}

char *
arena_strndup(struct arena *arena, const char *s, size_t len)
{
    if (len == SIZE_MAX)
        return NULL;
    char *copy = arena_alloc(arena, len + 1);
    if (copy != NULL && len > 0)
        memcpy(copy, s, len);
    return copy;
}

char *
arena_strdup(struct arena *arena, const char *s)
{
    return arena_strndup(arena, s, strlen(s));
}

char *
arena_printf(struct arena *arena, const char *fmt, ...)
{
    va_list args, again;

    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    char *text = len < 0 ? NULL : arena_alloc(arena, (size_t)len + 1);
    if (text != NULL)
        vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    return text;
}

size_t
arena_used(const struct arena *arena)
{
    return arena->used;
}
