/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/webp.h - decodes WebP, which MuPDF does not. Of an animation the first frame is read. */
#pragma once

#include "base/buf.h"

/* Size of the picture, from its header; ERR_FORMAT. */
MUST_CHECK
enum err_code webp_measure(struct span bytes, uint32_t *ret_width, uint32_t *ret_height,
                           struct err *err);

/* Decodes to RGB on white into out, [height][3 * width], the caller's; ERR_FORMAT. */
MUST_CHECK
enum err_code webp_decode(struct span bytes, uint32_t width, uint32_t height, uint8_t *out,
                          struct err *err);
