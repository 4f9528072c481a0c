/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The pages of a file beside each other (WIRE_RUN_BIND), a piece of the file after the other. What
 * changes is put aside until the last piece, since each looks at pages as they were read. */
#include "cmd/reading_internal.h"

#include "base/log.h"
#include "runner/trees.h"

enum err_code
reading_put_trees(const struct reading_file *file, uint32_t from, uint32_t to, int fd,
                  struct err *err)
{
    enum err_code rc = ERR_OK;
    struct buf hold;

    buf_init(&hold, WIRE_PAGE_BYTES_MAX);
    for (uint32_t i = from; rc == ERR_OK && i < to; i++) {
        struct span tree = {0};
        if (file->pages[i].why.code == ERR_OK)
            rc = spool_load(&file->spool, file->pages[i].tree, &hold, &tree, err);
        if (rc == ERR_OK)
            rc = trees_put(fd, tree, err);
    }
    buf_fini(&hold);
    return rc;
}

bool
reading_wants_binding(const struct reading_file *file)
{
    return file->page_count > 1 && file->bound_to < file->page_count;
}

void
reading_next_binding(const struct reading_file *file, struct wire_run *ret)
{
    uint32_t left = file->page_count - file->bound_to;

    *ret = (struct wire_run){.kind = WIRE_RUN_BIND,
                             .page_from = file->bound_to,
                             .page_to = file->bound_to +
                                        (left < WIRE_BIND_PAGES ? left : WIRE_BIND_PAGES)};
}

enum err_code
reading_binding_fd(const struct reading_file *file, const struct wire_run *run, int *ret_fd,
                   struct err *err)
{
    uint32_t from = run->page_from < WIRE_BIND_BACK ? 0 : run->page_from - WIRE_BIND_BACK;
    enum err_code rc = trees_open(ret_fd, err);

    uint32_t to = run->page_to + WIRE_BIND_AHEAD;
    if (rc == ERR_OK)
        rc = reading_put_trees(file, from, to < file->page_count ? to : file->page_count, *ret_fd,
                               err);
    return rc == ERR_OK ? trees_end(*ret_fd, err) : rc;
}

enum err_code
reading_take_bound(struct reading_file *file, const struct wire_page *page, struct err *err)
{
    struct reading_page *kept = &file->pages[page->index];
    enum err_code rc = spool_put(&file->spool, page->markdown, &kept->bound_markdown, err);

    return rc == ERR_OK ? spool_put(&file->spool, page->tree, &kept->bound_tree, err) : rc;
}

void
reading_end_binding(struct reading_file *file, uint32_t to, const struct err *why)
{
    char quoted[LOG_QUOTE_SIZE];
    bool ok = why->code == ERR_OK;

    if (!ok)
        log_line(LOG_WARN, "pages stay as they are without their neighbours", "error=%s",
                 log_quote(quoted, why->msg));
    file->bound_to = ok ? to : file->page_count;
    if (file->bound_to < file->page_count)
        return;
    for (uint32_t i = 0; ok && i < file->page_count; i++) {
        struct reading_page *page = &file->pages[i];
        if (page->bound_tree.len == 0)
            continue;
        page->markdown = page->bound_markdown;
        page->tree = page->bound_tree;
    }
}
