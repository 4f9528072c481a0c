/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "api/page_bytes.h"

#include "base/fdio.h"
#include "page/codec.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static const size_t page_bytes_max = MiB(32); /* of one page's markdown, or of its tree */
const size_t page_bytes_arena = MiB(128);     /* what a tree of that size can decode to */

void
page_bytes_init(struct page_bytes *p, struct store *store)
{
    *p = (struct page_bytes){.store = store, .fd = -1};
}

void
page_bytes_fini(struct page_bytes *p)
{
    fd_close(&p->fd);
}

static enum err_code
open_object(struct page_bytes *p, const struct job_page *page, struct err *err)
{
    uint64_t size;

    if (p->fd >= 0 && strcmp(p->object_id, page->object_id) == 0)
        return ERR_OK;
    fd_close(&p->fd);
    enum err_code rc = store_fetch(p->store, page->object_id, &p->fd, &size, err);
    if (rc != ERR_OK)
        return err_set(err, ERR_SYSTEM, "object %s of page %lld: %.120s", page->object_id,
                       (long long)page->number, err->msg);
    memcpy(p->object_id, page->object_id, sizeof(p->object_id));
    return ERR_OK;
}

static enum err_code
read_at(struct page_bytes *p, struct arena *arena, uint64_t offset, size_t len, struct span *ret,
        struct err *err)
{
    uint8_t *bytes = len > page_bytes_max ? NULL : arena_alloc(arena, len + 1);
    size_t got = 0;

    if (bytes == NULL)
        return err_set(err, ERR_LIMIT, "a page has %zu bytes, limit %zu", len, page_bytes_max);
    while (got < len) {
        ssize_t n = pread(p->fd, bytes + got, len - got, (off_t)(offset + got));
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_sys(err, "read a page's bytes");
        if (n == 0)
            return err_set(err, ERR_SYSTEM, "a page's object ends at byte %llu",
                           (unsigned long long)(offset + got));
        got += (size_t)n;
    }
    *ret = (struct span){bytes, len};
    return ERR_OK;
}

enum err_code
page_bytes_markdown(struct page_bytes *p, struct arena *arena, const struct job_page *page,
                    struct span *ret, struct err *err)
{
    enum err_code rc = open_object(p, page, err);

    return rc == ERR_OK ? read_at(p, arena, page->offset, page->markdown_bytes, ret, err) : rc;
}

enum err_code
page_bytes_tree(struct page_bytes *p, struct arena *arena, const struct job_page *page,
                struct page **ret, struct err *err)
{
    struct span bytes;
    enum err_code rc = open_object(p, page, err);

    if (rc == ERR_OK)
        rc = read_at(p, arena, page->offset + page->markdown_bytes, page->tree_bytes, &bytes, err);
    return rc == ERR_OK ? page_decode(arena, bytes, ret, err) : rc;
}
