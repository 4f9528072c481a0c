/* SPDX-License-Identifier: AGPL-3.0-or-later
 * doc/searchable.h - the document as a PDF whose pixels can be searched: words that were read from
 * pixels are laid over the page as invisible text (render mode 3), everything else stays as it is.
 *
 * A PDF keeps its objects and streams, pictures byte for byte; a picture becomes a PDF page of its
 * size (JPEG data unchanged, other pictures without loss). Signatures of the original do not
 * survive. The font of the invisible text has empty glyphs and a map to Unicode for each character
 * that occurs (Type 3, PDF 1.7 section 9.6.5), so that no font file is needed. */
#pragma once

#include "doc/doc.h"

/* The tree of the page, borrowed until the next call; *ret NULL: the page stays as it is. */
typedef enum err_code (*doc_tree_fn)(void *ctx, uint32_t index, const struct page **ret,
                                     struct err *err);
/* Takes the next bytes of the file; false ends the writing. */
typedef bool (*doc_sink_fn)(void *ctx, const void *bytes, size_t len);

struct searchable {
    doc_tree_fn tree;
    void *tree_ctx;
    doc_sink_fn sink;
    void *sink_ctx;
};

/* The document is changed by it and of no other use afterwards. Errors of tree come through;
 * ERR_OUTPUT if the sink ended it. */
MUST_CHECK
enum err_code doc_write_searchable(struct doc *doc, const struct searchable *how, struct err *err);
