/* SPDX-License-Identifier: AGPL-3.0-or-later
 * cli_fetch.h - downloads a document into a file without a name, for `leapocr process URL`.
 * Limits: http and https, 5 redirects, 1 GiB, a stall of 60 s. */
#pragma once

#include "leapocr.h"

struct cli_fetch {
    const char *url;
    bool (*tick)(void *ctx);                                      /* false ends it */
    void (*on_received)(void *ctx, uint64_t got, uint64_t total); /* total 0: not known */
    void *ctx;
};

/* OK: *ret_fd is the caller's, its file vanishes with it; content_type is "" where the server told
 * none. Errors: FILE (what the URL gave is no document), MEMORY, CANCELLED. */
enum leapocr_status cli_fetch(const struct cli_fetch *fetch, int *ret_fd,
                              char ret_content_type[128], struct leapocr_error *error);
