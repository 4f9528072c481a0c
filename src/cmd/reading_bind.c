/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The pages of a file beside each other (WIRE_RUN_BIND), a piece of the file after the other. What
 * changes is put aside until the last piece, since each looks at pages as they were read. */
#include "cmd/reading_internal.h"

#include "base/log.h"
#include "runner/trees.h"

#include <stdlib.h>
#include <string.h>

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

    for (uint32_t i = from;
         rc == ERR_OK && i < file->page_count && i < run->page_to + WIRE_BIND_AHEAD; i++) {
        const struct reading_page *page = &file->pages[i];
        struct span tree = {page->tree, page->why.code == ERR_OK ? page->tree_len : 0};
        rc = trees_put(*ret_fd, tree, err);
    }
    return rc == ERR_OK ? trees_end(*ret_fd, err) : rc;
}

enum err_code
reading_take_bound(struct reading_file *file, const struct wire_page *page, struct err *err)
{
    struct reading_page *kept = &file->pages[page->index];
    uint8_t *both = malloc(page->markdown.len + page->tree.len + 1);

    if (both == NULL)
        return err_set(err, ERR_MEMORY, "no memory to keep page %u", page->index + 1);
    memcpy(both, page->markdown.data, page->markdown.len);
    memcpy(both + page->markdown.len, page->tree.data, page->tree.len);
    free(kept->bound);
    kept->bound = both;
    kept->bound_markdown_len = page->markdown.len;
    kept->bound_tree_len = page->tree.len;
    return ERR_OK;
}

/* The page becomes what was put aside. False: no memory, it stays. */
static bool
replace(struct reading_page *page)
{
    uint8_t *markdown = malloc(page->bound_markdown_len + 1);
    uint8_t *tree = malloc(page->bound_tree_len + 1);

    if (markdown == NULL || tree == NULL) {
        free(markdown);
        free(tree);
        return false;
    }
    memcpy(markdown, page->bound, page->bound_markdown_len);
    memcpy(tree, page->bound + page->bound_markdown_len, page->bound_tree_len);
    free(page->markdown);
    free(page->tree);
    page->markdown = markdown;
    page->tree = tree;
    page->markdown_len = page->bound_markdown_len;
    page->tree_len = page->bound_tree_len;
    return true;
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
    for (uint32_t i = 0; i < file->page_count; i++) {
        ok = ok && (file->pages[i].bound == NULL || replace(&file->pages[i]));
        free(file->pages[i].bound);
        file->pages[i].bound = NULL;
    }
}
