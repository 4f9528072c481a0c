/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "doc/searchable.h"
#include "base/fdio.h"
#include "page/codec.h"
#include "worker/worker_internal.h"

#include <string.h>

enum { DATA_BYTES_MAX = 1 << 16 };

struct copying {
    int trees_fd;
    uint32_t next; /* page whose tree comes next */
    struct arena *scratch;
    void (*send)(void *ctx, struct span bytes);
    void *ctx;
};

/* The trees lie in the order of the pages, and are asked for in it. */
static enum err_code
next_tree(void *ctx, uint32_t index, const struct page **ret, struct err *err)
{
    struct copying *c = ctx;
    uint8_t length[4];
    struct page *page = NULL;

    if (index != c->next++)
        return err_set(err, ERR_PROTOCOL, "page %u is not the next one", index + 1);
    enum err_code rc = fd_read_exact(c->trees_fd, length, sizeof(length), err);
    if (rc != ERR_OK)
        return rc;
    struct wire_fields fields = wire_fields_of((struct span){length, sizeof(length)});
    uint32_t len = wire_take_u32(&fields);
    *ret = NULL;
    if (len == 0)
        return ERR_OK;
    arena_reset(c->scratch);
    uint8_t *bytes = len > WIRE_PAGE_BYTES_MAX ? NULL : arena_alloc(c->scratch, len);
    if (bytes == NULL)
        return err_set(err, ERR_LIMIT, "page %u: a tree of %u bytes", index + 1, len);
    rc = fd_read_exact(c->trees_fd, bytes, len, err);
    if (rc == ERR_OK)
        rc = page_decode(c->scratch, (struct span){bytes, len}, &page, err);
    *ret = page;
    return rc;
}

static bool
pass_on(void *ctx, const void *bytes, size_t len)
{
    struct copying *c = ctx;
    const uint8_t *at = bytes;

    while (len > 0) {
        size_t n = len < DATA_BYTES_MAX ? len : DATA_BYTES_MAX;
        c->send(c->ctx, (struct span){at, n});
        at += n;
        len -= n;
    }
    return true; /* the runner stops reading where the file is too large */
}

enum err_code
searchable_write(struct doc *doc, int trees_fd, struct arena *scratch,
                 void (*send)(void *ctx, struct span bytes), void *ctx, struct err *err)
{
    struct copying copying = {.trees_fd = trees_fd, .scratch = scratch, .send = send, .ctx = ctx};
    const struct searchable how = {
        .tree = next_tree, .tree_ctx = &copying, .sink = pass_on, .sink_ctx = &copying};

    return doc_write_searchable(doc, &how, err);
}
