/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/damage.h - picture files that end too early: how much of the picture is gone, and bytes from
 * which the library decodes what is left.
 *
 * PNG: what inflates is kept, the rest of the rows is paper (not for interlaced ones). GIF: ends
 * behind its last whole block. BMP: padded with paper. JPEG: the library fills what is missing with
 * one level; the rows that have it are counted after decoding. TIFF is mended by doc/tiff.h, WebP
 * by doc/webp.h. A whole file costs a walk over its chunks, or a search for an end mark. */
#pragma once

#include "doc/mupdf_internal.h"

struct damage {
    uint32_t rows;   /* that are missing; UINT32_MAX: to be measured by damage_measure */
    bool at_the_top; /* of a BMP; otherwise at the bottom */
};

/* *bytes: the file; another buffer takes its place where it had to be mended. Throws. */
struct damage damage_mend(fz_context *ctx, fz_buffer **bytes, enum sniff_type type);

/* The EXIF data of a PNG; empty if there is none. */
struct span png_exif(struct span file);

/* Rows at the bottom of a decoded picture that are of one level altogether, as the filling is. */
uint32_t damage_measure(fz_context *ctx, const fz_pixmap *grey);
