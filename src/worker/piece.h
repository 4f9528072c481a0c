/* SPDX-License-Identifier: AGPL-3.0-or-later
 * worker/piece.h - reads pieces of a page by themselves: each cut out of the page's picture, turned
 * level, brought to the size that suits the recogniser, without the print around it.
 *
 * For what the reading of the whole page passed over: writing at an angle (askew.c), and lines that
 * the layout analysis lost (left.c). */
#pragma once

#include "ledger/askew.h"
#include "worker/worker_internal.h"

/* What all pieces of a page are cut out of. */
struct sheet {
    struct page_reader *reader;
    struct page *page;
    struct pixmap picture; /* of where they lie, in reader->pixels */
    struct arena *work;    /* for one piece at a time */
    bool upright;          /* no piece stands upside down; set after sheet_open */
};

/* pieces [n], n > 0. To be closed if ERR_OK is returned. */
MUST_CHECK
enum err_code sheet_open(struct page_reader *reader, struct page *page, const struct askew *pieces,
                         uint32_t n, struct sheet *ret, struct err *err);
void sheet_close(struct sheet *sheet);

/* Reads one piece. If enough of it is read surely enough (ret_read), its lines go onto the page, in
 * the place of unsure words that were read out of the same ink. */
MUST_CHECK
enum err_code sheet_read(const struct sheet *sheet, const struct askew *askew, bool *ret_read,
                         struct err *err);
