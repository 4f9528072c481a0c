/* SPDX-License-Identifier: AGPL-3.0-or-later
 * api/page_bytes.h - the bytes of a job's pages as they lie in the object store, for a thread of
 * the pool. Pages of one batch lie in one object, which stays open from page to page. */
#pragma once

#include "api/api_internal.h"
#include "jobs/jobs.h"
#include "page/page.h"

struct page_bytes {
    struct store *store;
    int fd; /* -1: none is open */
    char object_id[OBJECT_ID_SIZE];
};

void page_bytes_init(struct page_bytes *p, struct store *store);
void page_bytes_fini(struct page_bytes *p);

/* What memory one page's tree can need at most. */
extern const size_t page_bytes_arena;

/* The page's Markdown, or its tree decoded, in the arena. ERR_SYSTEM names job and page if the
 * object is not what the row says. */
MUST_CHECK
enum err_code page_bytes_markdown(struct page_bytes *p, struct arena *arena,
                                  const struct job_page *page, struct span *ret, struct err *err);
MUST_CHECK
enum err_code page_bytes_tree(struct page_bytes *p, struct arena *arena,
                              const struct job_page *page, struct page **ret, struct err *err);
