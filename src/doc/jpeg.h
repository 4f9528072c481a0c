/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/jpeg.h - the brightness of a JPEG, straight from its file.
 *
 * Reading wants grey. A JPEG keeps brightness (Y) by itself (ITU-T T.871), so that its colours need
 * not be decoded to be thrown away: a third of the time of going by RGB. */
#pragma once

#include "base/attrs.h"
#include "base/buf.h"

#include <stdbool.h>

/* Decodes to out [height][width], 0 black. False, and out of no meaning, for all that is not a
 * sound picture of that size in grey or Y'CbCr: the caller then decodes it by the long way. */
MUST_CHECK
bool jpeg_decode_grey(struct span bytes, uint32_t width, uint32_t height, uint8_t *out);
