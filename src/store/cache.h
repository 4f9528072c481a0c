/* SPDX-License-Identifier: AGPL-3.0-or-later
 * store/cache.h - objects of a remote store that were read or written lately, as files without
 * names: they go with the process, whatever ends it. Bounded by bytes and by number; the one that
 * was used longest ago makes room. Thread-safe. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "store/store.h"

enum { CACHE_ENTRIES_MAX = 128 };

struct cache;
/* NULL without memory. */
MUST_CHECK
struct cache *cache_new(uint64_t bytes_max);
void cache_drop(struct cache **cache);

/* A read-only descriptor of its own, from the beginning, that the caller closes; -1: not here. */
int cache_fetch(struct cache *cache, const char *id, uint64_t *ret_size);

/* Takes the descriptor over, which becomes -1. One that is larger than a quarter of the cache is
 * closed: it would drive out all others. */
void cache_add(struct cache *cache, const char *id, int *fd, uint64_t size);

void cache_forget(struct cache *cache, const char *id);

/* The same file, opened again for reading: it has an offset of its own. -1 with errno. */
int cache_reopen(int fd);
