/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/sniff.h - what kind of file some bytes are, told by their content and never by a name.
 *
 * Knows the formats that are read, and the usual ones that are not, so that a refusal can say what
 * was sent. */
#pragma once

#include "base/buf.h"

enum sniff_type {
    SNIFF_PDF,
    SNIFF_PNG,
    SNIFF_JPEG,
    SNIFF_TIFF,
    SNIFF_WEBP,
    SNIFF_BMP,
    SNIFF_GIF,
    SNIFF_OTHER
};

enum { SNIFF_BYTES = 1024 }; /* as far as a PDF header may stand from the start */

/* head: the first bytes of the file, SNIFF_BYTES or all of it. ret_name is a literal: "JPEG", or
 * for SNIFF_OTHER words that fit after "this looks like". */
enum sniff_type sniff(struct span head, const char **ret_name);
