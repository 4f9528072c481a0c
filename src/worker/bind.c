/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Pages bound together: each is looked at beside its neighbours, with no more than a few in memory.
 */
#include "layout/bind.h"

#include "base/fdio.h"
#include "page/codec.h"
#include "worker/worker_internal.h"

#include <string.h>
#include <unistd.h>

/* A page is told when the one behind it has its heads, which takes BIND_NEAR more pages. */
_Static_assert((int)WIRE_BIND_AHEAD == (int)BIND_NEAR + 1, "the last page is told too");
_Static_assert((int)WIRE_BIND_BACK >= (int)BIND_NEAR, "the first page sees the same as any other");

enum { HELD = BIND_NEAR + 2 };

/* A page on its way, in an arena of its own. */
struct bound {
    struct arena *arena;
    struct page *page; /* NULL: not read, or none */
    bool changed;
};

struct binding {
    const struct bind_trees *trees;
    size_t at;     /* in trees->bytes */
    uint64_t left; /* bytes of trees */
    struct bound held[HELD];
    struct arena *fact_arenas[BIND_AROUND];
    struct bind_facts *facts[BIND_AROUND]; /* by page number, modulo */
    struct arena *style_arena;
    struct bind_styles *styles;
};

static enum err_code
open_arenas(struct binding *b, size_t memory, struct err *err)
{
    bool ok = true;

    for (int i = 0; i < HELD; i++)
        ok = ok && (b->held[i].arena = arena_new(memory)) != NULL;
    for (int i = 0; i < BIND_AROUND; i++)
        ok = ok && (b->fact_arenas[i] = arena_new(memory)) != NULL;
    b->style_arena = ok ? arena_new(memory) : NULL;
    b->styles = b->style_arena != NULL ? bind_styles_new(b->style_arena) : NULL;
    return b->styles != NULL ? ERR_OK : err_set(err, ERR_MEMORY, "no memory to begin with");
}

static enum err_code
take_bytes(struct binding *b, void *into, size_t len, struct err *err)
{
    if (b->trees->fd >= 0)
        return fd_read_exact(b->trees->fd, into, len, err);
    if (len > b->trees->bytes.len - b->at)
        return err_set(err, ERR_FORMAT, "the trees end inside one");
    memcpy(into, b->trees->bytes.data + b->at, len);
    b->at += len;
    return ERR_OK;
}

/* The next tree; past the last one, and of a page that was not read, NULL. */
static enum err_code
take_tree(struct binding *b, uint32_t index, struct bound *into, struct err *err)
{
    uint8_t length[4];

    arena_reset(into->arena);
    into->page = NULL;
    into->changed = false;
    if (b->left == 0)
        return ERR_OK;
    enum err_code rc = take_bytes(b, length, sizeof(length), err);
    if (rc != ERR_OK)
        return rc;
    struct wire_fields fields = wire_fields_of((struct span){length, sizeof(length)});
    uint32_t len = wire_take_u32(&fields);
    if (len > WIRE_PAGE_BYTES_MAX || b->left < (uint64_t)len + sizeof(length))
        return err_set(err, ERR_FORMAT, "page %u: a tree of %u bytes", index + 1, len);
    b->left -= (uint64_t)len + sizeof(length);
    if (len == 0)
        return ERR_OK;
    uint8_t *bytes = arena_alloc(into->arena, len);
    if (bytes == NULL)
        return err_set(err, ERR_LIMIT, "page %u: no room for its tree", index + 1);
    rc = take_bytes(b, bytes, len, err);
    if (rc == ERR_OK)
        rc = page_decode(into->arena, (struct span){bytes, len}, &into->page, err);
    if (rc == ERR_OK && into->page->index != index)
        rc = err_set(err, ERR_FORMAT, "page %u came where page %u was due", into->page->index + 1,
                     index + 1);
    return rc;
}

static enum err_code
look(struct binding *b, uint32_t index, struct err *err)
{
    struct page *page = b->held[index % HELD].page;
    uint32_t at = index % BIND_AROUND;

    b->facts[at] = NULL;
    arena_reset(b->fact_arenas[at]);
    return page == NULL ? ERR_OK : bind_look(page, b->fact_arenas[at], &b->facts[at], err);
}

/* With the facts of BIND_NEAR pages to both sides at hand. */
static enum err_code
mark_heads(struct binding *b, uint32_t index, uint32_t first, struct err *err)
{
    struct bind_facts *around[BIND_AROUND];
    struct bound *bound = &b->held[index % HELD];

    if (bound->page == NULL)
        return ERR_OK;
    for (uint32_t i = 0; i < BIND_AROUND; i++) {
        uint32_t other = index + i; /* of the page BIND_NEAR behind it */
        around[i] = other < first + BIND_NEAR ? NULL : b->facts[(other - BIND_NEAR) % BIND_AROUND];
    }
    bind_levels(bound->page, b->styles, &bound->changed);
    return bind_heads(bound->page, around, &bound->changed, err);
}

/* Looks at the headings of all pages first, and goes back to the first page. */
static enum err_code
rank_headings(struct binding *b, uint32_t first, uint32_t end, struct err *err)
{
    struct bound *bound = &b->held[0];
    uint64_t left = b->left;
    enum err_code rc = ERR_OK;

    for (uint32_t i = first; rc == ERR_OK && i < end; i++) {
        rc = take_tree(b, i, bound, err);
        if (rc == ERR_OK && bound->page != NULL)
            bind_styles_note(b->styles, bound->page);
    }
    b->at = 0;
    if (rc == ERR_OK && b->trees->fd >= 0 && lseek(b->trees->fd, 0, SEEK_SET) != 0)
        rc = err_sys(err, "trees again");
    bind_styles_rank(b->styles);
    b->left = left;
    return rc;
}

static enum err_code
find_size(int fd, uint64_t *ret, struct err *err)
{
    off_t size = lseek(fd, 0, SEEK_END);

    if (size < 0 || lseek(fd, 0, SEEK_SET) != 0)
        return err_sys(err, "size of the trees");
    *ret = (uint64_t)size;
    return ERR_OK;
}

enum err_code
bind_run(const struct bind_trees *trees, const struct wire_run *run, bind_tell tell, void *ctx,
         struct err *err)
{
    struct binding b = {.trees = trees, .left = trees->bytes.len};
    uint32_t first = run->page_from < WIRE_BIND_BACK ? 0 : run->page_from - WIRE_BIND_BACK;
    enum err_code rc = open_arenas(&b, (size_t)run->limits.memory_bytes, err);

    if (rc == ERR_OK && trees->fd >= 0)
        rc = find_size(trees->fd, &b.left, err);
    if (rc == ERR_OK)
        rc = rank_headings(&b, first, run->page_to + WIRE_BIND_AHEAD, err);
    for (uint32_t i = first; rc == ERR_OK && i < run->page_to + WIRE_BIND_AHEAD; i++) {
        rc = take_tree(&b, i, &b.held[i % HELD], err);
        if (rc == ERR_OK)
            rc = look(&b, i, err);
        if (rc != ERR_OK || i < first + BIND_NEAR)
            continue;
        uint32_t at = i - BIND_NEAR;
        rc = mark_heads(&b, at, first, err);
        if (rc != ERR_OK || at == first)
            continue;
        struct bound *before = &b.held[(at - 1) % HELD], *after = &b.held[at % HELD];
        if (before->page != NULL && after->page != NULL)
            rc = bind_pair(before->page, after->page, &before->changed, &after->changed, err);
        if (rc == ERR_OK && before->changed && at > run->page_from)
            rc = tell(ctx, before->page, err);
    }
    return rc; /* nothing is freed: the process is what is freed */
}
