/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cmd/reading.h - reads files here, without a server: the same readers and confined children,
 * driven straight (runner/link.h). For `convert`. One thread. */
#pragma once

#include "base/buf.h"
#include "cmd/options.h"
#include "cmd/spool.h"
#include "wire/extract.h"

#include <stdbool.h>
#include <stdint.h>

enum reading_state { READING_WAITS, READING_GIVEN, READING_DONE };

struct reading_page {
    enum reading_state state;
    struct err why; /* code OK: read */
    /* In the file's spool. */
    struct spooled markdown, tree;
    struct spooled bound_markdown, bound_tree; /* as its neighbours change it, until all are read */
    struct spooled picture;                    /* PNG with boxes, when asked for */
};

struct reading_file {
    const char *path; /* borrowed; "-" is standard input */
    struct err why;   /* code OK: was opened; else no pages */
    struct reading_page *pages;
    uint32_t page_count;
    struct spool spool; /* what was read of them */
    /* With an ask: what was extracted of the pages that were read, page/records.h. */
    struct buf records;
    uint32_t record_count;
    struct spool pdf; /* searchable: its bytes */
    /* Kept by reading_run. */
    int fd;
    uint32_t pages_left;
    bool wants_models; /* a page is to be read from its pixels */
    uint32_t bound_to; /* pages before it have been looked at beside their neighbours */
    bool binding;
    bool probing, probed;
    enum reading_state extracting;
    bool writing, written; /* the searchable PDF */
};

struct reading {
    struct reading_file *files;
    size_t count;
    bool overlay;               /* draw each page too */
    bool searchable;            /* write each file as a searchable PDF too */
    const struct wire_ask *ask; /* extract structured data when the pages are read; NULL: do not */
    /* Called once for each file, in order, when it is done; its pages are freed after it. */
    void (*on_file)(void *ctx, const struct reading_file *file);
    /* Progress; may be NULL. */
    void (*on_page)(void *ctx, const struct reading_file *file);
    void *ctx;
};

/* Reads them all on as many readers as the settings say. Errors of a document stand in its file;
 * the result is an error only if no reading is possible at all. */
MUST_CHECK
enum err_code reading_run(struct reading *reading, const struct options *options, struct err *err);
