/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/webp.h - decodes WebP, which MuPDF does not. Of an animation the first frame is read. */
#pragma once

#include "base/buf.h"

/* Size of the picture, from its header, and its EXIF data (empty if none; borrowed); ERR_FORMAT. */
MUST_CHECK
enum err_code webp_measure(struct span bytes, uint32_t *ret_width, uint32_t *ret_height,
                           struct span *ret_exif, struct err *err);

/* Decodes to red, green, blue, alpha (the colours multiplied by it) into out, [height][4 * width],
 * the caller's. Of a file that ends too early what is there; *ret_missing: rows at the bottom that
 * are not. ERR_FORMAT. */
MUST_CHECK
enum err_code webp_decode(struct span bytes, uint32_t width, uint32_t height, uint8_t *out,
                          uint32_t *ret_missing, struct err *err);
