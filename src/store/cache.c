/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "store/cache.h"

#include "base/fdio.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char id[OBJECT_ID_SIZE];
    int fd; /* -1: free */
    uint64_t size;
    uint64_t used; /* the greater the later */
};

struct cache {
    pthread_mutex_t lock;
    uint64_t bytes, bytes_max;
    uint64_t clock;
    struct entry entries[CACHE_ENTRIES_MAX];
};

struct cache *
cache_new(uint64_t bytes_max)
{
    struct cache *cache = calloc(1, sizeof(*cache));

    if (cache == NULL)
        return NULL;
    (void)pthread_mutex_init(&cache->lock, NULL);
    cache->bytes_max = bytes_max;
    for (size_t i = 0; i < CACHE_ENTRIES_MAX; i++)
        cache->entries[i].fd = -1;
    return cache;
}

static void
empty(struct cache *cache, struct entry *entry)
{
    if (entry->fd < 0)
        return;
    fd_close(&entry->fd);
    cache->bytes -= entry->size;
}

void
cache_drop(struct cache **cache)
{
    if (*cache == NULL)
        return;
    for (size_t i = 0; i < CACHE_ENTRIES_MAX; i++)
        empty(*cache, &(*cache)->entries[i]);
    (void)pthread_mutex_destroy(&(*cache)->lock);
    free(*cache);
    *cache = NULL;
}

static struct entry *
find(struct cache *cache, const char *id)
{
    for (size_t i = 0; i < CACHE_ENTRIES_MAX; i++)
        if (cache->entries[i].fd >= 0 && strcmp(cache->entries[i].id, id) == 0)
            return &cache->entries[i];
    return NULL;
}

int
cache_reopen(int fd)
{
    char path[40];

    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int
cache_fetch(struct cache *cache, const char *id, uint64_t *ret_size)
{
    int fd = -1;

    (void)pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, id);
    if (entry != NULL) {
        entry->used = ++cache->clock;
        *ret_size = entry->size;
        fd = cache_reopen(entry->fd);
    }
    (void)pthread_mutex_unlock(&cache->lock);
    return fd;
}

/* A free one, or the one that was used longest ago. */
static struct entry *
oldest(struct cache *cache, bool want_used)
{
    struct entry *found = NULL;

    for (size_t i = 0; i < CACHE_ENTRIES_MAX; i++) {
        struct entry *entry = &cache->entries[i];
        if (entry->fd < 0 && !want_used)
            return entry;
        if (entry->fd >= 0 && (found == NULL || entry->used < found->used))
            found = entry;
    }
    return found;
}

void
cache_add(struct cache *cache, const char *id, int *fd, uint64_t size)
{
    (void)pthread_mutex_lock(&cache->lock);
    if (size <= cache->bytes_max / 4 && find(cache, id) == NULL) {
        struct entry *entry;
        while (cache->bytes + size > cache->bytes_max && (entry = oldest(cache, true)) != NULL)
            empty(cache, entry);
        entry = oldest(cache, false);
        empty(cache, entry);
        memcpy(entry->id, id, sizeof(entry->id));
        entry->fd = *fd;
        entry->size = size;
        entry->used = ++cache->clock;
        cache->bytes += size;
        *fd = -1;
    }
    (void)pthread_mutex_unlock(&cache->lock);
    fd_close(fd);
}

void
cache_forget(struct cache *cache, const char *id)
{
    (void)pthread_mutex_lock(&cache->lock);
    struct entry *entry = find(cache, id);
    if (entry != NULL)
        empty(cache, entry);
    (void)pthread_mutex_unlock(&cache->lock);
}
