/* SPDX-License-Identifier: AGPL-3.0-or-later
 * ocr/barcode.h - reads bar codes and QR codes from the pixels of a page (zbar).
 *
 * Symbologies: EAN-13, EAN-8, UPC-A, UPC-E, Code 128, Code 39, Interleaved 2 of 5, QR. Upright or
 * turned by quarters; slight skew is no matter. Starts no thread, opens nothing. Content is bytes:
 * UTF-8 is kept, anything else is taken as Latin-1. Codes without a check digit of their own need
 * several scan lines that agree, because print can look like bars. */
#pragma once

#include "base/attrs.h"
#include "base/err.h"
#include "page/page.h"
#include "page/pixmap.h"

/* Resolution at which codes are looked for: a module of the smallest common print (0.25 mm) has
 * two pixels. Pictures of more are scanned with a coarser grid of lines. */
extern const float barcode_dpi;

/* Appends a page_code for each code in the picture, in reading order (top to bottom); one that the
 * page has at the same place already is passed over. Finding none is ERR_OK. The picture is not
 * changed. */
MUST_CHECK
enum err_code barcode_read(const struct pixmap *picture, struct page *page, struct err *err);
