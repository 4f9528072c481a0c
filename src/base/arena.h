/* SPDX-License-Identifier: AGPL-3.0-or-later
 * base/arena.h - memory that lives as long as one piece of work (a request, a page, a job).
 *
 * Everything made for the work comes from its arena and goes with it; a function that takes
 * `struct arena *` first says by that who owns what it returns. Each arena has a byte limit, past
 * which allocation gives NULL (callers turn that into ERR_LIMIT), never an abort.
 * Under ASan every block is a malloc of its own, so that overruns are seen. */
#pragma once

#include "base/attrs.h"

#include <stddef.h>

struct arena;

/* limit_bytes: what all blocks together may take, > 0. NULL if there is no memory. */
MUST_CHECK
struct arena *arena_new(size_t limit_bytes);
void arena_drop(struct arena **arena);

/* Empties the arena but keeps its first chunk for the next piece of work. */
void arena_reset(struct arena *arena);

/* Zeroed and aligned for any type; NULL past the limit. size 0 gives a valid pointer. */
MUST_CHECK
void *arena_alloc(struct arena *arena, size_t size);

/* As arena_alloc for count * size; NULL where the product overflows. */
MUST_CHECK
void *arena_array(struct arena *arena, size_t count, size_t size);

/* As arena_array, but what is in it is not said: for a table that is filled from its start, of
 * which most is never touched. */
MUST_CHECK
void *arena_room(struct arena *arena, size_t count, size_t size);

/* A grown copy of old (old_count items kept, the rest zero); old stays valid until the arena goes.
 */
MUST_CHECK
void *arena_grow(struct arena *arena, const void *old, size_t old_count, size_t new_count,
                 size_t size);

MUST_CHECK
char *arena_strndup(struct arena *arena, const char *s, size_t len);
MUST_CHECK
char *arena_strdup(struct arena *arena, const char *s);
MUST_CHECK
char *arena_printf(struct arena *arena, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Bytes handed out so far. */
size_t arena_used(const struct arena *arena);
