/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/askew.c - reads what is written at an angle to the page's text. */
#include "worker/piece.h"

/* Pieces that say nothing before the page counts as a texture. */
enum { MISSED_MOST = 3 };

enum err_code
read_askew(struct page_reader *reader, struct page *page, struct err *err)
{
    struct sheet sheet;
    struct askew found[ASKEW_MOST];
    uint32_t n = 0, missed = 0;

    if (page->dpi <= 0)
        return ERR_OK;
    arena_reset(reader->pixels);
    enum err_code rc = askew_find(reader->ledger, page, reader->pixels, found, &n, err);
    if (rc != ERR_OK || n == 0)
        return rc;
    rc = sheet_open(reader, page, found, n, &sheet, err);
    if (rc != ERR_OK)
        return rc;
    for (uint32_t i = 0; rc == ERR_OK && i < n && missed < MISSED_MOST; i++) {
        bool read;
        rc = sheet_read(&sheet, &found[i], &read, err);
        missed += !read;
    }
    sheet_close(&sheet);
    return rc;
}
