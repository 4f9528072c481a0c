/* SPDX-License-Identifier: AGPL-3.0-or-later
 * page/codec.h - the page tree as bytes: from the confined child to the runner, and in the store.
 *
 * Little-endian, versioned, self-contained. Decoding trusts nothing: every count, range, index,
 * enum, float (finite, within +-1e6) and string (UTF-8) is checked, and a tree that fails is
 * ERR_PROTOCOL whole. */
#pragma once

#include "base/buf.h"
#include "page/page.h"

enum { PAGE_CODEC_VERSION = 1 };

/* Appends; the caller checks the buffer once. */
void page_encode(const struct page *page, struct buf *out);

MUST_CHECK enum err_code page_decode(struct arena *arena, struct span bytes,
                                     struct page **ret_page, struct err *err);
